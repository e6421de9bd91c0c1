//! The values of statistics, and their intervals.

use super::{
    DayMeasure, Estimate, LEVEL, LimitNumber, MarketNumber, Measure, PaymentNumber, Statistic, StopDay,
};
use crate::Error;
use crate::run::{Component, Days, Outcome, Subject};
use crate::scenario::did_you_mean;
use crate::stats::{Interval, LossDistribution, clopper_pearson};

impl Estimate {
    const NONE: Self = Estimate { value: f64::NAN, interval: None };

    fn exact(value: f64) -> Self {
        Estimate { value, interval: None }
    }

    fn with(value: f64, interval: Option<Interval>) -> Self {
        Estimate { value, interval }
    }

    /// A share of so many trials; NaN where there are none.
    pub(crate) fn share(value: f64, trials: u64) -> Self {
        if value.is_nan() {
            return Self::NONE;
        }
        let seen = (value * trials as f64).round() as u64;
        Self::with(value, Some(clopper_pearson(seen, trials, LEVEL)))
    }
}

impl Measure {
    /// The measure of a distribution of losses.
    #[must_use]
    pub fn of(self, loss: &LossDistribution) -> Estimate {
        match self {
            Measure::Mean => Estimate::with(loss.mean(), loss.mean_ci(LEVEL)),
            Measure::StdDev if loss.trials() < 2 => Estimate::NONE,
            Measure::StdDev => Estimate::exact(loss.std_dev()),
            Measure::StdError => Estimate::exact(loss.std_error().unwrap_or(f64::NAN)),
            Measure::Min => Estimate::exact(loss.min()),
            Measure::Max => Estimate::exact(loss.max()),
            Measure::Quantile { percent } => {
                let q = percent / 100.0;
                Estimate::with(loss.quantile(q), loss.quantile_ci(q, LEVEL))
            }
            Measure::Tvar { percent } => Estimate::exact(loss.tvar(percent / 100.0)),
            Measure::NoLoss => Estimate::share(loss.p_no_loss(), loss.trials() as u64),
            Measure::Over { amount } => {
                let known = (!amount.is_nan()).then(|| loss.p_exceeds_ci(amount, LEVEL));
                Estimate::with(loss.p_exceeds(amount), known)
            }
        }
    }

    /// Whether its values in batches of so many trials tell its interval.
    fn is_told_by_batches(self, trials: u64) -> bool {
        match self {
            Measure::StdDev => true,
            // Each batch needs a tail of its own.
            Measure::Tvar { percent } => trials as f64 * (1.0 - percent / 100.0) >= 1.0,
            // A formula tells them, or there are too few trials; the ends of a sample and its standard error go with the
            // number of trials.
            Measure::Mean
            | Measure::Quantile { .. }
            | Measure::NoLoss
            | Measure::Over { .. }
            | Measure::Min
            | Measure::Max
            | Measure::StdError => false,
        }
    }
}

impl Statistic {
    /// Whether its values in batches of so many trials tell its interval.
    pub(in crate::study) fn is_told_by_batches(&self, trials: u64) -> bool {
        match self {
            Statistic::Loss { measure, .. } | Statistic::Insurer { measure } => {
                measure.is_told_by_batches(trials)
            }
            Statistic::GdpShare { .. }
            | Statistic::Site { .. }
            | Statistic::Limiting { .. }
            | Statistic::Market { .. }
            | Statistic::Payment { .. } => true,
            Statistic::Stop { .. }
            | Statistic::Ratio { .. }
            | Statistic::RecoveredShare
            | Statistic::UnsettledShare
            | Statistic::MassBalanceResidual => false,
        }
    }
}

impl DayMeasure {
    /// The measure of days, some of so many trials.
    #[must_use]
    pub fn of(self, days: &Days, trials: u64) -> Estimate {
        match self {
            DayMeasure::Share => Estimate::share(days.share, trials),
            DayMeasure::Quantile { percent } => {
                days.days.as_ref().map_or(Estimate::NONE, |days| Measure::Quantile { percent }.of(days))
            }
            DayMeasure::QuantileOfAll { percent } => {
                days.quantile_of_all(percent / 100.0, trials).map_or(Estimate::NONE, Estimate::exact)
            }
        }
    }
}

impl Outcome {
    /// The value of a statistic, with its interval.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a statistic of something that is not there, such as an unknown party; [`Error::Condensed`] where it
    /// needs single trials and the run kept none; [`Error::Loss`] for losses that are not finite.
    pub fn statistic(&self, statistic: &Statistic) -> Result<Estimate, Error> {
        self.find(statistic).map_err(|fault| match fault {
            Error::Unknown { .. } => self.unknown_statistic(&statistic.to_string()),
            other => other,
        })
    }

    /// The error for a text that names no statistic of the outcome.
    pub(in crate::study) fn unknown_statistic(&self, name: &str) -> Error {
        let known: Vec<String> = self.statistics().iter().map(ToString::to_string).collect();
        let hint = did_you_mean(name, known.iter().map(String::as_str));
        Error::Unknown { what: "statistic", name: name.to_owned(), hint }
    }

    fn find(&self, statistic: &Statistic) -> Result<Estimate, Error> {
        // Replaced by the error for the statistic as a whole.
        let unknown = || Error::Unknown { what: "statistic", name: String::new(), hint: None };
        let trials = self.trials();
        Ok(match statistic {
            Statistic::Loss { party, component, measure } => {
                measure.of(&self.component(&Subject::Party(party.clone()), *component)?)
            }
            Statistic::GdpShare { party } => Estimate::exact(self.mean_gdp_share(party)?),
            Statistic::Site { site } => {
                let mean = self.site_means().find(|(id, _)| id == site).ok_or_else(unknown)?.1;
                Estimate::exact(mean)
            }
            Statistic::Stop { sector, days, measure } => {
                let stops = self.stop_days(sector)?;
                let days = match days {
                    StopDay::Line => &stops.line,
                    StopDay::First => &stops.first,
                    StopDay::Below => &stops.below,
                    StopDay::Recovery => &stops.recovery,
                };
                measure.of(days, trials)
            }
            Statistic::Limiting { site, input, of } => {
                let limits = self.limits();
                let limit = limits.iter().find(|l| l.site == site && l.input == input).ok_or_else(unknown)?;
                Estimate::exact(match of {
                    LimitNumber::Loss => limit.loss,
                    LimitNumber::Share => limit.share,
                    LimitNumber::LaneMissing => limit.lane.map_or(f64::NAN, |(_, missing)| missing),
                })
            }
            Statistic::Market { country, commodity, of } => {
                let markets = self.markets();
                let named = markets.iter().find(|m| m.country == country && m.commodity == commodity);
                let market = named.ok_or_else(unknown)?;
                Estimate::exact(match of {
                    MarketNumber::PeakPrice => market.peak_price,
                    MarketNumber::GaveWay => market.gave_way,
                    MarketNumber::EndPrice => market.end_price,
                })
            }
            Statistic::Payment { party, of } => {
                let payments = self.payments();
                let paid = payments.iter().find(|p| p.party == party).ok_or_else(unknown)?;
                Estimate::exact(match of {
                    PaymentNumber::Prepaid => paid.prepaid,
                    PaymentNumber::HeldPeak => paid.held_peak,
                    PaymentNumber::Refunded => paid.refunded,
                    PaymentNumber::Forfeited => paid.forfeited,
                    PaymentNumber::WrittenOff => paid.written_off,
                    PaymentNumber::Collateral => paid.collateral,
                    PaymentNumber::Insured => paid.insured,
                    PaymentNumber::Premium => paid.premium,
                })
            }
            Statistic::Insurer { measure } => measure.of(&self.insurer_loss()?.ok_or_else(unknown)?),
            Statistic::Ratio { party } => {
                let headline = self.labels().headline_id();
                if party == headline {
                    return Err(unknown());
                }
                let (ratio, interval) = self.ratio(headline, party, Component::Output, LEVEL)?;
                Estimate::with(ratio, interval)
            }
            Statistic::RecoveredShare => Estimate::share(self.recovered_share(), trials),
            Statistic::UnsettledShare => {
                Estimate::share(self.unsettled_share().unwrap_or(f64::NAN), self.judged_trials())
            }
            Statistic::MassBalanceResidual => Estimate::exact(self.mass_balance_residual()),
        })
    }
}
