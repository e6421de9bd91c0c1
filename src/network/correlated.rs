//! Draws that hang together by a Gaussian copula.

use super::{DrawIx, Ix};
use crate::draw::{Stream, normal_cdf, normal_quantile};
use serde::Serialize;

/// Least distance of a uniform number from 0 and 1, that of [`Stream::uniform`].
const LEAST: f64 = 0.5 * f64::EPSILON;

/// Draws that hang together: `u' = Φ(L Φ⁻¹(u))`, with `u` from the stream of each.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Correlated {
    pub(crate) members: Vec<Member>,
    /// `L`: a lower triangle, row by row.
    pub(crate) factor: Vec<Vec<f64>>,
}

/// One of the draws.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Member {
    /// Name of its stream.
    pub(crate) name: String,
    /// Number of the draw; `None` where the scenario has a number in its place, and only the others' luck
    /// rests on it.
    pub(crate) draw: Option<DrawIx>,
}

impl Correlated {
    /// Writes the uniform numbers of the members for the trials from `first` on into their rows of `draws`;
    /// `normals` has a row for each member.
    pub(crate) fn fill<const B: usize>(
        &self,
        seed: u64,
        first: u64,
        normals: &mut [[f64; B]],
        draws: &mut [[f64; B]],
    ) {
        let uniforms = |member: &Member, row: &mut [f64; B]| {
            Stream::new(seed, &member.name).fill_uniform(first, 0, row);
        };
        for (member, row) in self.members.iter().zip(normals.iter_mut()) {
            uniforms(member, row);
            row.iter_mut().for_each(|u| *u = normal_quantile(*u));
        }
        for (member, factors) in self.members.iter().zip(&self.factor) {
            let Some(row) = member.draw.and_then(|d| draws.get_mut(d.at())) else { continue };
            let mut terms = factors.iter().enumerate().filter(|(_, l)| **l != 0.0);
            // A member that follows one stream alone keeps its numbers to the bit.
            if let (Some((j, l)), None) = (terms.next(), terms.next())
                && l.abs() == 1.0
            {
                uniforms(&self.members[j], row);
                if *l < 0.0 {
                    row.iter_mut().for_each(|u| *u = 1.0 - *u);
                }
                continue;
            }
            let mut sum = [0.0; B];
            for (l, z) in factors.iter().zip(normals.iter()) {
                for (sum, z) in sum.iter_mut().zip(z) {
                    *sum += l * z;
                }
            }
            for (u, z) in row.iter_mut().zip(sum) {
                *u = normal_cdf(z).clamp(LEAST, 1.0 - LEAST);
            }
        }
    }
}
