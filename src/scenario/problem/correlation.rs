//! What is wrong with correlations.

use super::Suggestion;
use crate::draw::DistributionError;
use thiserror::Error;

/// What is wrong with a correlation, or doubtful in it.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CorrelationFault {
    /// It names fewer than two leaves.
    #[error("it names {count} leaves")]
    TooFew {
        /// How many it names.
        count: usize,
    },
    /// There is no leaf at a path.
    #[error("there is no figure `{leaf}`")]
    NoFigure {
        /// The path.
        leaf: String,
        /// What may be meant.
        suggestion: Option<Suggestion>,
    },
    /// Two leaves are drawn by one draw.
    #[error("`{leaf}` is drawn by `{draw}`, which is named before")]
    SameDraw {
        /// The leaf.
        leaf: String,
        /// Path of what is drawn.
        draw: String,
    },
    /// A leaf is not drawn.
    #[error("`{leaf}` is not drawn, so nothing goes with it")]
    NotDrawn {
        /// The leaf.
        leaf: String,
    },
    /// A leaf is drawn by a sampler without quantiles.
    #[error("`{leaf}` cannot be correlated: {fault}")]
    NoQuantile {
        /// The leaf.
        leaf: String,
        /// What is wrong with the sampler.
        fault: DistributionError,
    },
    /// A leaf is drawn more than once a trial.
    #[error("`{leaf}` is drawn anew each time, so it has no rank in a trial")]
    DrawnAnew {
        /// The leaf.
        leaf: String,
    },
    /// A rank correlation is a distribution.
    #[error("a rank correlation is not drawn")]
    RankDrawn,
    /// Neither a rank correlation nor a matrix is given.
    #[error("`rank` is missing")]
    NoRank,
    /// Both a rank correlation and a matrix are given.
    #[error("there is a `rank` too")]
    RankToo,
    /// A matrix has not a row and a column for each leaf.
    #[error("{} rows of {} entries for {leaves} leaves", .rows.len(), list(.rows))]
    Shape {
        /// Number of entries of each row.
        rows: Vec<usize>,
        /// Number of leaves.
        leaves: usize,
    },
    /// An entry of a matrix is no correlation.
    #[error("{value} is out of range")]
    OutOfRange {
        /// The entry.
        value: f64,
    },
    /// An entry on the diagonal is not 1.
    #[error("{value} stands on the diagonal")]
    Diagonal {
        /// The entry.
        value: f64,
    },
    /// The halves of a matrix differ.
    #[error("{below} below the diagonal and {above} above it")]
    NotSymmetric {
        /// The entry below the diagonal.
        below: f64,
        /// The one above it.
        above: f64,
        /// Row of that one, counted from 1.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// Two entries give one pair different correlations.
    #[error("the correlation of `{}` and `{}` is another in `correlations.{other}`", .pair[0], .pair[1])]
    GivenTwice {
        /// The leaves.
        pair: [String; 2],
        /// The other entry.
        other: String,
    },
    /// More leaves hang together than can be.
    #[error("{count} leaves hang together")]
    TooMany {
        /// How many.
        count: usize,
        /// How many can.
        limit: usize,
    },
    /// The correlations give way to others.
    #[error("the correlations cannot all hold: they give way to the nearest that can, by at most {most:.4}")]
    GiveWay {
        /// The most that one of them gives way by.
        most: f64,
    },
    /// The correlations contradict each other.
    #[error(
        "the correlations of {} cannot all hold: their matrix has an eigenvalue of {eigenvalue:.4}",
        .draws.join(", ")
    )]
    CannotHold {
        /// Paths of what is drawn.
        draws: Vec<String>,
        /// The smallest eigenvalue of their matrix.
        eigenvalue: f64,
    },
}

fn list(rows: &[usize]) -> String {
    rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl CorrelationFault {
    /// What would be right.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help: &str = match self {
            Self::NoFigure { suggestion, .. } => return suggestion.as_ref().map(ToString::to_string),
            Self::NotSymmetric { row, column, .. } => {
                return Some(format!("give the same in row {row}, column {column}"));
            }
            Self::TooMany { limit, .. } => {
                return Some(format!("correlate at most {limit}; let the others refer to an assumption"));
            }
            Self::TooFew { .. } => "name two or more",
            Self::SameDraw { .. } => "name each draw once",
            Self::NotDrawn { .. } => "give it a distribution, or leave it out",
            Self::DrawnAnew { .. } => "let it refer to an assumption, which is drawn once",
            Self::RankDrawn | Self::OutOfRange { .. } => "give a number, from −1 to 1",
            Self::NoRank => "give `rank`, or a `matrix` for more than two leaves",
            Self::RankToo => "keep one of them",
            Self::Shape { .. } => "give a row and a column for each leaf, in the order of `between`",
            Self::Diagonal { .. } => "a leaf goes with itself: give 1",
            Self::GivenTwice { .. } => "give it once",
            Self::CannotHold { .. } => {
                "move them towards 0, or set `nearest = true` for the nearest that can"
            }
            Self::GiveWay { .. } | Self::NoQuantile { .. } => return None,
        };
        Some(help.to_owned())
    }
}
