//! Tables and numbers as they are shown.

use crate::run::Days;
use crate::scenario::one_line;
use crate::stats::Interval;
use crate::study::Estimate;
use comfy_table::{CellAlignment, Table, presets};
use std::fmt;

/// The mark in a table for a figure that does not exist.
pub(crate) const NONE: &str = "–";

/// A number with three digits, and no minus before a zero.
pub(crate) fn three_digits(x: f64) -> String {
    let shown = format!("{x:.3}");
    if shown == "-0.000" { "0.000".to_owned() } else { shown }
}

/// The figure behind a ±: half of an interval, as it is `written`.
pub(crate) fn plus_minus(interval: Option<Interval>, written: impl Fn(f64) -> String) -> String {
    format!("±{}", interval.map_or(NONE.to_owned(), |i| written(i.half_width())))
}

/// Both ends of an interval, as they are `written`.
pub(crate) fn ends(interval: Option<Interval>, written: impl Fn(f64) -> String) -> String {
    interval.map_or(NONE.to_owned(), |i| format!("[{}, {}]", written(i.low), written(i.high)))
}

/// Percent, with no minus before a zero.
pub(crate) fn percent(x: f64, digits: usize) -> String {
    let shown = format!("{:.digits$}%", 100.0 * x);
    match shown.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.' | '%')) => zero.to_owned(),
        _ => shown,
    }
}

/// A quantile over so many trials of days, of which one that does not count has them never.
pub(super) fn day_of_all(days: &Days, q: f64, trials: u64) -> String {
    days.quantile_of_all(q, trials).map_or("never".to_owned(), |day| format!("{day:.0}"))
}

/// A share of the trials; where it is none or all of them, with the end of its interval on the other side.
pub(crate) fn share(of: Estimate) -> String {
    let shown = percent(of.value, 1);
    match of.interval {
        Some(i) if of.value <= 0.0 => format!("{shown} ≤{}", chance(i.high, 0)),
        Some(i) if of.value >= 1.0 => format!("{shown} ≥{}", chance(i.low, 0)),
        _ => shown,
    }
}

/// How likely something is, with the ends of its interval.
pub(crate) fn over(of: Estimate) -> String {
    format!("{} {}", chance(of.value, 2), ends(of.interval, |p| chance(p, 2)))
}

/// A probability in percent, with at least so many digits behind the point, and as many as tell it from 0 and from 1.
pub(crate) fn chance(p: f64, digits: usize) -> String {
    let off = 100.0 * p.min(1.0 - p);
    if off <= 0.0 {
        return percent(p, 0);
    }
    // Two digits of the error.
    let needed = (1.0 - off.log10().floor()).clamp(0.0, 12.0);
    percent(p, digits.max(needed as usize))
}

/// A table of which every cell stands on one line.
pub(crate) struct Rows(Table);

impl Rows {
    pub(crate) fn add_row(&mut self, cells: impl IntoIterator<Item: AsRef<str>>) {
        self.0.add_row(cells.into_iter().map(|cell| one_line(cell.as_ref()).into_owned()));
    }

    pub(crate) fn row_count(&self) -> usize {
        self.0.row_count()
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A table without lines, its numbers to the right.
pub(crate) fn table(header: &[&str]) -> Rows {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header.iter().map(|name| one_line(name)));
    for (k, column) in table.column_iter_mut().enumerate() {
        if k > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    Rows(table)
}

/// A unit that fits amounts up to `largest` in a currency.
pub(crate) fn unit(currency: &str, largest: f64) -> (f64, String) {
    let currency = one_line(currency);
    let fits = [(1e12, "tn"), (1e9, "bn"), (1e6, "m")].into_iter().find(|(u, _)| largest >= *u);
    fits.map_or((1.0, currency.clone().into_owned()), |(u, word)| (u, format!("{currency} {word}")))
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(x: f64) -> String {
    let digits = format!("{x:.0}");
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_show_what_tells_them_from_none_and_all() {
        for (p, shown) in [
            (0.0, "0%"),
            (1.0, "100%"),
            (3.688_8e-5, "0.0037%"),
            (1.0 - 3.688_8e-5, "99.9963%"),
            (0.036, "3.60%"),
            (0.369, "36.90%"),
            (1e-9, "0.00000010%"),
        ] {
            assert_eq!(chance(p, 2), shown);
        }
        assert_eq!((chance(0.036, 0), chance(0.369, 0)), ("3.6%".to_owned(), "37%".to_owned()));
        assert_eq!(chance(f64::NAN, 2), "NaN%");
    }

    #[test]
    fn shares_of_none_and_of_all_trials_show_how_far_they_are_known() {
        for (value, trials, shown) in [
            (0.0, 100_000, "0.0% ≤0.0037%"),
            (1.0, 100_000, "100.0% ≥99.9963%"),
            (0.0, 1, "0.0% ≤97.5%"),
            (0.0, 100, "0.0% ≤3.6%"),
            (0.25, 100, "25.0%"),
            (f64::NAN, 0, "NaN%"),
        ] {
            assert_eq!(share(Estimate::share(value, trials)), shown);
        }
    }

    #[test]
    fn what_has_no_interval_says_so() {
        let none = |x: f64| format!("{x}");
        assert_eq!((plus_minus(None, none).as_str(), ends(None, none).as_str()), ("±–", "–"));
        let some = Some(Interval { low: 1.0, high: 2.0 });
        assert_eq!((plus_minus(some, none).as_str(), ends(some, none).as_str()), ("±0.5", "[1, 2]"));
    }
}
