//! Outcomes for people and programs: tables, JSON, CSV. Files are written whole or not at all.

mod beside;
mod budget;
mod calibration;
mod comparison;
mod files;
mod folder;
mod format;
mod losses;
mod markets;
mod network;
mod sectors;
mod summary;
mod terminal;
mod trace;

pub(crate) use crate::files::write_whole;
pub use beside::beside;
pub use budget::budgets;
pub(crate) use files::write_csv;
pub use files::{exit, print, warn, warn_of_baseline, write_run};
pub use folder::{Folder, Results};
pub use network::network;
pub use summary::summary;
pub use terminal::run;
pub use trace::write_trace;
