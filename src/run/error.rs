//! Why outcomes cannot be merged, written or read.

use crate::network::Fingerprint;
use crate::stats::LossError;
use std::ops::Range;

/// Why the figures of a trial cannot be trusted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// Goods appear or vanish.
    #[error("its mass balance is off by {residual:.1e} of all goods")]
    Mass {
        /// The imbalance, relative to opening stock and production; NaN where that is not known.
        residual: f64,
    },
    /// A loss is no number, or too large to be added up to the bit.
    #[error("a loss of {loss:e}, which cannot be added up")]
    Loss {
        /// The loss \[money\].
        loss: f64,
    },
}

/// Why outcomes do not belong together.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They come from two models.
    #[error(
        "they come from two models, `{}` ({}) and `{}` ({}): run both with the same scenario and the same changes",
        .names[0], .fingerprints[0].short(), .names[1], .fingerprints[1].short()
    )]
    Model {
        /// Names of the scenarios.
        names: [String; 2],
        /// Fingerprints of the models.
        fingerprints: [Fingerprint; 2],
    },
    /// They were drawn from two seeds.
    #[error("they come from the seeds {} and {}: run both from one seed", .seeds[0], .seeds[1])]
    Seed {
        /// The seeds.
        seeds: [u64; 2],
    },
    /// They come from two versions of the crate, whose bits may differ.
    #[error("they come from the versions {} and {}: run both with one version", .versions[0], .versions[1])]
    Version {
        /// The versions.
        versions: [String; 2],
    },
    /// Their trials were drawn in two ways.
    #[error("their trials were drawn in two ways")]
    Sampling,
    /// One keeps its trials and the other does not.
    #[error("one of them is condensed and the other is not: run both alike")]
    Condensed,
    /// One keeps something that the other does not.
    #[error("they do not keep the same {what}: run both alike")]
    Kept {
        /// What is kept by one of them.
        what: &'static str,
    },
    /// Some trials are in both.
    #[error("trial {} is in both: trials {} to {} are", .trials.start, .trials.start, .trials.end - 1)]
    Overlap {
        /// The first trials that are.
        trials: Range<u64>,
    },
    /// There is no outcome to begin with.
    #[error("there is no outcome among them")]
    Nothing,
    /// There is no memory for all trials.
    #[error("there is no memory for {bytes} bytes: run them condensed")]
    Memory {
        /// Bytes that are needed.
        bytes: u64,
    },
    /// Condensed losses do not fit each other.
    #[error(transparent)]
    Loss(#[from] LossError),
}

/// Why an outcome could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// Writing or reading failed.
    #[error("an outcome could not be written or read: {0}")]
    Io(#[from] std::io::Error),
    /// It does not begin as an outcome does.
    #[error("this is no outcome: write one with Outcome::to_writer")]
    NotAnOutcome,
    /// It was written in another format, by another version of the crate.
    #[error(
        "the outcome has format {found}, written by supplyshock {version}, and this version reads format {supported}: \
         read it with that version"
    )]
    Format {
        /// Its format.
        found: u16,
        /// The format that can be read.
        supported: u16,
        /// Version of the crate that wrote it.
        version: String,
    },
    /// It ends too early.
    #[error("the outcome ends too early: it should have {expected} bytes after its head, and has {found}")]
    Truncated {
        /// Bytes that its head announces.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// Its checksum is wrong.
    #[error("the outcome has changed since it was written: its checksum is wrong")]
    Checksum,
    /// Its parts do not fit each other.
    #[error("the outcome does not hold together: {what}")]
    Inconsistent {
        /// The part that does not fit.
        what: String,
    },
}
