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
        (0.0..=100.0_f64).prop_map(|percent| DayMeasure::QuantileOfAll { percent }),
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
