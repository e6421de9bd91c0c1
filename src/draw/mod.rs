//! Draws: random numbers found by address, and the distributions they follow.
//!
//! # The address rule
//!
//! Randomness is addressed, not consumed. A draw is a pure function of
//!
//! - the seed of the run,
//! - the name of the uncertain quantity,
//! - the number of the trial, and
//! - an index, for quantities that need more than one number a trial.
//!
//! So two runs with one seed see the same outages wherever they ask about the
//! same quantity, whatever else differs between them: the difference of their
//! results is due to the change and not to the draws (common random numbers).
//! The order of evaluation, the number of threads and the quantities that other
//! parts of a model use have no influence, and any one trial can be repeated on
//! its own.
//!
//! A [`Stream`] turns an address into a uniform number, a [`Distribution`] turns
//! that into a value by its quantile function. One uniform number gives one
//! value, and a greater one a greater value, which keeps the common random
//! numbers of two similar distributions close together. Where rejection is
//! needed, [`Stream::rng`] gives an ordinary generator for one trial; a
//! [`Sampler`] is a sampler of the caller's own that is fed by it.
//!
//! # The same bits everywhere
//!
//! `f64::ln`, `exp` and `powf` call the library of the platform, whose results
//! differ in the last bits. This module uses the `libm` crate, exactly rounded
//! operations, and no fused multiply-add, so results are equal on every platform
//! with IEEE 754 arithmetic. Tests hold single values to the bit.
//!
//! The samplers of [`rand_distr`] use `libm` as well, unless some other package of
//! a program turns on the feature `std` of `num-traits`. A sampler of the caller's
//! has the bits that its own arithmetic gives it.

mod copula;
mod distribution;
mod error;
mod incomplete;
mod law;
mod normal;
mod philox;
mod sample;
mod sampler;
mod stream;
mod truncated;

pub(crate) use copula::{Square, factor, nearest, pearson, smallest_eigenvalue, spearman};
pub use distribution::{Argument, Bounds, Distribution};
pub use error::DistributionError;
pub(crate) use incomplete::BetaFunction;
pub(crate) use law::Law;
pub use normal::{normal_cdf, normal_pdf, normal_quantile};
pub use philox::philox4x32_10;
pub use sampler::Sampler;
pub use stream::{AddressedRng, Stream};
// The versions whose traits the crate implements and takes.
pub use {rand, rand_distr};
