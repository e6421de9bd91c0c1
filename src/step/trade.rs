//! Phase 8, accounts of trade: prices in importing countries and the thrift they call for, and sales that controls bar
//! or free.

mod flows;

use super::Model;
use super::elementary::{exp, ln};
use super::phases::sent;
use super::plan::Usage;
use super::prepare::PreparedView;
use super::state::Live;
use super::vector::{V, Width};
use crate::network::{IndexVec, Market, MarketIx, Network, PartyIx, QuoteIx, Sale};
use crate::scenario::Rationing;
use crate::schedule::rows::{ROUNDING, Row, Rows, fill, gain, rows, value};
use flows::{DemandIx, Flows, GroupIx};
use pulp::Simd;
use std::ops::Range;

/// Time over which availability is smoothed [days].
const AVAILABILITY_DAYS: f64 = 28.0;
/// Time over which the elasticity goes from its short-run to its long-run value [days].
const ELASTICITY_DAYS: f64 = 730.0;

/// The accounts of trade of a block of trials.
#[derive(Debug, Clone)]
pub(crate) struct TradeLedger<const B: usize> {
    /// Extra bill of a party as an importer less its gain as an exporter [money].
    pub(crate) bill: Rows<PartyIx, B>,
    /// Sales of an exporting party that controls bar, net of catch-up [money].
    pub(crate) forgone: Rows<PartyIx, B>,
    /// Sales of the outputs concerned elsewhere, above the baseline [money].
    pub(crate) elsewhere: Rows<PartyIx, B>,
    /// Highest price as a multiple of the contract price, and that of the last step so far.
    pub(crate) peak: Rows<MarketIx, B>,
    pub(crate) price: Rows<MarketIx, B>,
    /// Demand that gave way to price, as a share of the need over the trial.
    pub(crate) gave_way: Rows<MarketIx, B>,
    needed: Rows<MarketIx, B>,
    /// The price to which contracts have followed, as a multiple of what they began with.
    followed: Rows<MarketIx, B>,
    /// `ρ`, and the gain of its smoothing.
    availability: Rows<MarketIx, B>,
    smoothing: f64,
    /// The part of a step's use that stocks of users can cover, where stocks count.
    stocked: Rows<MarketIx, B>,
    flows: Flows,
    /// Goods that are sent in this step over the lanes of a group.
    sent: Rows<GroupIx, B>,
    quotes: IndexVec<QuoteIx, Quoted<B>>,
    /// How demand answers to prices, alike for all quotes with the same figures.
    demands: IndexVec<DemandIx, Demand<B>>,
    /// Sales in a step at the baseline that controls bar or free [money].
    usual: Vec<Row<B>>,
}

/// A quote in each trial.
#[derive(Debug, Clone)]
struct Quoted<const B: usize> {
    price: Row<B>,
    spot_share: Row<B>,
    thrift: Row<B>,
    pass_through: Row<B>,
    /// The part of the way to the price that contracts follow it in a step.
    following: Row<B>,
    /// The part of their stocks that users can use up in a step, where stocks count.
    stock_share: Option<Row<B>>,
    demand: DemandIx,
}

/// An elasticity that moves with time, under a cap of the price.
#[derive(Debug, Clone)]
struct Demand<const B: usize> {
    short: Row<B>,
    long: Row<B>,
    cap: Row<B>,
    ln_cap: Row<B>,
    /// In this step: 1 over the elasticity, and the share of demand that is left at the cap.
    inverse: Row<B>,
    at_cap: Row<B>,
}

impl<const B: usize> TradeLedger<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let (parties, markets) = (model.parties.len(), model.markets.len());
        let flows = Flows::new(model);
        let none = [0.0; B];
        let quoted = |&demand: &DemandIx| Quoted {
            price: none,
            spot_share: none,
            thrift: none,
            pass_through: none,
            following: none,
            stock_share: None,
            demand,
        };
        let demand =
            |_: &_| Demand { short: none, long: none, cap: none, ln_cap: none, inverse: none, at_cap: none };
        TradeLedger {
            bill: rows(parties, 0.0),
            forgone: rows(parties, 0.0),
            elsewhere: rows(parties, 0.0),
            peak: rows(markets, 0.0),
            price: rows(markets, 0.0),
            gave_way: rows(markets, 0.0),
            needed: rows(markets, 0.0),
            followed: rows(markets, 0.0),
            availability: rows(markets, 0.0),
            stocked: rows(markets, 0.0),
            smoothing: gain(model.step_days, AVAILABILITY_DAYS),
            sent: rows(flows.groups, 0.0),
            quotes: flows.demand_of.iter().map(quoted).collect(),
            demands: flows.demands.iter().map(demand).collect(),
            usual: vec![none; flows.sales.len()],
            flows,
        }
    }

    pub(crate) fn open(&mut self, m: &Network, p: &PreparedView<'_, B>) {
        for rows in [&mut self.bill, &mut self.forgone, &mut self.elsewhere] {
            rows.fill([0.0; B]);
        }
        for rows in [&mut self.peak, &mut self.price, &mut self.availability, &mut self.followed] {
            rows.fill([1.0; B]);
        }
        for rows in [&mut self.gave_way, &mut self.needed, &mut self.stocked] {
            rows.fill([0.0; B]);
        }
        self.usual.fill([0.0; B]);
        for (quoted, quote) in self.quotes.iter_mut().zip(&m.quotes) {
            fill(&mut quoted.price, quote.price, p.draws);
            fill(&mut quoted.spot_share, quote.spot_share, p.draws);
            fill(&mut quoted.thrift, quote.thrift, p.draws);
            fill(&mut quoted.pass_through, quote.pass_through, p.draws);
            fill(&mut quoted.following, quote.delay_days, p.draws);
            let gains = |days: Row<B>| days.map(|days| gain(m.step_days, days));
            quoted.following = gains(quoted.following);
            quoted.stock_share = quote.look_ahead_days.map(|days| gains(value(days, p.draws)));
        }
        for (demand, [short, long, cap]) in self.demands.iter_mut().zip(&self.flows.demands) {
            fill(&mut demand.short, *short, p.draws);
            fill(&mut demand.long, *long, p.draws);
            fill(&mut demand.cap, *cap, p.draws);
            demand.ln_cap = demand.cap.map(libm::log);
        }
        for (usual, sales) in self.usual.iter_mut().zip(&self.flows.sales) {
            for (lane, quote) in &sales.weighted {
                for k in 0..B {
                    usual[k] += self.quotes[*quote].price[k] * p.facts.volume[*lane][k];
                }
            }
        }
    }

    /// Books step `t`, which was not walked if it is at rest, at the step's discount factor.
    #[inline(always)]
    pub(crate) fn book<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        m: &Network,
        p: &PreparedView<'_, B>,
        s: &mut Live<'_, B>,
        (t, resting): (usize, bool),
        discount: &Row<B>,
    ) {
        if self.flows.deliveries.is_empty() {
            return;
        }
        self.demands(p, (t as f64 + 0.5) * m.step_days);
        for (c, market) in m.markets.pairs() {
            let mut need = [0.0; B];
            let scarce = self.availability(simd, p, s, (c, market, resting), &mut need);
            let mut thrift = s.priced.thrift.get_mut(c).filter(|_| market.thrifty);
            let follows = !m.quotes[market.quote].pass_through.is_zero();
            let mut dear = scarce;
            if follows {
                // Contracts stay dear for a while when the price is down again.
                for k in 0..B {
                    dear |= self.followed[c][k] > 1.0;
                }
            }
            if dear {
                self.price(simd, (c, market), &need, (thrift, follows), discount);
            } else {
                self.price[c] = [1.0; B];
                if let Some(thrift) = &mut thrift {
                    **thrift = [1.0; B];
                }
            }
        }
        for v in simd.parts::<B>() {
            self.deliver(simd, v, p, s, self.flows.beside());
        }
        let sent = self.sent.view();
        for (number, sales) in self.flows.sales.iter().enumerate() {
            let usual = &self.usual[number];
            let barred = sales.sale == Sale::Barred;
            let accounts = if barred { &mut self.forgone } else { &mut self.elsewhere };
            let account = &mut accounts[sales.exporter];
            let sign = V::all(simd, if barred { 1.0 } else { -1.0 });
            for v in simd.parts::<B>() {
                let mut sold = V::all(simd, 0.0);
                for (group, quote) in &sales.groups {
                    let price = V::of(simd, &self.quotes[*quote].price, v);
                    sold = sold + price * V::of(simd, &sent[*group], v);
                }
                let gap = sign * (V::of(simd, usual, v) - sold);
                (V::of(simd, account, v) + V::of(simd, discount, v) * gap).put(account, v);
            }
        }
    }

    /// How far elasticities have come from their short-run to their long-run values, and demand at the cap under them.
    #[inline(always)]
    fn demands(&mut self, p: &PreparedView<'_, B>, day: f64) {
        let mut since = [0.0; B];
        for k in 0..B {
            since[k] = ((day - p.timetable.onset[k]) / ELASTICITY_DAYS).clamp(0.0, 1.0);
        }
        for Demand { short, long, ln_cap, inverse, at_cap, .. } in &mut self.demands {
            for k in 0..B {
                let elasticity = short[k] + (long[k] - short[k]) * since[k];
                inverse[k] = 1.0 / elasticity;
                at_cap[k] = exp(-elasticity * ln_cap[k]);
            }
        }
    }

    /// Adds up the goods that are sent in this step over some lanes: in all, and by group.
    #[inline(always)]
    fn deliver<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        v: usize,
        p: &PreparedView<'_, B>,
        s: &Live<'_, B>,
        lanes: Range<usize>,
    ) -> V<S, W> {
        let (order, share, mut groups) = (s.flows.flow.read(), s.supplied.share.read(), self.sent.part());
        let mut delivered = V::all(simd, 0.0);
        for lane in &self.flows.deliveries[lanes] {
            let passing = V::of(simd, &order[lane.passing], v);
            let share = &share[lane.share];
            let sent = if lane.rationing == Rationing::Proportional {
                passing * V::of(simd, share, v)
            } else {
                sent(v, lane.rationing, passing, share, &p.facts.volume[lane.lane])
            };
            delivered = delivered + sent;
            if let Some(group) = lane.group {
                let row = &mut groups[group];
                let total = if lane.opens { sent } else { V::of(simd, row, v) + sent };
                total.put(row, v);
            }
        }
        delivered
    }

    /// `ρ` of market `c`, and the need there; whether goods are scarce in any trial.
    #[inline(always)]
    fn availability<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        p: &PreparedView<'_, B>,
        s: &Live<'_, B>,
        (c, market, resting): (MarketIx, &Market, bool),
        need: &mut Row<B>,
    ) -> bool {
        let usages = if market.thrifty { &s.conditioned.full_usage } else { &s.conditioned.usage }.read();
        let (expected, orders) = (s.ordered.expected.read(), s.ordered.sought.read());
        // At rest the arrivals of the step are in stock, and its use is not: the count is that of the step before.
        let stock_share = self.quotes[market.quote].stock_share.filter(|_| !resting);
        let stocks = s.stocks.stock.read();
        let mut scarce = false;
        for v in simd.parts::<B>() {
            let delivered = self.deliver(simd, v, p, s, self.flows.to(c));
            let mut needed = V::all(simd, 0.0);
            let mut sought = V::all(simd, 0.0);
            let mut stocked = V::all(simd, 0.0);
            for &(i, site) in &self.flows.needs[c] {
                let usage = match p.plan.inputs[i].usage {
                    Usage::Known => V::all(simd, p.plan.usage[i]),
                    Usage::Varies => V::of(simd, &usages[i], v),
                };
                let use_expected = usage * V::of(simd, &expected[site], v);
                needed = needed + use_expected;
                if let Some(share) = &stock_share {
                    // The stock of one user beyond its need does not feed another.
                    stocked =
                        stocked + (V::of(simd, &stocks[i], v) * V::of(simd, share, v)).min(use_expected);
                }
                if market.thrifty {
                    sought = sought + V::of(simd, &orders[i], v);
                }
            }
            needed.put(need, v);
            let (row, total) = (&mut self.availability[c], &mut self.needed[c]);
            let before = V::of(simd, row, v);
            if stock_share.is_some() {
                stocked.put(&mut self.stocked[c], v);
            } else {
                stocked = V::of(simd, &self.stocked[c], v);
            }
            let covered = delivered + stocked;
            let mut short = needed.over(covered);
            if market.thrifty {
                // Those who save or run down stocks and get all they ask for show no scarcity.
                short = short.and((sought - delivered).over(V::all(simd, ROUNDING) * needed));
            }
            let one = V::all(simd, 1.0);
            let ratio = if short.any() { short.select(covered / needed, one) } else { one };
            let availability = before + (ratio - before) * V::all(simd, self.smoothing);
            availability.put(row, v);
            (V::of(simd, total, v) + needed).put(total, v);
            scarce |= V::all(simd, 1.0 - ROUNDING).over(availability).any();
        }
        scarce
    }

    /// The price in market `c`, and that of contracts if these follow it, where goods are scarce or were: how much demand
    /// gives way, and the extra bill of importers, which exporters to the market get.
    #[inline(always)]
    fn price<S: Simd, const W: usize>(
        &mut self,
        simd: Width<S, W>,
        (c, market): (MarketIx, &Market),
        need: &Row<B>,
        (mut thrift, follows): (Option<&mut Row<B>>, bool),
        discount: &Row<B>,
    ) {
        let quote = &self.quotes[market.quote];
        let (prices, lefts) = clear(&self.availability[c], &self.demands[quote.demand]);
        self.price[c] = prices;
        let followed = &mut self.followed[c];
        let (peak, gave_way) = (&mut self.peak[c], &mut self.gave_way[c]);
        let (mut bill, sent, importer) = (self.bill.part(), self.sent.view(), market.importer);
        for v in simd.parts::<B>() {
            let one = V::all(simd, 1.0);
            let (price, given) = (V::of(simd, &prices, v), one - V::of(simd, &lefts, v));
            V::of(simd, peak, v).max(price).put(peak, v);
            (V::of(simd, gave_way, v) + V::of(simd, need, v) * given).put(gave_way, v);
            if let Some(thrift) = &mut thrift {
                (one - V::of(simd, &quote.thrift, v) * given).put(thrift, v);
            }
            let (spot_share, contract) = (V::of(simd, &quote.spot_share, v), V::of(simd, &quote.price, v));
            let mut more = spot_share * (contract * (price - one));
            if follows {
                let before = V::of(simd, followed, v);
                let now = before + (price - before) * V::of(simd, &quote.following, v);
                now.put(followed, v);
                let passed = (one - spot_share) * V::of(simd, &quote.pass_through, v);
                more = more + passed * (contract * (now - one));
            }
            let extra = V::of(simd, discount, v) * more;
            let mut total = V::of(simd, &bill[importer], v);
            for &(group, exporter) in &self.flows.imports[c] {
                let more = extra * V::of(simd, &sent[group], v);
                total = total + more;
                (V::of(simd, &bill[exporter], v) - more).put(&mut bill[exporter], v);
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

/// The price at which a market clears, `min(cap, ρ^(−1/|ε|))` as a multiple of the contract price, and the share of
/// demand that it leaves: `max(ρ, cap^(−|ε|))`. A trial without scarcity must not see that a neighbour has some.
#[inline(always)]
fn clear<const B: usize>(availability: &Row<B>, demand: &Demand<B>) -> (Row<B>, Row<B>) {
    let (mut price, mut left) = ([1.0; B], [1.0; B]);
    for k in 0..B {
        let scarce = availability[k] < 1.0 - ROUNDING;
        let market = exp(-ln(availability[k]) * demand.inverse[k]);
        price[k] = if scarce { f64::min(demand.cap[k], market) } else { 1.0 };
        left[k] = if scarce { f64::max(availability[k], demand.at_cap[k]) } else { 1.0 };
    }
    (price, left)
}
