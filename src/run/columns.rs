//! Whose losses are kept by trial, and in which column.

use crate::step::Model;
use crate::step::{Ledger, Rows};
use std::ops::Range;

/// Loss, as a share of yearly GDP, up to which a trial counts as one without loss.
const NEGLIGIBLE: f64 = 1e-12;

/// Columns of money of a party, and of stops of a sector.
const MONEY: usize = 5;
const STOPS: usize = 3;

/// Place of a column that is not held, as all its numbers are zero, and those of the largest block.
const NONE: u32 = u32::MAX;
static ZEROS: [f64; 32] = [0.0; 32];

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
        let valued: Vec<usize> = model.valued().collect();
        let of = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
            valued.iter().enumerate().filter(|(_, n)| keep(**n)).map(|(k, _)| k).collect()
        };
        let (mut subjects, mut members) = (Vec::new(), Vec::new());
        for (q, party) in model.parties.iter().enumerate() {
            subjects.push(Subject::Party(party.id.clone()));
            members.push((q, of(&|n| model.sites[n].party == q)));
        }
        for (q, party) in model.parties.iter().enumerate() {
            let mut stages: Vec<&str> = Vec::new();
            for &n in valued.iter().filter(|&&n| model.sites[n].party == q) {
                let stage = model.sites[n].stage.as_str();
                if !stages.contains(&stage) {
                    stages.push(stage);
                }
            }
            for stage in stages {
                subjects.push(Subject::Stage { party: party.id.clone(), stage: stage.to_owned() });
                members.push((q, of(&|n| model.sites[n].party == q && model.sites[n].stage.as_str() == stage)));
            }
        }
        for s in model.sectors() {
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

/// Results of the trials of a block, in one store: many small ones would take half as much again.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(super) first: u64,
    trials: usize,
    subjects: usize,
    parties: usize,
    /// Columns of one number a trial, in this order: value added lost \[JPY\] by subject, and of that direct; price,
    /// sales forgone, sales elsewhere, response and contracts \[JPY\] by party; first stop, days stopped and recovery by
    /// sector; and what the insurer lost \[JPY\], where anything is paid ahead. Of columns of zeros nothing is held.
    values: Vec<f64>,
    /// By column: which of those that are held it is.
    held: Vec<u32>,
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
        debug_assert!(lanes.len() <= ZEROS.len());
        let (subjects, parties) = (layout.members.len(), model.parties.len());
        let paid_ahead = usize::from(!model.payments.is_empty());
        let columns = 2 * subjects + MONEY * parties + STOPS * ledger.sectors.len() + paid_ahead;
        let (mut values, mut held) = (Vec::with_capacity(columns * lanes.len()), Vec::with_capacity(columns));
        let mut end = |values: &mut Vec<f64>| {
            let start = values.len() - lanes.len();
            if values[start..].iter().all(|x| x.to_bits() == 0) {
                values.truncate(start);
                held.push(NONE);
            } else {
                held.push((start / lanes.len()) as u32);
            }
        };
        for rows in [&ledger.lost, &ledger.direct] {
            for (_, members) in &layout.members {
                values.extend(lanes.clone().map(|k| members.iter().map(|&v| rows[v][k]).sum::<f64>()));
                end(&mut values);
            }
        }
        let (trade, payments) = (&ledger.trade, &ledger.payments);
        let money: [&Rows<B>; MONEY] =
            [&trade.bill, &trade.forgone, &trade.elsewhere, &ledger.response.cost, &payments.contracts];
        let stops: [&Rows<B>; STOPS] = [&ledger.first_stop, &ledger.stopped_days, &ledger.recovery];
        for row in money.into_iter().chain(stops).flat_map(|rows| rows.iter()) {
            values.extend(&row[lanes.clone()]);
            end(&mut values);
        }
        if paid_ahead > 0 {
            values.extend(&payments.insurer[lanes.clone()]);
            end(&mut values);
        }
        debug_assert_eq!(held.len(), columns);
        values.shrink_to_fit();
        Segment { first: first + lanes.start as u64, trials: lanes.len(), subjects, parties, values, held }
    }

    pub(super) fn trials(&self) -> Range<u64> {
        self.first..self.first + self.trials as u64
    }

    fn column(&self, column: usize) -> &[f64] {
        match self.held.get(column) {
            None => &[],
            Some(&NONE) => &ZEROS[..self.trials],
            Some(&place) => &self.values[place as usize * self.trials..][..self.trials],
        }
    }

    /// Value added lost by subject `j`.
    pub(super) fn losses(&self, j: usize) -> &[f64] {
        self.column(j)
    }

    /// One of the five columns of money of party `q`.
    fn money(&self, which: usize, q: usize) -> &[f64] {
        self.column(2 * self.subjects + which * self.parties + q)
    }

    /// First stop, days stopped and recovery of sector `i` of so many.
    pub(super) fn stops(&self, i: usize, sectors: usize) -> [&[f64]; STOPS] {
        let first = 2 * self.subjects + MONEY * self.parties + i;
        [0, 1, 2].map(|which| self.column(first + which * sectors))
    }

    /// What the insurer lost, in a model of so many sectors; none where nothing is paid ahead.
    pub(super) fn insurer(&self, sectors: usize) -> &[f64] {
        self.column(2 * self.subjects + MONEY * self.parties + STOPS * sectors)
    }

    /// A component of column `j`, where there is one.
    pub(super) fn component(&self, j: usize, component: Component) -> Option<Vec<f64>> {
        if component.is_money() && j >= self.parties {
            return None;
        }
        let direct = || self.column(self.subjects + j);
        let indirect = |(output, direct): (&f64, &f64)| output - direct;
        Some(match component {
            Component::Total => (0..self.trials).map(|k| self.total(j, k)).collect(),
            Component::Output => self.losses(j).to_vec(),
            Component::OutputDirect => direct().to_vec(),
            Component::OutputIndirect => self.losses(j).iter().zip(direct()).map(indirect).collect(),
            Component::Price => self.money(0, j).to_vec(),
            Component::SalesForgone => self.money(1, j).to_vec(),
            Component::SalesElsewhere => self.money(2, j).to_vec(),
            Component::Response => self.money(3, j).to_vec(),
            Component::Contracts => self.money(4, j).to_vec(),
        })
    }

    /// Total loss of party `q` in trial `k`.
    fn total(&self, q: usize, k: usize) -> f64 {
        let [price, response, contracts] = [0, 3, 4].map(|which| self.money(which, q)[k]);
        self.losses(q)[k] + price + response + contracts
    }

    /// Gives what the digest is of: for each trial the total loss of each party, in this order.
    pub(super) fn digest(&self, parties: &[usize], mut add: impl FnMut([u8; 8])) {
        for k in 0..self.trials {
            // Adding 0 turns −0 into 0 and leaves all else alone.
            parties.iter().for_each(|&q| add((self.total(q, k) + 0.0).to_le_bytes()));
        }
    }

    /// Numbers that are held.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.values.capacity()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use crate::step::Block;

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn columns_are_those_of_the_accounts_whether_held_or_not() {
        for name in ["mechanism_prepayment", "japan_full_cut"] {
            let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
            let model = model.unwrap_or_else(|e| panic!("{e}"));
            let layout = Layout::new(&model);
            let mut block = Block::<16>::new(&model);
            block.prepare(&model, 1, 0, 0..16).unwrap_or_else(|fault| panic!("{}", fault.message));
            block.run(&model, |_, _| {});
            // Zeros, zeros with a sign, and numbers of which all but the last are zero.
            block.ledger.trade.bill[0] = [0.0; 16];
            block.ledger.trade.forgone[0] = [-0.0; 16];
            block.ledger.trade.elsewhere[0] = std::array::from_fn(|k| if k == 10 { 7.0 } else { 0.0 });
            let (ledger, lanes) = (&block.ledger, 3..11);
            let segment = Segment::new(&model, &layout, ledger, 0, lanes.clone());
            let sectors = ledger.sectors.len();
            let columns = 2 * layout.members.len() + MONEY * model.parties.len() + STOPS * sectors;
            assert!(segment.size() < columns * lanes.len(), "{name} has columns of zeros");
            for (j, (_, members)) in layout.members.iter().enumerate() {
                for (component, rows) in
                    [(Component::Output, &ledger.lost), (Component::OutputDirect, &ledger.direct)]
                {
                    let sum = |k: usize| members.iter().map(|&v| rows[v][k]).sum::<f64>();
                    let sums: Vec<f64> = lanes.clone().map(sum).collect();
                    let found = segment.component(j, component).unwrap_or_default();
                    assert_eq!(bits(&found), bits(&sums), "{name}: {component:?} of subject {j}");
                }
            }
            let (trade, payments) = (&ledger.trade, &ledger.payments);
            for (component, rows) in [
                (Component::Price, &trade.bill),
                (Component::SalesForgone, &trade.forgone),
                (Component::SalesElsewhere, &trade.elsewhere),
                (Component::Response, &ledger.response.cost),
                (Component::Contracts, &payments.contracts),
            ] {
                for (q, row) in rows.iter().enumerate() {
                    let found = segment.component(q, component).unwrap_or_default();
                    assert_eq!(bits(&found), bits(&row[lanes.clone()]), "{name}: {component:?} of party {q}");
                }
            }
            let stops = [&ledger.first_stop, &ledger.stopped_days, &ledger.recovery];
            for i in 0..sectors {
                let rows = stops.map(|rows| bits(&rows[i][lanes.clone()]));
                assert_eq!(segment.stops(i, sectors).map(bits), rows, "{name}: stops of sector {i}");
            }
            let insured = !model.payments.is_empty();
            let insurer = if insured { bits(&payments.insurer[lanes.clone()]) } else { Vec::new() };
            assert_eq!(bits(segment.insurer(sectors)), insurer, "{name}: the insurer");
        }
    }
}
