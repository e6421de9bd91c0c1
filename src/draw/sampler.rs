//! Samplers of the caller's own.

use std::fmt;
use std::sync::Arc;

use super::error::DistributionError;
use super::stream::{AddressedRng, Stream};

/// Draws from which the mean is estimated.
const MEAN_DRAWS: u16 = 1024;

/// A sampler of the caller's own, for leaves that no [`Distribution`](super::Distribution) describes.
///
/// It has a name and a version, by which two samplers are told apart: code cannot be compared. Give it another version
/// whenever its values change.
///
/// A sampler that draws from a generator is fed by the stream of the leaf that it stands at, from the beginning of its
/// sequence in each trial: the leaf has the same luck in every variant of a scenario, whatever else is drawn. Such a
/// leaf has no quantiles and cannot be correlated. A sampler [by its quantile function](Sampler::by_quantile) takes one
/// uniform number, as the distributions of this crate do, and can.
///
/// ```
/// use supplyshock::draw::{Sampler, Stream, rand_distr};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pert = rand_distr::Pert::new(10.0, 60.0).with_mode(20.0)?;
/// let days = Sampler::new("days of inspection", 1, pert).within(10.0, 60.0)?;
/// let zipf = Sampler::new("ships in the convoy", 1, rand_distr::Zipf::new(40.0, 1.2)?);
/// assert_eq!(days.to_string(), "days of inspection, version 1, within [10, 60]");
/// assert!(zipf.quantile(0.5).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sampler {
    name: String,
    version: u32,
    factor: f64,
    /// Of the values before they are multiplied by the factor.
    support: (f64, f64),
    how: How,
}

/// How a value comes about.
#[derive(Clone)]
enum How {
    Generator(Arc<dyn Fn(&mut AddressedRng) -> f64 + Send + Sync>),
    Quantile(Arc<dyn Fn(f64) -> f64 + Send + Sync>),
}

impl Sampler {
    /// A sampler that any generator can feed, such as those of [`rand_distr`](super::rand_distr).
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        version: u32,
        sampler: impl rand::distr::Distribution<f64> + Send + Sync + 'static,
    ) -> Self {
        Self::with(name.into(), version, How::Generator(Arc::new(move |rng| sampler.sample(rng))))
    }

    /// A sampler by its quantile function: it gives the value that is not exceeded with a probability inside (0, 1), and
    /// never decreases.
    #[must_use]
    pub fn by_quantile(
        name: impl Into<String>,
        version: u32,
        quantile: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::with(name.into(), version, How::Quantile(Arc::new(quantile)))
    }

    fn with(name: String, version: u32, how: How) -> Self {
        Self { name, version, factor: 1.0, support: (f64::NEG_INFINITY, f64::INFINITY), how }
    }

    /// Promises that all values lie from `low` to `high`, either of which may be infinite.
    ///
    /// A leaf whose values have a domain, such as a share, needs the promise. A trial with a value that breaks it, or
    /// with one that is not finite, is refused.
    ///
    /// # Errors
    ///
    /// `low` must be at most `high`.
    pub fn within(mut self, low: f64, high: f64) -> Result<Self, DistributionError> {
        if low <= high {
            self.support = (low / self.factor, high / self.factor);
            Ok(self)
        } else {
            let (lower, upper) = ("low", "high");
            Err(DistributionError::NotOrdered { distribution: "sampler", lower, low, upper, high })
        }
    }

    /// The sampler of `factor` times the number.
    ///
    /// # Errors
    ///
    /// `factor` must be finite and above 0, and so must be the product of all factors so far.
    pub fn scaled(&self, factor: f64) -> Result<Self, DistributionError> {
        let whole = self.factor * factor;
        if factor > 0.0 && whole > 0.0 && whole.is_finite() {
            Ok(Self { factor: whole, ..self.clone() })
        } else {
            Err(DistributionError::NotPositive {
                distribution: "sampler",
                parameter: "factor",
                value: factor,
            })
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The least and the greatest value that are promised; either may be infinite.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        (self.support.0 * self.factor, self.support.1 * self.factor)
    }

    /// Whether it has a quantile function.
    #[must_use]
    pub fn has_quantile(&self) -> bool {
        matches!(self.how, How::Quantile(_))
    }

    /// The value that is not exceeded with probability `u`, inside (0, 1).
    ///
    /// # Errors
    ///
    /// [`DistributionError::NoQuantile`] for a sampler that draws from a generator.
    pub fn quantile(&self, u: f64) -> Result<f64, DistributionError> {
        match &self.how {
            How::Quantile(quantile) => Ok(quantile(u) * self.factor),
            How::Generator(_) => {
                Err(DistributionError::NoQuantile { sampler: self.name.clone(), version: self.version })
            }
        }
    }

    /// The value of number `index` of those that `trial` draws from this stream one after another.
    #[must_use]
    pub fn sample(&self, stream: &Stream, trial: u64, index: u64) -> f64 {
        self.factor
            * match &self.how {
                How::Generator(sampler) => sampler(&mut stream.rng_at(trial, index)),
                How::Quantile(quantile) => quantile(stream.uniform(trial, index)),
            }
    }

    /// The mean, estimated from 1,024 draws.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let stream = Stream::new(0, &self.name);
        let draws = (0..MEAN_DRAWS).map(|k| match &self.how {
            How::Generator(_) => self.sample(&stream, u64::from(k), 0),
            How::Quantile(quantile) => self.factor * quantile((f64::from(k) + 0.5) / f64::from(MEAN_DRAWS)),
        });
        // Divided first, as the sum of many large numbers is none.
        let all = f64::from(MEAN_DRAWS);
        let add = |(sum, count): (f64, f64), x: f64| (sum + x / all, count + 1.0);
        let (sum, count) = draws.filter(|x| x.is_finite()).fold((0.0, 0.0), add);
        if count > 0.0 { sum * (all / count) } else { 0.0 }
    }

    /// All that tells it from another: name, version, factor, promised values, and whether it has quantiles.
    pub(super) fn identity(&self) -> (&str, u32, f64, (f64, f64), bool) {
        (&self.name, self.version, self.factor, self.support, self.has_quantile())
    }

    /// A value, if it is one that was promised.
    pub(super) fn checked(&self, value: f64) -> Result<f64, DistributionError> {
        let (low, high) = self.support();
        if value.is_finite() && low <= value && value <= high {
            Ok(value)
        } else {
            let (sampler, version) = (self.name.clone(), self.version);
            Err(DistributionError::OutsideSupport { sampler, version, value, low, high })
        }
    }
}

/// By name, version, factor and promised values: code cannot be compared.
impl PartialEq for Sampler {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("factor", &self.factor)
            .field("support", &self.support)
            .field("has_quantile", &self.has_quantile())
            .finish_non_exhaustive()
    }
}

/// Written as its name and version, with the factor before it and the promised values behind it where there are any.
impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.factor != 1.0 {
            write!(f, "{} * ", self.factor)?;
        }
        write!(f, "{}, version {}", self.name, self.version)?;
        match self.support() {
            (f64::NEG_INFINITY, f64::INFINITY) => Ok(()),
            (low, high) => write!(f, ", within [{low}, {high}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Distribution;
    use super::*;

    fn normal() -> Sampler {
        Sampler::new("normal", 3, rand_distr::Normal::new(5.0, 2.0).unwrap())
    }

    #[test]
    fn each_address_has_a_value_of_its_own_that_stays() {
        let (stream, sampler) = (Stream::new(7, "leaf"), normal());
        let other = rand_distr::Normal::new(5.0, 2.0).unwrap();
        let drawn = rand::distr::Distribution::<f64>::sample(&other, &mut stream.rng(3));
        assert_eq!(sampler.sample(&stream, 3, 0), drawn);
        let mut all: Vec<f64> = (0..20)
            .flat_map(|t| (0..20).map(move |i| (t, i)))
            .map(|(t, i)| sampler.sample(&stream, t, i))
            .collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        assert_eq!(all.len(), 400);
        assert!((sampler.mean() - 5.0).abs() < 4.0 * 2.0 / 32.0, "{}", sampler.mean());
    }

    #[test]
    fn a_quantile_function_takes_the_number_that_a_distribution_would() {
        let gamma = Distribution::gamma(2.5, 2.0).unwrap();
        let quantile = gamma.clone();
        let sampler = Sampler::by_quantile("gamma", 1, move |u| quantile.quantile(u));
        let stream = Stream::new(7, "leaf");
        for trial in 0..50 {
            let u = stream.uniform(trial, 4);
            assert_eq!(sampler.sample(&stream, trial, 4), gamma.quantile(u));
            assert_eq!(sampler.quantile(u), Ok(gamma.quantile(u)));
        }
        assert!((sampler.mean() - gamma.mean()).abs() < 0.01, "{}", sampler.mean());
    }

    #[test]
    fn what_a_generator_feeds_has_no_quantile() {
        let fault = normal().quantile(0.5).unwrap_err();
        assert_eq!(fault, DistributionError::NoQuantile { sampler: "normal".into(), version: 3 });
        assert!(fault.to_string().contains("Sampler::by_quantile"), "{fault}");
    }

    #[test]
    fn values_and_promises_scale_together() {
        let scaled = normal().within(-20.0, 40.0).unwrap().scaled(0.5).unwrap();
        let stream = Stream::new(1, "leaf");
        assert_eq!(scaled.sample(&stream, 2, 0), 0.5 * normal().sample(&stream, 2, 0));
        assert_eq!(scaled.support(), (-10.0, 20.0));
        assert_eq!(scaled.to_string(), "0.5 * normal, version 3, within [-10, 20]");
        assert_eq!(normal().scaled(2.0).unwrap().within(0.0, 10.0).unwrap().support(), (0.0, 10.0));
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(normal().scaled(factor).is_err(), "{factor}");
        }
        assert!(normal().within(2.0, 1.0).is_err() && normal().within(f64::NAN, 1.0).is_err());
    }

    #[test]
    fn a_value_that_was_not_promised_is_told_with_the_sampler() {
        let share = normal().within(0.0, 1.0).unwrap();
        assert_eq!(share.checked(0.5), Ok(0.5));
        for value in [-0.1, 1.5, f64::NAN] {
            let fault = share.checked(value).unwrap_err().to_string();
            assert!(fault.contains(&format!("gave {value}")) && fault.contains("from 0 to 1"), "{fault}");
        }
        assert!(normal().checked(f64::INFINITY).is_err());
    }

    #[test]
    fn samplers_are_told_apart_by_name_and_version() {
        assert_eq!(normal(), normal());
        assert_ne!(normal(), Sampler::new("normal", 4, rand_distr::StandardNormal));
        assert_ne!(normal(), Sampler::new("other", 3, rand_distr::StandardNormal));
        assert_ne!(normal(), Sampler::by_quantile("normal", 3, |u| u));
        assert_ne!(normal(), normal().scaled(2.0).unwrap());
    }
}
