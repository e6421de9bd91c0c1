//! The industries of a table, and whether their figures fit each other.

use crate::scenario::problem::TableFault;
use indexmap::IndexSet;

/// What one industry sells to industries, buyers in order \[units a year\].
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sales {
    pub(crate) buyers: Vec<u32>,
    pub(crate) flows: Vec<f64>,
}

/// An input-output table.
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
    /// Its purchases in all \[units a year\].
    pub(crate) bought: Vec<f64>,
    /// Value added that is given \[units a year\]; output less purchases where none is.
    pub(crate) added: Option<Vec<f64>>,
}

/// The figures beside the flows, by industry \[units a year\].
#[derive(Debug)]
pub(crate) struct Beside<'a> {
    pub(crate) demand: &'a [f64],
    pub(crate) output: Option<&'a [f64]>,
    pub(crate) added: Option<&'a [f64]>,
    pub(crate) rounding: Roundings,
}

/// How far the sums of an industry may be off, as the digits of its files say; none where nothing is said.
#[derive(Debug, Default)]
pub(crate) struct Roundings {
    pub(crate) sold: Vec<Rounding>,
    pub(crate) bought: Vec<Rounding>,
    pub(crate) demand: Vec<Rounding>,
    pub(crate) output: Vec<Rounding>,
    pub(crate) added: Vec<Rounding>,
}

/// How far a sum may be off from that of its cells before they were rounded.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rounding {
    /// \[units a year\].
    pub(crate) by: f64,
    pub(crate) cells: usize,
}

impl Rounding {
    /// That of several sums together.
    fn of<const N: usize>(parts: [&[Rounding]; N], industry: usize) -> Self {
        parts.into_iter().filter_map(|part| part.get(industry)).fold(Rounding::default(), |sum, part| {
            Rounding { by: sum.by + part.by, cells: sum.cells + part.cells }
        })
    }
}

/// The subject of a remark on a table: the flows, or the row of an industry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Flows,
    Demand(usize),
    Output(usize),
    Added(usize),
}

/// Relative difference up to which a given output agrees with the sum of its row.
const AGREES: f64 = 1e-3;
/// Relative size below which a sum of flows is the rounding of zero.
const ROUNDING: f64 = 1e-9;
/// Labels that a remark on many industries gives.
const NAMED: usize = 5;

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
        self.added.as_ref().map_or_else(|| self.left(industry), |added| added[industry])
    }

    /// Output less purchases \[units a year\].
    fn left(&self, industry: usize) -> f64 {
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

    /// Whether an industry buys from a sector.
    pub(crate) fn buys(&self, industry: usize, sector: &str) -> bool {
        let Ok(buyer) = u32::try_from(industry) else { return false };
        (0..self.len())
            .filter(|&i| self.sector_of(i) == sector)
            .any(|i| self.sales[i].buyers.binary_search(&buyer).is_ok())
    }

    /// Labels the industries by their regions and sectors.
    pub(crate) fn name(&mut self, labels: Vec<(String, String)>, mut tell: impl FnMut(TableFault)) {
        let (mut regions, mut sectors) = (IndexSet::new(), IndexSet::new());
        for (region, sector) in labels {
            let label = format!("{region}|{sector}");
            if region.is_empty() || sector.is_empty() || label.contains(char::is_control) {
                tell(TableFault::EmptyLabel { label: label.clone() });
            }
            self.region.push(regions.insert_full(region).0 as u32);
            self.sector.push(sectors.insert_full(sector).0 as u32);
            self.labels.push(label);
        }
        (self.regions, self.sectors) = (regions.into_iter().collect(), sectors.into_iter().collect());
    }

    /// Output is the sum of a row; reports figures that it must agree with and does not, and doubts.
    pub(crate) fn balance(&mut self, beside: &Beside<'_>, mut tell: impl FnMut(Of, TableFault, bool)) {
        let n = self.len();
        let r = &beside.rounding;
        self.bought = vec![0.0; n];
        for own in &self.sales {
            for (&j, flow) in own.buyers.iter().zip(&own.flows) {
                self.bought[j as usize] += flow;
            }
        }
        self.demand = beside.demand.to_vec();
        for i in 0..n {
            let label = self.labels[i].clone();
            let sold: f64 = self.sales[i].flows.iter().sum();
            let demand = self.demand[i];
            let row = sold + demand;
            let Rounding { by, cells } = Rounding::of([&r.sold, &r.demand], i);
            let (flows, sum) = (tidy(sold), tidy(row));
            let negative = row < -ROUNDING * sold;
            let far = negative && -row > by;
            if far {
                tell(
                    Of::Demand(i),
                    TableFault::NegativeOutput { label: label.clone(), flows, demand: tidy(demand) },
                    false,
                );
            }
            if let (Some(output), false) = (beside.output.map(|given| given[i]), far) {
                let Rounding { by, cells } = Rounding::of([&r.sold, &r.demand, &r.output], i);
                let differs = (output - row).abs() > AGREES * output.abs().max(row.abs());
                if differs && (output - row).abs() > by {
                    let fault = TableFault::OutputDiffers { label: label.clone(), output, sum };
                    tell(Of::Output(i), fault, false);
                } else if differs && !negative {
                    let rounding = tidy(by);
                    let fault =
                        TableFault::OutputRounded { label: label.clone(), output, sum, rounding, cells };
                    tell(Of::Output(i), fault, true);
                }
            }
            if demand < 0.0 {
                let (demand, moved, rounding) = (tidy(demand), tidy(-demand), tidy(by));
                if negative && !far {
                    let fault = TableFault::Rounded { label, flows, demand, sum, rounding, cells, moved };
                    tell(Of::Demand(i), fault, true);
                } else if !negative {
                    tell(Of::Demand(i), TableFault::NegativeDemand { label, demand }, true);
                }
                self.demand[i] = 0.0;
            }
            self.output.push(sold + self.demand[i]);
        }
        let mut idle = Vec::new();
        for j in 0..n {
            let (label, output, bought) = (self.labels[j].clone(), self.output[j], self.bought[j]);
            let Rounding { by, cells } = Rounding::of([&r.bought], j);
            if output <= 0.0 && bought > 0.0 && bought <= by {
                self.consume(j);
                let (bought, rounding) = (tidy(bought), tidy(by));
                tell(Of::Flows, TableFault::UseRounded { label, bought, rounding, cells }, true);
            } else if output <= 0.0 && bought > 0.0 {
                tell(Of::Flows, TableFault::MakesNothing { label, bought: tidy(bought) }, false);
            } else if output <= 0.0 {
                idle.push(label);
            } else if beside.added.is_none() && bought > output * (1.0 + ROUNDING) {
                let value = tidy(output - bought);
                tell(Of::Flows, TableFault::NegativeValueAdded { label, value }, true);
            }
        }
        if !idle.is_empty() {
            let count = idle.len();
            idle.truncate(NAMED);
            tell(Of::Flows, TableFault::Idle { labels: idle, count }, true);
        }
        if let Some(added) = beside.added {
            self.add(added, r, &mut tell);
        }
        let mut of_region = vec![0.0; self.regions.len()];
        (0..n).for_each(|j| of_region[self.region[j] as usize] += self.value_added(j));
        for (region, value) in self.regions.iter().zip(of_region).filter(|(_, value)| *value <= 0.0) {
            tell(Of::Flows, TableFault::NoValueAdded { region: region.clone(), value: tidy(value) }, true);
        }
    }

    /// The purchases of an industry count as final demand, so that its sellers make as much as before.
    fn consume(&mut self, industry: usize) {
        let Ok(buyer) = u32::try_from(industry) else { return };
        for (own, demand) in self.sales.iter_mut().zip(&mut self.demand) {
            if let Ok(k) = own.buyers.binary_search(&buyer) {
                own.buyers.remove(k);
                *demand += own.flows.remove(k);
            }
        }
        self.bought[industry] = 0.0;
    }

    /// Takes value added as it is given; no industry adds more than it makes.
    fn add(&mut self, added: &[f64], r: &Roundings, tell: &mut impl FnMut(Of, TableFault, bool)) {
        let mut over: Vec<(usize, f64)> = Vec::new();
        for (j, &value) in added.iter().enumerate().take(self.len()) {
            let (label, output) = (self.labels[j].clone(), self.output[j]);
            let Rounding { by, .. } = Rounding::of([&r.sold, &r.demand, &r.bought, &r.added], j);
            let slack = by.max(AGREES * output);
            if value > output + slack {
                let fault = TableFault::ValueAddedOver { label, added: tidy(value), output: tidy(output) };
                tell(Of::Added(j), fault, false);
            } else if value > self.left(j) + slack {
                over.push((j, value - self.left(j)));
            }
            if value < 0.0 {
                let label = self.labels[j].clone();
                tell(Of::Added(j), TableFault::NegativeValueAdded { label, value }, true);
            }
        }
        if let Some(&(j, _)) = over.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
            let (label, left) = (self.labels[j].clone(), tidy(self.left(j)));
            let fault = TableFault::ValueAddedLeft { count: over.len(), label, added: tidy(added[j]), left };
            tell(Of::Added(j), fault, true);
        }
        self.added = Some(added.to_vec());
    }
}

/// A sum as people would write it, without what binary fractions add to it.
fn tidy(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}
