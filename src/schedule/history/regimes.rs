//! Semi-Markov chains of states: how long each lasts, and which follows.

use super::{CHANGE_LIMIT, Period};
use crate::network::{Regime, State, StateIx, States};
use crate::schedule::fault::Fault;
use crate::schedule::luck::Luck;

/// A visit to a state: its number, first day, and length [days].
pub(super) type Visit = (StateIx, f64, f64);

/// The states that a regime visits before day `until`.
pub(super) fn visits(
    regime: &Regime,
    luck: &Luck<'_>,
    until: f64,
    out: &mut Vec<Visit>,
) -> Result<(), Fault> {
    out.clear();
    let (mut state, mut day) = (regime.start, 0.0);
    for index in 0..CHANGE_LIMIT {
        let State { holding, next } = &regime.states[state];
        let length = holding.as_ref().map_or(f64::INFINITY, |h| luck.serial(h, None, index));
        out.push((state, day, length));
        day += length;
        if day >= until {
            return Ok(());
        }
        let weights: Vec<f64> = next.iter().map(|(_, weight)| luck.value(*weight)).collect();
        let total: f64 = weights.iter().sum();
        let drawn = luck.uniform(&regime.name, index) * total;
        let mut below = 0.0;
        let mut possible = next.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
        // The product of a number below 1 and the total may be rounded to the total: the last follows.
        let last = possible.clone().next_back();
        let follows = possible.find(|(_, weight)| {
            below += **weight;
            drawn < below
        });
        let Some(((to, _), _)) = follows.or(last) else {
            return Err(Fault::NoNextState { regime: regime.name.clone() });
        };
        state = *to;
    }
    Err(Fault::Changes { regime: regime.name.clone(), limit: CHANGE_LIMIT })
}

/// First day in one of the states; infinite if it is never in any.
pub(super) fn first_entry(visits: &[Visit], states: States) -> f64 {
    visits.iter().find(|v| states.contains(v.0)).map_or(f64::INFINITY, |v| v.1)
}

/// The times in any of the states, visits that follow one another joined.
pub(super) fn stays(visits: &[Visit], states: States) -> Vec<Period> {
    let mut stays: Vec<Period> = Vec::new();
    for run in visits.chunk_by(|a, b| states.contains(a.0) == states.contains(b.0)) {
        if states.contains(run[0].0) {
            let last = run[run.len() - 1];
            // To the bit the day on which the next visit begins.
            stays.push((run[0].1, last.1 + last.2));
        }
    }
    stays
}
