//! Input-output tables and the rest of the scenario: ids, regions, stocks.

use super::Checker;
use crate::scenario::leaf::LeafValue;
use indexmap::IndexSet;

impl Checker<'_> {
    /// Whether the labels of every table could be read, so that what is not known is not there.
    pub(super) fn labelled(&self) -> bool {
        self.industries.iter().all(|t| t.len() > 0)
    }

    /// Numbers the industries, which may not bear the id of another site, and checks their stocks.
    pub(super) fn io_tables(&mut self) {
        let t = self.tables;
        for (k, ((id, table), industries)) in t.io_tables.iter().zip(self.industries).enumerate() {
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
                self.add(
                    &["io_tables", id],
                    format!("`{label}` is also the id of {taken}"),
                    Some("give one of them another id".into()),
                );
            }
            let days = match &table.inventory_days.value {
                LeafValue::Assumption(of) => t.assumptions.get(&of.id).map(|a| {
                    let (low, high) = range(&a.value);
                    (of.plus + of.times * low).min(of.plus + of.times * high)
                }),
                value => Some(range(value).0),
            };
            let step = f64::from(t.time.step_days);
            if let Some(days) = days.filter(|days| *days < step) {
                self.add(
                    &["io_tables", id, "inventory_days"],
                    format!("a stock of {days} days is less than a step uses"),
                    Some(format!("give at least {step}")),
                );
            }
        }
    }

    /// A party answers for every region.
    pub(super) fn regions(&mut self, owned: &IndexSet<String>) {
        for (id, industries) in self.tables.io_tables.keys().zip(self.industries) {
            for region in industries.regions.iter().filter(|r| !owned.contains(*r)) {
                self.unknown(&["io_tables", id, "flows"], "party that answers for region", region, owned);
            }
        }
    }
}

/// The least and the greatest value of what is not a reference.
fn range(value: &LeafValue) -> (f64, f64) {
    match value {
        LeafValue::Number(x) => (*x, *x),
        LeafValue::Distribution(d) => d.support(),
        LeafValue::Custom(sampler) => sampler.support(),
        LeafValue::Assumption(_) => (f64::NAN, f64::NAN),
    }
}
