//! Semi-Markov chains of states: how long each lasts, and which follows.

use super::{CHANGE_LIMIT, Period};
use crate::network::{Regime, State};
use crate::schedule::Fault;
use crate::schedule::luck::Luck;

/// A visit to a state: its number, first day, and length [days].
pub(super) type Visit = (usize, f64, f64);

/// The states that a regime visits in trial `k` before `until`.
pub(super) fn visits<const B: usize>(
    regime: &Regime,
    luck: &Luck<'_, B>,
    k: usize,
    until: f64,
    out: &mut Vec<Visit>,
) -> Result<(), Fault> {
    out.clear();
    let (mut state, mut day) = (regime.start, 0.0);
    for index in 0..CHANGE_LIMIT {
        let State { holding, next } = &regime.states[state];
        let length = holding.as_ref().map_or(f64::INFINITY, |h| luck.serial(h, None, k, index));
        out.push((state, day, length));
        day += length;
        if day >= until {
            return Ok(());
        }
        let weights: Vec<f64> = next.iter().map(|(_, weight)| luck.value(*weight, k)).collect();
        let total: f64 = weights.iter().sum();
        let drawn = luck.uniform(&regime.name, k, index) * total;
        let mut below = 0.0;
        let mut possible = next.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
        // The product of a number below 1 and the total may be rounded to the total: the last follows.
        let last = possible.clone().next_back();
        let follows = possible.find(|(_, weight)| {
            below += **weight;
            drawn < below
        });
        let Some(((to, _), _)) = follows.or(last) else {
            let message = format!("all chances of what follows a state of `{}` are 0", regime.name);
            return Err(Fault { lane: k, message });
        };
        state = *to;
    }
    let message = format!("`{}` changes over {CHANGE_LIMIT} times within the horizon", regime.name);
    Err(Fault { lane: k, message })
}

/// First day in one of the states; infinite if it is never in any.
pub(super) fn first_entry(visits: &[Visit], states: u64) -> f64 {
    visits.iter().find(|v| states >> v.0 & 1 == 1).map_or(f64::INFINITY, |v| v.1)
}

/// The times in any of the states, visits that follow one another joined.
pub(super) fn stays(visits: &[Visit], states: u64) -> Vec<Period> {
    let mut stays: Vec<Period> = Vec::new();
    for run in visits.chunk_by(|a, b| (states >> a.0 & 1) == (states >> b.0 & 1)) {
        if states >> run[0].0 & 1 == 1 {
            let last = run[run.len() - 1];
            // To the bit the day on which the next visit begins.
            stays.push((run[0].1, last.1 + last.2));
        }
    }
    stays
}
