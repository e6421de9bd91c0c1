#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
//! tour
pub mod draw;
pub mod engine;
pub mod ensemble;
mod error;
pub mod loss;
pub mod model;
pub mod report;
pub mod scenario;
pub use ensemble::{Ensemble, Outcome};
pub use error::Error;
pub use loss::LossDistribution;
pub use model::Model;
pub use scenario::Scenario;
