//! Input-output tables and the rest of the scenario: ids, regions, stocks.

use super::{Checker, range};
use crate::scenario::io_table::Remark;
use crate::scenario::path::join_path;
use crate::scenario::problem::{NetworkFault, Problem, ProblemKind};
use indexmap::IndexSet;

impl Checker<'_> {
    /// Whether the labels of every table could be read, so that what is not known is not there.
    pub(super) fn labelled(&self) -> bool {
        self.industries.iter().all(|t| t.len() > 0)
    }

    /// Tells what is wrong within the tables, numbers the industries, which may not bear the id of another site, and
    /// checks their stocks.
    pub(super) fn io_tables(&mut self) {
        let t = self.tables;
        for (k, (id, table)) in t.io_tables.iter().enumerate() {
            for (of, remarks) in [&table.figures.faults, &table.figures.doubts].into_iter().enumerate() {
                self.found.of_tables[of].extend(remarks.iter().map(|remark| of_table(id, remark)));
            }
            let industries = table.figures.industries();
            let mut told = false;
            for (n, label) in industries.labels.iter().enumerate() {
                let other = self.industry.insert(label, (k, n)).map(|(other, _)| other);
                let taken = if t.sites.contains_key(label) || t.reserves.contains_key(label) {
                    "another site".to_owned()
                } else if let Some((other, _)) = other.and_then(|o| t.io_tables.get_index(o)) {
                    format!("a site of table `{other}`")
                } else {
                    continue;
                };
                // The same table twice has all its labels twice.
                if std::mem::replace(&mut told, true) {
                    continue;
                }
                let fault = NetworkFault::IdTaken { id: label.clone(), other: taken };
                self.add(&["io_tables", id], fault);
            }
            let days = range(&table.inventory_days, t).map(|[shortest, _]| shortest);
            let step = f64::from(t.time.step_days);
            if let Some(days) = days.filter(|days| *days < step) {
                let fault = NetworkFault::ShortStock { days, step_days: step };
                self.add(&["io_tables", id, "inventory_days"], fault);
            }
        }
    }

    /// A party answers for every region.
    pub(super) fn regions(&mut self, owned: &IndexSet<String>) {
        for (id, table) in &self.tables.io_tables {
            for region in table.figures.industries().regions.iter().filter(|r| !owned.contains(*r)) {
                self.unknown(&["io_tables", id, "flows"], "party that answers for region", region, owned);
            }
        }
    }
}

/// The problem that something is about a table.
fn of_table(id: &str, remark: &Remark) -> Problem {
    let path = ["io_tables", id, remark.key];
    let path = if remark.key.is_empty() { &path[..2] } else { &path[..] };
    let kind = ProblemKind::Table(remark.fault.clone());
    let (file, line, column) = match &remark.file {
        Some((file, line, column)) => (Some(file.clone()), *line, *column),
        None => (None, 0, 0),
    };
    Problem { file, line, column, path: join_path(path), kind }
}
