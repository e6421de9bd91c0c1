//! A network written down in code: a mine abroad, a plant with a stock of 30 days, and a lane that is barred for 90.
//!
//! ```text
//! mine (AU) ──7 days──> plant (JP) ──> final demand
//! ```

use supplyshock::draw::Distribution;
use supplyshock::scenario::{
    About, Commodity, Control, Date, Input, Link, Output, Party, Site, Stage, Tables, Time,
};
use supplyshock::{Ensemble, Error, Scenario};

fn main() -> Result<(), Error> {
    let days = Time::new(Date::new(2026, 1, 1), 365_u32).step_days(1_u32);
    let plant = Site::new("JP", Stage::SECTOR)
        .value_added_per_unit(0.3)
        .input("ore", Input::new(2e-6, 30.0))
        .output("lamp", Output::new().final_demand_per_year(365e9));
    let tables = Tables::new(About::new("one lane", "JPY"), days)
        .party("JP", Party::new(600e12).countries(["JP", "AU"]))
        .commodity("ore", Commodity::new("t"))
        .commodity("lamp", Commodity::new("JPY"))
        .site("mine", Site::new("AU", "mine").output("ore", Output::new()))
        .site("plant", plant)
        .link("mine>plant:ore", Link::new(7.0).surge_limit(1.0))
        .control("ban", Control::new(["AU"], ["JP"]).onset_days(10.0).duration_days(90.0));
    let scenario = Scenario::new("one_lane", tables)?;

    // Variants share what they do not change, and nothing is parsed.
    for cover in [0.0, 30.0, 60.0, 90.0] {
        let variant = scenario.edit().set("sites.plant.inputs.ore.cover_days", cover).finish()?;
        let loss = Ensemble::new(&variant.compile()?).trials(1).run()?.loss("JP")?.mean();
        println!("a stock of {cover:2} days: {:4.1} billion are lost", loss / 1e9);
        assert!((loss - (90.0 - cover) * 0.3e9).abs() < 1.0);
    }
    // A range in place of a number.
    let unsure =
        scenario.edit().set("controls.ban.duration_days", Distribution::uniform(60.0, 240.0)?).finish()?;
    let loss = Ensemble::new(&unsure.compile()?).trials(10_000).run()?.loss("JP")?;
    println!("60 to 240 days of ban: {:.1} billion, p95 {:.1}", loss.mean() / 1e9, loss.quantile(0.95) / 1e9);
    Ok(())
}
