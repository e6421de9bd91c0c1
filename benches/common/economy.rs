//! A network with an economy, of the size that numpy is set against.

use supplyshock::draw::{Distribution, DistributionError};
use supplyshock::scenario::{
    About, Commodity, Control, Date, Input, Leaf, Link, Market, Output, Party, Site, Stage, Tables, Time,
};
use supplyshock::{Model, Scenario};

/// 6 mines, 6 plants and 8 magnet makers, half of them in the south, and 20 sectors of the north that sell to each other:
/// 40 sites over 283 links, for three years of weekly steps. The south bars its goods from the north for a year. What is
/// uncertain is drawn, mostly as for the flagship, or else in the middle of its range.
pub fn economy(drawn: bool) -> Model {
    match Scenario::new("economy", tables(drawn)).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

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

fn leaf(distribution: Result<Distribution, DistributionError>) -> Leaf {
    match distribution {
        Ok(distribution) => distribution.into(),
        Err(error) => panic!("{error}"),
    }
}

/// Any value of a range, or its middle.
fn ranged([low, high]: [f64; 2], drawn: bool) -> Leaf {
    if drawn { leaf(Distribution::uniform(low, high)) } else { (0.5 * (low + high)).into() }
}

/// A value about the mode of a range, or the mode.
fn about([low, mode, high]: [f64; 3], drawn: bool) -> Leaf {
    if drawn { leaf(Distribution::triangular(low, mode, high)) } else { mode.into() }
}

const SECTORS: usize = 20;

/// A tier of materials: its sites, what they make, and how many they are.
type Tier = (&'static str, &'static str, usize);
const MINES: Tier = ("mine", "ore", 6);
const PLANTS: Tier = ("plant", "oxide", 6);
const MAKERS: Tier = ("maker", "magnet", 8);

fn tables(drawn: bool) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), 1092).step_days(7);
    let ban = Control::new(["south"], ["north"])
        .onset_days(7)
        .duration_days(365)
        .leakage(Leaf::assumption("leakage"));
    let mut t = Tables::new(About::new("economy", "JPY"), time)
        .party("north", Party::new(1e13))
        .party("south", Party::new(1e13))
        .control("ban", ban);
    for (name, range) in UNIFORM {
        t = t.assumption(name, ranged(range, drawn));
    }
    for (name, range) in TRIANGULAR {
        t = t.assumption(name, about(range, drawn));
    }
    for ((_, good, _), price) in [(MINES, 1e6), (PLANTS, 8e6), (MAKERS, 10e6)] {
        let [spot, short, long, cap] =
            ["spot_share", "elasticity_short", "elasticity_long", "price_cap"].map(Leaf::assumption);
        t = t.commodity(good, Commodity::new("t").market(Market::new(price, spot, short, long, cap)));
    }
    for k in 0..SECTORS {
        t = t.commodity(format!("good{k}"), Commodity::new("JPY"));
    }
    materials(&mut t, MINES, None);
    materials(&mut t, PLANTS, Some(("ore", 20.into())));
    buy(&mut t, PLANTS, MINES, 3);
    materials(&mut t, MAKERS, Some(("oxide", Leaf::assumption("cover_oxide"))));
    buy(&mut t, MAKERS, PLANTS, 5);
    sectors(&mut t, drawn);
    buy(&mut t, ("sector", "", SECTORS), MAKERS, 5);
    t
}

/// Sites of a tier, with the good that they buy and how long it is held.
fn materials(t: &mut Tables, (site, good, count): Tier, input: Option<(&str, Leaf)>) {
    for k in 0..count {
        let (country, spare) =
            if south(k) { ("south", 0.15.into()) } else { ("north", Leaf::assumption("spare")) };
        let mut made = Site::new(country, site).spare_capacity(spare).overtime_max(1.05);
        if let Some((bought, cover)) = &input {
            made = made.input(*bought, Input::new(0.5, cover.clone()));
        }
        let made = made.value_added_per_unit(1e6).output(good, Output::new());
        t.sites.insert(format!("{site}{k}"), made);
    }
}

/// Sectors, with the lanes between them.
fn sectors(t: &mut Tables, drawn: bool) {
    let mut left = 125;
    for k in 0..SECTORS {
        let magnet = Input::new(1e-10, Leaf::assumption("cover_magnet"));
        let mut sector = Site::new("north", Stage::SECTOR)
            .spare_capacity(0.05)
            .overtime_max(1.05)
            .value_added_per_unit(0.5)
            .input("magnet", magnet.criticality(ranged([0.05, 0.45], drawn)));
        let others = left / (SECTORS - k);
        left -= others;
        for other in (0..others).map(|j| (k + 1 + 3 * j) % SECTORS) {
            let input = Input::new(0.05, Leaf::assumption("cover_goods"))
                .restoration_days(56)
                .criticality(Leaf::assumption("criticality_goods"));
            sector = sector.input(format!("good{other}"), input);
            t.links.insert(format!("sector{other}>sector{k}:good{other}"), Link::new(7));
        }
        let output = Output::new()
            .final_demand_per_year(1e12)
            .waiting_share(Leaf::assumption("waiting"))
            .cancellation_per_week(Leaf::assumption("cancelling"));
        t.sites.insert(format!("sector{k}"), sector.output(format!("good{k}"), output));
    }
}

/// Lanes to each site of a tier from so many of the one below, near and far in turn.
fn buy(t: &mut Tables, (to, _, buyers): Tier, (from, good, count): Tier, suppliers: usize) {
    for k in 0..buyers {
        for j in 0..suppliers {
            let supplier = (k + 5 * j) % count;
            let surge = if south(supplier) { 1.5.into() } else { Leaf::assumption("surge") };
            let link = Link::new(7 * (1 + j % 3) as u32).surge_limit(surge);
            t.links.insert(format!("{from}{supplier}>{to}{k}:{good}"), link);
        }
    }
}

/// Whether a site of the materials lies in the south.
fn south(k: usize) -> bool {
    k.is_multiple_of(2)
}
