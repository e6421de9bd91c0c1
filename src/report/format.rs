//! Tables and numbers as they are shown.

use comfy_table::{CellAlignment, Table, presets};

/// A number with three digits, and no minus before a zero.
pub(crate) fn three_digits(x: f64) -> String {
    let shown = format!("{x:.3}");
    if shown == "-0.000" { "0.000".to_owned() } else { shown }
}

/// A table without lines, its numbers to the right.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    for (k, column) in table.column_iter_mut().enumerate() {
        if k > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A unit that fits amounts up to `largest` in a currency.
pub(crate) fn unit(currency: &str, largest: f64) -> (f64, String) {
    let fits = [(1e12, "tn"), (1e9, "bn"), (1e6, "m")].into_iter().find(|(u, _)| largest >= *u);
    fits.map_or((1.0, currency.to_owned()), |(u, word)| (u, format!("{currency} {word}")))
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
