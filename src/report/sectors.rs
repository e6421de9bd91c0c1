//! Tables of sectors: their stops, their losses, and the inputs that limit them.

use super::format::{self, NONE, day_of_all, table, three_digits, unit};
use crate::run::{Days, Limit};
use crate::study::Estimate;
use crate::{Error, Outcome};
use std::collections::HashMap;
use std::fmt::Write as _;

/// An input is listed when it takes more than this share of a sector's loss, and of all that inputs and outages take.
const LISTED_SHARE: f64 = 0.05;

/// Sectors, the one that stops first standing first.
pub(super) fn sectors(text: &mut String, outcome: &Outcome) -> Result<(), Error> {
    let mut rows = Vec::new();
    for id in outcome.sectors() {
        let subject = crate::run::Subject::Sector(id.to_owned());
        let stops = outcome.stop_days(id)?;
        let back = stops.recovery.days.as_ref().map(|days| days.quantile(0.5));
        rows.push((id, outcome.distribution(&subject)?, stops, back));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let trials = outcome.trials();
    let median = |days: &Days| days.quantile_of_all(0.5, trials).unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| {
        let by_line = median(&a.2.line).total_cmp(&median(&b.2.line));
        median(&a.2.first)
            .total_cmp(&median(&b.2.first))
            .then(by_line)
            .then(b.2.line.share.total_cmp(&a.2.line.share))
    });
    let largest = rows.iter().map(|r| r.1.max().abs()).fold(0.0, f64::max);
    let (unit, name) = unit(outcome.labels().currency(), largest);
    let below = 100.0 * outcome.labels().stopped_below();
    let _ = writeln!(
        text,
        "\nSectors by first stop (activity below {below:.0}% of baseline; a line is the part of output that hangs on one input at one firm; days from the onset over all trials, mean days below, median day it was back within 1%), losses in {name}:"
    );
    let mut table = table(&[
        "",
        "a line",
        "p05",
        "p50",
        "sector",
        "p05",
        "p50",
        "p95",
        "days below",
        "back p50",
        "loss mean",
        "p05",
        "p95",
    ]);
    let names: HashMap<&str, &str> =
        outcome.labels().sites().iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let whole = |days: Option<f64>| days.map_or(NONE.to_owned(), |d| format!("{d:.0}"));
    for (id, loss, stops, back) in rows {
        let chance = |days: &Days| format::share(Estimate::share(days.share, trials));
        let amount = |x: f64| three_digits(x / unit);
        table.add_row([
            names.get(id).copied().unwrap_or(id).to_owned(),
            chance(&stops.line),
            day_of_all(&stops.line, 0.05, trials),
            day_of_all(&stops.line, 0.5, trials),
            chance(&stops.first),
            day_of_all(&stops.first, 0.05, trials),
            day_of_all(&stops.first, 0.5, trials),
            day_of_all(&stops.first, 0.95, trials),
            whole(Some(stops.mean_below)),
            whole(back),
            amount(loss.mean()),
            amount(loss.quantile(0.05)),
            amount(loss.quantile(0.95)),
        ]);
    }
    let _ = writeln!(text, "{table}");
    Ok(())
}

/// The inputs that limit each sector, and the lane behind each.
pub(super) fn limits(text: &mut String, outcome: &Outcome) {
    let names: HashMap<&str, &str> =
        outcome.labels().sites().iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let mut shown = table(&["", "limiting input", "share", "lane behind it", "missing"]);
    let mut limits = outcome.limits();
    let lost: HashMap<&str, f64> = outcome.site_means().collect();
    let matters = |l: &Limit<'_>| l.loss > LISTED_SHARE * lost.get(l.site).map_or(0.0, |x| x.abs());
    limits.retain(|l| l.share >= LISTED_SHARE && matters(l));
    limits.sort_by(|a, b| a.site.cmp(b.site).then(b.share.total_cmp(&a.share)));
    for limit in limits {
        let (lane, missing) = match limit.lane {
            Some((id, missing)) => (id.to_string(), format!("{:.0}%", 100.0 * missing)),
            None => (NONE.to_owned(), String::new()),
        };
        shown.add_row([
            names.get(limit.site).copied().unwrap_or(limit.site).to_owned(),
            limit.input.to_owned(),
            format!("{:.0}%", 100.0 * limit.share),
            lane,
            missing,
        ]);
    }
    if shown.row_count() > 0 {
        let _ = writeln!(
            text,
            "\nWhat limits them (share of what inputs and outages take; what the lane that falls short most leaves \
             out, of the need over the horizon):\n{shown}"
        );
    }
}
