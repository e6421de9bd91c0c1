//! Thrift for one trial: the savings of users of dear goods from the next step on.

use super::Trial;
use crate::network::InputIx;
use crate::step::elementary::exp;

impl Trial<'_> {
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

    /// Prices of the step, and the thrift they call for in the next one.
    pub(super) fn prices(&mut self) {
        for (c, market) in self.m.markets.pairs().filter(|(_, market)| market.thrifty) {
            let (mut needed, mut delivered, mut asked) = (0.0, 0.0, 0.0);
            for &i in &market.inputs {
                needed += self.full_usage[i] * self.x_expected[self.m.inputs[i].site];
                asked += self.asked[i];
                delivered = self.m.inputs[i].lanes.into_iter().fold(delivered, |sum, e| sum + self.sent[e]);
            }
            let short = asked - delivered > 1e-12 * needed && delivered < needed;
            let ratio = if short { delivered / needed } else { 1.0 };
            self.availability[c] += (ratio - self.availability[c]) * (self.m.step_days / 28.0).min(1.0);

            let quote = &self.m.quotes[market.quote];
            let [first, later] = quote.elasticity.map(|param| self.value(param));
            let day = (self.t as f64 + 0.5) * self.m.step_days;
            let since = ((day - self.timetable.onset[0]) / 730.0).clamp(0.0, 1.0);
            let elasticity = first + (later - first) * since;
            let availability = self.availability[c];
            let at_cap = exp(-elasticity * libm::log(self.value(quote.cap)));
            let left = if availability < 1.0 - 1e-12 { availability.max(at_cap) } else { 1.0 };
            self.thrift[c] = 1.0 - self.value(quote.thrift) * (1.0 - left);
        }
    }
}
