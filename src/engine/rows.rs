//! A value for each trial of a block.

use crate::model::Param;

/// Below this share of its scale a number is the rounding of zero: no branch rests on such a number.
pub(crate) const ROUNDING: f64 = 1e-12;

/// One slot of the state: its value in each trial of the block.
pub(crate) type Row<const B: usize> = [f64; B];

/// `n` rows that all hold `x`.
pub(crate) fn rows<const B: usize>(n: usize, x: f64) -> Vec<Row<B>> {
    vec![[x; B]; n]
}

/// Writes a parameter's value in each trial.
pub(crate) fn fill<const B: usize>(row: &mut Row<B>, param: Param, draws: &[Row<B>]) {
    match param.draw {
        None => *row = [param.plus; B],
        Some(d) => {
            let drawn = &draws[d as usize];
            for k in 0..B {
                row[k] = param.plus + param.times * drawn[k];
            }
        }
    }
}

/// A parameter's value in each trial.
pub(crate) fn value<const B: usize>(param: Param, draws: &[Row<B>]) -> Row<B> {
    let mut row = [0.0; B];
    fill(&mut row, param, draws);
    row
}

/// The share `min(1, Δ/τ)` of a gap that is closed in a step; a time of 0 closes it at once.
pub(crate) fn gain(step_days: f64, days: f64) -> f64 {
    if days > 0.0 { f64::min(1.0, step_days / days) } else { 1.0 }
}
