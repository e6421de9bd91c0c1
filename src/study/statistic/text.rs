//! Statistics as text. It is read from both ends, so that ids may hold dots.

#[cfg(all(test, feature = "oracle"))]
mod tests;

use super::{DayMeasure, LimitNumber, MarketNumber, Measure, PaymentNumber, Statistic, StopDay};
use crate::run::Component;
use std::fmt;
use std::str::FromStr;

/// Why a text names no statistic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no statistic\n    help: write PARTY.COMPONENT.MEASURE, such as `JP.output.p95`, or another name of \
     summary.json, such as `first_stop.SECTOR.share`"
)]
#[non_exhaustive]
pub struct StatisticError {
    /// The text.
    pub text: String,
}

/// Names of the sections that stand beside the parties.
const SITES: &str = "sites";
const OF_ALL: &str = "of_all.";
const FIRST_LINE: &str = "first_line";
const FIRST_STOP: &str = "first_stop";
const STOPS: &str = "stops";
const LIMITING: &str = "limiting";
const MARKETS: &str = "markets";
const PAYMENTS: &str = "payments";
const INSURER: &str = "insurer";
const RATIOS: &str = "ratios";
const RECOVERED: &str = "recovered_share";
const UNSETTLED: &str = "unsettled_share";
const RESIDUAL: &str = "mass_balance_residual";

impl FromStr for Statistic {
    type Err = StatisticError;

    fn from_str(text: &str) -> Result<Self, StatisticError> {
        read(text).ok_or_else(|| StatisticError { text: text.to_owned() })
    }
}

fn read(text: &str) -> Option<Statistic> {
    match text {
        RECOVERED => return Some(Statistic::RecoveredShare),
        UNSETTLED => return Some(Statistic::UnsettledShare),
        RESIDUAL => return Some(Statistic::MassBalanceResidual),
        _ => {}
    }
    let (section, rest) = text.split_once('.')?;
    let found = match section {
        SITES => rest.strip_suffix(".output.mean").and_then(id).map(|site| Statistic::Site { site }),
        // The measure may hold a dot, as in p97.5.
        FIRST_LINE | FIRST_STOP => {
            let (sector, measure) = match rest.strip_suffix(".share") {
                Some(sector) => (sector, "share"),
                None => {
                    let at = rest.rfind(".p")?;
                    let sector = rest[..at].strip_suffix(".of_all").unwrap_or(&rest[..at]);
                    (sector, &rest[sector.len() + 1..])
                }
            };
            stop(sector, if section == FIRST_LINE { StopDay::Line } else { StopDay::First }, measure)
        }
        STOPS => StopDay::ALL.iter().find_map(|&days| {
            let (sector, measure) = rest.rsplit_once(&format!(".{}.", days.word()))?;
            stop(sector, days, measure)
        }),
        LIMITING => limiting(rest),
        MARKETS => {
            let (market, of) = rest.rsplit_once('.')?;
            let (country, commodity) = pair(market, '/')?;
            let of = MarketNumber::ALL.iter().find(|number| number.word() == of);
            of.map(|&of| Statistic::Market { country, commodity, of })
        }
        PAYMENTS => {
            let (party, of) = rest.rsplit_once('.')?;
            let of = PaymentNumber::ALL.iter().find(|number| number.word() == of);
            id(party).zip(of).map(|(party, &of)| Statistic::Payment { party, of })
        }
        INSURER => measure(rest).map(|measure| Statistic::Insurer { measure }),
        RATIOS => rest.strip_suffix(".output").and_then(id).map(|party| Statistic::Ratio { party }),
        _ => None,
    };
    found.or_else(|| party(text))
}

/// `PARTY.gdp_share.mean` or `PARTY.COMPONENT.MEASURE`.
fn party(text: &str) -> Option<Statistic> {
    if let Some(party) = text.strip_suffix(".gdp_share.mean") {
        return Some(Statistic::GdpShare { party: id(party)? });
    }
    // The last component counts; behind it is the measure, with or without a dot.
    let found = text.rmatch_indices('.').find_map(|(dot, _)| {
        let (before, after) = (&text[..dot], &text[dot + 1..]);
        let (party, word) = before.rsplit_once('.')?;
        let component = Component::ALL.into_iter().find(|c| c.word() == word)?;
        Some((party, component, after))
    });
    let (party, component, of) = found?;
    Some(Statistic::Loss { party: id(party)?, component, measure: measure(of)? })
}

fn stop(sector: &str, days: StopDay, measure: &str) -> Option<Statistic> {
    let measure = match measure {
        "share" => DayMeasure::Share,
        _ => match measure.strip_prefix(OF_ALL) {
            Some(of_all) => DayMeasure::QuantileOfAll { percent: percent(of_all.strip_prefix('p')?)? },
            None => DayMeasure::Quantile { percent: percent(measure.strip_prefix('p')?)? },
        },
    };
    Some(Statistic::Stop { sector: id(sector)?, days, measure })
}

/// `SITE.INPUT.NUMBER`.
fn limiting(rest: &str) -> Option<Statistic> {
    LimitNumber::ALL.iter().find_map(|&of| {
        let (site, input) = pair(rest.strip_suffix(of.word())?.strip_suffix('.')?, '.')?;
        Some(Statistic::Limiting { site, input, of })
    })
}

fn measure(text: &str) -> Option<Measure> {
    Some(match text {
        "mean" => Measure::Mean,
        "std_dev" => Measure::StdDev,
        "std_error" => Measure::StdError,
        "min" => Measure::Min,
        "max" => Measure::Max,
        "p_zero" => Measure::NoLoss,
        _ => {
            if let Some(of) = text.strip_prefix("tvar_") {
                Measure::Tvar { percent: percent(of)? }
            } else if let Some(amount) = text.strip_prefix("over_") {
                Measure::Over { amount: crate::number::amount(amount).ok()? }
            } else {
                Measure::Quantile { percent: percent(text.strip_prefix('p')?)? }
            }
        }
    })
}

fn percent(text: &str) -> Option<f64> {
    let digits = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|percent| digits && (0.0..=100.0).contains(percent))
}

/// An id, with or without quotes; one with quotes in it needs them, twice each.
fn id(text: &str) -> Option<String> {
    match text.strip_prefix('"') {
        None => (!text.is_empty() && !text.contains('"')).then(|| text.to_owned()),
        Some(quoted) => {
            let inner = quoted.strip_suffix('"')?;
            let plain = inner.replace("\"\"", "");
            (!plain.contains('"')).then(|| inner.replace("\"\"", "\""))
        }
    }
}

/// Two ids with `between` between them; without quotes the first is as long as can be.
fn pair(text: &str, between: char) -> Option<(String, String)> {
    let halves = |at: usize| Some((id(&text[..at])?, id(&text[at + between.len_utf8()..])?));
    text.rmatch_indices(between).find_map(|(at, _)| halves(at))
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.written(str::to_owned);
        // Ids that are read as something else stand between quotes.
        if read(&plain).as_ref() == Some(self) {
            f.write_str(&plain)
        } else {
            f.write_str(&self.written(|id| format!("\"{}\"", id.replace('"', "\"\""))))
        }
    }
}

impl Statistic {
    /// The text, with ids written by `id`.
    fn written(&self, id: impl Fn(&str) -> String) -> String {
        match self {
            Statistic::Loss { party, component, measure } => {
                format!("{}.{}.{measure}", id(party), component.word())
            }
            Statistic::GdpShare { party } => format!("{}.gdp_share.mean", id(party)),
            Statistic::Site { site } => format!("{SITES}.{}.output.mean", id(site)),
            Statistic::Stop { sector, days: StopDay::Line, measure } => {
                format!("{FIRST_LINE}.{}.{measure}", id(sector))
            }
            Statistic::Stop { sector, days: StopDay::First, measure } => {
                format!("{FIRST_STOP}.{}.{measure}", id(sector))
            }
            Statistic::Stop { sector, days, measure } => {
                format!("{STOPS}.{}.{}.{measure}", id(sector), days.word())
            }
            Statistic::Limiting { site, input, of } => {
                format!("{LIMITING}.{}.{}.{}", id(site), id(input), of.word())
            }
            Statistic::Market { country, commodity, of } => {
                format!("{MARKETS}.{}/{}.{}", id(country), id(commodity), of.word())
            }
            Statistic::Payment { party, of } => format!("{PAYMENTS}.{}.{}", id(party), of.word()),
            Statistic::Insurer { measure } => format!("{INSURER}.{measure}"),
            Statistic::Ratio { party } => format!("{RATIOS}.{}.output", id(party)),
            Statistic::RecoveredShare => RECOVERED.to_owned(),
            Statistic::UnsettledShare => UNSETTLED.to_owned(),
            Statistic::MassBalanceResidual => RESIDUAL.to_owned(),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Mean => f.write_str("mean"),
            Measure::StdDev => f.write_str("std_dev"),
            Measure::StdError => f.write_str("std_error"),
            Measure::Min => f.write_str("min"),
            Measure::Max => f.write_str("max"),
            Measure::Quantile { percent } => write!(f, "p{}", TwoDigits(*percent)),
            Measure::Tvar { percent } => write!(f, "tvar_{}", TwoDigits(*percent)),
            Measure::NoLoss => f.write_str("p_zero"),
            Measure::Over { amount } => write!(f, "over_{amount:e}"),
        }
    }
}

impl fmt::Display for DayMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DayMeasure::Share => f.write_str("share"),
            DayMeasure::Quantile { percent } => write!(f, "p{}", TwoDigits(*percent)),
            DayMeasure::QuantileOfAll { percent } => write!(f, "{OF_ALL}p{}", TwoDigits(*percent)),
        }
    }
}

/// A percentage with two digits before the point.
struct TwoDigits(f64);

impl fmt::Display for TwoDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zero = if self.0 < 10.0 { "0" } else { "" };
        write!(f, "{zero}{}", self.0)
    }
}
