//! A distribution times a factor.

use super::{Bounds, Distribution, DistributionError, Kind};

impl Distribution {
    /// The distribution of `factor` times the number, of the same family.
    ///
    /// Its form (shapes, the probability below a mode, the part that bounds keep) is taken over
    /// to the bit, so that quantiles differ from `factor` times the quantiles of this one by rounding alone,
    /// and not at all where `factor` is a power of two. Times 0 it is the constant 0.
    ///
    /// # Errors
    ///
    /// `factor` must be finite and at least 0, and the parameters of the product within the range of `f64`.
    pub fn scaled(&self, factor: f64) -> Result<Self, DistributionError> {
        if !(factor >= 0.0 && factor.is_finite()) {
            return Err(DistributionError::BadFactor { distribution: self.family(), factor });
        }
        if factor == 0.0 {
            return Self::constant(0.0);
        }
        let by = |x: &f64| x * factor;
        let limits = |b: &Bounds| Bounds { low: b.low.as_ref().map(by), high: b.high.as_ref().map(by) };
        let mut scaled = match &self.kind {
            Kind::Constant(value) => Self::constant(by(value)),
            Kind::Uniform { low, high } => Self::uniform(by(low), by(high)),
            Kind::Triangular { low, mode, high, .. } => Self::triangular(by(low), by(mode), by(high)),
            Kind::Pert { low, mode, high, .. } => Self::pert(by(low), by(mode), by(high)),
            Kind::Beta { alpha, beta, low, high, .. } => Self::beta(*alpha, *beta, by(low), by(high)),
            Kind::Normal { mean, sd, bounds, .. } => Self::normal(by(mean), by(sd), limits(bounds)),
            Kind::LogNormal { median, sigma, bounds, .. } => {
                Self::log_normal(by(median), *sigma, limits(bounds))
            }
            Kind::Gamma { shape, scale, .. } => Self::gamma(*shape, by(scale)),
            Kind::Weibull { shape, scale } => Self::weibull(*shape, by(scale)),
            Kind::Exponential { mean } => Self::exponential(by(mean)),
            Kind::Discrete(list) => {
                let (values, weights): (Vec<f64>, Vec<f64>) =
                    list.entries().map(|(value, weight)| (by(&value), weight)).unzip();
                Self::discrete(&values, &weights)
            }
            Kind::Empirical(list) => Self::empirical(&list.values().iter().map(by).collect::<Vec<_>>()),
        }?;
        scaled.kind.take_form(&self.kind);
        scaled.mean = by(&self.mean).min(f64::MAX);
        Ok(scaled)
    }
}

impl Kind {
    /// Takes over all that does not depend on the unit, which would differ by rounding if computed anew.
    fn take_form(&mut self, of: &Kind) {
        match (self, of) {
            (Kind::Triangular { lower_share, .. }, Kind::Triangular { lower_share: form, .. }) => {
                *lower_share = *form;
            }
            (Kind::Pert { unit, .. }, Kind::Pert { unit: form, .. }) => unit.clone_from(form),
            (Kind::Normal { standard, .. }, Kind::Normal { standard: form, .. })
            | (Kind::LogNormal { standard, .. }, Kind::LogNormal { standard: form, .. }) => {
                standard.clone_from(form);
            }
            _ => {}
        }
    }
}

#[cfg(all(test, feature = "oracle"))]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::every_kind;
    use super::*;

    proptest! {
        #[test]
        fn quantiles_scale_with_a_power_of_two_to_the_bit(power in -30_i32..30, u in 0.0_f64..1.0) {
            let factor = libm::exp2(f64::from(power));
            for distribution in every_kind() {
                let (low, high) = distribution.support();
                let x = distribution.quantile(u);
                let scaled = distribution.scaled(factor).unwrap();
                prop_assert_eq!(scaled.support(), (low * factor, high * factor), "{}", distribution);
                // Below and above that, a power of two rounds as well.
                if x == 0.0 || (x.abs() * factor).is_normal() {
                    prop_assert_eq!(scaled.quantile(u), x * factor, "{}", distribution);
                }
            }
        }

        #[test]
        fn quantiles_and_mean_scale_with_any_factor_but_for_rounding(factor in 0.01_f64..100.0, u in 0.0_f64..1.0) {
            for distribution in every_kind() {
                // The numbers that are added and taken off on the way to a quantile are about as large as these.
                let size = [1e-9, 0.5, 1.0 - 1e-9].map(|u| distribution.quantile(u).abs());
                let size = size.into_iter().fold(distribution.mean().abs(), f64::max);
                let scaled = distribution.scaled(factor).unwrap();
                for (found, expected) in
                    [(scaled.quantile(u), distribution.quantile(u)), (scaled.mean(), distribution.mean())]
                {
                    let off = (found - factor * expected).abs();
                    prop_assert!(
                        off <= 4.0 * f64::EPSILON * factor * size.max(expected.abs()),
                        "{distribution} times {factor}: {found}, {}", factor * expected
                    );
                }
            }
        }
    }

    #[test]
    fn times_nothing_it_is_nothing_and_below_that_it_is_refused() {
        for distribution in every_kind() {
            assert_eq!(distribution.scaled(0.0), Distribution::constant(0.0));
            assert_eq!(distribution.scaled(1.0).as_ref(), Ok(&distribution));
            for factor in [-1.0, f64::NAN, f64::INFINITY] {
                let fault = distribution.scaled(factor).unwrap_err();
                assert!(fault.to_string().contains("a factor must be finite and at least 0"), "{fault}");
            }
        }
        assert!(Distribution::uniform(1.0, 1e300).unwrap().scaled(1e10).is_err());
        assert!(Distribution::exponential(1e-300).unwrap().scaled(1e-100).is_err());
        assert_eq!(
            Distribution::normal(1.0, 0.5, Bounds { low: Some(0.0), high: None })
                .unwrap()
                .scaled(2.0)
                .unwrap()
                .to_string(),
            "normal(2, 1) within [0, inf]"
        );
    }
}
