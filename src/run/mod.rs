//! Many trials on many threads, with the same bits however they are split.
//!
//! Trials are run in blocks at fixed places: block `b` holds trials `b·B` to `(b + 1)·B − 1`, whatever
//! the range asked for. Threads take blocks as they come; what a block yields is either kept by trial, in rows of arrays
//! that are its own, or added up in integers, so neither the threads nor the order of the blocks can show in a result.

mod arrays;
mod budget;
mod condensed;
mod courses;
mod digest;
mod ensemble;
mod error;
mod estimate;
mod floats;
mod labels;
mod layout;
mod means;
mod merge;
mod observe;
mod outcome;
mod path;
mod provenance;
mod ranges;
mod share;
mod stops;
mod stored;
mod subject;
mod sums;
mod tables;
mod work;

pub use budget::{Budget, Estimate, NoBudget};
pub use ensemble::Ensemble;
pub use error::{MergeError, StoredError, Unsound};
pub use labels::{Labels, PartyLabel, SiteLabel};
pub use means::{Limit, MarketMeans, PaymentMeans};
pub use observe::{BlockStep, FinishedBlock, Observer};
pub use outcome::Outcome;
pub use path::{PathBand, PathStatistic, PathStep};
pub use provenance::Sampling;
pub use stops::{Days, StopDays, Stops};
pub use subject::{Component, Subject};
