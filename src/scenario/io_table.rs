//! Input-output tables of several regions: where their files stand, and what was read from them.
//!
//! A table stays beside the scenario. It is read into [`Industries`], from which the network is compiled
//! without a detour over entries of the scenario: a table can have millions of flows.

mod cells;
mod read;

use super::document::Node;
use super::leaf::Leaf;
use super::problem::Problems;
use super::read::{Read, Reader, choice, record};
use crate::Error;
use std::path::{Path, PathBuf};

pub(crate) use read::read;

choice! {
    /// How the buyers of an input-output table weigh the suppliers of an input.
    Suppliers {
        /// By the flows of the table times the supplier's current capacity.
        Capacity = "capacity",
        /// By the flows of the table.
        Fixed = "fixed",
    }
}

record! {
    /// `[io_tables.ID]`: an input-output table of several regions, run by the adaptive regional input-output model
    /// (ARIO). Each `region|sector` is a site of that id in the country `region`, of stage `sector`; it makes the
    /// commodity named as its sector, at capacity, and uses those of the sectors it buys from, in whatever region
    /// they stand. Goods take a step; final demand is served in the class of orders, and none of it waits.
    ///
    /// Files are comma- or tab-separated. Labels are `region|sector` in the first row and the first column, or two
    /// header rows and two index columns of regions and sectors, as `pymrio` saves them; rows may stand in any order.
    /// A table has unit values a year. Final demand is the sum of its columns; where changes of inventories make it
    /// negative, it counts as 0, and output is the sum of the row without it.
    IoTable {
        /// Flows from row to column, square.
        required flows: TableFile;
        /// Final demand, with any number of columns.
        required demand: TableFile;
        /// Output, in one column; it must agree with flows and demand to 0.1%.
        optional output: TableFile;
        /// Target `s Δ` of the stock of an input before use [days of use]; the cover is what is left of it after a step.
        default inventory_days: Leaf = Leaf::number(90.0), in Positive;
        /// Share `ψ` of the target below which a stock cuts output.
        default psi: Leaf = Leaf::number(0.8), in Share;
        /// Time `τ_i` over which a gap in stock is closed \[days\].
        default restoration_days: Leaf = Leaf::number(60.0), in NonNegative;
        /// Ceiling of overtime `α_max` [multiple of capacity].
        default overtime_max: Leaf = Leaf::number(1.25), in AtLeastOne;
        /// Time `τ_α` to reach it \[days\].
        default overtime_days: Leaf = Leaf::number(365.0), in NonNegative;
        /// How buyers weigh the suppliers of an input.
        default suppliers: Suppliers = Suppliers::Capacity;
        /// What a unit of the table is worth \[JPY\].
        default jpy_per_unit: Leaf = Leaf::number(1.0), in Positive;
    }
}

/// The file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableFile {
    /// Its path as it was written.
    pub written: String,
    /// The same, joined to the folder it is relative to.
    pub path: PathBuf,
}

impl Read for TableFile {
    fn expects() -> String {
        "path of a file".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let written = String::read(node, reader)?;
        let path = reader.folder(node).join(&written);
        Some(TableFile { written, path })
    }
}

/// Reads the files of a table without a scenario around it.
pub(crate) fn read_tables(flows: &Path, demand: &Path, output: Option<&Path>) -> Result<Industries, Error> {
    let found = read::read_files("", flows, demand, output);
    if found.problems.is_empty() {
        Ok(found.industries)
    } else {
        Err(Error::Scenario(Problems(found.problems)))
    }
}

/// What one industry sells to industries, buyers in order \[units a year\].
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sales {
    pub(crate) buyers: Vec<u32>,
    pub(crate) flows: Vec<f64>,
}

/// An input-output table that has been read and checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Industries {
    /// `region|sector` of each industry.
    pub(crate) labels: Vec<String>,
    /// The regions and the sectors, in the order in which they first come.
    pub(crate) regions: Vec<String>,
    pub(crate) sectors: Vec<String>,
    /// Region and sector of each industry.
    pub(crate) region: Vec<u32>,
    pub(crate) sector: Vec<u32>,
    pub(crate) sales: Vec<Sales>,
    /// Final demand \[units a year\], not negative.
    pub(crate) demand: Vec<f64>,
    /// Sales and final demand together \[units a year\].
    pub(crate) output: Vec<f64>,
    /// What it buys in all \[units a year\].
    pub(crate) bought: Vec<f64>,
}

impl Industries {
    /// Number of industries.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Number of flows.
    pub(crate) fn flows(&self) -> usize {
        self.sales.iter().map(|s| s.buyers.len()).sum()
    }

    /// Value added of an industry \[units a year\].
    pub(crate) fn value_added(&self, industry: usize) -> f64 {
        self.output[industry] - self.bought[industry]
    }

    /// Name of the region of an industry.
    pub(crate) fn region_of(&self, industry: usize) -> &str {
        &self.regions[self.region[industry] as usize]
    }

    /// Name of the sector of an industry.
    pub(crate) fn sector_of(&self, industry: usize) -> &str {
        &self.sectors[self.sector[industry] as usize]
    }

    /// Whether an industry buys what a sector makes.
    pub(crate) fn buys(&self, industry: usize, sector: &str) -> bool {
        let Ok(buyer) = u32::try_from(industry) else { return false };
        (0..self.len())
            .filter(|&i| self.sector_of(i) == sector)
            .any(|i| self.sales[i].buyers.binary_search(&buyer).is_ok())
    }
}
