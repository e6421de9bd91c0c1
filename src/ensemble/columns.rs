//! Whose losses are kept by trial, and in which column.

use crate::engine::{Ledger, Rows};
use crate::model::Model;
use std::ops::Range;

/// Loss, as a share of yearly GDP, up to which a trial counts as one without loss.
const NEGLIGIBLE: f64 = 1e-12;

/// Whose loss is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// All sites of a party, by id.
    Party(String),
    /// The sites of one stage of a party.
    Stage {
        /// Id of the party.
        party: String,
        /// The stage.
        stage: String,
    },
    /// A site of stage `sector`, by id.
    Sector(String),
}

/// What part of a loss is asked for. Amounts are in JPY; a gain is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Component {
    /// What is counted as loss: output, price, response and contracts.
    Total,
    /// Value added lost, net of catch-up: the headline.
    Output,
    /// Of output: lost to a missing material of the chain, and to the sites' own outages.
    OutputDirect,
    /// Of output: the rest, lost to missing goods of sectors and to lost demand.
    OutputIndirect,
    /// Extra bill for imports at scarcity prices, less the gain on exports: a transfer between parties.
    Price,
    /// What answers cost: dearer suppliers, holding reserves, capital and premiums of projects.
    Response,
    /// Money paid ahead for goods that did not come, as a loss of buyers and a gain of sellers; and insurance.
    Contracts,
    /// Sales that controls bar, net of catch-up, at contract prices. It stands beside the loss: the value added in
    /// it is counted in output.
    SalesForgone,
    /// What the plants concerned sold elsewhere above the baseline, at contract prices.
    SalesElsewhere,
}

impl Component {
    /// All components, in the order of tables and files.
    pub const ALL: [Component; 9] = [
        Component::Total,
        Component::Output,
        Component::OutputDirect,
        Component::OutputIndirect,
        Component::Price,
        Component::Response,
        Component::Contracts,
        Component::SalesForgone,
        Component::SalesElsewhere,
    ];

    /// Its key in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Component::Total => "total",
            Component::Output => "output",
            Component::OutputDirect => "output_direct",
            Component::OutputIndirect => "output_indirect",
            Component::Price => "price",
            Component::Response => "response",
            Component::Contracts => "contracts",
            Component::SalesForgone => "sales_forgone",
            Component::SalesElsewhere => "sales_elsewhere",
        }
    }

    /// Whether it is counted by party alone.
    pub(super) fn is_money(self) -> bool {
        !matches!(self, Component::Output | Component::OutputDirect | Component::OutputIndirect)
    }
}

/// Which column holds what.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) subjects: Vec<Subject>,
    /// Per subject: its party, and the positions among the valued sites that it adds up.
    pub(super) members: Vec<(usize, Vec<usize>)>,
    /// By party: loss up to which a trial counts as one without \[JPY\].
    pub(crate) negligible: Vec<f64>,
    /// Parties in the order of their ids.
    pub(super) by_id: Vec<usize>,
}

impl Layout {
    pub(crate) fn new(model: &Model) -> Self {
        let ledger = Ledger::<1>::new(model);
        let of = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
            ledger.valued.iter().enumerate().filter(|(_, n)| keep(**n)).map(|(k, _)| k).collect()
        };
        let (mut subjects, mut members) = (Vec::new(), Vec::new());
        for (q, party) in model.parties.iter().enumerate() {
            subjects.push(Subject::Party(party.id.clone()));
            members.push((q, of(&|n| model.sites[n].party == q)));
        }
        for (q, party) in model.parties.iter().enumerate() {
            let mut stages: Vec<&str> = Vec::new();
            for &n in ledger.valued.iter().filter(|&&n| model.sites[n].party == q) {
                let stage = model.sites[n].stage.as_str();
                if !stages.contains(&stage) {
                    stages.push(stage);
                }
            }
            for stage in stages {
                subjects.push(Subject::Stage { party: party.id.clone(), stage: stage.to_owned() });
                members.push((q, of(&|n| model.sites[n].party == q && model.sites[n].stage == stage)));
            }
        }
        for &s in &ledger.sectors {
            subjects.push(Subject::Sector(model.sites[s].id.clone()));
            members.push((model.sites[s].party, of(&|n| n == s)));
        }
        let draws: Vec<f64> = model.draws.iter().map(|d| d.distribution.mean()).collect();
        let negligible = (0..model.parties.len()).map(|q| NEGLIGIBLE * model.gdp(q, &draws)).collect();
        let mut by_id: Vec<usize> = (0..model.parties.len()).collect();
        by_id.sort_by_key(|&q| &model.parties[q].id);
        Layout { subjects, members, negligible, by_id }
    }
}

/// Results of consecutive trials.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(super) first: u64,
    /// Value added lost, by subject and trial \[JPY\].
    pub(super) losses: Vec<Vec<f64>>,
    /// Of that, direct.
    pub(super) direct: Vec<Vec<f64>>,
    /// Price, sales forgone, sales elsewhere, response and contracts, by party and trial \[JPY\].
    pub(super) money: Vec<[Vec<f64>; 5]>,
    /// What the insurer lost, by trial \[JPY\]; none where nothing is paid ahead.
    pub(super) insurer: Vec<f64>,
    /// First stop, days stopped and recovery, by sector and trial.
    pub(super) stops: Vec<[Vec<f64>; 3]>,
}

impl Segment {
    pub(crate) fn new<const B: usize>(
        model: &Model,
        layout: &Layout,
        ledger: &Ledger<B>,
        first: u64,
        lanes: Range<usize>,
    ) -> Self {
        debug_assert_eq!(ledger.sectors.len(), model.sectors().count());
        let sums = |rows: &[[f64; B]]| -> Vec<Vec<f64>> {
            let sum = |members: &[usize]| {
                lanes.clone().map(|k| members.iter().map(|&v| rows[v][k]).sum()).collect()
            };
            layout.members.iter().map(|(_, members)| sum(members)).collect()
        };
        let (trade, payments) = (&ledger.trade, &ledger.payments);
        let money =
            [&trade.bill, &trade.forgone, &trade.elsewhere, &ledger.response.cost, &payments.contracts];
        let stops = [&ledger.first_stop, &ledger.stopped_days, &ledger.recovery];
        let insurer = if model.payments.is_empty() { &[][..] } else { &payments.insurer[lanes.clone()] };
        Segment {
            first: first + lanes.start as u64,
            losses: sums(&ledger.lost),
            direct: sums(&ledger.direct),
            money: columns(money, &lanes),
            insurer: insurer.to_vec(),
            stops: columns(stops, &lanes),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.losses.first().map_or(0, Vec::len) as u64
    }

    /// A component of column `j`, where there is one.
    pub(super) fn component(&self, j: usize, component: Component) -> Option<Vec<f64>> {
        let (output, direct) = (self.losses.get(j)?, &self.direct[j]);
        // Money is kept for parties, whose columns stand first.
        let money = |which: usize| self.money.get(j).map(|five| &five[which]);
        match component {
            Component::Total => {
                self.money.get(j).map(|_| (0..output.len()).map(|k| self.total(j, k)).collect())
            }
            Component::Output => Some(output.clone()),
            Component::OutputDirect => Some(direct.clone()),
            Component::OutputIndirect => {
                Some(output.iter().zip(direct).map(|(output, direct)| output - direct).collect())
            }
            Component::Price => money(0).cloned(),
            Component::SalesForgone => money(1).cloned(),
            Component::SalesElsewhere => money(2).cloned(),
            Component::Response => money(3).cloned(),
            Component::Contracts => money(4).cloned(),
        }
    }

    /// Total loss of party `q` in trial `k`.
    pub(super) fn total(&self, q: usize, k: usize) -> f64 {
        let [price, _, _, response, contracts] = &self.money[q];
        self.losses[q][k] + price[k] + response[k] + contracts[k]
    }

    /// Gives what the digest is of: for each trial the total loss of each party, in this order.
    pub(super) fn digest(&self, parties: &[usize], mut add: impl FnMut([u8; 8])) {
        for k in 0..self.len() as usize {
            // Adding 0 turns −0 into 0 and leaves all else alone.
            parties.iter().for_each(|&q| add((self.total(q, k) + 0.0).to_le_bytes()));
        }
    }

    /// Adds the trials that follow.
    pub(super) fn extend(&mut self, next: Segment) {
        let grouped = self.money.iter_mut().flatten().chain(self.stops.iter_mut().flatten());
        let mine = self.losses.iter_mut().chain(&mut self.direct).chain(grouped);
        let grouped = next.money.into_iter().flatten().chain(next.stops.into_iter().flatten());
        let theirs = next.losses.into_iter().chain(next.direct).chain(grouped);
        mine.zip(theirs).for_each(|(column, more)| column.extend(more));
        self.insurer.extend(next.insurer);
    }
}

/// A loss of party `q` in a trial over its yearly GDP there.
pub(super) fn gdp_share(model: &Model, seed: u64, q: usize, trial: u64, loss: f64) -> f64 {
    let gdp = model.parties[q].gdp;
    match gdp.draw {
        None => loss / gdp.plus,
        Some(_) => loss / model.gdp(q, &model.draw(seed, trial)),
    }
}

/// The rows of each party or sector, trial by trial.
fn columns<const B: usize, const N: usize>(rows: [&Rows<B>; N], lanes: &Range<usize>) -> Vec<[Vec<f64>; N]> {
    (0..rows[0].len()).map(|j| rows.map(|rows| rows[j][lanes.clone()].to_vec())).collect()
}
