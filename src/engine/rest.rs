//! Steps that change nothing are not walked again.
//!
//! A step is a function of the state and of the conditions it meets. Where it has left every bit of the state as it was,
//! and the next one meets the same conditions, that one leaves it so too: only what it adds to the accounts is added.

use super::ledger::Mass;
use super::prepare::Prepared;
use super::rows::{Row, Rows};
use super::state::State;

/// Largest block of which a copy is worth its memory [numbers].
const COPIED: usize = 1 << 22;

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
}

impl<const B: usize> Rest<B> {
    pub(crate) fn new() -> Self {
        Rest { at_rest: false, before: Vec::new(), adds: None, next: 0, wait: 1 }
    }

    /// Before the first step.
    pub(crate) fn reset(&mut self) {
        (self.at_rest, self.next, self.wait) = (false, 0, 1);
    }

    /// Whether a step changes nothing; `steady` tells that it meets the same conditions as the last.
    pub(crate) fn holds(&mut self, steady: bool) -> bool {
        self.at_rest &= steady;
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
    pub(crate) fn begin(&mut self, t: usize, s: &State<B>, mass: &mut Mass<B>, brought: &mut Rows<B>) -> bool {
        // Expectations that still move tell early that a block is not at rest.
        if t < self.next || s.expected.iter().zip(&s.possible).any(|(expected, now)| expected != now) {
            return false;
        }
        let memory = s.memory();
        if memory.iter().map(|rows| rows.len() * B).sum::<usize>() > COPIED {
            self.next = usize::MAX;
            return false;
        }
        if self.before.is_empty() {
            self.before = memory.iter().map(|rows| (*rows).clone()).collect();
        } else {
            for (copy, rows) in self.before.iter_mut().zip(memory) {
                copy.copy_from_slice(rows);
            }
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
        let level = |rows: &[Row<B>]| rows.windows(2).all(|pair| same(&pair[..1], &pair[1..]));
        self.at_rest = unchanged && p.plan.lanes.iter().all(|lane| level(&s.ring[lane.rings()]));
        if !self.at_rest {
            self.next = t + self.wait;
            self.wait *= 2;
        }
    }
}

/// Whether numbers are the same to the bit.
fn same<const B: usize>(rows: &[Row<B>], others: &[Row<B>]) -> bool {
    rows.as_flattened().iter().zip(others.as_flattened()).all(|(x, y)| x.to_bits() == y.to_bits())
}

/// Adds row by row.
pub(crate) fn add_rows<const B: usize>(rows: &mut [Row<B>], more: &[Row<B>]) {
    for (x, y) in rows.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
        *x += y;
    }
}
