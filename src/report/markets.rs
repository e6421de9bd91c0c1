//! The table of markets: prices under scarcity.

use super::format::{percent, table};
use crate::Outcome;
use std::fmt::Write as _;

/// Markets that are listed, and the rise of the highest price from which on one is.
const LISTED: usize = 10;
const RISE: f64 = 0.01;

/// Highest prices and prices at the end, the dearest market standing first.
pub(super) fn markets(text: &mut String, outcome: &Outcome) {
    let mut markets = outcome.markets();
    markets.retain(|market| market.peak_price >= 1.0 + RISE);
    markets.sort_by(|a, b| b.peak_price.total_cmp(&a.peak_price));
    let mut shown = table(&["", "good", "peak", "end", "gave way"]);
    for market in markets.iter().take(LISTED) {
        shown.add_row([
            market.country.to_owned(),
            market.commodity.to_owned(),
            format!("{:.2}", market.peak_price),
            format!("{:.2}", market.end_price),
            percent(market.gave_way, 1),
        ]);
    }
    if shown.row_count() > 0 {
        let _ = writeln!(
            text,
            "\nSpot prices of imported goods (multiples of the contract price, the highest and that of the last step; \
             share of the need over the horizon that gave way to them):\n{shown}"
        );
        if let Some(rest) = markets.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
            let _ = writeln!(text, "… and {rest} more, as in summary.json.");
        }
    }
}
