//! Questions that take more than one look at an outcome: its statistics by name, the facts that drive a loss, scenarios
//! side by side, and the value that an assumption would need to have.

mod calibrate;
mod compare;
mod drivers;
mod error;
mod statistic;

pub use calibrate::{
    Calibration, Marginal, Posterior, PriorDraw, Setting, Solution, Solutions, Target, Variable,
};
pub use compare::{Compared, ComparedParty, Comparison, Frame, Part};
pub use drivers::{Driver, drivers};
pub use error::{CalibrationError, ComparisonError, MissingParty};
pub use statistic::{
    DayMeasure, Estimate, LEVEL, LimitNumber, MarketNumber, Measure, PaymentNumber, Statistic,
    StatisticError, StopDay,
};
