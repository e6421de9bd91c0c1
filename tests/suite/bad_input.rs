//! Every fault in a scenario is found, with its path and what would be right.

use crate::common::{Source, compile, head};
use crate::parts::Build;
use crate::small::{Folder, SMALL, problems, small, with};
use supplyshock::scenario::{Draft, Input, Link, Output, Site};
use supplyshock::{Ensemble, Error, Scenario};

/// Checks a table of faults. A row holds a piece of the small scenario, what stands in its place (`⏎` for a
/// line break), and the path, a part of the message and a part of the help of the one problem that makes.
fn check(rows: &str) {
    let mut checked = 0;
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let fields: Vec<String> = row.split('|').map(|f| f.trim().replace('⏎', "\n")).collect();
        let [old, new, path, message, help] = fields.as_slice() else { panic!("five fields: {row}") };
        let found = problems(&with(old, new));
        assert_eq!(found.len(), 1, "`{new}` makes one problem: {found:#?}");
        let problem = &found[0];
        assert_eq!(problem.path, *path, "{problem}");
        assert!(problem.message().contains(message), "`{message}` in: {problem}");
        let text = problem.help().clone().unwrap_or_default();
        assert!(text.contains(help), "`{help}` in: {problem}");
        assert_eq!(problem.file.as_deref(), Some("small.toml"));
        assert!(problem.line > 0 && problem.column > 0, "{problem}");
        checked += 1;
    }
    assert!(checked > 3, "{checked} rows");
}

#[test]
fn the_small_scenario_has_no_fault() {
    let model = Scenario::parse("small.toml", SMALL).and_then(|s| s.compile()).expect("it compiles");
    Ensemble::new(&model).trials(200).check_baselines().expect("all baselines are balanced");
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    check(
        r#"
        restoration_days | restoration_dais | sites.smelter.inputs.ore.restoration_dais | unknown key `restoration_dais` | did you mean `restoration_days`?
        headline = "JP" | headlin = "JP" | scenario.headlin | unknown key | did you mean `headline`?
        [events.quake] | [evnts.quake] | evnts | unknown key | did you mean `events`?
        times = 1.5 | tims = 1.5 | sites.cars.inputs.metal.criticality.tims | unknown key | did you mean `times`?
        high = 60 | high = 60, hihg = 1 | sites.cars.inputs.metal.cover_days.uniform.hihg | unknown key | did you mean `high`?
        name = "cars" | colour = "red" | commodities.car.colour | unknown key | known here: name, unit
        surge_limit = 1.5 | surge_limit = { value = 1, high = 2 } | links."mill>cars:metal".surge_limit.high | unknown key | known here: source, basis, value
        "#,
    );
}

#[test]
fn a_missing_field_is_named_with_what_it_takes() {
    check(
        r#"
        title = "small"⏎ | | scenario | `title` is missing | add `title`: text
        start = 2026-01-06⏎ | | time | `start` is missing | date
        use_per_unit = 1e-3⏎ | | sites.cars.inputs.metal | `use_per_unit` is missing | leaf
        share = 0.3⏎lead_time_days = 14 | share = 0.3 | links."mill>cars:metal" | `lead_time_days` is missing | leaf
        low = 30, high = 60 | low = 30 | sites.cars.inputs.metal.cover_days.uniform | `high` is missing | `uniform` takes low, high
        severity = 0.5⏎ | | events.quake | `severity` is missing | or a `series`
        assumption = "need", times = 1.5, plus = 0.1 | source = "x" | sites.cars.inputs.metal.criticality | no value in it | `value`, `assumption` or a distribution
        "#,
    );
    let bare = problems("[rules]\n");
    let names: Vec<String> = bare.iter().map(|p| p.message()).collect();
    let tables = ["scenario", "time", "parties", "commodities", "sites"].map(|t| format!("`{t}` is missing"));
    assert_eq!(names, tables);
    assert!(bare.iter().all(|p| (p.line, p.column) == (1, 1) && p.help().is_some()), "{bare:#?}");
}

#[test]
fn an_unknown_id_is_named_with_the_nearest_known_one() {
    check(
        r#"
        [controls.ban] | [links."mime>mill:ore"]⏎lead_time_days = 7⏎share = 0⏎[controls.ban] | links."mime>mill:ore" | no site `mime` | did you mean `mine`?
        [controls.ban] | [links."mine>mil:ore"]⏎lead_time_days = 7⏎[controls.ban] | links."mine>mil:ore" | no site `mil` | did you mean `mill`?
        [controls.ban] | [links."mine>cars:ore"]⏎lead_time_days = 7⏎[controls.ban] | links."mine>cars:ore" | no input of site `cars` called `ore` | known here: metal
        [controls.ban] | [links."cars"]⏎lead_time_days = 7⏎[controls.ban] | links.cars | does not name a link | from>to:commodity
        sites = ["mill"] | sites = ["mil"] | events.quake.sites.0 | no site `mil` | did you mean `mill`?
        commodities = ["metal"] | commodities = ["metals"] | controls.ban.commodities.0 | no commodity `metals` | did you mean `metal`?
        exporters = ["CN"] | exporters = ["CN", "CNN"] | controls.ban.exporters.1 | no site in country `CNN` | did you mean `CN`?
        country = "MM" | country = "MMM" | sites.mine.country | no party that answers for country `MMM` | did you mean `MM`?
        assumption = "need" | assumption = "knead" | sites.cars.inputs.metal.criticality | no assumption `knead` | did you mean `need`?
        headline = "JP" | headline = "JPN" | scenario.headline | no party `JPN` | did you mean `JP`?
        headline = "JP" | headline = "Brazil" | scenario.headline | no party `Brazil` | known here: JP, CN
        throttle = "hard" | throttle = "hart" | sites.cars.inputs.metal.throttle | `hart` is not a choice | did you mean `hard`?
        basis = "recalled" | basis = "recaled" | assumptions.need.basis | `recaled` is not a choice | did you mean `recalled`?
        "#,
    );
}

#[test]
fn a_number_out_of_its_range_is_refused() {
    for (number, shown) in
        [("nan", "NaN"), ("-nan", "NaN"), ("inf", "inf"), ("-inf", "-inf"), ("1e999", "inf")]
    {
        let found = problems(&with("onset_days = 28", &format!("onset_days = {number}")));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].path, "controls.ban.onset_days");
        assert_eq!(found[0].message(), format!("{shown} is not a finite number"));
        assert_eq!(found[0].help().as_deref(), Some("give a finite number"));
    }
    check(
        r#"
        cover_days = 21 | cover_days = -21 | sites.smelter.inputs.ore.cover_days | -21 is out of range | 0 or more
        gdp_per_year = 6e14 | gdp_per_year = 0 | parties.JP.gdp_per_year | 0 is out of range | over 0
        severity = 0.8 | severity = 1.01 | controls.ban.severity | 1.01 is out of range | from 0 to 1
        severity = 0.5 | severity = 1.5 | events.quake.severity | 1.5 is out of range | 1 or less
        lead_time_days = 21 | lead_time_days = -1 | links."mine>mill:ore".lead_time_days | -1 is out of range | 0 or more
        low = 30, high = 60 | low = -1, high = 60 | sites.cars.inputs.metal.cover_days | anything from -1 to 60 | 0 or more
        times = 1.5, plus = 0.1 | times = 2, plus = 0.25 | sites.cars.inputs.metal.criticality | anything from 0.65 to 1.25 | from 0 to 1
        lead_time_days = 21 | lead_time_days = 21⏎priority = -1 | links."mine>mill:ore".priority | -1 is out of range | whole number from 0
        stopped_below = 0.9 | stopped_below = 0 | rules.stopped_below | 0 is no share | over 0
        spare_capacity = 0.2 | spare_capacity = 0.2⏎overtime_max = 0.9 | sites.mine.overtime_max | 0.9 is out of range | 1 or more
        lead_time_days = 21 | lead_time_days = { value = nan } | links."mine>mill:ore".lead_time_days.value | NaN is not a finite | finite
        "#,
    );
}

#[test]
fn a_lead_time_of_centuries_is_refused() {
    // Goods under way are kept step by step: the memory they take must have a limit.
    let found = problems(&with("lead_time_days = 21", "lead_time_days = 1e12"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].path, "links.\"mine>mill:ore\".lead_time_days");
    assert!(found[0].help().as_ref().is_some_and(|h| h.contains("at most")), "{}", found[0]);
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_the_right_one() {
    check(
        r#"
        title = "small" | title = 1 | scenario.title | expected text, found a whole number |
        step_days = 7 | step_days = 7.5 | time.step_days | expected a whole number, found a number |
        horizon_days = 364 | horizon_days = "364" | time.horizon_days | expected a whole number, found text |
        horizon_days = 364 | horizon_days = 99999999999999999999 | time.horizon_days | too large |
        start = 2026-01-06 | start = "2026-01-06" | time.start | expected a date such as 2026-01-06, found text |
        start = 2026-01-06 | start = 2026-01-06T10:00:00 | time.start | expected a date such as 2026-01-06 |
        exporters = ["CN"] | exporters = "CN" | controls.ban.exporters | expected a list, found text |
        importers = ["JP"] | importers = ["JP", 81] | controls.ban.importers.1 | expected text, found a whole number |
        severity = 0.8 | severity = true | controls.ban.severity | expected a number, a distribution |
        outputs.ore = {} | outputs.ore = 1 | sites.mine.outputs.ore | expected a table, found a whole number |
        surge_limit = 1.5 | surge_limit = 0.9 | links."mill>cars:metal".surge_limit | 0.9 is out of range: the lane carries its baseline volume | 1 or more
        surge_limit = 1.5 | surge_limit = -1 | links."mill>cars:metal".surge_limit | -1 is out of range | 0 or more
        surge_limit = 1.5 | surge_limit = "lots" | links."mill>cars:metal".surge_limit | `lots` is not a choice | "unlimited"
        { exponential = { days = 20 } } | 20 | events.quake.recovery | expected a table with one of linear, exponential, logistic |
        { low = 30, high = 60 } | [30, 60] | sites.cars.inputs.metal.cover_days.uniform | the parameters of the distribution |
        uniform = { low = 30, high = 60 } | value = 1, uniform = { low = 30, high = 60 } | sites.cars.inputs.metal.cover_days | it has 2 values: value, uniform | keep one
        "#,
    );
}

#[test]
fn broken_parameters_of_a_distribution_are_refused() {
    for (broken, message) in [
        ("uniform = { low = 60, high = 30 }", "low is 60 and high is 30"),
        ("triangular = { low = 1, mode = 9, high = 5 }", "mode is 9 and high is 5"),
        ("pert = { low = 5, mode = 1, high = 9 }", "low is 5 and mode is 1"),
        ("normal = { mean = 10, sd = -1, low = 0 }", "sd is -1"),
        (
            "normal = { mean = 10, sd = 1, low = 60, high = 70 }",
            "the nearer bound is 50 standard deviations from",
        ),
        ("normal = { mean = 10, sd = 1, low = 10, high = 10.0000001 }", "the bounds are too close together"),
        ("log_normal = { median = 0, sigma = 1 }", "median is 0"),
        ("beta = { alpha = 0, beta = 1 }", "alpha is 0"),
        ("beta = { alpha = 2, beta = 2, low = 3, high = 3 }", "low must be below high"),
        ("gamma = { shape = -2, scale = 1 }", "shape is -2"),
        ("weibull = { shape = 1e-3, scale = 1 }", "mean is inf"),
        ("exponential = { mean = 0 }", "mean is 0"),
        ("discrete = { values = [1, 2], weights = [1] }", "2 values and 1 weights"),
        ("discrete = { values = [1, 2], weights = [1, -1] }", "weight 1 is -1"),
        ("discrete = { values = [], weights = [] }", "no values"),
        ("empirical = { values = [] }", "no values"),
    ] {
        let found = problems(&with("uniform = { low = 30, high = 60 }", broken));
        assert_eq!(found.len(), 1, "{broken}: {found:#?}");
        let form = broken.split(' ').next().unwrap_or_default();
        assert_eq!(found[0].path, format!("sites.cars.inputs.metal.cover_days.{form}"));
        assert!(found[0].message().starts_with(form), "it says which distribution: {}", found[0]);
        assert!(found[0].message().contains(message), "`{message}` in: {}", found[0]);
    }
}

#[test]
fn shares_that_cannot_sum_to_one_are_refused() {
    check(
        r#"
        share = 0.7 | share = 0.5 | links."smelter>cars:metal" | the shares of input `metal` of site `cars` sum to 0.8 | let them sum to 1
        share = 0.7 | share = 0.8 | links."smelter>cars:metal" | the shares of input `metal` of site `cars` sum to 1.1 | let them sum to 1
        share = 0.3 | share = 0.301 | links."smelter>cars:metal" | the shares of input `metal` of site `cars` sum to 1.001 | let them sum to 1
        outputs.ore = {} | outputs.ore = {}⏎outputs.metal = { yield_per_unit = 1 }⏎[links."mine>cars:metal"]⏎lead_time_days = 7⏎share = 0.1 | links."mine>cars:metal" | sum to 1.1 | let them sum to 1
        "#,
    );
    // Over one beside a lane that takes the rest; over one alone; all of them drawn.
    let rest = SMALL.replace("share = 0.3\n", "").replace("share = 0.7\n", "share = 0.6\n");
    let third = "[sites.mine.outputs.metal]\nyield_per_unit = 1\n[links.\"mine>cars:metal\"]\nlead_time_days = 7\nshare = 0.5\n";
    let found = problems(&(rest + third));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].message(), "the fixed shares of input `metal` of site `cars` sum to 1.1");
    let found = problems(&with("share = 0.7", "share = 1.2"));
    assert!(
        found.iter().any(|p| p.path.ends_with(".share") && p.message() == "1.2 is out of range"),
        "{found:#?}"
    );
    let range = "share = { uniform = { low = 0.2, high = 0.6 } }";
    let found = problems(&SMALL.replace("share = 0.7", range).replace("share = 0.3", range));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].message().starts_with("all shares of input `metal` of site `cars` are drawn"),
        "{}",
        found[0]
    );
    assert_eq!(found[0].help().as_deref(), Some("leave one lane without a share to take the rest"));
}

#[test]
fn tables_that_do_not_fit_each_other_are_refused() {
    check(
        r#"
        amount_days = 10 | amount_days = 10⏎refill_rate = 0.5 | reserves.depot.refill_rate | nobody refills it | SITE>depot:metal
        severity = 0.8 | phases = [{ after_days = 9, severity = 1 }, { after_days = 2, severity = 0.5 }] | controls.ban.phases | not in the order of their days | sort them
        sites = ["mill"] | sites = [] | events.quake.sites | the list is empty | name a site
        lead_time_days = 21 | lead_time_days = 21⏎share = 1⏎volume_per_year = 5 | links."mine>mill:ore" | it has share and volume_per_year | keep one
        [reserves.depot] | [projects.new]⏎site = "smelter"⏎capacity_per_year = 1⏎[reserves.depot] | projects.new.site | `smelter` has a capacity of its own | leave out
        lead_time_days = 21 | lead_time_days = { uniform = { low = 7, high = 5000 } } | links."mine>mill:ore".lead_time_days | a lead time of 5000 days | ten years
        countries = ["CN", "MM"] | countries = ["CN", "MM", "JP"] | parties.CN | country `JP` also belongs to party `JP` | one party
        [links."mine>mill:ore"]⏎lead_time_days = 21⏎ | | sites.mill.inputs.ore | the input has no supplier | "SITE>mill:ore"
        outputs.metal = {} | outputs.metal = { role = "by_product" } | sites.mill.outputs | no output drives the site | "driving"
        "#,
    );
    // A series in place of times leaves no room for any of them.
    let found = problems(&with("severity = 0.5", "severity = 0.5\nseries = [1, 0.5]"));
    let keys: Vec<&str> = found.iter().filter_map(|p| p.path.strip_prefix("events.quake.")).collect();
    assert_eq!(keys, ["start_days", "duration_days", "severity", "recovery"]);
}

#[test]
fn what_unfolds_by_chance_is_checked() {
    check(
        r#"
        [events.quake] | [regimes.r]⏎start = "b"⏎states.a = {}⏎[events.quake] | regimes.r.start | no state `b` | did you mean `a`?
        [events.quake] | [regimes.r]⏎start = "a"⏎states.a = { holding_days = 9, next.b = 1 }⏎[events.quake] | regimes.r.states.a.next.b | no state `b` | did you mean `a`?
        [events.quake] | [regimes.r]⏎start = "a"⏎states.a = { holding_days = 9 }⏎[events.quake] | regimes.r.states.a | nothing follows it | give `next`
        [events.quake] | [regimes.r]⏎start = "a"⏎states.a = { holding_days = 9, next.a = 0 }⏎[events.quake] | regimes.r.states.a | nothing follows it | lasts for good
        [events.quake] | [regimes.r]⏎start = "a"⏎states.a = { next.a = 1 }⏎[events.quake] | regimes.r.states.a | nothing follows it | give `holding_days`
        [events.quake] | [regimes.r]⏎start = "a"⏎states.a = { holding_days = 9, next.a = -1 }⏎[events.quake] | regimes.r.states.a.next.a | -1 is out of range | 0 or more
        amount_days = 10 | amount_days = 10⏎during = { regime = "r", states = ["a"] } | reserves.depot.during.regime | no regime `r` |
        trigger_days = 25 | trigger_days = 25⏎during = { regime = "r", states = ["b"] }⏎[regimes.r]⏎start = "a"⏎states.a = {} | reserves.depot.during.states.0 | no state of regime `r` called `b` | did you mean `a`?
        trigger_days = 25 | trigger_days = 25⏎during = { regime = "r", states = [] }⏎[regimes.r]⏎start = "a"⏎states.a = {} | reserves.depot.during.states | the list is empty | name a state
        onset_days = 28⏎ | after = "quake"⏎ | controls.ban | `onset_days` is missing | or `during`
        start_days = 50 | after = "ban" | events.quake | `start_days` is missing | or a `series`
        [events.quake] | [outages.o]⏎sites = ["mil"]⏎up_days = 9⏎down_days = 1⏎[events.quake] | outages.o.sites.0 | no site `mil` | did you mean `mill`?
        [events.quake] | [outages.o]⏎sites = []⏎up_days = 9⏎down_days = 1⏎[events.quake] | outages.o.sites | the list is empty | name a site
        [events.quake] | [outages.o]⏎sites = ["mill"]⏎up_days = 0⏎down_days = 0⏎[events.quake] | outages.o.up_days | neither up nor down takes any time | give days
        [events.quake] | [outages.o]⏎sites = ["mill"]⏎up_days = 9⏎down_days = 1⏎severity = 1.5⏎[events.quake] | outages.o.severity | 1.5 is out of range | from 0 to 1
        share = 0.7 | share = 0.7⏎contract = { term_share = 1, remaining_days = 9, contracts = 0 } | links."smelter>cars:metal".contract.contracts | 0 contracts | give 1 to 1000
        share = 0.7 | share = 0.7⏎contract = { term_share = 1, remaining_days = 9, contracts = 1001 } | links."smelter>cars:metal".contract.contracts | 1001 contracts | give 1 to 1000
        share = 0.7 | share = 0.7⏎contract = { term_share = 1, remaining_days = 9, suspended = 0.7, reviewed = 0.5 } | links."smelter>cars:metal".contract | `suspended` and `reviewed` sum to 1.2 | at most 1
        share = 0.7 | share = 0.7⏎contract = { remaining_days = 9 } | links."smelter>cars:metal".contract | `term_share` is missing | leaf
        [links."depot>cars:metal"] | [links."depot>cars:metal"]⏎contract = { term_share = 1, remaining_days = 9 } | links."depot>cars:metal".contract | without baseline trade has no contracts | leave it out
        share = 0.7 | share = 0.7⏎qualification_days = 9 | links."smelter>cars:metal" | only a contingent lane between sites waits | contingent_volume_per_year
        share = 0.7 | share = 0.7⏎after = "quake" | links."smelter>cars:metal" | only a contingent lane between sites waits | contingent_volume_per_year
        [links."depot>cars:metal"] | [links."depot>cars:metal"]⏎after = "ban" | links."depot>cars:metal" | only a contingent lane between sites waits | with the reserve
        severity = 0.8 | severity = 0.8⏎contract = { term_share = 1, remaining_days = 9, contracts = 0 } | controls.ban.contract.contracts | 0 contracts | give 1 to 1000
        severity = 0.8 | severity = 0.8⏎contract = { term_share = 1, remaining_days = 9, suspended = 1, reviewed = 0.5 } | controls.ban.contract | `suspended` and `reviewed` sum to 1.5 | at most 1
        severity = 0.8 | severity = 0.8⏎licences.civil = {} | controls.ban.licences.civil | `monthly_chance` is missing | leaf
        severity = 0.8 | severity = 0.8⏎licences.civil.monthly_chance = 1.1 | controls.ban.licences.civil.monthly_chance | 1.1 is out of range | from 0 to 1
        [events.quake] | [reexports.x]⏎control = "bn"⏎via = "XX"⏎delay_days = 9⏎volume_share = 1⏎[events.quake] | reexports.x.control | no control `bn` | did you mean `ban`?
        [events.quake] | [reexports.x]⏎control = "ban"⏎via = "XX"⏎delay_days = 9⏎volume_share = 1⏎commodities = ["ores"]⏎[events.quake] | reexports.x.commodities.0 | no commodity `ores` | did you mean `ore`?
        [events.quake] | [reexports.x]⏎control = "ban"⏎via = "XX"⏎delay_days = { uniform = { low = 1, high = 2 } }⏎volume_share = 1⏎[events.quake] | reexports.x.delay_days | a number, not a range | draw the `lead_time_days` of its links
        [events.quake] | [reexports.x]⏎control = "ban"⏎via = "XX"⏎delay_days = 1e6⏎volume_share = 1⏎[events.quake] | reexports.x.delay_days | a delay of 1000000 days | at most 3650
        recovery = { | growth_days = -1⏎recovery = { | events.quake.growth_days | -1 is out of range | 0 or more
        "#,
    );
    let row = "[regimes.r]\nstart = \"a\"\nstates.a = {}\n";
    let during = "during = { regime = \"r\", states = [\"a\"] }";
    let text = with("onset_days = 28", &format!("{during}\nonset_days = 28\nafter = \"quake\"")) + row;
    let keys =
        |text: &str| problems(text).into_iter().map(|p| (p.path.clone(), p.message())).collect::<Vec<_>>();
    let has_no = |what: &str, section: &str, key: &str| {
        let kind = section.split('.').next().unwrap_or_default().trim_end_matches('s');
        let article = if kind == "event" { "an" } else { "a" };
        (format!("{section}.{key}"), format!("{article} {kind} with `{what}` has no `{key}`"))
    };
    let none = ["onset_days", "after", "duration_days"].map(|key| has_no("during", "controls.ban", key));
    assert_eq!(keys(&text), none);
    let text = with("start_days = 50", &format!("{during}\nstart_days = 50\nafter = \"ban\"")) + row;
    let none = ["start_days", "after", "duration_days"].map(|key| has_no("during", "events.quake", key));
    assert_eq!(keys(&text), none);
    let timed =
        "start_days = 50\nduration_days = 30\nseverity = 0.5\nrecovery = { exponential = { days = 20 } }\n";
    let series = format!("series = [1]\n{during}\nafter = \"ban\"\ngrowth_days = 3\n");
    let none = ["during", "after", "growth_days"].map(|key| has_no("series", "events.quake", key));
    assert_eq!(keys(&(with(timed, &series) + row)), none);
    let states: String = (0..65).map(|k| format!("states.s{k} = {{}}\n")).collect();
    let found = problems(&(SMALL.to_owned() + "[regimes.r]\nstart = \"s0\"\n" + &states));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].path.as_str(), found[0].message().as_str()), ("regimes.r.states", "65 states"));
    assert!(found[0].help().as_ref().is_some_and(|h| h.contains("at most 64")), "{}", found[0]);
}

#[test]
fn what_waits_for_itself_is_refused_wherever_it_does() {
    let waits = |text: &str| -> Vec<(String, String)> {
        let found = problems(text);
        assert!(
            found.iter().all(|p| p.help().as_deref() == Some("let one of them begin on a day")),
            "{found:#?}"
        );
        found.into_iter().map(|p| (p.path.clone(), p.message())).collect()
    };
    let told = |section: &str, id: &str, ring: &str| {
        (format!("{section}.{id}.after"), format!("`{id}` waits for itself: {ring}"))
    };
    let own = with("onset_days = 28", "onset_days = 28\nafter = \"ban\"");
    assert_eq!(waits(&own), [told("controls", "ban", "ban, ban")]);
    let two = own.replace("after = \"ban\"", "after = \"quake\"");
    let two = two.replace("start_days = 50", "start_days = 50\nafter = \"ban\"");
    // A ring is told once.
    let both = [told("controls", "ban", "ban, quake, ban")];
    assert_eq!(waits(&two), both);
    // One that waits for those in the ring is not in it, nor is a reserve of the same name.
    let more = two.clone()
        + "[events.late]\nsites = [\"mill\"]\nafter = \"ban\"\nstart_days = 1\nduration_days = 1\nseverity = 1\n";
    assert_eq!(waits(&more), both);
    let round = own.replace("after = \"ban\"", "after = \"x\"")
        + "[reexports.x]\ncontrol = \"ban\"\nvia = \"XX\"\ndelay_days = 9\nvolume_share = 1\n";
    assert_eq!(waits(&round), [told("controls", "ban", "ban, x, ban")]);
    let named = SMALL.replace("depot", "ban").replace("amount_days", "after = \"ban\"\namount_days");
    Scenario::parse("named.toml", &named).expect("a reserve that opens with the control of its name");
    // What is waited for has one meaning.
    let same =
        with("[events.quake]", "[events.ban]").replace("onset_days = 28", "onset_days = 28\nafter = \"ban\"");
    let found = problems(&same);
    assert!(found.iter().any(|p| p.message() == "`ban` is the id of control and event"), "{found:#?}");
}

#[test]
fn no_fault_hides_another() {
    let found = |text: &str| -> Vec<String> {
        problems(text).iter().map(|p| format!("{}: {}", p.path, p.message())).collect()
    };
    let told = |found: &[String], expected: &[&str]| {
        for part in expected {
            assert!(found.iter().any(|f| f.contains(part)), "{part} is not in {found:#?}");
        }
        assert_eq!(found.len(), expected.len(), "{found:#?}");
    };
    // A wrong type and an unknown key leave ranges to be told.
    let text =
        with("cover_days = 21", "cover_days = -60\ncover = 3").replace("severity = 0.8", "severity = 1.8");
    let text = text.replace("step_days = 7", "step_days = \"7\"");
    told(
        &found(&text),
        &[
            "time.step_days: expected a whole number",
            "cover: unknown key `cover`",
            "cover_days: -60 is out of range",
            "controls.ban.severity: 1.8 is out of range",
        ],
    );
    // So do what cannot be removed and what cannot be set.
    let folder = Folder::with(&[
        ("small.toml", SMALL),
        (
            "over.toml",
            "extends = \"small.toml\"\nremove = [\"site:nowhere\"]\n[controls.ban]\nseverity = 2\n",
        ),
    ]);
    let error = Scenario::load_with(folder.path("over.toml"), ["rules.x = 1", "controls.bam.severity=0.5"]);
    let error = error.expect_err("it is wrong").to_string();
    for part in [
        "no site `nowhere` to remove",
        "2 is out of range",
        "unknown key `x`",
        "no `bam` in `controls` to change",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    assert!(error.contains("4 problems"), "{error}");
    // A misspelt id in an overlay is one fault, not as many as it lacks keys.
    folder.write("miss.toml", b"extends = \"small.toml\"\n[controls.bam]\nseverity = 0.5\nleakage = 0.1\n");
    let error = Scenario::load(folder.path("miss.toml")).expect_err("it is wrong").to_string();
    assert!(error.contains("there is no `bam` in `controls` to change"), "{error}");
    assert!(error.contains("did you mean `ban`?") && error.contains("1 problem"), "{error}");
}

#[test]
fn what_may_be_a_mistake_is_doubted() {
    let doubts = |text: &str| -> Vec<(String, String)> {
        let scenario = Scenario::parse("small.toml", text).unwrap_or_else(|e| panic!("{e}"));
        scenario.warnings().iter().map(|p| (p.path.clone(), p.message().clone())).collect()
    };
    assert!(doubts(SMALL).is_empty());
    let never = "there is no control, event or re-export `x`, so this never begins".to_owned();
    for (old, path) in [
        ("onset_days = 28", "controls.ban.after"),
        ("start_days = 50", "events.quake.after"),
        ("amount_days = 10", "reserves.depot.after"),
    ] {
        let text = with(old, &format!("{old}\nafter = \"x\""));
        assert_eq!(doubts(&text), [(path.to_owned(), never.clone())]);
    }
    let link = "[sites.cars.inputs.metal]";
    let far =
        "[links.\"mine>cars:metal\"]\nlead_time_days = 7\ncontingent_volume_per_year = 1\nafter = \"x\"\n";
    let text = with("outputs.ore = {}", "outputs.ore = {}\noutputs.metal.yield_per_unit = 1");
    let text = text.replacen(link, &(far.to_owned() + link), 1);
    assert_eq!(doubts(&text), [("links.\"mine>cars:metal\".after".to_owned(), never)]);
    let round = "[reexports.x]\ncontrol = \"ban\"\nvia = \"XX\"\ndelay_days = 9\nvolume_share = 1\ncommodities = [\"ore\"]\n";
    let expected = ("reexports.x.commodities.0".to_owned(), "`ban` does not cover `ore`".to_owned());
    assert_eq!(doubts(&(SMALL.to_owned() + round)), [expected]);
}

#[test]
fn step_and_horizon_have_limits() {
    check(
        r#"
        step_days = 7 | step_days = 0 | time.step_days | a step of 0 days | 1 to 31
        step_days = 7 | step_days = 32 | time.step_days | a step of 32 days | 1 to 31
        step_days = 7 | step_days = -7 | time.step_days | -7 is out of range | whole number from 0
        horizon_days = 364 | horizon_days = 6 | time.horizon_days | shorter than a step | at least 7
        horizon_days = 364 | horizon_days = 0 | time.horizon_days | shorter than a step | at least 7
        horizon_days = 364 | horizon_days = 4000000000 | time.horizon_days | 571428571 steps | fewer than 100000
        "#,
    );
    for days in [1, 31] {
        small().edit().tables(|t| t.time.step_days = days).finish().expect("it is allowed");
    }
}

/// Why a scenario without fault has no baseline.
fn unbalanced(scenario: &Scenario) -> String {
    match scenario.compile() {
        Err(Error::Baseline { fault, .. }) => fault.to_string(),
        other => panic!("{other:?} should have no baseline"),
    }
}

#[test]
fn a_baseline_that_cannot_be_kept_up_is_refused() {
    let message = |draft: Draft| unbalanced(&draft.finish().unwrap_or_else(|e| panic!("{e}")));
    let small = small();
    let scarce = message(small.edit().set("sites.smelter.capacity_per_year", 6e5));
    assert!(scarce.starts_with("site `smelter` needs 700000 "), "{scarce}");
    assert!(scarce.ends_with("at the baseline, above its capacity of 600000"), "{scarce}");
    // All the cover a user may hold is 60 days.
    let high = message(small.edit().set("reserves.depot.trigger_days", 61));
    let start = "reserve `depot` is drawn on below 61 days of use, above the cover of ";
    assert!(high.starts_with(start) && high.ends_with(" days that site `cars` holds"), "{high}");
    let lanes = [("mill>cars:metal", 2e5), ("smelter>cars:metal", 7e5)];
    let with = |terms: fn(&mut Link, f64)| {
        message(small.edit().tables(|t| {
            for (lane, volume) in lanes {
                t.links[lane].share = None;
                terms(&mut t.links[lane], volume);
            }
        }))
    };
    let agreed = with(|lane, volume| lane.volume_per_year = Some(volume.into()));
    assert!(agreed.starts_with("input `metal` of site `cars` needs"), "{agreed}");
    let contingent = with(|lane, volume| lane.contingent_volume_per_year = Some(volume.into()));
    assert!(contingent.ends_with("only contingent lanes or reserves supply it"), "{contingent}");
}

#[test]
fn a_cycle_that_uses_all_it_makes_is_refused() {
    let cycle = |used: f64| {
        head(7, 70)
            .goods(["a", "b"])
            .site(
                "one",
                Site::new("JP", "x")
                    .output("a", Output::new().final_demand_per_year(5))
                    .input("b", Input::new(used, 9)),
            )
            .site("two", Site::new("JP", "x").output("b", Output::new()).input("a", Input::new(1, 9)))
            .link("one>two:a", Link::new(7))
            .link("two>one:b", Link::new(7))
    };
    for used in [1.0, 1.5] {
        let message = unbalanced(&cycle(used).scenario().expect("it has no fault"));
        assert!(message.contains("cycle"), "{used}: {message}");
        assert!(message.contains("one") || message.contains("two"), "{used}: {message}");
    }
    // It leaves a tenth.
    compile(&cycle(0.9));
}
