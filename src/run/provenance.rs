//! What fixes every bit of an outcome, and which outcomes belong together.

use super::error::MergeError;
use super::labels::Labels;
use crate::network::Fingerprint;
use crate::step::Model;
use serde::{Deserialize, Serialize};

/// How trials were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Sampling {
    /// Each by itself: no trial rests on another.
    Independent,
}

/// What fixes every bit of the trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Provenance {
    pub(super) fingerprint: Fingerprint,
    pub(super) seed: u64,
    pub(super) sampling: Sampling,
    /// Of the crate.
    pub(super) version: String,
}

impl Provenance {
    pub(super) fn new(model: &Model, seed: u64) -> Self {
        Provenance {
            fingerprint: model.fingerprint(),
            seed,
            sampling: Sampling::Independent,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// What outcomes must have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'a> {
    pub(super) labels: &'a Labels,
    pub(super) provenance: &'a Provenance,
    pub(super) is_condensed: bool,
}

impl Kind<'_> {
    /// Finds whether trials of two kinds can stand in one outcome.
    pub(super) fn check(&self, other: &Kind<'_>) -> Result<(), MergeError> {
        let (mine, theirs) = (self.provenance, other.provenance);
        self.check_fingerprint(other.labels.name(), theirs.fingerprint)?;
        if mine.seed != theirs.seed {
            return Err(MergeError::Seed { seeds: [mine.seed, theirs.seed] });
        }
        if mine.version != theirs.version {
            return Err(MergeError::Version { versions: [mine.version.clone(), theirs.version.clone()] });
        }
        if mine.sampling != theirs.sampling {
            return Err(MergeError::Sampling);
        }
        if self.is_condensed != other.is_condensed {
            return Err(MergeError::Condensed);
        }
        if !self.labels.agree_with(other.labels) {
            return Err(self.other_model(other.labels.name(), theirs.fingerprint));
        }
        let (mine, theirs) = (self.labels, other.labels);
        let differ = |what| Err(MergeError::Kept { what });
        if mine.kept_sites != theirs.kept_sites {
            return differ("sites");
        }
        if mine.keeps_draws != theirs.keeps_draws {
            return differ("draws");
        }
        if mine.keeps_sector_paths != theirs.keeps_sector_paths {
            return differ("paths of sectors");
        }
        Ok(())
    }

    /// Finds whether the trials are of this model.
    pub(super) fn check_model(&self, model: &Model) -> Result<(), MergeError> {
        self.check_fingerprint(model.name(), model.fingerprint())
    }

    fn check_fingerprint(&self, name: &str, fingerprint: Fingerprint) -> Result<(), MergeError> {
        if self.provenance.fingerprint == fingerprint {
            return Ok(());
        }
        Err(self.other_model(name, fingerprint))
    }

    fn other_model(&self, name: &str, fingerprint: Fingerprint) -> MergeError {
        let names = [self.labels.name().to_owned(), name.to_owned()];
        MergeError::Model { names, fingerprints: [self.provenance.fingerprint, fingerprint] }
    }
}
