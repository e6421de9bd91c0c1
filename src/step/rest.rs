//! Steps that change nothing are not walked again.
//!
//! A step is a function of the state and of the conditions it meets. Where it has left every bit of the state as it was,
//! and the next one meets the same conditions, that one leaves it so too: only its additions to the accounts are made.

use super::index::RingIx;
use super::prepare::PreparedView;
use super::state::Live;
use crate::schedule::rows::Row;

/// Largest block of which a copy is worth its memory [bytes].
const COPIED: usize = 1 << 25;

/// Share of an activity by which its expectation may be off where it rests, by rounding.
const CLOSE: f64 = 1e-14;

/// Whether a block of trials is at rest, as far as is known.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    /// Whether the last step changed nothing.
    at_rest: bool,
    /// The kept state before the step on trial, row by row; empty until a first trial.
    before: Vec<f64>,
    /// The additions of the step on trial to sums, and the sums before it.
    adds: Vec<f64>,
    sums: Vec<f64>,
    /// Step from which on another trial is worth it, and how long to wait after one that fails.
    next: usize,
    wait: usize,
    /// Whether all steps are walked, at rest or not.
    pub(crate) off: bool,
    #[cfg(test)]
    left_out: usize,
}

impl Rest {
    pub(crate) fn new() -> Self {
        Rest {
            at_rest: false,
            before: Vec::new(),
            adds: Vec::new(),
            sums: Vec::new(),
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

    /// Makes the additions of a step at rest.
    pub(crate) fn repeat<const B: usize>(&self, s: &mut Live<'_, B>) {
        let mut adds = self.adds.iter();
        s.each_sum(|rows| rows.iter_mut().zip(&mut adds).for_each(|(sum, add)| *sum += add));
    }

    /// Puts step `t` on trial, if it may be one that changes nothing: keeps a copy of the state, and has sums begin anew.
    pub(crate) fn begin<const B: usize>(&mut self, t: usize, s: &mut Live<'_, B>) -> bool {
        // Expectations that are off tell early that a block is not at rest.
        let met = |(expected, possible): (&Row<B>, &Row<B>)| {
            let mut met = true;
            for k in 0..B {
                met &= (expected[k] - possible[k]).abs() <= CLOSE * possible[k];
            }
            met
        };
        let (expected, possible) = (s.ordered.expected.read(), s.supplied.possible.read());
        if self.off || t < self.next || !expected.iter().zip(&*possible).all(met) {
            return false;
        }
        let mut kept = 0;
        s.each_kept(|rows| kept += size_of_val(rows));
        if kept > COPIED {
            self.next = usize::MAX;
            return false;
        }
        self.before.clear();
        s.each_kept(|rows| self.before.extend_from_slice(rows));
        self.sums.clear();
        s.each_sum(|rows| {
            self.sums.extend_from_slice(rows);
            rows.fill(0.0);
        });
        true
    }

    /// After a step on trial: gives back the sums and finds whether it changed anything.
    pub(crate) fn end<const B: usize>(&mut self, t: usize, p: &PreparedView<'_, B>, s: &mut Live<'_, B>) {
        self.adds.clear();
        let mut before = self.sums.iter();
        s.each_sum(|rows| {
            self.adds.extend_from_slice(rows);
            rows.iter_mut().zip(&mut before).for_each(|(add, sum)| *add += sum);
        });
        let (mut unchanged, mut kept) = (true, &self.before[..]);
        s.each_kept(|rows| {
            let (own, rest) = kept.split_at(rows.len());
            unchanged = unchanged && same(own, rows);
            kept = rest;
        });
        // Arrivals are the same in all steps only if all goods under way are.
        let ring = |row: RingIx| s.ordered.ring[row].as_slice();
        let level = |lane| p.plan.rings(lane).is_sorted_by(|a, b| same(ring(*a), ring(*b)));
        self.at_rest = unchanged && p.plan.lanes.iter().all(level);
        if !self.at_rest {
            self.next = t + self.wait;
            self.wait *= 2;
        }
    }
}

/// Whether numbers are the same to the bit.
fn same(numbers: &[f64], others: &[f64]) -> bool {
    let mut pairs = numbers.chunks(64).zip(others.chunks(64));
    pairs.all(|(numbers, others)| {
        let differ = numbers.iter().zip(others).map(|(x, y)| x.to_bits() ^ y.to_bits());
        differ.fold(0, |any, bits| any | bits) == 0
    })
}

#[cfg(test)]
mod tests {
    use crate::draw::Distribution;
    use crate::scenario::{
        About, Commodity, Date, Event, Input, Link, Output, Party, Rebuilding, Site, Stage, Tables, Time,
    };
    use crate::step::{BLOCK, Block};
    use crate::{Model, Scenario};

    /// A chain in which a site stops for a while, long after the start and long before the end.
    fn chain(lead_days: u32, spare: f64, cover: [f64; 2]) -> Model {
        compiled(chain_of(lead_days, spare, cover))
    }

    fn compiled(tables: Tables) -> Model {
        let model = Scenario::new("chain", tables).and_then(|s| s.compile());
        model.unwrap_or_else(|e| panic!("{e}"))
    }

    fn chain_of(lead_days: u32, spare: f64, cover: [f64; 2]) -> Tables {
        let cover = Distribution::uniform(cover[0], cover[1]).unwrap_or_else(|e| panic!("{e}"));
        let sector =
            |spare: f64| Site::new("JP", Stage::SECTOR).spare_capacity(spare).value_added_per_unit(1e6);
        let plant = sector(0.2).input("ore", Input::new(1, cover));
        let time = Time::new(Date::new(2026, 1, 1), 2800).step_days(7);
        Tables::new(About::new("chain", "JPY"), time)
            .party("JP", Party::new(1e12))
            .commodity("ore", Commodity::new("t"))
            .commodity("goods", Commodity::new("t"))
            .site("mine", sector(spare).output("ore", Output::new()))
            .site("plant", plant.output("goods", Output::new().final_demand_per_year(1e3)))
            .link("mine>plant:ore", Link::new(lead_days))
            .event("stop", Event::new(["mine"]).start_days(350).duration_days(60).severity(0.6))
    }

    /// The same chain, whose mine is rebuilt by the plant after it stopped: long before the end all of it is there.
    fn rebuilt() -> Model {
        let mut tables = chain_of(7, 0.2, [10.0, 40.0]);
        let rebuilding = Rebuilding::new(35.0).amount("plant", 50.0);
        tables.events.values_mut().for_each(|event| event.rebuilding = Some(rebuilding.clone()));
        compiled(tables)
    }

    /// The yields of blocks, and how many steps were left out.
    fn run<const B: usize>(model: &Model, trials: usize, tries: bool) -> (Vec<u64>, usize) {
        let mut block = Block::<B>::new(model);
        let mut bits = Vec::new();
        for first in (0..trials).step_by(B) {
            assert!(block.prepare(model, 7, first as u64, 0..B).is_ok());
            block.rest.off = !tries;
            block.run(model, |_, _| {});
            let ledger = &block.ledger;
            for k in 0..B {
                let rows = [&*ledger.lost, &ledger.missing, &ledger.limited, &ledger.trade.peak];
                bits.extend(rows.into_iter().flatten().map(|row| row[k].to_bits()));
                bits.push(ledger.residual[k].to_bits());
            }
        }
        (bits, block.rest.left_out)
    }

    #[test]
    fn leaving_out_steps_at_rest_changes_no_bit() {
        let (low, high) = ([10.0, 40.0], [60.0, 90.0]);
        for model in [chain(7, 0.2, low), chain(21, 0.2, low), chain(7, 0.001, high), rebuilt()] {
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
