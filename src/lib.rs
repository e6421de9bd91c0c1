//! If a supply lane is cut, how much is lost, by whom, how likely, and what would help?
//!
//! `supplyshock` models mines, separation plants, metal furnaces, magnet plants and the industries behind
//! them as a stochastic flow network. A cut of exports is run through it in thousands of trials, each with
//! its own draw of what is uncertain, and what comes out is a distribution of economic loss for each party,
//! with confidence bounds.
//!
//! # A run
//!
//! ```
//! use supplyshock::{Ensemble, Scenario};
//!
//! # fn main() -> Result<(), supplyshock::Error> {
//! let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
//! let outcome = Ensemble::new(&model).trials(320).seed(2026).run()?;
//!
//! let loss = outcome.loss("JP")?; // value added lost over the horizon [JPY]
//! println!("mean {:.2e}", loss.mean());
//! if let Some(bounds) = loss.mean_ci(0.95) {
//!     println!("between {:.2e} and {:.2e}, as far as chance goes", bounds.low, bounds.high);
//! }
//! println!("1 trial in 20 over {:.2e}, then {:.2e} on average", loss.quantile(0.95), loss.tvar(0.95));
//! println!("chance of more than 2.6 trillion: {:.3}", loss.p_exceeds(2.6e12));
//! # assert!(loss.quantile(0.05) < loss.quantile(0.5) && loss.quantile(0.5) < loss.quantile(0.95));
//! # assert!(loss.mean_ci(0.95).is_some_and(|i| i.contains(loss.mean())) && outcome.mass_balance_residual() < 1e-9);
//! # Ok(())
//! # }
//! ```
//!
//! Seed and version fix every bit of the outcome, on any number of threads, in any split into ranges of
//! trials, and on any instruction set.
//!
//! # Results as arrays, from several processes
//!
//! Numbers by trial are arrays of [`ndarray`], in the memory that the run wrote, with names for their columns. An outcome
//! owns what it tells: it is written by one process and merged by another, to the bits of one run.
//!
//! ```
//! use supplyshock::run::Component;
//! use supplyshock::{Ensemble, Outcome, Scenario};
//!
//! # fn main() -> Result<(), supplyshock::Error> {
//! let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
//! let mut file = Vec::new();
//! Ensemble::new(&model).range(0..100).seed(2026).run()?.to_writer(&mut file)?;
//!
//! let rest = Ensemble::new(&model).range(100..160).seed(2026).run()?;
//! let outcome = Outcome::from_reader(file.as_slice())?.merge(rest)?;
//! let losses = outcome.losses()?; // trial × (party, component) [JPY]
//! let price = losses.column(outcome.index_of("JP", Component::Price)?);
//! assert_eq!(price.len(), 160);
//! # assert_eq!(outcome.digest(), Ensemble::new(&model).trials(160).seed(2026).run()?.digest());
//! # Ok(())
//! # }
//! ```
//!
//! A run can be watched and ended from outside: see [`run::Observer`] and [`Ensemble::cancel_on`].
//!
//! # The way the data goes
//!
//! ```text
//! code or files ──> Scenario ──> Network ──> blocks of trials ──> Outcome ──> statistics ──> studies ──> tables, files
//!                   scenario     network     schedule, step       run         stats          study       report
//!                       └── draw ──┴────────────┘
//! ```
//!
//! - [`draw`]: distributions, and random numbers addressed by seed, name and trial: the same trial has the
//!   same luck in every variant of a scenario.
//! - [`scenario`]: what a person assumes, as tables that are made and edited in code or read from a file. They are checked
//!   whole, and every problem is reported at once.
//! - [`network`]: the scenario with its names resolved.
//! - [`step`]: the steps of a trial. All that can fail fails before the first one.
//! - [`run`]: which trials run, on how many threads, and how outcomes are merged.
//! - [`stats`]: distributions of loss and their intervals.
//! - [`study`]: statistics by name, the facts that drive a loss, scenarios side by side, and the value of an assumption
//!   under which a statistic takes a value.
//! - [`report`]: tables, JSON and CSV.
//! - [`number`]: amounts, percentages and counts as people write them.
//!
//! # A scenario of one's own
//!
//! A scenario is made in code, as [`Scenario::new`] shows, or stands in a TOML file or text. Here a plant draws on a mine abroad, with a stock of 30 days and goods
//! for a week on their way; the lane is barred for 90 days.
//!
//! ```
//! use supplyshock::{Ensemble, Scenario};
//!
//! # fn main() -> Result<(), supplyshock::Error> {
//! let text = r#"
//! scenario = { title = "one lane", currency = "JPY" }
//! time = { start = 2026-01-01, step_days = 1, horizon_days = 365 }
//! commodities = { ore = { unit = "t" }, lamp = { unit = "JPY" } }
//!
//! [parties.JP]
//! gdp_per_year = 600e12
//! countries = ["JP", "AU"]
//!
//! [sites.mine]
//! country = "AU"
//! stage = "mine"
//! outputs.ore = {}
//!
//! [sites.plant]
//! country = "JP"
//! stage = "sector"
//! value_added_per_unit = 0.3
//! inputs.ore = { use_per_unit = 2e-6, cover_days = 30 }
//! outputs.lamp = { final_demand_per_year = 365e9 }
//!
//! [links."mine>plant:ore"]
//! lead_time_days = 7
//! surge_limit = 1
//!
//! [controls.ban]
//! exporters = ["AU"]
//! importers = ["JP"]
//! onset_days = 10
//! duration_days = 90
//! "#;
//! let model = Scenario::parse("one_lane.toml", text)?.compile()?;
//! let outcome = Ensemble::new(&model).trials(32).run()?;
//!
//! // The stock bridges 30 of the 90 days; each of the rest costs 0.3 of a billion.
//! assert!((outcome.loss("JP")?.mean() - 60.0 * 0.3e9).abs() < 1.0);
//! // The plant stops when goods on their way and the stock are used up.
//! assert!(outcome.first_stops("plant")?.iter().all(|day| (day - 37.0).abs() < 1e-9));
//! # Ok(())
//! # }
//! ```
//!
//! [`Scenario::format_reference`] gives all keys, with units, defaults and domains.

#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
// Files need more of what a scenario is read by than code does.
#![cfg_attr(not(feature = "files"), allow(dead_code, unused_imports))]

pub mod draw;
mod error;
#[cfg(feature = "files")]
pub mod files;
pub mod network;
pub mod number;
#[cfg(feature = "report")]
pub mod report;
pub mod run;
pub mod scenario;
mod schedule;
pub mod stats;
pub mod step;
pub mod study;

pub use error::Error;
// The version whose arrays results are.
pub use ndarray;
pub use run::{Ensemble, Outcome};
pub use scenario::Scenario;
pub use stats::LossDistribution;
pub use step::Model;
pub use study::{Calibration, Comparison};

/// What is made, run and read can be handed from thread to thread.
const _: () = {
    const fn is_plain<T: Send + Sync + std::fmt::Debug>() {}
    is_plain::<Scenario>();
    is_plain::<Model>();
    is_plain::<Ensemble>();
    is_plain::<Outcome>();
    is_plain::<run::Labels>();
    is_plain::<LossDistribution>();
    is_plain::<stats::CondensedLosses>();
    is_plain::<stats::Difference>();
    is_plain::<draw::Sampler>();
    is_plain::<study::Statistic>();
    is_plain::<study::Estimate>();
    is_plain::<study::Solutions>();
    is_plain::<study::Posterior>();
    is_plain::<Comparison<'_>>();
    is_plain::<Error>();
};
