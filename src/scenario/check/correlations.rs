//! Correlations between drawn leaves.

use super::Checker;
use crate::scenario::correlation::couplings;

impl Checker<'_> {
    pub(super) fn correlations(&mut self) {
        let found = couplings(self.tables);
        let place = |(path, message, help): (Vec<String>, String, Option<String>)| {
            let at = self.document.locate(&path);
            self.document.problem_at(Some(at), super::join_path(&path), message, help)
        };
        let (problems, warnings): (Vec<_>, Vec<_>) = (
            found.problems.into_iter().map(place).collect(),
            found.warnings.into_iter().map(place).collect(),
        );
        self.problems.extend(problems);
        self.warnings.extend(warnings);
    }
}
