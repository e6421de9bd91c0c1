//! Steps that change nothing are not walked again.
//!
//! A step is a function of the state and of the conditions it meets. Where it has left every bit of the state as it was,
//! and the next one meets the same conditions, that one leaves it so too: only what it adds to the accounts is added.

use super::ledger::Mass;
use super::prepare::Prepared;
use super::state::State;
use crate::schedule::rows::{Row, Rows};

/// Largest block of which a copy is worth its memory [bytes].
const COPIED: usize = 1 << 25;

/// Share of an activity by which its expectation may be off where it rests, by rounding.
const CLOSE: f64 = 1e-14;

/// What is known of a block of trials that may be at rest.
#[derive(Debug, Clone)]
pub(crate) struct Rest<const B: usize> {
    /// Whether the last step changed nothing.
    at_rest: bool,
    /// State before the step on trial; empty until a first trial.
    before: Vec<Rows<B>>,
    /// What the step on trial adds to the balance of mass and to what lanes have brought.
    adds: Option<(Mass<B>, Rows<B>)>,
    /// Step from which on another trial is worth it, and how long to wait after one that fails.
    next: usize,
    wait: usize,
    /// Whether all steps are walked, at rest or not.
    pub(crate) off: bool,
    #[cfg(test)]
    left_out: usize,
}

impl<const B: usize> Rest<B> {
    pub(crate) fn new() -> Self {
        Rest {
            at_rest: false,
            before: Vec::new(),
            adds: None,
            next: 0,
            wait: 1,
            off: false,
            #[cfg(test)]
            left_out: 0,
        }
    }

    /// Before the first step.
    pub(crate) fn reset(&mut self) {
        (self.at_rest, self.next, self.wait) = (false, 0, 1);
    }

    /// Whether a step changes nothing; `steady` tells that it meets the same conditions as the last.
    pub(crate) fn holds(&mut self, steady: bool) -> bool {
        self.at_rest &= steady;
        #[cfg(test)]
        {
            self.left_out += usize::from(self.at_rest);
        }
        self.at_rest
    }

    /// Adds what a step at rest adds.
    pub(crate) fn repeat(&self, mass: &mut Mass<B>, brought: &mut Rows<B>) {
        if let Some((adds, more)) = &self.adds {
            mass.add(adds);
            add_rows(brought, more);
        }
    }

    /// Puts step `t` on trial, if it may be one that changes nothing: keeps a copy of the state, and takes over the sums.
    pub(crate) fn begin(
        &mut self,
        t: usize,
        s: &State<B>,
        mass: &mut Mass<B>,
        brought: &mut Rows<B>,
    ) -> bool {
        // Expectations that are off tell early that a block is not at rest.
        let met = |(expected, possible): (&Row<B>, &Row<B>)| {
            let mut met = true;
            for k in 0..B {
                met &= (expected[k] - possible[k]).abs() <= CLOSE * possible[k];
            }
            met
        };
        if self.off || t < self.next || !s.expected.iter().zip(&s.possible).all(met) {
            return false;
        }
        if s.memory().iter().map(|rows| size_of_val(&rows[..])).sum::<usize>() > COPIED {
            self.next = usize::MAX;
            return false;
        }
        if self.before.is_empty() {
            self.before.extend(s.memory().map(Rows::clone));
        } else {
            self.before.iter_mut().zip(s.memory()).for_each(|(copy, rows)| copy.copy_from_slice(rows));
        }
        let adds = self.adds.get_or_insert_with(|| (mass.clone(), brought.clone()));
        adds.0.clear();
        adds.1.fill([0.0; B]);
        std::mem::swap(&mut adds.0, mass);
        std::mem::swap(&mut adds.1, brought);
        true
    }

    /// After a step on trial: gives back the sums and finds whether it changed anything.
    pub(crate) fn end(
        &mut self,
        t: usize,
        p: &Prepared<B>,
        s: &State<B>,
        mass: &mut Mass<B>,
        brought: &mut Rows<B>,
    ) {
        if let Some(adds) = &mut self.adds {
            std::mem::swap(&mut adds.0, mass);
            std::mem::swap(&mut adds.1, brought);
        }
        self.repeat(mass, brought);
        let unchanged = self.before.iter().zip(s.memory()).all(|(before, now)| same(before, now));
        // What arrives is the same in all steps only if all that is under way is.
        let level = |lane| p.plan.rings(lane).is_sorted_by(|a, b| same(&s.ring[*a..=*a], &s.ring[*b..=*b]));
        self.at_rest = unchanged && p.plan.lanes.iter().all(level);
        if !self.at_rest {
            self.next = t + self.wait;
            self.wait *= 2;
        }
    }
}

/// Whether rows are the same to the bit.
fn same<const B: usize>(rows: &[Row<B>], others: &[Row<B>]) -> bool {
    let same = |(row, other): (&Row<B>, &Row<B>)| {
        let mut differ = 0;
        for k in 0..B {
            differ |= row[k].to_bits() ^ other[k].to_bits();
        }
        differ == 0
    };
    rows.iter().zip(others).all(same)
}

/// Adds row by row.
pub(crate) fn add_rows<const B: usize>(rows: &mut [Row<B>], more: &[Row<B>]) {
    for (x, y) in rows.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
        *x += y;
    }
}

#[cfg(test)]
mod tests {
    use crate::draw::Distribution;
    use crate::scenario::{
        About, Commodity, Date, Event, Input, Link, Output, Party, Site, Stage, Tables, Time,
    };
    use crate::step::{BLOCK, Block};
    use crate::{Model, Scenario};

    /// A chain in which a site stops for a while, long after the start and long before the end.
    fn chain(lead_days: u32, spare: f64, cover: [f64; 2]) -> Model {
        let cover = Distribution::uniform(cover[0], cover[1]).unwrap_or_else(|e| panic!("{e}"));
        let sector =
            |spare: f64| Site::new("JP", Stage::SECTOR).spare_capacity(spare).value_added_per_unit(1e6);
        let plant = sector(0.2).input("ore", Input::new(1, cover));
        let time = Time::new(Date::new(2026, 1, 1), 2800).step_days(7);
        let tables = Tables::new(About::new("chain", "JPY"), time)
            .party("JP", Party::new(1e12))
            .commodity("ore", Commodity::new("t"))
            .commodity("goods", Commodity::new("t"))
            .site("mine", sector(spare).output("ore", Output::new()))
            .site("plant", plant.output("goods", Output::new().final_demand_per_year(1e3)))
            .link("mine>plant:ore", Link::new(lead_days))
            .event("stop", Event::new(["mine"]).start_days(350).duration_days(60).severity(0.6));
        let model = Scenario::new("chain", tables).and_then(|s| s.compile());
        model.unwrap_or_else(|e| panic!("{e}"))
    }

    /// What blocks yield, and how many steps were left out.
    fn run<const B: usize>(model: &Model, trials: usize, tries: bool) -> (Vec<u64>, usize) {
        let mut block = Block::<B>::new(model);
        let mut bits = Vec::new();
        for first in (0..trials).step_by(B) {
            assert!(block.prepare(model, 7, first as u64, 0..B).is_ok());
            block.rest.off = !tries;
            block.run(model, |_, _| {});
            let ledger = &block.ledger;
            for k in 0..B {
                let rows = [&ledger.lost, &ledger.missing, &ledger.limited, &ledger.trade.peak];
                bits.extend(rows.into_iter().flat_map(|rows| rows.iter().map(|row| row[k].to_bits())));
                bits.push(ledger.residual[k].to_bits());
            }
        }
        (bits, block.rest.left_out)
    }

    #[test]
    fn leaving_out_steps_at_rest_changes_no_bit() {
        let (low, high) = ([10.0, 40.0], [60.0, 90.0]);
        for model in [chain(7, 0.2, low), chain(21, 0.2, low), chain(7, 0.001, high)] {
            let (walked, none) = run::<BLOCK>(&model, 64, false);
            let (left, steps) = run::<BLOCK>(&model, 64, true);
            assert_eq!(none, 0);
            // Of 2 blocks of 400 steps: the 49 before the stop but for a few, and some of those long after.
            assert!(steps > 2 * 40, "{steps} steps were left out");
            assert_eq!(left, walked);
            assert_eq!(run::<1>(&model, 64, true).0, walked);
        }
    }
}
