//! Means over trials of sums that a run keeps.

use super::Outcome;
use super::labels::Followed;
use crate::network::LinkId;
use crate::stats::ExactSum;
use crate::step::Sum;

/// What limited a site, in the mean over trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit<'o> {
    /// Id of the site.
    pub site: &'o str,
    /// Commodity that limited it.
    pub input: &'o str,
    /// Value added lost while this input was the limiting one.
    pub loss: f64,
    /// Its share of all that inputs and outages took from the site.
    pub share: f64,
    /// The lane that brought least of what it brings at the baseline, and what it left out as a share of the
    /// need of the input over the horizon.
    pub lane: Option<(LinkId<'o>, f64)>,
}

/// A market of an importing country, in the mean over trials.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MarketMeans<'o> {
    /// Country that imports.
    pub country: &'o str,
    /// Commodity.
    pub commodity: &'o str,
    /// Highest spot price, as a multiple of the contract price.
    pub peak_price: f64,
    /// Demand that gave way to price, as a share of the need over the horizon.
    pub gave_way: f64,
    /// Spot price in the last step, as a multiple of the contract price.
    pub end_price: f64,
}

/// What a party paid ahead for goods and what became of it, in the mean over trials. All but the peak is
/// discounted as losses are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PaymentMeans<'o> {
    /// Id of the party that buys.
    pub party: &'o str,
    /// Paid ahead over the horizon.
    pub prepaid: f64,
    /// The most that sellers held at once for goods that had not come in time.
    pub held_peak: f64,
    /// Given back at once by sellers.
    pub refunded: f64,
    /// Kept by sellers for goods that were not taken.
    pub forfeited: f64,
    /// Still held by sellers at the horizon.
    pub written_off: f64,
    /// Of that, given back from collateral.
    pub collateral: f64,
    /// Paid by the insurer.
    pub insured: f64,
    /// Paid to the insurer.
    pub premium: f64,
}

impl Outcome {
    /// Mean value added lost by site, reserves included.
    pub fn site_means(&self) -> impl Iterator<Item = (&str, f64)> {
        let labels = self.labels();
        let mut means = vec![0.0; labels.sites().len()];
        for (&n, sum) in labels.valued.iter().zip(&self.record.totals.sums.lost) {
            means[n] = sum.value() / self.trials() as f64;
        }
        labels.sites().iter().map(|site| site.id.as_str()).zip(means)
    }

    /// What limited each site whose limiting input is followed: sectors, and others that use goods of sectors.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit<'_>> {
        let (labels, sums, trials) = (self.labels(), &self.record.totals.sums, self.trials() as f64);
        let mut by_inputs = vec![0.0; labels.sites().len()];
        for (input, limited) in labels.followed.iter().zip(&sums.limited) {
            by_inputs[input.site] += limited.value();
        }
        let mut limits = Vec::new();
        let (mut limited, mut missing) = (sums.limited.iter(), sums.missing.iter());
        // The rows of an input of several firms stand together.
        let is_same = |a: &Followed, b: &Followed| (a.site, a.commodity) == (b.site, b.commodity);
        for rows in labels.followed.chunk_by(is_same) {
            let (input, firms) = (&rows[0], rows.len());
            let (n, lanes) = (input.site, input.lanes.len());
            let limited: f64 = limited.by_ref().take(firms).map(ExactSum::value).sum();
            let missing: Vec<f64> = missing.by_ref().take(firms * lanes).map(ExactSum::value).collect();
            let taken = |v: usize| sums.outage[v].value();
            let all = by_inputs[n] + labels.valued.binary_search(&n).map_or(0.0, taken);
            let lane = (0..missing.len().min(lanes))
                .map(|j| missing.iter().skip(j).step_by(lanes).sum::<f64>() / (firms as f64 * trials))
                .zip(&input.lanes)
                .map(|(missing, lane)| (labels.link(input, *lane), missing))
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .filter(|(_, missing)| *missing > 0.0);
            limits.push(Limit {
                site: &labels.sites()[n].id,
                input: &labels.commodities[input.commodity],
                loss: limited / trials,
                share: if all > 0.0 { limited / all } else { 0.0 },
                lane,
            });
        }
        limits
    }

    /// Markets of importing countries.
    #[must_use]
    pub fn markets(&self) -> Vec<MarketMeans<'_>> {
        let (labels, sums, trials) = (self.labels(), &self.record.totals.sums, self.trials() as f64);
        let means = sums.peak.iter().zip(&sums.gave_way).zip(&sums.end);
        labels
            .markets
            .iter()
            .zip(means)
            .map(|((country, commodity), ((peak, gave_way), end))| MarketMeans {
                country,
                commodity: &labels.commodities[*commodity],
                peak_price: peak.value() / trials,
                gave_way: gave_way.value() / trials,
                end_price: end.value() / trials,
            })
            .collect()
    }

    /// What each party paid ahead and what became of it; none where no link has a `payment`.
    #[must_use]
    pub fn payments(&self) -> Vec<PaymentMeans<'_>> {
        let trials = self.trials() as f64;
        let of_party = self.record.totals.sums.payments.chunks_exact(Sum::COUNT);
        let parties = self.labels().parties().iter().map(|party| party.id.as_str());
        parties
            .zip(of_party)
            .map(|(party, sums)| {
                let mean = |sum: Sum| sums[sum as usize].value() / trials;
                PaymentMeans {
                    party,
                    prepaid: mean(Sum::Prepaid),
                    held_peak: mean(Sum::HeldPeak),
                    refunded: mean(Sum::Refunded),
                    forfeited: mean(Sum::Forfeited),
                    written_off: mean(Sum::WrittenOff),
                    collateral: mean(Sum::Collateral),
                    insured: mean(Sum::Insured),
                    premium: mean(Sum::Premium),
                }
            })
            .collect()
    }
}
