//! Phase 8, accounts of trade: prices in importing countries and the thrift they call for, and sales that controls bar
//! or free.

use super::elementary::{exp, ln};
use super::phases::sent;
use super::prepare::Prepared;
use super::rows::{ROUNDING, Row, Rows, fill, gain, rows};
use super::state::State;
use super::vector::{V, Width};
use crate::model::{Market, Model, Sale};
use pulp::Simd;
use std::collections::BTreeSet;

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
    /// `ρ` by market, and the gain of its smoothing.
    availability: Rows<B>,
    smoothing: f64,
    /// By market, in this step: what is needed, whether goods are scarce in any trial, and what a unit then costs more,
    /// discounted \[JPY\].
    need: Rows<B>,
    scarce: Vec<bool>,
    extra: Rows<B>,
    /// Price, spot share, short-run and long-run elasticity, cap, thrift and the logarithm of the cap, by quote.
    quotes: Vec<[Row<B>; 7]>,
    /// Lanes that markets and sales ask for, by number, and what is sent on each in this step.
    lanes: Vec<usize>,
    sent: Rows<B>,
    /// By market.
    supplies: Vec<Supplies>,
    sales: Vec<Sales<B>>,
}

/// Lanes of a market, as positions among those that are asked for.
#[derive(Debug, Clone)]
struct Supplies {
    all: Vec<usize>,
    /// Those from abroad, each with its exporter.
    imports: Vec<(usize, usize)>,
}

/// Sales of an exporter that controls bar, or free goods for.
#[derive(Debug, Clone)]
struct Sales<const B: usize> {
    exporter: usize,
    barred: bool,
    lanes: Vec<SalesLane>,
    /// What they come to in a step at the baseline [JPY].
    usual: Row<B>,
}

#[derive(Debug, Clone)]
struct SalesLane {
    number: usize,
    /// Position among the lanes that are asked for.
    position: usize,
    quote: usize,
    /// Whether it has baseline trade.
    weighted: bool,
}

fn sales<const B: usize>(m: &Model, position: impl Fn(usize) -> usize) -> Vec<Sales<B>> {
    let mut all: Vec<Sales<B>> = Vec::new();
    for trade in m.trades.iter().filter(|trade| trade.sale != Sale::Free) {
        let barred = trade.sale == Sale::Barred;
        let weighted = m.lanes[trade.lane].flow.is_weighted();
        let (number, quote) = (trade.lane, trade.quote);
        let lane = SalesLane { number, position: position(number), quote, weighted };
        match all.iter_mut().find(|own| own.exporter == trade.exporter && own.barred == barred) {
            Some(own) => own.lanes.push(lane),
            None => {
                let usual = [0.0; B];
                all.push(Sales { exporter: trade.exporter, barred, lanes: vec![lane], usual });
            }
        }
    }
    all
}

impl<const B: usize> TradeLedger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let zero = |len: usize| rows::<B>(len, 0.0);
        let (parties, markets) = (model.parties.len(), model.markets.len());
        let in_markets = model.markets.iter().flat_map(|market| &market.inputs);
        let lanes: BTreeSet<usize> = in_markets
            .flat_map(|&i| model.inputs[i].lanes.clone())
            .chain(model.trades.iter().map(|trade| trade.lane))
            .collect();
        let lanes: Vec<usize> = lanes.into_iter().collect();
        let position = |e: usize| lanes.partition_point(|lane| *lane < e);
        let supplies = model.markets.iter().map(|market| {
            let own = market.inputs.iter().flat_map(|&i| model.inputs[i].lanes.clone());
            let imports = market.imports.iter().map(|&j| &model.trades[j]);
            Supplies {
                all: own.map(position).collect(),
                imports: imports.map(|trade| (position(trade.lane), trade.exporter)).collect(),
            }
        });
        TradeLedger {
            supplies: supplies.collect(),
            sent: zero(lanes.len()),
            bill: zero(parties),
            forgone: zero(parties),
            elsewhere: zero(parties),
            peak: zero(markets),
            gave_way: zero(markets),
            needed: zero(markets),
            availability: zero(markets),
            smoothing: gain(model.step_days, AVAILABILITY_DAYS),
            need: zero(markets),
            scarce: vec![false; markets],
            extra: zero(markets),
            quotes: vec![[[0.0; B]; 7]; model.quotes.len()],
            sales: sales(model, position),
            lanes,
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
        for sales in &mut self.sales {
            sales.usual = [0.0; B];
            for lane in sales.lanes.iter().filter(|lane| lane.weighted) {
                for k in 0..B {
                    sales.usual[k] += self.quotes[lane.quote][0][k] * p.volume[lane.number][k];
                }
            }
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
        if self.lanes.is_empty() {
            return;
        }
        let (lanes, ties) = (&p.plan.lanes[..], &p.plan.ties[..]);
        let (order, share, volumes) = (&*s.flow, &*s.share, &*p.volume);
        for (row, &e) in self.sent.iter_mut().zip(&self.lanes) {
            let (share, ties) = (&share[lanes[e].tier as usize], &ties[e]);
            for v in simd.parts::<B>() {
                let passing = V::of(simd, &order[ties.passing as usize], v);
                sent(v, ties.rationing, passing, share, &volumes[e]).put(row, v);
            }
        }
        // How far elasticities have come from their short-run to their long-run values.
        let (day, mut since) = ((t as f64 + 0.5) * m.step_days, [0.0; B]);
        for k in 0..B {
            since[k] = ((day - p.timetable.onset[k]) / ELASTICITY_DAYS).clamp(0.0, 1.0);
        }
        for (c, market) in m.markets.iter().enumerate() {
            self.scarce[c] = self.availability(simd, m, s, c, market);
        }
        // Prices one after another, with little between them: each is a long chain of operations, and the processor can be
        // at several at once.
        for (c, market) in m.markets.iter().enumerate() {
            let mut thrift = s.thrift.get_mut(c).filter(|_| market.thrifty);
            if self.scarce[c] {
                self.price(c, market, thrift, &since, discount);
            } else if let Some(thrift) = &mut thrift {
                **thrift = [1.0; B];
            }
        }
        for (c, market) in m.markets.iter().enumerate() {
            if self.scarce[c] {
                self.bill(simd, c, market.importer);
            }
        }
        for sales in &self.sales {
            let accounts = if sales.barred { &mut self.forgone } else { &mut self.elsewhere };
            let account = &mut accounts[sales.exporter];
            let sign = V::all(simd, if sales.barred { 1.0 } else { -1.0 });
            for v in simd.parts::<B>() {
                let mut sold = V::all(simd, 0.0);
                for lane in &sales.lanes {
                    let price = V::of(simd, &self.quotes[lane.quote][0], v);
                    sold = sold + price * V::of(simd, &self.sent[lane.position], v);
                }
                let gap = sign * (V::of(simd, &sales.usual, v) - sold);
                (V::of(simd, account, v) + V::of(simd, discount, v) * gap).put(account, v);
            }
        }
    }

    /// `ρ` of market `c`, and what is needed there; whether goods are scarce in any trial.
    #[inline(always)]
    fn availability<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Model,
        s: &State<B>,
        c: usize,
        market: &Market,
    ) -> bool {
        let (inputs, expectations) = (&m.inputs[..], &*s.expected);
        let mut scarce = false;
        for v in simd.parts::<B>() {
            let (mut needed, mut delivered) = (V::all(simd, 0.0), V::all(simd, 0.0));
            let mut sought = V::all(simd, 0.0);
            for &i in &market.inputs {
                let input = &inputs[i];
                let expected = V::of(simd, &expectations[input.site], v);
                let usage = if market.thrifty { &s.full_usage[i] } else { &s.usage[i] };
                needed = needed + V::of(simd, usage, v) * expected;
                if market.thrifty {
                    sought = sought + V::of(simd, &s.sought[i], v);
                }
            }
            for &position in &self.supplies[c].all {
                delivered = delivered + V::of(simd, &self.sent[position], v);
            }
            needed.put(&mut self.need[c], v);
            let (row, total) = (&mut self.availability[c], &mut self.needed[c]);
            let before = V::of(simd, row, v);
            let mut short = needed.over(delivered);
            if market.thrifty {
                // Those who save or run down stocks and get all they ask for show no scarcity.
                short = short.and((sought - delivered).over(V::all(simd, ROUNDING) * needed));
            }
            let ratio = short.select(delivered / needed, V::all(simd, 1.0));
            let availability = before + (ratio - before) * V::all(simd, self.smoothing);
            availability.put(row, v);
            (V::of(simd, total, v) + needed).put(total, v);
            scarce |= V::all(simd, 1.0 - ROUNDING).over(availability).any();
        }
        scarce
    }

    /// The price in market `c`, where goods are scarce: `min(cap, ρ^(−1/|ε|))` times the contract price; what it adds to the
    /// bill for a unit, and how much demand gives way.
    #[inline(always)]
    fn price(
        &mut self,
        c: usize,
        market: &Market,
        thrift: Option<&mut Row<B>>,
        since: &Row<B>,
        discount: &Row<B>,
    ) {
        let [contract, spot, short, long, cap, saved, ln_cap] = &self.quotes[market.quote];
        let (availability, needed) = (&self.availability[c], &self.need[c]);
        let (peak, gave_way, extra) = (&mut self.peak[c], &mut self.gave_way[c], &mut self.extra[c]);
        let mut lefts = [1.0; B];
        for k in 0..B {
            let elasticity = short[k] + (long[k] - short[k]) * since[k];
            // A trial without scarcity must not see that a neighbour has some.
            let scarce = availability[k] < 1.0 - ROUNDING;
            let market = -ln(availability[k]) / elasticity;
            // At the market's price demand falls to what is there, at the cap it falls by less.
            let capped = market > ln_cap[k];
            let power = exp(if capped { -elasticity * ln_cap[k] } else { market });
            let (price, left) =
                (if capped { cap[k] } else { power }, if capped { power } else { availability[k] });
            let price = if scarce { price } else { 1.0 };
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
    }

    /// What importers in market `c` pay more, and exporters to it get.
    #[inline(always)]
    fn bill<S: Simd, const W: usize>(&mut self, simd: Width<S, W>, c: usize, importer: usize) {
        let bill = &mut *self.bill;
        for v in simd.parts::<B>() {
            let extra = V::of(simd, &self.extra[c], v);
            let mut total = V::of(simd, &bill[importer], v);
            for &(position, exporter) in &self.supplies[c].imports {
                let more = extra * V::of(simd, &self.sent[position], v);
                total = total + more;
                if exporter == importer {
                    total = total - more;
                } else {
                    (V::of(simd, &bill[exporter], v) - more).put(&mut bill[exporter], v);
                }
            }
            total.put(&mut bill[importer], v);
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
