//! Prices for one trial: scarcity, the savings of users of dear goods from the next step on, and bills.

use super::Trial;
use crate::network::{InputIx, MarketIx, PartyIx, Sale};
use crate::schedule::rows::gain;
use crate::step::elementary::{exp, ln};

impl Trial<'_> {
    /// The extra bill of each party so far, of prices above those at which contracts began \[money\]; a gain is negative.
    #[must_use]
    pub fn bill(&self) -> &[f64] {
        &self.bill
    }

    /// The use of each input of a market with thrift, after the savings of its users at the price.
    pub(super) fn save(&mut self) {
        self.full_usage.copy_from_slice(&self.usage);
        for (c, market) in self.m.markets.pairs().filter(|(_, market)| market.thrifty) {
            for &i in &market.inputs {
                self.usage[i] *= self.thrift[c];
            }
        }
    }

    /// Use of an input without thrift.
    pub(super) fn used_without_thrift(&self, i: InputIx) -> f64 {
        let (usage, full) = (self.usage[i], self.full_usage[i]);
        if usage < full { self.used[i] * (full / usage) } else { self.used[i] }
    }

    /// Prices of the step, the thrift they call for in the next one, and the bills.
    pub(super) fn prices(&mut self) {
        for (c, market) in self.m.markets.pairs() {
            let quote = &self.m.quotes[market.quote];
            let look_ahead = quote.look_ahead_days.map(|days| self.value(days));
            let stock_share = look_ahead.map_or(0.0, |days| gain(self.m.step_days, days));
            let (mut needed, mut stocked, mut delivered, mut asked) = (0.0, 0.0, 0.0, 0.0);
            for &i in &market.inputs {
                let use_expected = self.full_usage[i] * self.x_expected[self.m.inputs[i].site];
                needed += use_expected;
                stocked += (self.stock[i] * stock_share).min(use_expected);
                asked += self.asked[i];
                delivered = self.m.inputs[i].lanes.into_iter().fold(delivered, |sum, e| sum + self.sent[e]);
            }
            // Users who may save and get all they ask for show no scarcity.
            let served = market.thrifty && asked - delivered <= 1e-12 * needed;
            let covered = delivered + stocked;
            let ratio = if covered < needed && !served { covered / needed } else { 1.0 };
            self.availability[c] += (ratio - self.availability[c]) * (self.m.step_days / 28.0).min(1.0);

            let [first, later, cap] =
                [quote.elasticity[0], quote.elasticity[1], quote.cap].map(|param| self.value(param));
            let day = (self.t as f64 + 0.5) * self.m.step_days;
            let since = ((day - self.timetable.onset[0]) / 730.0).clamp(0.0, 1.0);
            let elasticity = first + (later - first) * since;
            let availability = self.availability[c];
            let at_cap = exp(-elasticity * libm::log(cap));
            let (price, left) = if availability < 1.0 - 1e-12 {
                (cap.min(exp(-ln(availability) * (1.0 / elasticity))), availability.max(at_cap))
            } else {
                (1.0, 1.0)
            };
            self.thrift[c] = 1.0 - self.value(quote.thrift) * (1.0 - left);
            let delay = self.value(quote.delay_days);
            self.followed[c] += (price - self.followed[c]) * gain(self.m.step_days, delay);
            self.bills(c, price);
        }
    }

    /// The extra bill of the importers of a market, which exporters to it get, at a price.
    fn bills(&mut self, c: MarketIx, price: f64) {
        let market = &self.m.markets[c];
        let quote = &self.m.quotes[market.quote];
        let [contract, spot_share, passed] =
            [quote.price, quote.spot_share, quote.pass_through].map(|param| self.value(param));
        let of_contracts = ((1.0 - spot_share) * passed) * (contract * (self.followed[c] - 1.0));
        let extra = self.discount * (spot_share * (contract * (price - 1.0)) + of_contracts);
        // Imports by exporter and by what controls do to its sales, input by input.
        let mut imports: Vec<(PartyIx, Sale, f64)> = Vec::new();
        for e in market.inputs.iter().flat_map(|&i| self.m.inputs[i].lanes) {
            // They stand in the order of their lanes.
            let found = market.imports.binary_search_by_key(&e, |&number| self.m.trades[number].lane);
            let Ok(found) = found else { continue };
            let trade = &self.m.trades[market.imports[found]];
            let known = imports
                .iter_mut()
                .find(|(exporter, sale, _)| (*exporter, *sale) == (trade.exporter, trade.sale));
            match known {
                Some((_, _, total)) => *total += self.sent[e],
                None => imports.push((trade.exporter, trade.sale, self.sent[e])),
            }
        }
        for (exporter, _, sent) in imports.into_iter().filter(|(exporter, ..)| *exporter != market.importer) {
            self.bill[market.importer] += extra * sent;
            self.bill[exporter] -= extra * sent;
        }
    }
}
