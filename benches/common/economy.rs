//! A network with an economy, of the size that numpy is set against.

use std::fmt::Write as _;
use supplyshock::{Model, Scenario};

/// 6 mines, 6 plants and 8 magnet makers, half of them in the south, and 20 sectors of the north that sell to each other:
/// 40 sites over 283 links, for three years of weekly steps. The south bars its goods from the north for a year. What is
/// uncertain is drawn, mostly as for the flagship, or else in the middle of its range.
pub fn economy(drawn: bool) -> Model {
    match Scenario::parse("economy.toml", &text(drawn)).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

const HEAD: &str = r#"
[scenario]
currency = "JPY"
title = "economy"
[time]
start = 2026-01-01
step_days = 7
horizon_days = 1092
[parties.north]
gdp_per_year = 1e13
[parties.south]
gdp_per_year = 1e13
[controls.ban]
exporters = ["south"]
importers = ["north"]
onset_days = 7
duration_days = 365
leakage.assumption = "leakage"
[assumptions]
"#;

/// Low and high.
const UNIFORM: [(&str, [f64; 2]); 4] = [
    ("surge", [1.2, 3.0]),
    ("spare", [0.2, 0.6]),
    ("criticality_goods", [0.5, 1.0]),
    ("cancelling", [0.01, 0.05]),
];

/// Low, mode and high.
const TRIANGULAR: [(&str, [f64; 3]); 9] = [
    ("leakage", [0.0, 0.05, 0.2]),
    ("cover_oxide", [10.0, 20.0, 45.0]),
    ("cover_magnet", [14.0, 28.0, 60.0]),
    ("cover_goods", [15.0, 30.0, 60.0]),
    ("waiting", [0.0, 0.15, 0.4]),
    ("spot_share", [0.01, 0.03, 0.05]),
    ("elasticity_short", [0.05, 0.15, 0.35]),
    ("elasticity_long", [0.4, 0.6, 0.8]),
    ("price_cap", [3.0, 10.0, 26.0]),
];

const MARKET: &str = r#"spot_share.assumption = "spot_share"
elasticity_short.assumption = "elasticity_short"
elasticity_long.assumption = "elasticity_long"
price_cap.assumption = "price_cap""#;

fn uniform([low, high]: [f64; 2], drawn: bool) -> String {
    if drawn {
        format!("{{ uniform = {{ low = {low}, high = {high} }} }}")
    } else {
        (0.5 * (low + high)).to_string()
    }
}

fn triangular([low, mode, high]: [f64; 3], drawn: bool) -> String {
    if drawn {
        format!("{{ triangular = {{ low = {low}, mode = {mode}, high = {high} }} }}")
    } else {
        mode.to_string()
    }
}

const SECTORS: usize = 20;

/// A tier of materials: its sites, what they make, and how many they are.
type Tier = (&'static str, &'static str, usize);
const MINES: Tier = ("mine", "ore", 6);
const PLANTS: Tier = ("plant", "oxide", 6);
const MAKERS: Tier = ("maker", "magnet", 8);

fn text(drawn: bool) -> String {
    let (mut text, mut links) = (HEAD.to_owned(), String::new());
    for (name, range) in UNIFORM {
        let _ = writeln!(text, "{name} = {}", uniform(range, drawn));
    }
    for (name, range) in TRIANGULAR {
        let _ = writeln!(text, "{name} = {}", triangular(range, drawn));
    }
    for ((_, good, _), price) in [(MINES, 1e6), (PLANTS, 8e6), (MAKERS, 10e6)] {
        let _ = writeln!(text, "[commodities.{good}]\nunit = \"t\"\n[commodities.{good}.market]");
        let _ = writeln!(text, "price_per_unit = {price}\n{MARKET}");
    }
    for k in 0..SECTORS {
        let _ = writeln!(text, "[commodities.good{k}]\nunit = \"JPY\"");
    }
    materials(&mut text, MINES, "");
    materials(&mut text, PLANTS, "inputs.ore = { use_per_unit = 0.5, cover_days = 20 }");
    buy(&mut links, PLANTS, MINES, 3);
    let oxide = "inputs.oxide = { use_per_unit = 0.5, cover_days.assumption = \"cover_oxide\" }";
    materials(&mut text, MAKERS, oxide);
    buy(&mut links, MAKERS, PLANTS, 5);
    sectors(&mut text, &mut links, drawn);
    buy(&mut links, ("sector", "", SECTORS), MAKERS, 5);
    text + &links
}

fn materials(text: &mut String, (site, good, count): Tier, input: &str) {
    for k in 0..count {
        let (country, spare) =
            if south(k) { ("south", "0.15") } else { ("north", "{ assumption = \"spare\" }") };
        let _ = writeln!(text, "[sites.{site}{k}]\ncountry = \"{country}\"\nstage = \"{site}\"");
        let _ = writeln!(text, "spare_capacity = {spare}\novertime_max = 1.05");
        let _ = writeln!(text, "value_added_per_unit = 1e6\n{input}\noutputs.{good} = {{}}");
    }
}

/// Sectors, with the lanes between them.
fn sectors(text: &mut String, links: &mut String, drawn: bool) {
    let mut left = 125;
    for k in 0..SECTORS {
        let _ = writeln!(
            text,
            "[sites.sector{k}]\ncountry = \"north\"\nstage = \"sector\"\nspare_capacity = 0.05"
        );
        let _ = writeln!(text, "overtime_max = 1.05\nvalue_added_per_unit = 0.5\n[sites.sector{k}.inputs]");
        let critical = uniform([0.05, 0.45], drawn);
        let _ = write!(text, "magnet = {{ use_per_unit = 1e-10, criticality = {critical}, ");
        let _ = writeln!(text, "cover_days.assumption = \"cover_magnet\" }}");
        let others = left / (SECTORS - k);
        left -= others;
        for other in (0..others).map(|j| (k + 1 + 3 * j) % SECTORS) {
            let _ = write!(text, "good{other} = {{ use_per_unit = 0.05, restoration_days = 56, ");
            let _ = write!(text, "cover_days.assumption = \"cover_goods\", ");
            let _ = writeln!(text, "criticality.assumption = \"criticality_goods\" }}");
            let _ = writeln!(links, "[links.\"sector{other}>sector{k}:good{other}\"]\nlead_time_days = 7");
        }
        let _ = writeln!(text, "[sites.sector{k}.outputs.good{k}]\nfinal_demand_per_year = 1e12");
        let _ = writeln!(text, "waiting_share.assumption = \"waiting\"");
        let _ = writeln!(text, "cancellation_per_week.assumption = \"cancelling\"");
    }
}

/// Lanes to each site of a tier from so many of the one below, near and far in turn.
fn buy(links: &mut String, (to, _, buyers): Tier, (from, good, count): Tier, suppliers: usize) {
    for k in 0..buyers {
        for j in 0..suppliers {
            let supplier = (k + 5 * j) % count;
            let surge = if south(supplier) { "1.5" } else { "{ assumption = \"surge\" }" };
            let _ = writeln!(links, "[links.\"{from}{supplier}>{to}{k}:{good}\"]");
            let _ = writeln!(links, "lead_time_days = {}\nsurge_limit = {surge}", 7 * (1 + j % 3));
        }
    }
}

/// Whether a site of the materials lies in the south.
fn south(k: usize) -> bool {
    k.is_multiple_of(2)
}
