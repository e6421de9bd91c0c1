//! Phase 8, accounts of trade: prices in importing countries and the thrift they call for, and sales that controls bar
//! or free.

use super::phases::beyond;
use super::prepare::Prepared;
use super::rows::{ROUNDING, Row, fill, gain, rows};
use super::state::State;
use crate::model::{Model, Sale};

/// Time over which availability is smoothed [days].
const AVAILABILITY_DAYS: f64 = 28.0;
/// Time over which the elasticity goes from its short-run to its long-run value [days].
const ELASTICITY_DAYS: f64 = 730.0;

/// The accounts of trade of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct TradeLedger<const B: usize> {
    /// Extra bill of importers less the gain of exporters, by party [JPY].
    pub(crate) bill: Vec<Row<B>>,
    /// Sales that controls bar, net of catch-up, by exporting party [JPY].
    pub(crate) forgone: Vec<Row<B>>,
    /// What the outputs concerned sold elsewhere above the baseline, by exporting party [JPY].
    pub(crate) elsewhere: Vec<Row<B>>,
    /// Highest price as a multiple of the contract price, by market.
    pub(crate) peak: Vec<Row<B>>,
    /// Demand that gave way to price, as a share of the need over the trial, by market.
    pub(crate) gave_way: Vec<Row<B>>,
    needed: Vec<Row<B>>,
    /// `ρ` by market.
    availability: Vec<Row<B>>,
    /// Price, spot share, short-run and long-run elasticity, cap and thrift, by quote.
    quotes: Vec<[Row<B>; 6]>,
}

impl<const B: usize> TradeLedger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let zero = |len: usize| rows::<B>(len, 0.0);
        let (parties, markets) = (model.parties.len(), model.markets.len());
        TradeLedger {
            bill: zero(parties),
            forgone: zero(parties),
            elsewhere: zero(parties),
            peak: zero(markets),
            gave_way: zero(markets),
            needed: zero(markets),
            availability: zero(markets),
            quotes: vec![[[0.0; B]; 6]; model.quotes.len()],
        }
    }

    pub(crate) fn open(&mut self, m: &Model, p: &Prepared<B>) {
        for rows in [&mut self.bill, &mut self.forgone, &mut self.elsewhere] {
            rows.fill([0.0; B]);
        }
        self.peak.fill([1.0; B]);
        self.availability.fill([1.0; B]);
        for rows in [&mut self.gave_way, &mut self.needed] {
            rows.fill([0.0; B]);
        }
        for (rows, quote) in self.quotes.iter_mut().zip(&m.quotes) {
            let [short, long] = quote.elasticity;
            let params = [quote.price, quote.spot_share, short, long, quote.cap, quote.thrift];
            for (row, param) in rows.iter_mut().zip(params) {
                fill(row, param, &p.draws);
            }
        }
    }

    /// Books step `t`, at the step's discount factor.
    #[inline(always)]
    pub(crate) fn book(&mut self, m: &Model, p: &Prepared<B>, s: &mut State<B>, t: usize, discount: &Row<B>) {
        for (c, market) in m.markets.iter().enumerate() {
            let (mut needed, mut delivered, mut asked) = ([0.0; B], [0.0; B], [0.0; B]);
            for &i in &market.inputs {
                let input = &m.inputs[i];
                let usage = if market.thrifty { &s.full_usage[i] } else { &s.usage[i] };
                let expected = &s.expected[input.site];
                for k in 0..B {
                    needed[k] += usage[k] * expected[k];
                }
                if let Some(of_input) = s.asked.get(i) {
                    for k in 0..B {
                        asked[k] += of_input[k];
                    }
                }
                for e in input.lanes.clone() {
                    let sent = s.sent(m, e, t);
                    for k in 0..B {
                        delivered[k] += sent[k];
                    }
                }
            }
            let smooth = gain(m.step_days, AVAILABILITY_DAYS);
            let availability = &mut self.availability[c];
            let mut scarce = false;
            for k in 0..B {
                let short = if market.thrifty {
                    // Those who save or run down stocks and get all they ask for show no scarcity.
                    beyond(asked[k] - delivered[k], needed[k]) > 0.0 && delivered[k] < needed[k]
                } else {
                    delivered[k] < needed[k]
                };
                let ratio = if short { delivered[k] / needed[k] } else { 1.0 };
                availability[k] += (ratio - availability[k]) * smooth;
                self.needed[c][k] += needed[k];
                scarce |= availability[k] < 1.0 - ROUNDING;
            }
            if market.thrifty {
                s.thrift[c] = [1.0; B];
            }
            if scarce {
                self.scarcity(m, p, s, t, c, &needed, discount);
            }
        }
        for trade in m.trades.iter().filter(|trade| trade.sale != Sale::Free) {
            let (sent, price) = (s.sent(m, trade.lane, t), &self.quotes[trade.quote][0]);
            let usual = if m.lanes[trade.lane].flow.is_weighted() { p.volume[trade.lane] } else { [0.0; B] };
            let (account, sign) = match trade.sale {
                Sale::Barred => (&mut self.forgone[trade.exporter], 1.0),
                _ => (&mut self.elsewhere[trade.exporter], -1.0),
            };
            for k in 0..B {
                account[k] += discount[k] * (sign * (price[k] * (usual[k] - sent[k])));
            }
        }
    }

    /// The price in market `c`, where goods are scarce: `min(cap, ρ^(−1/|ε|))` times the contract price.
    #[expect(clippy::too_many_arguments, reason = "one market of one step")]
    fn scarcity(
        &mut self,
        m: &Model,
        p: &Prepared<B>,
        s: &mut State<B>,
        t: usize,
        c: usize,
        needed: &Row<B>,
        discount: &Row<B>,
    ) {
        let market = &m.markets[c];
        let [contract, spot, short, long, cap, thrift] = &self.quotes[market.quote];
        let day = (t as f64 + 0.5) * m.step_days;
        let mut extra = [0.0; B];
        for k in 0..B {
            let since = ((day - p.timetable.onset[k]) / ELASTICITY_DAYS).clamp(0.0, 1.0);
            let elasticity = short[k] + (long[k] - short[k]) * since;
            // A trial without scarcity must not see that a neighbour has some.
            let availability = self.availability[c][k];
            if availability >= 1.0 - ROUNDING {
                continue;
            }
            let market = libm::exp(-libm::log(availability) / elasticity);
            let price = f64::min(cap[k], market);
            self.peak[c][k] = f64::max(self.peak[c][k], price);
            // At the market's price demand falls to what is there, at the cap it falls by less.
            let left = if market <= cap[k] { availability } else { libm::pow(price, -elasticity) };
            self.gave_way[c][k] += needed[k] * (1.0 - left);
            if let Some(now) = s.thrift.get_mut(c) {
                now[k] = 1.0 - thrift[k] * (1.0 - left);
            }
            extra[k] = discount[k] * (spot[k] * (contract[k] * (price - 1.0)));
        }
        for &j in &market.imports {
            let trade = &m.trades[j];
            let sent = s.sent(m, trade.lane, t);
            for k in 0..B {
                let bill = extra[k] * sent[k];
                self.bill[trade.importer][k] += bill;
                self.bill[trade.exporter][k] -= bill;
            }
        }
    }

    pub(crate) fn close(&mut self) {
        for (gave_way, needed) in self.gave_way.iter_mut().zip(&self.needed) {
            for k in 0..B {
                gave_way[k] = if needed[k] > 0.0 { gave_way[k] / needed[k] } else { 0.0 };
            }
        }
    }
}
