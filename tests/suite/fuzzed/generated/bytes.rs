//! Choices and figures from bytes; those that end too soon go on with zeros.

use arbitrary::Unstructured;
use supplyshock::draw::Distribution;
use supplyshock::scenario::Leaf;

pub struct Bytes<'a>(Unstructured<'a>);

impl<'a> Bytes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Bytes(Unstructured::new(bytes))
    }

    /// From `low` to `high`, both of which can be.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0.int_in_range(low..=high).unwrap_or(low)
    }

    /// Whether something stands that one network in `n` has; not where the bytes have ended.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.between(0, n - 1) == n - 1
    }

    pub fn one_of<T, const N: usize>(&mut self, all: [T; N]) -> T {
        let k = self.between(0, N as u32 - 1) as usize;
        all.into_iter().nth(k).expect("one of them")
    }

    /// From `low` to `high`; the ends come often.
    pub fn number(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.between(0, 255)) / 255.0
    }

    /// A figure that is known or drawn from a range.
    pub fn leaf(&mut self, low: f64, high: f64) -> Leaf {
        let [a, b] = [0; 2].map(|_| self.number(low, high));
        if a < b { range(a, b) } else { a.into() }
    }

    /// A figure that is known, or drawn from up to a share of it on both sides.
    pub fn around(&mut self, x: f64, share: f64) -> Leaf {
        let by = share * self.number(0.0, 1.0) * x;
        if self.one_in(2) && by > 0.0 { range(x - by, x + by) } else { x.into() }
    }
}

fn range(low: f64, high: f64) -> Leaf {
    Distribution::uniform(low, high).expect("a range").into()
}
