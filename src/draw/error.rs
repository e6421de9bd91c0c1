//! Why a distribution cannot be built.

use crate::number::{apart, shown};
use thiserror::Error;

/// Why a [`Distribution`](super::Distribution) cannot be built from the
/// parameters given, or a [`Sampler`](super::Sampler) not be used. Each variant
/// states the condition that does not hold.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DistributionError {
    /// A parameter is NaN or infinite.
    #[error("{distribution}: {parameter} is {value}, but must be a finite number", value = shown(*.value))]
    NotFinite {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// The value given.
        value: f64,
    },
    /// A parameter is not a finite number above 0.
    #[error("{distribution}: {parameter} is {value}, but must be a finite number above 0", value = shown(*.value))]
    NotPositive {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// The value given.
        value: f64,
    },
    /// A shape parameter is outside the range that can be computed well.
    #[error("{distribution}: {parameter} is {value}, but must be a number from {least} to {greatest}", value = shown(*.value))]
    ShapeOutOfRange {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// The value given.
        value: f64,
        /// The least value allowed.
        least: f64,
        /// The greatest value allowed.
        greatest: f64,
    },
    /// A distribution cannot be multiplied by this.
    #[error("{distribution}: cannot be multiplied by {factor}: a factor must be finite and at least 0", factor = shown(*.factor))]
    BadFactor {
        /// Name of the distribution.
        distribution: &'static str,
        /// The factor given.
        factor: f64,
    },
    /// Two parameters are in the wrong order.
    #[error("{distribution}: {lower} is {} and {upper} is {}, but {lower} must be at most {upper}", apart(*.low, *.high)[0], apart(*.low, *.high)[1])]
    NotOrdered {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter that must be the lower one.
        lower: &'static str,
        /// Its value.
        low: f64,
        /// Name of the parameter that must be the upper one.
        upper: &'static str,
        /// Its value.
        high: f64,
    },
    /// Two parameters are equal or in the wrong order where room is needed
    /// between them.
    #[error(
        "{distribution}: low is {} and high is {}, but low must be below high (for a fixed value use constant)",
        shown(*.low), shown(*.high)
    )]
    NoRoom {
        /// Name of the distribution.
        distribution: &'static str,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The bounds are so close together that they leave too little of an unbounded distribution.
    #[error(
        "{distribution}: the bounds are too close together: they keep a share of {kept} of the tail that begins at one of \
         them, but must keep at least {least}; widen the bounds",
        kept = shown(*.kept), least = shown(*.least)
    )]
    BoundsKeepTooLittle {
        /// Name of the distribution.
        distribution: &'static str,
        /// Probability between the bounds, as a share of that of the tail they lie in.
        kept: f64,
        /// The least share allowed.
        least: f64,
    },
    /// The bounds are so far out that an unbounded distribution as good as never gets there.
    #[error(
        "{distribution}: the nearer bound is {deviations} standard deviations from the middle, but must be at most {most}; \
         move the distribution between the bounds",
        deviations = shown(*.deviations)
    )]
    BoundsTooFar {
        /// Name of the distribution.
        distribution: &'static str,
        /// Standard deviations from the middle to the nearer bound; of a log-normal, of the logarithm.
        deviations: f64,
        /// The most that is allowed.
        most: f64,
    },
    /// A list of values is empty.
    #[error("{distribution}: there are no values, but there must be at least one")]
    NoValues {
        /// Name of the distribution.
        distribution: &'static str,
    },
    /// An entry of a list of values is NaN or infinite.
    #[error("{distribution}: value {position} is {value}, but must be a finite number", value = shown(*.value))]
    ValueNotFinite {
        /// Name of the distribution.
        distribution: &'static str,
        /// Position in the list, the first being 0.
        position: usize,
        /// The value given.
        value: f64,
    },
    /// The lists of values and weights differ in length.
    #[error("discrete: there are {values} values and {weights} weights, but each value needs one weight")]
    WeightCount {
        /// Number of values.
        values: usize,
        /// Number of weights.
        weights: usize,
    },
    /// A weight is negative, NaN or infinite.
    #[error("discrete: weight {position} is {weight}, but must be a finite number of at least 0", weight = shown(*.weight))]
    BadWeight {
        /// Position in the list, the first being 0.
        position: usize,
        /// The weight given.
        weight: f64,
    },
    /// The weights do not add up to a finite number above 0.
    #[error("discrete: the weights add up to {total}, but must add up to a finite number above 0", total = shown(*.total))]
    BadTotalWeight {
        /// Sum of the weights.
        total: f64,
    },
    /// A sampler that draws from a generator is asked for a quantile, which
    /// correlations need.
    #[error(
        "the sampler `{sampler}`, version {version}, has no quantile function; \
         give it one with Sampler::by_quantile"
    )]
    NoQuantile {
        /// Name of the sampler.
        sampler: String,
        /// Its version.
        version: u32,
    },
    /// A sampler gave a value that it was promised not to give.
    #[error(
        "the sampler `{sampler}`, version {version}, gave {value}, but its values must be finite and from {low} to {high}; \
         correct the sampler, or widen the range that it is promised to stay within",
        value = shown(*.value), low = shown(*.low), high = shown(*.high)
    )]
    OutsideSupport {
        /// Name of the sampler.
        sampler: String,
        /// Its version.
        version: u32,
        /// The value.
        value: f64,
        /// The least value that was promised.
        low: f64,
        /// The greatest value that was promised.
        high: f64,
    },
    /// Each parameter is in its own range, but together they leave the range of
    /// an `f64`.
    #[error(
        "{distribution}: its {quantity} is {value}, but must be finite; \
         use larger units or a smaller spread",
        value = shown(*.value)
    )]
    Overflow {
        /// Name of the distribution.
        distribution: &'static str,
        /// The quantity that overflows, such as "mean".
        quantity: &'static str,
        /// Its value.
        value: f64,
    },
}
