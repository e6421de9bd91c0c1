//! The lanes whose goods are valued, in the order they are booked.

use crate::network::{Param, Sale};
use crate::scenario::Rationing;
use crate::step::Model;
use crate::step::plan::{Slot, slot};
use indexmap::{IndexMap, IndexSet};
use std::ops::Range;

/// Lanes into markets, market by market, then those of other trades.
#[derive(Debug, Clone)]
pub(super) struct Flows {
    pub(super) deliveries: Vec<Delivery>,
    /// Where the deliveries of each market end, and those to buyers without one.
    ends: Vec<usize>,
    pub(super) groups: IndexSet<Group>,
    /// By market: its inputs with their sites, and the groups of its imports with their exporters, but for those of the
    /// importer itself.
    pub(super) needs: Vec<Vec<(usize, usize)>>,
    pub(super) imports: Vec<Vec<(usize, usize)>>,
    pub(super) sales: Vec<Sales>,
    /// Elasticities at the onset and later with caps of the price, and which of them each quote has.
    pub(super) demands: Vec<[Param; 3]>,
    pub(super) demand_of: Vec<usize>,
}

/// A lane that is valued.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) lane: Slot,
    /// Row of what passes of its orders, and row of the share that it gets of that.
    pub(super) passing: Slot,
    pub(super) share: Slot,
    /// Group that it is counted in; beyond all groups for none.
    pub(super) group: Slot,
    pub(super) rationing: Rationing,
    /// Whether it is the first of its group.
    pub(super) opens: bool,
}

/// Trades into a market that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Group {
    market: usize,
    exporter: usize,
    quote: usize,
    sale: Sale,
    abroad: bool,
}

/// Sales of an exporter that controls bar, or free goods for.
#[derive(Debug, Clone)]
pub(super) struct Sales {
    pub(super) exporter: usize,
    pub(super) sale: Sale,
    /// Groups of lanes with their quotes, and the lanes with baseline trade with theirs.
    pub(super) groups: Vec<(usize, usize)>,
    pub(super) weighted: Vec<(usize, usize)>,
}

impl Flows {
    pub(super) fn new(m: &Model) -> Self {
        let mut flows = Flows {
            deliveries: Vec::new(),
            ends: Vec::new(),
            groups: IndexSet::new(),
            needs: Vec::new(),
            imports: vec![Vec::new(); m.markets.len()],
            sales: Vec::new(),
            demands: Vec::new(),
            demand_of: Vec::new(),
        };
        let mut trade_of = vec![None; m.lanes.len()];
        for (number, trade) in m.trades.iter().enumerate() {
            trade_of[trade.lane] = Some(number);
        }
        let mut abroad = vec![false; m.trades.len()];
        m.markets.iter().flat_map(|market| &market.imports).for_each(|&number| abroad[number] = true);
        let mut booked = vec![false; m.trades.len()];
        for (c, market) in m.markets.iter().enumerate() {
            for e in market.inputs.iter().flat_map(|&i| m.inputs[i].lanes.clone()) {
                let group = trade_of[e].map(|number: usize| {
                    booked[number] = true;
                    flows.group(m, c, number, abroad[number])
                });
                flows.deliver(m, e, group);
            }
            flows.ends.push(flows.deliveries.len());
            flows.needs.push(market.inputs.iter().map(|&i| (i, m.inputs[i].site)).collect());
        }
        for number in (0..m.trades.len()).filter(|&number| !booked[number]) {
            let group = flows.group(m, m.markets.len(), number, false);
            flows.deliver(m, m.trades[number].lane, Some(group));
        }
        flows.ends.push(flows.deliveries.len());
        for (number, group) in flows.groups.iter().enumerate().filter(|(_, group)| group.abroad) {
            if m.markets[group.market].importer != group.exporter {
                flows.imports[group.market].push((number, group.exporter));
            }
        }
        flows.sell(m);
        for quote in &m.quotes {
            let [short, long] = quote.elasticity;
            let demand = [short, long, quote.cap];
            let number = flows.demands.iter().position(|other| *other == demand);
            flows.demand_of.push(number.unwrap_or(flows.demands.len()));
            if number.is_none() {
                flows.demands.push(demand);
            }
        }
        flows
    }

    /// The deliveries to a market, or where that is one more than there are to buyers without one.
    #[inline(always)]
    pub(super) fn of_market(&self, c: usize) -> Range<usize> {
        let start = if c == 0 { 0 } else { self.ends[c - 1] };
        start..self.ends[c]
    }

    /// Number of the group of a trade: whether it is the first there.
    fn group(&mut self, m: &Model, market: usize, number: usize, abroad: bool) -> (usize, bool) {
        let trade = &m.trades[number];
        let group = Group { market, exporter: trade.exporter, quote: trade.quote, sale: trade.sale, abroad };
        self.groups.insert_full(group)
    }

    fn deliver(&mut self, m: &Model, e: usize, group: Option<(usize, bool)>) {
        let (lane, ties) = (&m.plan.lanes[e], &m.plan.ties[e]);
        self.deliveries.push(Delivery {
            lane: slot(e),
            passing: ties.passing,
            share: lane.share,
            group: group.map_or(Slot::MAX, |(number, _)| slot(number)),
            rationing: ties.rationing,
            opens: group.is_some_and(|(_, opens)| opens),
        });
    }

    /// Who sells what that controls bar or free.
    fn sell(&mut self, m: &Model) {
        let mut sales: IndexMap<(usize, Sale), Sales> = IndexMap::new();
        for (number, group) in self.groups.iter().enumerate().filter(|(_, group)| group.sale != Sale::Free) {
            let (exporter, sale) = (group.exporter, group.sale);
            let own = sales.entry((exporter, sale)).or_insert_with(|| Sales {
                exporter,
                sale,
                groups: Vec::new(),
                weighted: Vec::new(),
            });
            own.groups.push((number, group.quote));
        }
        for trade in m.trades.iter().filter(|trade| m.lanes[trade.lane].flow.is_weighted()) {
            if let Some(own) = sales.get_mut(&(trade.exporter, trade.sale)) {
                own.weighted.push((trade.lane, trade.quote));
            }
        }
        self.sales = sales.into_values().collect();
    }
}
