//! The entries of `correlations`: which leaves are drawn together.

use super::ids::Ids;
use super::leaf::Leaf;
use super::record::record;
use super::rule::CORRELATION;

record! {
    /// `[correlations.ID]`: leaves that are drawn together, by Spearman's rank correlation. Give `rank` or `matrix`.
    /// Entries that share leaves are joined; pairs that none names are uncorrelated. The draws are joined by a
    /// Gaussian copula, so each keeps its distribution, and that of the leaf named first is what it would be alone.
    /// Ties in discrete distributions lower the correlation. A leaf that is a number has no part in it, with a
    /// warning, and the others keep their luck. A leaf that refers to an assumption stands for its draw.
    pub struct Correlation {
        /// Paths of two or more leaves, such as `assumptions.ID`; `projects.ID.outcome` is the luck of a project.
        required between: Ids;
        /// Rank correlation of each pair, a number.
        optional rank: Leaf, CORRELATION;
        /// Rank correlations row by row, in the order of `between`.
        optional matrix: Vec<Vec<f64>>;
        /// Whether correlations that cannot hold together give way to the nearest that can (Higham 2002), with a warning.
        default(exact) nearest: bool = false;
    }
}
