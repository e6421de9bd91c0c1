//! A network without an economy: what a step costs by itself.

use std::fmt::Write as _;
use supplyshock::{Model, Scenario};

/// 16 mines, 24 plants that buy of mines and 24 users that buy of plants, over so many links; half the mines are shut off
/// by an export ban for a year of two, in weekly steps. No prices and no sectors; covers are drawn.
pub fn bare(links: usize) -> Model {
    let mut text = "[scenario]\ncurrency = \"JPY\"\ntitle = \"bare\"\n[time]\nstart = 2026-01-01\nstep_days = 7\nhorizon_days = 728\n\
         [parties.north]\ngdp_per_year = 1e12\n[parties.south]\ngdp_per_year = 1e12\n\
         [commodities]\nore = { unit = \"t\" }\nmetal = { unit = \"t\" }\ngood = { unit = \"t\" }\n\
         [controls.ban]\nexporters = [\"south\"]\nimporters = [\"north\"]\nonset_days = 28\nduration_days = 364\n"
        .to_owned();
    for k in 0..16 {
        let country = if k % 2 == 0 { "south" } else { "north" };
        let _ = writeln!(
            text,
            "[sites.mine{k}]\ncountry = \"{country}\"\nstage = \"mine\"\nspare_capacity = 0.2"
        );
        let _ = writeln!(text, "outputs.ore = {{}}");
    }
    let tiers = [
        ("plant", "ore", "metal = {}", "mine", 16),
        ("user", "metal", "good = { final_demand_per_year = 1e3 }", "plant", 24),
    ];
    let inputs = 48;
    let mut left = links;
    for i in 0..inputs {
        let ((name, bought, made, from, suppliers), k) = (tiers[i / 24], i % 24);
        let _ = writeln!(
            text,
            "[sites.{name}{k}]\ncountry = \"north\"\nstage = \"{name}\"\nspare_capacity = 0.2"
        );
        if name == "user" {
            let _ = writeln!(text, "value_added_per_unit = 1e6");
        }
        let cover = "{ uniform = { low = 10, high = 40 } }";
        let _ =
            writeln!(text, "inputs.{bought} = {{ use_per_unit = 1, cover_days = {cover} }}\noutputs.{made}");
        let own = left / (inputs - i);
        left -= own;
        for j in 0..own {
            let from = format!("{from}{}", (k + 5 * j) % suppliers);
            let lead = 7 * (1 + k % 3);
            let _ = writeln!(text, "[links.\"{from}>{name}{k}:{bought}\"]\nlead_time_days = {lead}");
        }
    }
    match Scenario::parse("bare.toml", &text).and_then(|s| s.compile()) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}
