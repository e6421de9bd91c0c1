//! Which goods are valued: markets of importing countries, and sales of those whose exports are barred.

use super::Quantities;
use super::nodes::Nodes;
use crate::network::{
    CommodityIx, IndexVec, Ix, Lane, LaneIx, Market, MarketIx, Passage, PassageIx, Quote, QuoteIx, Sale,
    Trade, TradeIx,
};
use crate::scenario::Tables;
use indexmap::IndexMap;

pub(super) fn trade(
    t: &Tables,
    nodes: &Nodes,
    lanes: &IndexVec<LaneIx, Lane>,
    passages: &IndexVec<PassageIx, Passage>,
    q: &mut Quantities<'_>,
) -> (IndexVec<QuoteIx, Quote>, IndexVec<MarketIx, Market>, IndexVec<TradeIx, Trade>) {
    let Nodes { sites, inputs, outputs, .. } = nodes;
    // By commodity of the scenario: its quote.
    let mut quotes = IndexVec::new();
    let quoted: Vec<Option<QuoteIx>> = t
        .commodities
        .iter()
        .map(|(id, commodity)| {
            let market = commodity.market.as_ref()?;
            let path = |key: &'static str| ["commodities", id, "market", key];
            Some(quotes.push(Quote {
                price: q.param(&path("price_per_unit"), &market.price_per_unit),
                spot_share: q.param(&path("spot_share"), &market.spot_share),
                elasticity: [
                    q.param(&path("elasticity_short"), &market.elasticity_short),
                    q.param(&path("elasticity_long"), &market.elasticity_long),
                ],
                cap: q.param(&path("price_cap"), &market.price_cap),
                thrift: q.param(&path("thrift_share"), &market.thrift_share),
                pass_through: q.param(&path("contract_pass_through"), &market.contract_pass_through),
                delay_days: q.param(&path("contract_delay_days"), &market.contract_delay_days),
                look_ahead_days:
                    market.look_ahead_days.as_ref().map(|days| q.param(&path("look_ahead_days"), days)),
            }))
        })
        .collect();

    let mut barred = IndexVec::filled(false, outputs.len());
    let controlled = |lane: &Lane| !passages[lane.passage].controls.is_empty();
    for lane in lanes.iter().filter(|l| controlled(l)) {
        barred[lane.output] = true;
    }
    let quote_of = |commodity: CommodityIx| quoted.get(commodity.at()).copied().flatten();
    let mut markets: IndexMap<(QuoteIx, &str), Market> = IndexMap::new();
    let mut trades = IndexVec::new();
    for (e, lane) in lanes.pairs() {
        let Some(quote) = quote_of(inputs[lane.input].commodity) else { continue };
        let (seller, buyer) = (&sites[outputs[lane.output].site], &sites[inputs[lane.input].site]);
        let abroad = seller.country != buyer.country;
        if abroad {
            let market = markets.entry((quote, buyer.country.as_str())).or_insert_with(|| Market {
                quote,
                importer: buyer.party,
                inputs: Vec::new(),
                imports: Vec::new(),
                thrifty: !quotes[quote].thrift.is_zero(),
            });
            market.imports.push(trades.next());
        }
        if abroad || barred[lane.output] {
            let sale = match (barred[lane.output], controlled(lane)) {
                (false, _) => Sale::Free,
                (true, true) => Sale::Barred,
                (true, false) => Sale::Elsewhere,
            };
            trades.push(Trade { lane: e, quote, exporter: seller.party, sale });
        }
    }
    for (i, input) in inputs.pairs() {
        let country = sites[input.site].country.as_str();
        if let Some(market) = quote_of(input.commodity).and_then(|quote| markets.get_mut(&(quote, country))) {
            market.inputs.push(i);
        }
    }
    (quotes, markets.into_values().collect(), trades)
}
