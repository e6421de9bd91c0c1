//! A network without an economy: what a step costs by itself.

use super::common::{compiled, uniform};
use supplyshock::Model;
use supplyshock::scenario::{
    About, Commodity, Control, Date, Input, Link, Output, Party, Site, Tables, Time,
};

/// 16 mines, 24 plants that buy of mines and 24 users that buy of plants, over so many links; half the mines are shut off
/// by an export ban for a year of two, in weekly steps. No prices and no sectors; covers are drawn.
pub fn bare(links: usize) -> Model {
    let mut tables =
        Tables::new(About::new("bare", "JPY"), Time::new(Date::new(2026, 1, 1), 728).step_days(7))
            .party("north", Party::new(1e12))
            .party("south", Party::new(1e12))
            .control("ban", Control::new(["south"], ["north"]).onset_days(28).duration_days(364));
    for good in ["ore", "metal", "good"] {
        tables = tables.commodity(good, Commodity::new("t"));
    }
    for k in 0..16 {
        let country = if k % 2 == 0 { "south" } else { "north" };
        let mine = Site::new(country, "mine").spare_capacity(0.2).output("ore", Output::new());
        tables = tables.site(format!("mine{k}"), mine);
    }
    let tiers = [("plant", "ore", "metal", "mine", 16), ("user", "metal", "good", "plant", 24)];
    let inputs = 48;
    let mut left = links;
    for i in 0..inputs {
        let ((name, bought, made, from, suppliers), k) = (tiers[i / 24], i % 24);
        let mut site = Site::new("north", name).spare_capacity(0.2);
        let mut output = Output::new();
        if name == "user" {
            site = site.value_added_per_unit(1e6);
            output = output.final_demand_per_year(1e3);
        }
        let site = site.input(bought, Input::new(1, uniform(10.0, 40.0))).output(made, output);
        tables = tables.site(format!("{name}{k}"), site);
        let own = left / (inputs - i);
        left -= own;
        for j in 0..own {
            let from = format!("{from}{}", (k + 5 * j) % suppliers);
            tables = tables.link(format!("{from}>{name}{k}:{bought}"), Link::new(7 * (1 + k % 3) as u32));
        }
    }
    compiled("bare", tables)
}
