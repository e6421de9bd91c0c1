//! Scenarios made from bytes, each of which can be compiled.
//!
//! Layers of sites buy from the layers above. A unit of activity uses less than a unit of all goods together, and what goes
//! round gains less than one, so that every network has a baseline. Which figures are drawn, what is cut and what answers is
//! left to the bytes.

mod answers;
mod bytes;
mod forces;

use bytes::Bytes;
use supplyshock::scenario::{
    About, Commodity, Contract, Date, FinalDemandClass, Input, Link, Market, Ordering, Output, Overtime,
    Party, Payment, Rationing, Role, Rules, Site, Stage, Tables, Throttle, Time, Weights,
};

/// Whether anything happens in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forces {
    InForce,
    /// There are no controls, events and outages, nor what follows them. Sites take a fortnight at least to follow demand:
    /// without it, where a near lane is at its limit and a far one is not, rounding may grow until it is seen.
    None,
}

const COUNTRIES: [&str; 3] = ["A", "B", "C"];

/// What makes a good of a layer.
struct Maker {
    site: String,
    good: String,
}

/// What stands already.
struct Made {
    horizon: f64,
    makers: Vec<Maker>,
    /// Users of the first good, with the least of their cover.
    users: Vec<(String, f64)>,
    has_market: bool,
}

/// The scenario of some bytes.
pub fn tables(bytes: &[u8], forces: Forces) -> Tables {
    let b = &mut Bytes::new(bytes);
    let step = b.one_of([1_u32, 7, 3]);
    let horizon = step * b.between(20, 60);
    let layers = b.between(2, 4);
    let mut made =
        Made { horizon: horizon.into(), makers: Vec::new(), users: Vec::new(), has_market: b.one_in(2) };
    let time = Time::new(Date::new(2026, 1, 1), horizon).step_days(step);
    let mut t = Tables::new(About::new("generated", "EUR"), time)
        .rules(rules(b))
        .party("A", Party::new(1e9))
        .party("rest", Party::new(b.leaf(1e9, 2e9)).countries(["B", "C"]));
    for layer in 0..layers {
        let good = Commodity::new("t");
        let good = if made.has_market && layer < 2 { good.market(market(b)) } else { good };
        t = t.commodity(good_of(layer), good).commodity(format!("by{layer}"), Commodity::new("t"));
    }
    for layer in 0..layers {
        for place in 0..b.between(1, 3) {
            let id = format!("s{layer}{place}");
            let site = site(b, &mut t, &mut made, &id, (layer, place), layers);
            t = t.site(id, site);
        }
    }
    // Goods of the last layer that the first one needs.
    if b.one_in(3) {
        let (good, from) = (good_of(layers - 1), format!("s{}0", layers - 1));
        let link = lane(b, &made, &good);
        t = t.link(format!("{from}>s00:{good}"), link);
        if let Some(first) = t.sites.get_mut("s00") {
            first.inputs.insert(good, Input::new(b.number(0.005, 0.03), 9));
        }
    }
    answers::add(b, &mut t, &made);
    forces::add(b, &mut t, &made);
    if forces == Forces::None {
        forces::remove(&mut t);
    }
    t
}

fn good_of(layer: u32) -> String {
    format!("g{layer}")
}

fn rules(b: &mut Bytes<'_>) -> Rules {
    let rules = Rules::new().discount_rate_per_year(b.one_of([0.0, 0.05]));
    if b.one_in(3) { rules.final_demand_class(1) } else { rules }
}

fn market(b: &mut Bytes<'_>) -> Market {
    let market = Market::new(
        b.leaf(10.0, 100.0),
        b.leaf(0.0, 1.0),
        b.leaf(0.1, 0.5),
        b.leaf(0.5, 1.0),
        b.leaf(1.0, 20.0),
    )
    .thrift_share(b.leaf(0.0, 1.0))
    .contract_pass_through(b.leaf(0.0, 1.0))
    .contract_delay_days(b.leaf(0.0, 200.0));
    if b.one_in(2) { market.look_ahead_days(b.leaf(0.0, 60.0)) } else { market }
}

fn site(
    b: &mut Bytes<'_>,
    t: &mut Tables,
    made: &mut Made,
    id: &str,
    (layer, place): (u32, u32),
    layers: u32,
) -> Site {
    let country = if layer < 2 { COUNTRIES[(layer + place) as usize % 3] } else { b.one_of(COUNTRIES) };
    let demand = if layer + 1 == layers {
        Some(b.number(7000.0, 13_000.0))
    } else {
        b.one_in(2).then(|| b.number(200.0, 2000.0))
    };
    let stock = b.number(0.0, 20.0);
    let mut output = Output::new()
        .yield_per_unit(b.leaf(0.9, 1.2))
        .stock_target_days(stock)
        .stock_adjustment_days(b.leaf(0.0, 40.0))
        .storage_limit_days(stock + b.number(0.0, 15.0))
        .waiting_share(b.leaf(0.0, 1.0))
        .cancellation_per_week(b.leaf(0.0, 0.5));
    if let Some(demand) = demand {
        output = output.final_demand_per_year(demand);
    }
    if b.one_in(2) {
        output = output.final_demand_class(b.one_of([FinalDemandClass::With(1), FinalDemandClass::Last]));
    }
    let mut site = Site::new(country, Stage::SECTOR);
    if b.one_in(3) {
        site = site.final_demand_class(2);
    }
    site = site
        .value_added_per_unit(b.leaf(0.0, 1e3))
        .spare_capacity(b.leaf(0.0, 0.4))
        .overtime_max(b.leaf(1.0, 1.3))
        .overtime_days(b.leaf(0.0, 60.0))
        .rationing(b.one_of([Rationing::Proportional, Rationing::WaterFilling]))
        .overtime(b.one_of([Overtime::Smooth, Overtime::Ario]))
        .ordering(b.one_of([Ordering::Smoothed, Ordering::Ario]))
        .weights(b.one_of([Weights::Fixed, Weights::Capacity, Weights::Experience]))
        .aware_of_controls(b.one_of([true, false]))
        .demand_smoothing_days(b.one_of([14.0, 0.0, 28.0]))
        .output(good_of(layer), output);
    if b.one_in(3) {
        let by = Output::new().yield_per_unit(b.leaf(0.1, 0.9)).role(Role::ByProduct);
        site = site.output(format!("by{layer}"), by.final_demand_per_year(b.number(0.0, 300.0)));
    }
    // Scrap of the first good.
    if layer > 1 && layer + 1 == layers && b.one_in(3) {
        site = site.output("g0", Output::new().yield_per_unit(b.leaf(0.05, 0.2)));
        let link = lane(b, made, "g0");
        t.links.insert(format!("{id}>s10:g0"), link);
    }
    made.makers.push(Maker { site: id.to_owned(), good: good_of(layer) });
    if b.one_in(5) {
        let link = lane(b, made, &good_of(layer));
        t.links.insert(format!("{id}>{id}:{}", good_of(layer)), link);
        site = site.input(good_of(layer), Input::new(b.number(0.05, 0.2), b.number(0.0, 9.0)));
    }
    let mut goods: Vec<String> = Vec::new();
    if layer > 0 {
        goods.push(good_of(layer - 1));
    }
    if layer > 1 && b.one_in(3) {
        goods.push(good_of(0));
    }
    let (parts, is_group) = (goods.len() as f64, b.one_in(2));
    if is_group && b.one_in(2) {
        site = site.overlap(b.leaf(0.0, 1.0));
    }
    let firms = if b.one_in(3) { 3 } else { 1 };
    site = site.firms(firms);
    for good in goods {
        let (usage, cover) = (b.number(0.4, 0.8) / parts, b.number(0.0, 40.0));
        let mut input = Input::new(b.around(usage, 0.1), b.around(cover, 0.2))
            .restoration_days(b.leaf(0.0, 40.0))
            .throttle(b.one_of([Throttle::Hard, Throttle::Threshold(0.8.into())]));
        if firms > 1 && b.one_in(2) {
            input = input.cover_spread(b.leaf(0.1, 1.2));
        } else if firms > 1 && b.one_in(2) {
            input = input.cover_multiples([0.3, 0.9, 1.8]);
        }
        if is_group {
            input = input.group("parts").criticality(b.number(0.1, 1.0) / parts);
            if b.one_in(3) {
                input = input.kind("of two makers");
            }
        } else if b.one_in(3) {
            input = input.criticality(b.leaf(0.1, 1.0));
        }
        lanes(b, t, made, id, &good, 0.3 * usage * demand.unwrap_or(0.0));
        if good == "g0" {
            made.users.push((id.to_owned(), 0.8 * cover));
        }
        site = site.input(good, input);
    }
    site
}

/// Lanes of an input from those who make the good; `agreed` is a volume that the buyer surely needs.
fn lanes(b: &mut Bytes<'_>, t: &mut Tables, made: &Made, to: &str, good: &str, agreed: f64) {
    let makers: Vec<&Maker> = made.makers.iter().filter(|maker| maker.good == good).collect();
    // The first takes a share and can fill in.
    let mut left = 1.0;
    for (place, maker) in makers.iter().enumerate() {
        if place > 0 && b.one_in(4) {
            continue;
        }
        let mut link = lane(b, made, good);
        match b.between(0, 2) {
            1 if place > 0 && agreed > 0.0 => {
                link = link.volume_per_year(agreed * b.number(0.1, 0.9) / makers.len() as f64);
            }
            2 if place > 0 => {
                let share = left * b.number(0.1, 0.5);
                left -= share;
                link = link.share(share);
            }
            _ => {}
        }
        t.links.insert(format!("{}>{to}:{good}", maker.site), link);
    }
}

/// A lane with baseline trade.
fn lane(b: &mut Bytes<'_>, made: &Made, good: &str) -> Link {
    let mut link = Link::new(b.leaf(0.0, 40.0)).priority(b.between(1, 3));
    if b.one_in(2) {
        link = link.surge_limit(b.one_of([1.0, 1.2, 3.0]));
    }
    if b.one_in(4) {
        link = link.contract(contract(b));
    }
    if b.one_in(4) {
        link = link.military_share(b.leaf(0.0, 1.0));
    }
    if b.one_in(4) {
        link = link.premium_per_unit(b.leaf(0.0, 20.0));
    }
    if made.has_market && ["g0", "g1"].contains(&good) && b.one_in(3) {
        let payment = Payment::new(b.leaf(0.0, 1.0), b.leaf(0.0, 90.0))
            .refundable(b.one_in(2))
            .cancellable(b.one_in(2))
            .insured_share(b.leaf(0.0, 1.0))
            .insurance_premium(b.leaf(0.0, 0.1))
            .collateral_share(b.leaf(0.0, 1.0));
        link = link.payment(payment);
    }
    link
}

fn contract(b: &mut Bytes<'_>) -> Contract {
    Contract::new(b.leaf(0.0, 1.0), b.leaf(0.0, 300.0))
        .contracts(b.between(1, 5))
        .suspended(b.leaf(0.0, 0.5))
        .reviewed(b.leaf(0.0, 0.5))
        .review_days(b.leaf(0.0, 60.0))
}
