//! Outcomes for people and programs: tables, JSON, CSV. Files are written whole or not at all.

mod calibration;
mod comparison;
mod files;
mod import;
mod losses;
mod network;
mod sectors;
mod summary;
mod tables;
mod trace;

pub use files::{exit, make_folder, print, write_run};
pub(crate) use files::{write_csv, write_whole};
pub use import::{TableImport, import_table, warn};
pub use network::network;
pub use summary::summary;
pub use tables::run;
pub(crate) use tables::table;
pub use trace::write_trace;
