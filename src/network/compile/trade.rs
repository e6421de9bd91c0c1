//! Which goods are valued: markets of importing countries, and sales of those whose exports are barred.

use super::Quantities;
use crate::network::{Input, Lane, Market, Output, Passage, Quote, Sale, Site, Trade};
use crate::scenario::Tables;
use indexmap::IndexMap;

pub(super) fn trade(
    t: &Tables,
    sites: &[Site],
    inputs: &[Input],
    outputs: &[Output],
    lanes: &[Lane],
    passages: &[Passage],
    q: &mut Quantities<'_>,
) -> (Vec<Quote>, Vec<Market>, Vec<Trade>) {
    // By commodity: its quote.
    let mut quotes: Vec<Quote> = Vec::new();
    let quoted: Vec<Option<usize>> = t
        .commodities
        .iter()
        .map(|(id, commodity)| {
            let market = commodity.market.as_ref()?;
            let path = |key: &'static str| ["commodities", id, "market", key];
            quotes.push(Quote {
                price: q.param(&path("price_per_unit"), &market.price_per_unit),
                spot_share: q.param(&path("spot_share"), &market.spot_share),
                elasticity: [
                    q.param(&path("elasticity_short"), &market.elasticity_short),
                    q.param(&path("elasticity_long"), &market.elasticity_long),
                ],
                cap: q.param(&path("price_cap"), &market.price_cap),
                thrift: q.param(&path("thrift_share"), &market.thrift_share),
            });
            Some(quotes.len() - 1)
        })
        .collect();

    let mut barred = vec![false; outputs.len()];
    let controlled = |lane: &Lane| !passages[lane.passage].controls.is_empty();
    for lane in lanes.iter().filter(|l| controlled(l)) {
        barred[lane.output] = true;
    }
    let mut markets: IndexMap<(usize, &str), Market> = IndexMap::new();
    let mut trades = Vec::new();
    for (e, lane) in lanes.iter().enumerate() {
        let Some(quote) = quoted.get(inputs[lane.input].commodity).copied().flatten() else { continue };
        let (seller, buyer) = (&sites[outputs[lane.output].site], &sites[inputs[lane.input].site]);
        let abroad = seller.country != buyer.country;
        if abroad {
            let market = markets.entry((quote, &buyer.country)).or_insert_with(|| Market {
                quote,
                importer: buyer.party,
                inputs: Vec::new(),
                imports: Vec::new(),
                thrifty: !quotes[quote].thrift.is_zero(),
            });
            market.imports.push(trades.len());
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
    for (i, input) in inputs.iter().enumerate() {
        let country = sites[input.site].country.as_str();
        if let Some(market) = quoted
            .get(input.commodity)
            .copied()
            .flatten()
            .and_then(|quote| markets.get_mut(&(quote, country)))
        {
            market.inputs.push(i);
        }
    }
    (quotes, markets.into_values().collect(), trades)
}
