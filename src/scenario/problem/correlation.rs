//! What is wrong with correlations.

use super::{Suggestion, Words as _};
use crate::draw::DistributionError;
use crate::number::exact;

faults! {
    /// What is wrong with a correlation, or doubtful in it.
    pub enum CorrelationFault {
        /// It names fewer than two leaves.
        TooFew { count: usize } => ["it names {count} leaves"], "name two or more";
        /// There is no leaf at a path.
        NoFigure { leaf: String, suggestion: Option<Suggestion> } => ["there is no figure `{leaf}`"], suggestion;
        /// Two leaves are drawn by one draw.
        SameDraw { leaf: String, draw: String } => ["`{leaf}` is drawn by `{draw}`, which is named before"],
            "name each draw once";
        /// A leaf is not drawn.
        NotDrawn { leaf: String } => ["`{leaf}` is not drawn, so nothing goes with it"],
            "give it a distribution, or leave it out";
        /// A leaf is drawn by a sampler without quantiles.
        NoQuantile { leaf: String, fault: DistributionError } => ["`{leaf}` cannot be correlated: {fault}"];
        /// A leaf is drawn more than once a trial.
        DrawnAnew { leaf: String } => ["`{leaf}` is drawn anew each time, so it has no rank in a trial"],
            "let it refer to an assumption, which is drawn once";
        /// A rank correlation is a distribution.
        RankDrawn => ["a rank correlation is not drawn"], "give a number, from −1 to 1";
        /// Neither a rank correlation nor a matrix is given.
        NoRank => ["`rank` is missing"], "give `rank`, or a `matrix` for more than two leaves";
        /// Both a rank correlation and a matrix are given.
        RankToo => ["there is a `rank` too"], "keep one of them";
        /// A matrix has not a row and a column for each leaf.
        Shape { rows: Vec<usize>, leaves: usize } =>
            ["{} rows of {} entries for {leaves} leaves", .rows.len(), list(.rows)],
            "give a row and a column for each leaf, in the order of `between`";
        /// An entry of a matrix is no correlation.
        OutOfRange { value: f64 } => ["{} is out of range", exact(*.value)], "give a number, from −1 to 1";
        /// An entry on the diagonal is not 1.
        Diagonal { value: f64 } => ["{} stands on the diagonal", exact(*.value)], "a leaf goes with itself: give 1";
        /// The halves of a matrix differ.
        NotSymmetric { below: f64, above: f64, row: usize, column: usize } =>
            ["{below} below the diagonal and {above} above it"],
            format!("give the same in row {row}, column {column}");
        /// Two entries give one pair different correlations.
        GivenTwice { pair: [String; 2], other: String } =>
            ["the correlation of `{}` and `{}` is another in `correlations.{other}`", .pair[0], .pair[1]],
            "give it once";
        /// More leaves hang together than can be.
        TooMany { count: usize, limit: usize } => ["{count} leaves hang together"],
            format!("correlate at most {limit}; let the others refer to an assumption");
        /// The correlations give way to others.
        GiveWay { most: f64 } =>
            ["the correlations cannot all hold: they give way to the nearest that can, by at most {most:.4}"];
        /// The correlations contradict each other.
        CannotHold { draws: Vec<String>, eigenvalue: f64 } =>
            ["the correlations of {} cannot all hold: their matrix has an eigenvalue of {eigenvalue:.4}", .draws.join(", ")],
            "move them towards 0, or set `nearest = true` for the nearest that can";
    }
}

fn list(rows: &[usize]) -> String {
    rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
