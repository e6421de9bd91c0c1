//! Correlations between drawn leaves.

use super::Checker;
use crate::scenario::couplings::couplings;

impl Checker<'_> {
    pub(super) fn correlations(&mut self) {
        let found = couplings(self.tables);
        self.found.problems.extend(found.problems);
        self.found.warnings.extend(found.warnings);
    }
}
