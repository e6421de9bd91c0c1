//! Phase 8, accounts of trade: prices in importing countries and the thrift they call for, and sales that controls bar
//! or free.

use super::elementary::{exp, ln};
use super::phases::sent;
use super::plan::LanePlan;
use super::prepare::Prepared;
use super::rows::{ROUNDING, Row, Rows, fill, gain, rows};
use super::state::State;
use super::vector::{V, Width};
use crate::model::{Model, Sale};
use pulp::Simd;

/// Time over which availability is smoothed [days].
const AVAILABILITY_DAYS: f64 = 28.0;
/// Time over which the elasticity goes from its short-run to its long-run value [days].
const ELASTICITY_DAYS: f64 = 730.0;

/// The accounts of trade of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct TradeLedger<const B: usize> {
    /// Extra bill of importers less the gain of exporters, by party [JPY].
    pub(crate) bill: Rows<B>,
    /// Sales that controls bar, net of catch-up, by exporting party [JPY].
    pub(crate) forgone: Rows<B>,
    /// What the outputs concerned sold elsewhere above the baseline, by exporting party [JPY].
    pub(crate) elsewhere: Rows<B>,
    /// Highest price as a multiple of the contract price, by market.
    pub(crate) peak: Rows<B>,
    /// Demand that gave way to price, as a share of the need over the trial, by market.
    pub(crate) gave_way: Rows<B>,
    needed: Rows<B>,
    /// `ρ` by market.
    availability: Rows<B>,
    /// Price, spot share, short-run and long-run elasticity, cap, thrift and the logarithm of the cap, by quote.
    quotes: Vec<[Row<B>; 7]>,
    sales: Vec<Sales>,
}

/// Sales of an exporter that controls bar, or free goods for.
#[derive(Debug, Clone)]
struct Sales {
    exporter: usize,
    barred: bool,
    lanes: Vec<SalesLane>,
}

#[derive(Debug, Clone)]
struct SalesLane {
    number: usize,
    quote: usize,
    /// Whether it has baseline trade.
    weighted: bool,
}

fn sales(m: &Model) -> Vec<Sales> {
    let mut all: Vec<Sales> = Vec::new();
    for trade in m.trades.iter().filter(|trade| trade.sale != Sale::Free) {
        let barred = trade.sale == Sale::Barred;
        let weighted = m.lanes[trade.lane].flow.is_weighted();
        let lane = SalesLane { number: trade.lane, quote: trade.quote, weighted };
        match all.iter_mut().find(|own| own.exporter == trade.exporter && own.barred == barred) {
            Some(own) => own.lanes.push(lane),
            None => all.push(Sales { exporter: trade.exporter, barred, lanes: vec![lane] }),
        }
    }
    all
}

/// What is sent in a step.
#[derive(Debug, Clone, Copy)]
struct Flows<'a, const B: usize> {
    order: &'a [Row<B>],
    share: &'a [Row<B>],
    volume: &'a [Row<B>],
    lanes: &'a [LanePlan],
}

impl<const B: usize> Flows<'_, B> {
    #[inline(always)]
    fn sent<S: Simd, const W: usize>(&self, simd: Width<S, W>, v: usize, e: usize) -> V<S, W> {
        let lane = &self.lanes[e];
        let passing = V::of(simd, &self.order[lane.passing as usize], v);
        sent(v, lane, passing, self.share, &self.volume[e])
    }
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
            quotes: vec![[[0.0; B]; 7]; model.quotes.len()],
            sales: sales(model),
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
            rows[6] = rows[4].map(libm::log);
        }
    }

    /// Books step `t`, at the step's discount factor.
    #[inline(always)]
    pub(crate) fn book<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Model,
        p: &Prepared<B>,
        s: &mut State<B>,
        t: usize,
        discount: &Row<B>,
    ) {
        let smooth = gain(m.step_days, AVAILABILITY_DAYS);
        let flows = Flows { order: &s.flow, share: &s.share, volume: &p.volume, lanes: &p.plan.lanes };
        let (inputs, expectations) = (&p.plan.inputs[..], &*s.expected);
        for (c, market) in m.markets.iter().enumerate() {
            let mut scarce = false;
            let mut need = [0.0; B];
            for v in simd.parts::<B>() {
                let (mut needed, mut delivered) = (V::all(simd, 0.0), V::all(simd, 0.0));
                let mut sought = V::all(simd, 0.0);
                let usages = if market.thrifty { &*s.full_usage } else { &*s.usage };
                for &i in &market.inputs {
                    let input = &inputs[i];
                    let expected = V::of(simd, &expectations[input.site as usize], v);
                    needed = needed + V::of(simd, &usages[i], v) * expected;
                    for e in input.lanes.clone() {
                        delivered = delivered + flows.sent(simd, v, e as usize);
                    }
                    if market.thrifty {
                        sought = sought + V::of(simd, &s.sought[i], v);
                    }
                }
                needed.put(&mut need, v);
                let (row, total) = (&mut self.availability[c], &mut self.needed[c]);
                let before = V::of(simd, row, v);
                let mut short = needed.over(delivered);
                if market.thrifty {
                    // Those who save or run down stocks and get all they ask for show no scarcity.
                    short = short.and((sought - delivered).over(V::all(simd, ROUNDING) * needed));
                }
                let ratio = short.select(delivered / needed, V::all(simd, 1.0));
                let availability = before + (ratio - before) * V::all(simd, smooth);
                availability.put(row, v);
                (V::of(simd, total, v) + needed).put(total, v);
                scarce |= V::all(simd, 1.0 - ROUNDING).over(availability).any();
            }
            let mut thrift = s.thrift.get_mut(c).filter(|_| market.thrifty);
            if let Some(thrift) = &mut thrift {
                **thrift = [1.0; B];
            }
            if scarce {
                self.scarcity(simd, m, p, &flows, thrift, t, c, &need, discount);
            }
        }
        for sales in &self.sales {
            let accounts = if sales.barred { &mut self.forgone } else { &mut self.elsewhere };
            let account = &mut accounts[sales.exporter];
            let sign = V::all(simd, if sales.barred { 1.0 } else { -1.0 });
            for v in simd.parts::<B>() {
                let discount = V::of(simd, discount, v);
                let mut total = V::of(simd, account, v);
                for lane in &sales.lanes {
                    let sent = flows.sent(simd, v, lane.number);
                    let price = V::of(simd, &self.quotes[lane.quote][0], v);
                    let usual = V::of(simd, &flows.volume[lane.number], v);
                    let gap = if lane.weighted { usual - sent } else { V::all(simd, 0.0) - sent };
                    total = total + discount * (sign * (price * gap));
                }
                total.put(account, v);
            }
        }
    }

    /// The price in market `c`, where goods are scarce: `min(cap, ρ^(−1/|ε|))` times the contract price.
    #[expect(clippy::too_many_arguments, reason = "one market of one step")]
    #[inline(always)]
    fn scarcity<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Model,
        p: &Prepared<B>,
        flows: &Flows<'_, B>,
        thrift: Option<&mut Row<B>>,
        t: usize,
        c: usize,
        needed: &Row<B>,
        discount: &Row<B>,
    ) {
        let market = &m.markets[c];
        let [contract, spot, short, long, cap, saved, ln_cap] = &self.quotes[market.quote];
        let day = (t as f64 + 0.5) * m.step_days;
        let (mut extra, mut lefts) = ([0.0; B], [1.0; B]);
        let (onset, availability) = (&p.timetable.onset, &self.availability[c]);
        let (peak, gave_way) = (&mut self.peak[c], &mut self.gave_way[c]);
        for k in 0..B {
            let since = ((day - onset[k]) / ELASTICITY_DAYS).clamp(0.0, 1.0);
            let elasticity = short[k] + (long[k] - short[k]) * since;
            // A trial without scarcity must not see that a neighbour has some.
            let scarce = availability[k] < 1.0 - ROUNDING;
            let market = exp(-ln(availability[k]) / elasticity);
            let price = if scarce { f64::min(cap[k], market) } else { 1.0 };
            // At the market's price demand falls to what is there, at the cap it falls by less.
            let at_cap = 1.0 / exp(elasticity * ln_cap[k]);
            let left = if market <= cap[k] { availability[k] } else { at_cap };
            peak[k] = f64::max(peak[k], price);
            lefts[k] = if scarce { left } else { 1.0 };
            gave_way[k] += needed[k] * (1.0 - lefts[k]);
            extra[k] = discount[k] * (spot[k] * (contract[k] * (price - 1.0)));
        }
        if let Some(thrift) = thrift {
            for k in 0..B {
                thrift[k] = 1.0 - saved[k] * (1.0 - lefts[k]);
            }
        }
        let bill = &mut *self.bill;
        for v in simd.parts::<B>() {
            let extra = V::of(simd, &extra, v);
            let mut total = V::of(simd, &bill[market.importer], v);
            for &j in &market.imports {
                let trade = &m.trades[j];
                let more = extra * flows.sent(simd, v, trade.lane);
                total = total + more;
                if trade.exporter == market.importer {
                    total = total - more;
                } else {
                    (V::of(simd, &bill[trade.exporter], v) - more).put(&mut bill[trade.exporter], v);
                }
            }
            total.put(&mut bill[market.importer], v);
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
