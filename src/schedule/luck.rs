//! What a block of trials draws: figures once a trial, and others anew each time they are needed.

use super::Fault;
use super::rows::Row;
use crate::draw::Stream;
use crate::network::{Param, Serial};
use std::cell::RefCell;

/// The draws of a block, and the addresses of further ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Luck<'a, const B: usize> {
    pub(crate) draws: &'a [Row<B>],
    pub(crate) seed: u64,
    /// Number of each trial of the block.
    pub(crate) trials: [u64; B],
    /// The first fault of a figure that is drawn anew, which ends the run once the block is settled.
    pub(crate) fault: &'a RefCell<Option<Fault>>,
}

impl<const B: usize> Luck<'_, B> {
    /// A parameter's value in trial `k` of the block.
    pub(crate) fn value(&self, param: Param, k: usize) -> f64 {
        match param.draw {
            None => param.plus,
            Some(d) => param.plus + param.times * self.draws[d as usize][k],
        }
    }

    /// Number `index` of the uniform numbers called `name`.
    pub(crate) fn uniform(&self, name: &str, k: usize, index: u64) -> f64 {
        Stream::new(self.seed, name).uniform(self.trials[k], index)
    }

    /// A figure the time it is needed with number `index`; where it is drawn for a link, by the luck of that link.
    pub(crate) fn serial(&self, serial: &Serial, link: Option<&str>, k: usize, index: u64) -> f64 {
        match serial {
            Serial::Once(param) => self.value(*param, k),
            Serial::Anew { name, law } => {
                let stream = match link {
                    None => Stream::new(self.seed, name),
                    Some(link) => Stream::new(self.seed, &own(name, link)),
                };
                law.draw(&stream, self.trials[k], index).unwrap_or_else(|fault| {
                    let message = format!("`{name}`: {fault}");
                    self.fault.borrow_mut().get_or_insert(Fault { lane: k, message });
                    0.0
                })
            }
        }
    }
}

/// Name of a draw that each link has of its own.
pub(crate) fn own(name: &str, link: &str) -> String {
    format!("{name}@{link}")
}
