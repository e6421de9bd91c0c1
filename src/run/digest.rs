//! A digest of trials that come in any order.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Hashes blocks in their order. What comes early waits, which is what other threads finish while one is at its block.
#[derive(Debug, Clone)]
pub(super) struct InOrder {
    hash: Sha256,
    next: u64,
    waiting: BTreeMap<u64, Vec<u8>>,
}

impl InOrder {
    /// Of the blocks from `first`.
    pub(super) fn new(first: u64) -> Self {
        InOrder { hash: Sha256::new(), next: first, waiting: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, block: u64, bytes: Vec<u8>) {
        self.waiting.insert(block, bytes);
        while let Some(bytes) = self.waiting.remove(&self.next) {
            self.hash.update(bytes);
            self.next += 1;
        }
    }

    /// The digest in hexadecimal.
    pub(super) fn finish(self) -> String {
        hexadecimal(self.hash)
    }
}

pub(super) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_in_any_order_have_the_digest_of_those_in_order() {
        let digest = |blocks: &[u64]| {
            let mut all = InOrder::new(7);
            blocks.iter().for_each(|b| all.add(*b, vec![*b as u8; 3]));
            assert!(all.waiting.is_empty());
            all.finish()
        };
        let whole: Vec<u8> = (7..12).flat_map(|b| [b; 3]).collect();
        let expected = hexadecimal(Sha256::new().chain_update(whole));
        for blocks in [[7, 8, 9, 10, 11], [11, 10, 9, 8, 7], [9, 7, 11, 8, 10]] {
            assert_eq!(digest(&blocks), expected);
        }
    }
}
