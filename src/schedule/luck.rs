//! The draws of a trial: figures once, and others anew each time they are needed.

use super::fault::Fault;
use super::rows::Draws;
use crate::draw::Stream;
use crate::network::{Ix, Param, Serial};
use std::cell::RefCell;

/// The draws of a trial, and the addresses of further ones.
#[derive(Debug)]
pub(crate) struct Luck<'a> {
    /// Draws of all trials of the block, one after another for each quantity.
    draws: &'a [f64],
    /// How many trials these are, and which of them is meant.
    block: usize,
    member: usize,
    seed: u64,
    /// Number of the trial.
    trial: u64,
    /// The first fault of a figure that is drawn anew, which ends the run once the trial is settled.
    fault: RefCell<Option<Fault>>,
}

impl<'a> Luck<'a> {
    /// That of a trial of a block.
    pub(crate) fn new<const B: usize>(draws: Draws<'a, B>, member: usize, seed: u64, trial: u64) -> Self {
        let draws = draws.flat();
        Luck { draws, block: B, member, seed, trial, fault: RefCell::new(None) }
    }

    /// Value of a parameter.
    pub(crate) fn value(&self, param: Param) -> f64 {
        match param.draw {
            None => param.plus,
            Some(d) => param.plus + param.times * self.draws[d.at() * self.block + self.member],
        }
    }

    /// Number `index` of the uniform numbers called `name`.
    pub(crate) fn uniform(&self, name: &str, index: u64) -> f64 {
        Stream::new(self.seed, name).uniform(self.trial, index)
    }

    /// A figure the time it is needed with number `index`; where it is drawn for a link, by the luck of that link.
    pub(crate) fn serial(&self, serial: &Serial, link: Option<&str>, index: u64) -> f64 {
        match serial {
            Serial::Once(param) => self.value(*param),
            Serial::Anew { name, law } => {
                let stream = match link {
                    None => Stream::new(self.seed, name),
                    Some(link) => Stream::new(self.seed, &own(name, link)),
                };
                law.draw(&stream, self.trial, index).unwrap_or_else(|reason| {
                    self.fault.borrow_mut().get_or_insert(Fault::Draw { leaf: name.clone(), reason });
                    0.0
                })
            }
        }
    }

    /// Ends the settling of the trial: a bad draw may be why the rest could not be settled.
    pub(crate) fn end<T>(self, settled: Result<T, Fault>) -> Result<T, Fault> {
        self.fault.into_inner().map_or(settled, Err)
    }
}

/// Name of a draw that each link has of its own.
pub(crate) fn own(name: &str, link: &str) -> String {
    format!("{name}@{link}")
}
