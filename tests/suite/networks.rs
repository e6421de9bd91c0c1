//! Random networks: a proptest strategy, a plain struct, and the scenario it stands for.
//!
//! Every network has a balanced baseline by construction. A unit of activity uses less than a unit of
//! all goods of the layers above together, so needs do not grow on their way up; what goes round (a
//! site's own goods, scrap, goods of the last layer used in the first) gains less than one. Agreed
//! volumes stay below what the buyer's own final demand needs at the least.

mod tables;

pub use tables::Shocks;

use crate::parts::uniform;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use std::collections::BTreeMap;
use supplyshock::scenario::{self, Ordering, Overtime, Rationing, Recovery, RecoveryTime, Throttle, Weights};

/// Runs `test` on `cases` draws that are the same in every run, unless `PROPTEST_RNG_SEED` asks for others.
pub fn check<S: Strategy>(
    cases: u32,
    seed: u64,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let usual = Config::default();
    let seed = match usual.rng_seed {
        RngSeed::Fixed(other) => seed ^ other.rotate_left(32),
        RngSeed::Random => seed,
    };
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..usual };
    if let Err(fault) = TestRunner::new(config).run(strategy, test) {
        panic!("{fault}");
    }
}

/// A number, or a range it is drawn from.
#[derive(Debug, Clone, Copy)]
pub enum Leaf {
    Known(f64),
    Between(f64, f64),
}

impl Leaf {
    fn low(self) -> f64 {
        match self {
            Leaf::Known(x) | Leaf::Between(x, _) => x,
        }
    }

    /// Its value in a trial, where `path` names it.
    fn value(self, drawn: &BTreeMap<String, f64>, path: &str) -> f64 {
        match self {
            Leaf::Known(x) => x,
            Leaf::Between(..) => drawn[path],
        }
    }

    pub fn high(self) -> f64 {
        match self {
            Leaf::Known(x) | Leaf::Between(_, x) => x,
        }
    }

    fn times(self, by: f64) -> Leaf {
        match self {
            Leaf::Known(x) => Leaf::Known(x * by),
            Leaf::Between(a, b) => Leaf::Between(a * by, b * by),
        }
    }
}

impl From<Leaf> for scenario::Leaf {
    fn from(leaf: Leaf) -> Self {
        match leaf {
            Leaf::Known(x) => x.into(),
            Leaf::Between(a, b) => uniform(a, b),
        }
    }
}

fn leaf(low: f64, high: f64) -> impl Strategy<Value = Leaf> {
    (0.0..1.0, 0.0..1.0, any::<bool>()).prop_map(move |(a, b, drawn): (f64, f64, bool)| {
        let at = |u: f64| low + u * (high - low);
        if drawn && a != b { Leaf::Between(at(a.min(b)), at(a.max(b))) } else { Leaf::Known(at(a)) }
    })
}

#[derive(Debug, Clone)]
pub struct Lane {
    weight: f64,
    lead_days: Leaf,
    surge: Option<f64>,
    priority: u32,
    agreed: bool,
    there: bool,
}

/// How the shares of an input are written.
#[derive(Debug, Clone, Copy)]
pub enum Shares {
    Omitted,
    Fixed,
    FixedButOne,
    Drawn,
    DrawnAndFixed,
}

#[derive(Debug, Clone)]
pub struct Input {
    layers_up: usize,
    second: bool,
    usage: Leaf,
    cover: Leaf,
    restoration: Leaf,
    throttle: Throttle,
    criticality: Leaf,
    shares: Shares,
    lanes: Vec<Lane>,
}

#[derive(Debug, Clone)]
pub struct Site {
    country: usize,
    second: bool,
    joint: Option<(Leaf, bool)>,
    scrap: Option<f64>,
    inputs: Vec<Input>,
    grouped: bool,
    /// Its first two inputs are of one kind.
    alike: bool,
    own_use: Option<(f64, Lane)>,
    output: [Leaf; 6],
    demand_with_orders: bool,
    final_demand: Option<Leaf>,
    yields: Leaf,
    spare: Leaf,
    pub overtime: Leaf,
    value_added: Leaf,
    overlap: Leaf,
    firms: (u32, Leaf),
    rules: (Rationing, Overtime, Ordering, Weights, bool),
    smoothing: f64,
}

#[derive(Debug, Clone)]
pub struct Control {
    exporters: [bool; 3],
    importers: [bool; 3],
    layer: Option<usize>,
    onset: Leaf,
    duration: Leaf,
    severity: Leaf,
    leakage: Leaf,
    phases: Option<[f64; 3]>,
}

#[derive(Debug, Clone)]
pub struct Event {
    site: usize,
    target: usize,
    start: Leaf,
    duration: Leaf,
    severity: Leaf,
    recovery: Option<Recovery>,
    series: Option<Vec<f64>>,
    /// Time, and what is needed of which sites.
    rebuilding: Option<(Leaf, Vec<(usize, Leaf)>)>,
}

#[derive(Debug, Clone)]
pub struct Network {
    pub step_days: u32,
    pub horizon_days: u32,
    discount: f64,
    pub layers: Vec<Vec<Site>>,
    back_use: Option<(f64, Lane)>,
    reserve: Option<([f64; 4], bool)>,
    contingent: Option<Lane>,
    project: Option<([Leaf; 4], bool, Lane)>,
    controls: Vec<Control>,
    events: Vec<Event>,
    market: Option<Market>,
}

/// What the first good of each layer is traded at.
#[derive(Debug, Clone)]
pub struct Market {
    spot_share: Leaf,
    elasticity: [Leaf; 2],
    cap: Leaf,
    pass_through: Leaf,
    delay: Leaf,
    look_ahead: Option<Leaf>,
}

fn market() -> impl Strategy<Value = Market> {
    let pass_through = prop_oneof![1 => Just(Leaf::Known(0.0)), 3 => leaf(0.1, 1.0)];
    let delay = prop_oneof![1 => Just(Leaf::Known(0.0)), 3 => leaf(0.0, 200.0)];
    let look_ahead = prop::option::of(prop_oneof![1 => Just(Leaf::Known(0.0)), 3 => leaf(0.0, 60.0)]);
    let demand = (leaf(0.0, 1.0), [leaf(0.05, 0.5), leaf(0.1, 1.0)], leaf(1.0, 20.0));
    (demand, pass_through, delay, look_ahead).prop_map(
        |((spot_share, elasticity, cap), pass_through, delay, look_ahead)| Market {
            spot_share,
            elasticity,
            cap,
            pass_through,
            delay,
            look_ahead,
        },
    )
}

fn lane() -> impl Strategy<Value = Lane> {
    let surge = prop_oneof![Just(None), Just(Some(1.0)), (1.0..3.0).prop_map(Some)];
    let often = prop::bool::weighted(0.75);
    let lead_days = prop_oneof![2 => (0.0..40.0).prop_map(Leaf::Known), 1 => leaf(0.0, 40.0)];
    (0.2..1.0, lead_days, surge, 1_u32..4, prop::bool::weighted(0.3), often).prop_map(
        |(weight, lead_days, surge, priority, agreed, there)| Lane {
            weight,
            lead_days,
            surge,
            priority,
            agreed,
            there,
        },
    )
}

fn input() -> impl Strategy<Value = Input> {
    use Shares::{Drawn, DrawnAndFixed, Fixed, FixedButOne, Omitted};
    let shares = select(vec![Omitted, Fixed, FixedButOne, Drawn, DrawnAndFixed]);
    let [eighty, forty] = [0.8, 0.4].map(|psi| Throttle::Threshold(psi.into()));
    let throttle = select(vec![Throttle::Hard, Throttle::Hard, eighty, forty]);
    let criticality = prop_oneof![Just(Leaf::Known(1.0)), leaf(0.1, 0.9)];
    let cover = prop_oneof![3 => leaf(0.0, 40.0), 1 => Just(Leaf::Known(0.0))];
    let shape = (1_usize..3, any::<bool>(), shares, prop::collection::vec(lane(), 4));
    (shape, leaf(0.4, 0.8), cover, leaf(0.0, 40.0), throttle, criticality).prop_map(
        |((layers_up, second, shares, lanes), usage, cover, restoration, throttle, criticality)| Input {
            layers_up,
            second,
            usage,
            cover,
            restoration,
            throttle,
            criticality,
            shares,
            lanes,
        },
    )
}

fn site() -> impl Strategy<Value = Site> {
    let rules = (
        select(vec![Rationing::Proportional, Rationing::WaterFilling]),
        select(vec![Overtime::Smooth, Overtime::Smooth, Overtime::Ario]),
        select(vec![Ordering::Smoothed, Ordering::Smoothed, Ordering::Ario]),
        select(vec![Weights::Fixed, Weights::Capacity, Weights::Experience]),
        select(vec![true, true, false]),
        select(vec![0.0, 14.0, 28.0]),
    );
    let place = (0_usize..3, any::<bool>(), any::<[bool; 2]>(), prop::collection::vec(input(), 1..4));
    let outputs = (
        prop::option::weighted(0.4, (leaf(0.3, 0.9), prop::bool::weighted(0.3))),
        prop::option::weighted(0.5, 0.05..0.3),
        prop::option::weighted(0.2, (0.05..0.25, lane())),
        // Stock target, its time, room above it, waiting share, cancellation, share of final demand.
        [leaf(0.0, 20.0), leaf(0.0, 40.0), leaf(0.0, 15.0), leaf(0.0, 0.5), leaf(0.0, 0.1), leaf(0.7, 1.3)],
        any::<bool>(),
        prop::option::weighted(0.4, leaf(200.0, 2000.0)),
    );
    let spare = prop_oneof![1 => Just(Leaf::Known(0.0)), 2 => leaf(0.0, 0.4)];
    let overtime = prop_oneof![1 => Just(Leaf::Known(1.0)), 2 => leaf(1.0, 1.3)];
    // How many firms, and how far their covers differ.
    let firms = prop_oneof![2 => Just((1, Leaf::Known(0.0))), 1 => (2_u32..5, leaf(0.1, 1.2))];
    let overlap = prop_oneof![1 => Just(Leaf::Known(0.0)), 1 => Just(Leaf::Known(1.0)), 2 => leaf(0.1, 0.9)];
    let numbers = (leaf(0.9, 1.2), spare, overtime, leaf(0.0, 1e6), overlap, firms);
    (place, outputs, numbers, rules).prop_map(
        |(
            (country, second, [grouped, alike], inputs),
            (joint, scrap, own_use, output, demand_with_orders, final_demand),
            (yields, spare, overtime, value_added, overlap, firms),
            (rationing, over, ordering, weights, aware, smoothing),
        )| Site {
            country,
            second,
            joint,
            scrap,
            inputs,
            grouped,
            alike,
            own_use,
            output,
            demand_with_orders,
            final_demand,
            yields,
            spare,
            overtime,
            value_added,
            overlap,
            firms,
            rules: (rationing, over, ordering, weights, aware),
            smoothing,
        },
    )
}

fn control() -> impl Strategy<Value = Control> {
    let ends = (any::<[bool; 3]>(), any::<[bool; 3]>(), prop::option::of(0_usize..5));
    let phases = prop::option::weighted(0.25, [0.0..1.0, 0.0..1.0, 0.0..1.0]);
    let severity = prop_oneof![Just(Leaf::Known(1.0)), leaf(0.2, 1.0)];
    let leakage = prop_oneof![Just(Leaf::Known(0.0)), leaf(0.0, 0.3)];
    (ends, leaf(0.0, 90.0), leaf(0.0, 200.0), severity, leakage, phases).prop_map(
        |((exporters, importers, layer), onset, duration, severity, leakage, phases)| Control {
            exporters,
            importers,
            layer,
            onset,
            duration,
            severity,
            leakage,
            phases,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let curves = [Recovery::Linear, Recovery::Exponential, Recovery::Logistic];
    let curves = curves.map(|curve| Some(curve(RecoveryTime::new(20))));
    let recovery = select([None].into_iter().chain(curves).collect::<Vec<_>>());
    let severity = prop_oneof![leaf(0.0, 1.0), Just(Leaf::Known(1.0))];
    let series = prop::option::weighted(0.2, prop::collection::vec(0.0..1.0, 1..9));
    let amount = prop_oneof![1 => Just(Leaf::Known(0.0)), 4 => leaf(1.0, 2000.0)];
    let amounts = prop::collection::vec((0_usize..15, amount), 1..4);
    let rebuilding = prop::option::weighted(0.5, (leaf(0.0, 200.0), amounts));
    let duration = prop_oneof![1 => Just(Leaf::Known(0.0)), 4 => leaf(0.0, 120.0)];
    let shape = (severity, recovery, series, rebuilding);
    (0_usize..15, 0_usize..5, leaf(0.0, 90.0), duration, shape).prop_map(
        |(site, target, start, duration, (severity, recovery, series, rebuilding))| Event {
            site,
            target,
            start,
            duration,
            severity,
            recovery,
            series,
            rebuilding,
        },
    )
}

/// Networks of three to fifteen sites in three to five layers, with all that goes round and comes on top.
pub fn network() -> impl Strategy<Value = Network> {
    let layers = prop::collection::vec(prop::collection::vec(site(), 1..4), 3..6);
    let time = (select(vec![1_u32, 3, 7]), 40_u32..70, select(vec![0.0, 0.05]));
    let extras = (
        prop::option::weighted(0.4, (0.005..0.03, lane())),
        // Amount, trigger, release and refill rate; whether it is refilled.
        prop::option::weighted(0.5, ([5.0..60.0, 0.2..1.0, 0.2..1.5, 0.05..0.5], any::<bool>())),
        prop::option::weighted(0.5, lane()),
        // Start, permit and build, ramp, chance; whether a control sets it off.
        prop::option::weighted(
            0.5,
            ([leaf(0.0, 60.0), leaf(0.0, 60.0), leaf(0.0, 90.0), leaf(0.3, 1.0)], any::<bool>(), lane()),
        ),
    );
    let shocks = (prop::collection::vec(control(), 0..4), prop::collection::vec(event(), 0..4));
    (time, layers, extras, shocks, prop::option::weighted(0.6, market())).prop_map(
        |(
            (step_days, steps, discount),
            layers,
            (back_use, reserve, contingent, project),
            (controls, events),
            market,
        )| {
            Network {
                step_days,
                horizon_days: step_days * steps,
                discount,
                layers,
                back_use,
                reserve,
                contingent,
                project,
                controls,
                events,
                market,
            }
        },
    )
}

impl Network {
    /// Layer, place in it, and the site.
    pub fn sites(&self) -> impl Iterator<Item = (usize, usize, &Site)> {
        let layers = self.layers.iter().enumerate();
        layers.flat_map(|(layer, sites)| sites.iter().enumerate().map(move |(k, site)| (layer, k, site)))
    }

    /// Value added by a unit of main output, site by site, in a trial that drew `drawn`.
    pub fn value_added(&self, drawn: &BTreeMap<String, f64>) -> Vec<f64> {
        let of = |(layer, k, site): (usize, usize, &Site)| {
            let (id, good) = (tables::id(layer, k), tables::main_good(layer, k, site));
            let yields = format!("sites.{id}.outputs.{good}.yield_per_unit");
            site.value_added.value(drawn, &format!("sites.{id}.value_added_per_unit"))
                / site.yields.value(drawn, &yields)
        };
        self.sites().map(of).collect()
    }

    /// Whether goods surely go round in it.
    pub fn has_cycle(&self) -> bool {
        self.back_use.is_some() || self.sites().any(|(.., site)| site.own_use.is_some())
    }
}
