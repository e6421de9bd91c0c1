//! The lanes whose goods are valued, in the order they are booked.

use crate::network::{
    IndexVec, InputIx, Ix, LaneIx, MarketIx, Param, PartyIx, QuoteIx, Sale, SiteIx, TradeIx, indices,
};
use crate::scenario::Rationing;
use crate::step::Model;
use crate::step::index::{FlowIx, ShareIx};
use indexmap::{IndexMap, IndexSet};
use std::ops::Range;

indices! {
    /// Trades that count alike.
    GroupIx;
    /// An elasticity under a cap of the price.
    DemandIx;
}

/// Lanes into markets, market by market, then those of other trades.
#[derive(Debug, Clone)]
pub(super) struct Flows {
    pub(super) deliveries: Vec<Delivery>,
    /// Where the deliveries of each market end.
    ends: IndexVec<MarketIx, usize>,
    /// How many groups there are.
    pub(super) groups: usize,
    /// By market: its inputs with their sites, and the groups of its imports with their exporters, but for those of the
    /// importer itself.
    pub(super) needs: IndexVec<MarketIx, Vec<(InputIx, SiteIx)>>,
    pub(super) imports: IndexVec<MarketIx, Vec<(GroupIx, PartyIx)>>,
    pub(super) sales: Vec<Sales>,
    /// Elasticities at the onset and later with caps of the price, and which of them each quote has.
    pub(super) demands: IndexVec<DemandIx, [Param; 3]>,
    pub(super) demand_of: IndexVec<QuoteIx, DemandIx>,
}

/// A lane that is valued.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) lane: LaneIx,
    /// Its passing orders, and the share of them that is sent.
    pub(super) passing: FlowIx,
    pub(super) share: ShareIx,
    /// Group that it is counted in, if any.
    pub(super) group: Option<GroupIx>,
    pub(super) rationing: Rationing,
    /// Whether it is the first of its group.
    pub(super) opens: bool,
}

/// Trades into a market that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Group {
    /// None where the buyer has none.
    market: Option<MarketIx>,
    exporter: PartyIx,
    quote: QuoteIx,
    sale: Sale,
    abroad: bool,
}

/// Sales of an exporter that controls bar, or free goods for.
#[derive(Debug, Clone)]
pub(super) struct Sales {
    pub(super) exporter: PartyIx,
    pub(super) sale: Sale,
    /// Groups of lanes with their quotes, and the lanes with baseline trade with theirs.
    pub(super) groups: Vec<(GroupIx, QuoteIx)>,
    pub(super) weighted: Vec<(LaneIx, QuoteIx)>,
}

impl Flows {
    pub(super) fn new(m: &Model) -> Self {
        let mut groups = IndexSet::new();
        let mut flows = Flows {
            deliveries: Vec::new(),
            ends: IndexVec::new(),
            groups: 0,
            needs: IndexVec::new(),
            imports: IndexVec::filled(Vec::new(), m.markets.len()),
            sales: Vec::new(),
            demands: IndexVec::new(),
            demand_of: IndexVec::new(),
        };
        flows.line_up(m, &mut groups);
        for (number, group) in groups.iter().enumerate().filter(|(_, group)| group.abroad) {
            if let Some(market) = group.market
                && m.markets[market].importer != group.exporter
            {
                flows.imports[market].push((GroupIx::new(number), group.exporter));
            }
        }
        flows.groups = groups.len();
        flows.sales = sales(m, &groups);
        for quote in &m.quotes {
            let [short, long] = quote.elasticity;
            let demand = [short, long, quote.cap];
            let known = flows.demands.find(|other| *other == demand);
            let number = known.unwrap_or_else(|| flows.demands.push(demand));
            flows.demand_of.push(number);
        }
        flows
    }

    /// Puts the lanes that are valued in the order they are booked.
    fn line_up(&mut self, m: &Model, groups: &mut IndexSet<Group>) {
        let mut trade_of: IndexVec<LaneIx, Option<TradeIx>> = IndexVec::filled(None, m.lanes.len());
        for (number, trade) in m.trades.pairs() {
            trade_of[trade.lane] = Some(number);
        }
        let mut abroad: IndexVec<TradeIx, bool> = IndexVec::filled(false, m.trades.len());
        m.markets.iter().flat_map(|market| &market.imports).for_each(|&number| abroad[number] = true);
        let mut booked: IndexVec<TradeIx, bool> = IndexVec::filled(false, m.trades.len());
        let mut group = |market: Option<MarketIx>, number: TradeIx, abroad: bool| {
            let trade = &m.trades[number];
            let (exporter, quote, sale) = (trade.exporter, trade.quote, trade.sale);
            let (number, opens) = groups.insert_full(Group { market, exporter, quote, sale, abroad });
            (GroupIx::new(number), opens)
        };
        for (c, market) in m.markets.pairs() {
            for e in market.inputs.iter().flat_map(|&i| m.inputs[i].lanes) {
                let own = trade_of[e].map(|number| {
                    booked[number] = true;
                    group(Some(c), number, abroad[number])
                });
                self.deliver(m, e, own);
            }
            self.ends.push(self.deliveries.len());
            self.needs.push(market.inputs.iter().map(|&i| (i, m.inputs[i].site)).collect());
        }
        for number in m.trades.numbers().into_iter().filter(|&number| !booked[number]) {
            self.deliver(m, m.trades[number].lane, Some(group(None, number, false)));
        }
    }

    fn deliver(&mut self, m: &Model, e: LaneIx, group: Option<(GroupIx, bool)>) {
        let (lane, ties) = (&m.plan.rows.lanes[e], &m.plan.rows.ties[e]);
        self.deliveries.push(Delivery {
            lane: e,
            passing: ties.passing,
            share: lane.share,
            group: group.map(|(number, _)| number),
            rationing: ties.rationing,
            opens: group.is_some_and(|(_, opens)| opens),
        });
    }

    /// The deliveries to a market.
    #[inline(always)]
    pub(super) fn to(&self, market: MarketIx) -> Range<usize> {
        let before = market.at().checked_sub(1).map_or(0, |before| self.ends[MarketIx::new(before)]);
        before..self.ends[market]
    }

    /// The deliveries to buyers without a market.
    #[inline(always)]
    pub(super) fn beside(&self) -> Range<usize> {
        self.ends.last().map_or(0, |end| *end)..self.deliveries.len()
    }
}

/// Sales that controls bar or free, by exporter.
fn sales(m: &Model, groups: &IndexSet<Group>) -> Vec<Sales> {
    let mut sales: IndexMap<(PartyIx, Sale), Sales> = IndexMap::new();
    for (number, group) in groups.iter().enumerate().filter(|(_, group)| group.sale != Sale::Free) {
        let (exporter, sale) = (group.exporter, group.sale);
        let own = sales.entry((exporter, sale)).or_insert_with(|| Sales {
            exporter,
            sale,
            groups: Vec::new(),
            weighted: Vec::new(),
        });
        own.groups.push((GroupIx::new(number), group.quote));
    }
    for trade in m.trades.iter().filter(|trade| m.lanes[trade.lane].flow.is_weighted()) {
        if let Some(own) = sales.get_mut(&(trade.exporter, trade.sale)) {
            own.weighted.push((trade.lane, trade.quote));
        }
    }
    sales.into_values().collect()
}
