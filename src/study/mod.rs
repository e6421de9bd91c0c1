//! Questions that take more than one look at an outcome: scenarios side by side, and what an assumption would have to be.

mod calibrate;
mod compare;

pub use calibrate::{Calibration, Marginal, Posterior, PriorDraw, Solution, Solutions, Target, Variable};
pub(crate) use compare::{Compared, Part, place};
pub use compare::{Comparison, FirstStop};
