//! The statistics that an outcome has.

use super::{DayMeasure, LimitNumber, MarketNumber, Measure, PaymentNumber, Statistic, StopDay};
use crate::run::{Component, Outcome};

/// Measures of losses that files hold.
const MEASURES: [Measure; 15] = [
    Measure::Mean,
    Measure::StdDev,
    Measure::StdError,
    Measure::Min,
    Measure::Max,
    Measure::Quantile { percent: 1.0 },
    Measure::Quantile { percent: 5.0 },
    Measure::Quantile { percent: 25.0 },
    Measure::Quantile { percent: 50.0 },
    Measure::Quantile { percent: 75.0 },
    Measure::Quantile { percent: 95.0 },
    Measure::Quantile { percent: 99.0 },
    Measure::Tvar { percent: 95.0 },
    Measure::Tvar { percent: 99.0 },
    Measure::NoLoss,
];

/// Measures of days that files hold.
const DAY_MEASURES: [DayMeasure; 7] = [
    DayMeasure::Share,
    DayMeasure::Quantile { percent: 5.0 },
    DayMeasure::Quantile { percent: 50.0 },
    DayMeasure::Quantile { percent: 95.0 },
    DayMeasure::QuantileOfAll { percent: 5.0 },
    DayMeasure::QuantileOfAll { percent: 50.0 },
    DayMeasure::QuantileOfAll { percent: 95.0 },
];

impl Outcome {
    /// The statistics that `summary.json` holds of the outcome, in its order. Any other quantile, tail value and amount
    /// can be asked for as well.
    #[must_use]
    pub fn statistics(&self) -> Vec<Statistic> {
        let labels = self.labels();
        let mut all =
            vec![Statistic::MassBalanceResidual, Statistic::RecoveredShare, Statistic::UnsettledShare];
        for party in labels.parties().iter().map(|p| &p.id) {
            for component in Component::ALL {
                let of = |measure| Statistic::Loss { party: party.clone(), component, measure };
                all.extend(MEASURES.map(of));
            }
            all.push(Statistic::GdpShare { party: party.clone() });
        }
        all.extend(labels.sites().iter().map(|site| Statistic::Site { site: site.id.clone() }));
        for &days in StopDay::ALL {
            for sector in labels.sectors() {
                let of = |measure| Statistic::Stop { sector: sector.id.clone(), days, measure };
                all.extend(DAY_MEASURES.map(of));
            }
        }
        for limit in self.limits().into_iter().filter(|l| l.loss > 0.0) {
            let numbers =
                LimitNumber::ALL.iter().filter(|of| **of != LimitNumber::LaneMissing || limit.lane.is_some());
            let (site, input) = (limit.site, limit.input);
            all.extend(numbers.map(|&of| Statistic::Limiting {
                site: site.to_owned(),
                input: input.to_owned(),
                of,
            }));
        }
        for market in self.markets() {
            let (country, commodity) = (market.country, market.commodity);
            let of = |&of: &_| Statistic::Market {
                country: country.to_owned(),
                commodity: commodity.to_owned(),
                of,
            };
            all.extend(MarketNumber::ALL.iter().map(of));
        }
        for paid in self.payments() {
            all.extend(
                PaymentNumber::ALL.iter().map(|&of| Statistic::Payment { party: paid.party.to_owned(), of }),
            );
        }
        if self.insurer_loss().is_ok_and(|loss| loss.is_some()) {
            all.extend(MEASURES.map(|measure| Statistic::Insurer { measure }));
        }
        if !self.is_condensed() {
            let others = labels.parties().iter().filter(|p| p.id != labels.headline_id());
            all.extend(others.map(|p| Statistic::Ratio { party: p.id.clone() }));
        }
        all
    }
}
