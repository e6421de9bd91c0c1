//! Functions here make the parts of small chains.
//!
//! A final demand of [`A_DAY`] is one unit a day, and a sector adds a value of 1 JPY a unit unless a test says
//! otherwise, so that losses count days.

use supplyshock::draw::Distribution;
use supplyshock::scenario::{
    Commodity, Control, Event, Ids, InStates, Input, Leaf, Output, Site, Stage, State, Tables, Target,
};

/// Units a year that make one a day.
pub const A_DAY: f64 = 365.0;

/// Further steps in a chain of calls that makes tables.
pub trait Build: Sized {
    /// Adds a commodity for each id.
    #[must_use]
    fn goods<const N: usize>(self, ids: [&str; N]) -> Self;

    /// Applies a change, so that a chain of calls goes on.
    #[must_use]
    fn also(self, change: impl FnOnce(Self) -> Self) -> Self {
        change(self)
    }
}

impl Build for Tables {
    fn goods<const N: usize>(self, ids: [&str; N]) -> Self {
        ids.into_iter().fold(self, |tables, id| tables.commodity(id, Commodity::new("t")))
    }
}

/// A site that makes `commodity` from nothing.
pub fn maker(country: &str, commodity: &str) -> Site {
    Site::new(country, "mine").output(commodity, Output::new().yield_per_unit(1))
}

/// A sector of Japan that makes `output` from nothing, for `demand` a day.
pub fn industry(output: &str, demand: f64) -> Site {
    Site::new("JP", Stage::SECTOR).value_added_per_unit(1).output(output, sold(demand))
}

/// An output with a final demand of so much a day.
pub fn sold(demand: f64) -> Output {
    Output::new().final_demand_per_year(demand * A_DAY)
}

/// A sector of Japan that turns a unit of `input` into one of `output`, for `demand` a day.
pub fn sector(input: &str, cover: f64, output: &str, demand: f64) -> Site {
    industry(output, demand).input(input, Input::new(1, cover))
}

/// A control of exports from China to Japan.
pub fn control(onset: f64, duration: f64, severity: f64) -> Control {
    control_of("CN", onset, duration, severity)
}

/// A control of exports from a country to Japan.
pub fn control_of(country: &str, onset: f64, duration: f64, severity: f64) -> Control {
    Control::new([country], ["JP"]).onset_days(onset).duration_days(duration).severity(severity)
}

/// A control of exports from a country to Japan while a regime is in one of the states.
pub fn control_during(country: &str, regime: &str, states: impl Into<Ids>) -> Control {
    Control::new([country], ["JP"]).during(InStates::new(regime, states))
}

/// An event on sites that begins on day `start`.
pub fn event(sites: impl Into<Ids>, target: Target, start: f64, duration: f64, severity: f64) -> Event {
    Event::new(sites).target(target).start_days(start).duration_days(duration).severity(severity)
}

/// A state of a regime that lasts for a time and then gives way to another.
pub fn state(days: impl Into<Leaf>, next: &str) -> State {
    State::new().holding_days(days).next(next, 1)
}

pub fn uniform(low: f64, high: f64) -> Leaf {
    Distribution::uniform(low, high).expect("a range").into()
}

pub fn exponential(mean: f64) -> Leaf {
    Distribution::exponential(mean).expect("a mean").into()
}
