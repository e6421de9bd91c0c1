//! Statistics as text. It is read from both ends, so that ids may hold dots.

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

/// Names of what stands beside the parties.
const SITES: &str = "sites";
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
        FIRST_STOP => {
            let (sector, measure) = match rest.strip_suffix(".share") {
                Some(sector) => (sector, "share"),
                None => rest.rfind(".p").map(|at| (&rest[..at], &rest[at + 1..]))?,
            };
            stop(sector, StopDay::First, measure)
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
        _ => DayMeasure::Quantile { percent: percent(measure.strip_prefix('p')?)? },
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
                Measure::Over { amount: amount.parse().ok().filter(|x: &f64| x.is_finite())? }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Statistic {
        text.parse().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn names_of_the_summary_are_read_and_given_back() {
        for text in [
            "JP.output.mean",
            "JP.output_direct.p05",
            "JP.total.tvar_95",
            "JP.total.tvar_99.5",
            "JP.price.p97.5",
            "JP.output.p_zero",
            "JP.output.over_2.6e12",
            "JP.gdp_share.mean",
            "first_stop.cars.share",
            "first_stop.JPN C10.x.p50",
            "stops.cars.days.p99.9",
            "stops.cars.recovery.share",
            "sites.mine.output.mean",
            "limiting.cars.metal.loss",
            "limiting.cars.metal.lane.missing",
            "markets.JP/metal.peak_price",
            "payments.JP.held_peak",
            "insurer.p95",
            "ratios.CN.output",
            "recovered_share",
            "unsettled_share",
            "mass_balance_residual",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
        // Other spellings of the same.
        assert_eq!(parsed("stops.cars.first.p5"), parsed("first_stop.cars.p05"));
        assert_eq!(parsed("JP.output.over_5000000"), parsed("JP.output.over_5e6"));
    }

    #[test]
    fn ids_that_hold_dots_or_words_of_names_are_whole() {
        for (text, sector) in [("first_stop.a.b.share.p50", "a.b.share"), ("first_stop.p1.p2", "p1")] {
            let Statistic::Stop { sector: found, .. } = parsed(text) else { panic!("{text}") };
            assert_eq!(found, sector);
        }
        let Statistic::Loss { party, component, .. } = parsed("a.output.b.price.mean") else { panic!() };
        assert_eq!((party.as_str(), component), ("a.output.b", Component::Price));
        let limiting = parsed("limiting.a.b.c.share");
        assert_eq!(
            limiting,
            Statistic::Limiting { site: "a.b".into(), input: "c".into(), of: LimitNumber::Share }
        );
        // A party that is called as a part of the summary.
        let party = "first_stop".to_owned();
        let odd = Statistic::Loss { party, component: Component::Output, measure: parsed_measure("p50") };
        assert_eq!(odd.to_string(), "\"first_stop\".output.p50");
        assert_eq!(parsed(&odd.to_string()), odd);
    }

    fn parsed_measure(text: &str) -> Measure {
        measure(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn what_names_no_statistic_is_refused_with_a_way_to_write_one() {
        for text in [
            "",
            "JP",
            "JP.output",
            "JP.output.maen",
            "JP.ouptut.mean",
            ".output.mean",
            "JP.output.p101",
            "JP.output.p-5",
            "JP.output.pinf",
            "JP.output.tvar_",
            "JP.output.over_nan",
            "JP.output.mean_ci",
            "first_stop.cars",
            "first_stop..share",
            "stops.cars.p50",
            "markets.JP.peak_price",
            "payments.JP.paid",
            "\"JP.output.mean",
            "trials",
        ] {
            let fault = text.parse::<Statistic>().expect_err(text);
            assert_eq!(fault.text, text);
            assert!(fault.to_string().contains("PARTY.COMPONENT.MEASURE"), "{fault}");
        }
    }

    fn any_id() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{1,4}",
            "[a-z.\"/ ]{1,8}",
            prop::sample::select(vec![
                "sites",
                "first_stop",
                "output",
                "p50",
                "share",
                "mean",
                "insurer",
                "a.first.b"
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn any_measure() -> impl Strategy<Value = Measure> {
        prop_oneof![
            prop::sample::select(vec![
                Measure::Mean,
                Measure::StdDev,
                Measure::StdError,
                Measure::Min,
                Measure::Max,
                Measure::NoLoss
            ]),
            (0.0..=100.0_f64).prop_map(|percent| Measure::Quantile { percent }),
            (0..=100_u8).prop_map(|percent| Measure::Tvar { percent: f64::from(percent) }),
            (-1e13..1e13_f64).prop_map(|amount| Measure::Over { amount }),
        ]
    }

    fn any_days() -> impl Strategy<Value = DayMeasure> {
        prop_oneof![
            Just(DayMeasure::Share),
            (0.0..=100.0_f64).prop_map(|percent| DayMeasure::Quantile { percent }),
        ]
    }

    fn any_statistic() -> impl Strategy<Value = Statistic> {
        let component = prop::sample::select(Component::ALL.to_vec());
        prop_oneof![
            (any_id(), component, any_measure()).prop_map(|(party, component, measure)| Statistic::Loss {
                party,
                component,
                measure
            }),
            any_id().prop_map(|party| Statistic::GdpShare { party }),
            any_id().prop_map(|site| Statistic::Site { site }),
            (any_id(), prop::sample::select(StopDay::ALL.to_vec()), any_days())
                .prop_map(|(sector, days, measure)| Statistic::Stop { sector, days, measure }),
            (any_id(), any_id(), prop::sample::select(LimitNumber::ALL.to_vec()))
                .prop_map(|(site, input, of)| Statistic::Limiting { site, input, of }),
            (any_id(), any_id(), prop::sample::select(MarketNumber::ALL.to_vec()))
                .prop_map(|(country, commodity, of)| Statistic::Market { country, commodity, of }),
            (any_id(), prop::sample::select(PaymentNumber::ALL.to_vec()))
                .prop_map(|(party, of)| Statistic::Payment { party, of }),
            any_measure().prop_map(|measure| Statistic::Insurer { measure }),
            any_id().prop_map(|party| Statistic::Ratio { party }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn every_statistic_is_read_back_from_its_text(statistic in any_statistic()) {
            let text = statistic.to_string();
            prop_assert_eq!(text.parse::<Statistic>(), Ok(statistic), "{}", text);
        }
    }
}
