//! A digest of trials that come in any order.

use super::labels::Labels;
use super::layout::loss_column;
use super::subject::Component;
use crate::scenario::hexadecimal;
use ndarray::ArrayView2;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Gives what a digest is of: for each trial the total loss of each party, in the order of the parties' ids.
pub(super) fn digested(labels: &Labels, losses: ArrayView2<'_, f64>, mut add: impl FnMut([u8; 8])) {
    let mut by_id: Vec<usize> = (0..labels.parties().len()).collect();
    by_id.sort_by_key(|&q| &labels.parties()[q].id);
    for trial in losses.outer_iter() {
        // Adding 0 turns −0 into 0 and leaves all else alone.
        by_id.iter().for_each(|&q| add((trial[loss_column(q, Component::Total)] + 0.0).to_le_bytes()));
    }
}

/// Hashes parts in the order of their numbers. What comes early waits, which is what other threads finish while one is at
/// its block.
#[derive(Debug, Clone)]
pub(super) struct InOrder {
    hash: Sha256,
    next: u64,
    waiting: BTreeMap<u64, Vec<u8>>,
}

impl InOrder {
    /// Of the parts from number 0 on.
    pub(super) fn new() -> Self {
        InOrder { hash: Sha256::new(), next: 0, waiting: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, part: u64, bytes: Vec<u8>) {
        self.waiting.insert(part, bytes);
        while let Some(bytes) = self.waiting.remove(&self.next) {
            self.hash.update(bytes);
            self.next += 1;
        }
    }

    /// The digest in hexadecimal; none where a part is missing before another.
    pub(super) fn finish(self) -> Option<String> {
        self.waiting.is_empty().then(|| hexadecimal(self.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_any_order_have_the_digest_of_those_in_order() {
        let digest = |parts: &[u64]| {
            let mut all = InOrder::new();
            parts.iter().for_each(|b| all.add(*b, vec![*b as u8; 3]));
            all.finish()
        };
        let whole: Vec<u8> = (0..5).flat_map(|b| [b; 3]).collect();
        let expected = hexadecimal(Sha256::new().chain_update(whole));
        for parts in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
            assert_eq!(digest(&parts).as_ref(), Some(&expected));
        }
        assert_eq!(digest(&[0, 1, 3]), None);
    }
}
