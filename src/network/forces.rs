//! Forces that act on the network over time: when they hold, and how strongly.

use super::{
    ControlIx, EventIx, IndexVec, Ix, Network, OnsetIx, OutputIx, Param, PassageIx, ProjectIx, RebuildingIx,
    RegimeIx, StateIx,
};
use crate::draw::Law;
use serde::Serialize;

/// A figure that is drawn anew each time it is needed, or once a trial.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Serial {
    /// The same each time.
    Once(Param),
    /// Keyed by the path of its leaf and counted by an index.
    Anew { name: String, law: Box<Law> },
}

/// Where the days of a moment are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) enum Origin {
    /// Day 0.
    Start,
    /// The first day on which a regime is in one of the states.
    States(InStates),
    /// The onset of something else.
    Onset(OnsetIx),
    /// It waits for something that is not there.
    Never,
}

/// Some states of a regime.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct InStates {
    pub(crate) regime: RegimeIx,
    pub(crate) states: States,
}

/// A set of states: there are at most 64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct States(u64);

impl States {
    pub(crate) fn contains(self, state: StateIx) -> bool {
        self.0 >> state.at() & 1 == 1
    }

    /// All others.
    pub(crate) fn others(self) -> Self {
        States(!self.0)
    }
}

impl FromIterator<StateIx> for States {
    fn from_iter<A: IntoIterator<Item = StateIx>>(states: A) -> Self {
        States(states.into_iter().fold(0, |bits, state| bits | 1 << state.at()))
    }
}

/// A day: some time after its origin.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Moment {
    pub(crate) origin: Origin,
    /// Waiting times, one after another.
    pub(crate) legs: Vec<Leg>,
}

/// A waiting time.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Leg {
    Days(Param),
    /// Until a way round a control is found out: name of the draw, hazard a year, and the control, as the hazard
    /// stands only while that is in force.
    Discovery {
        name: String,
        hazard: Param,
        control: ControlIx,
    },
}

/// When something holds.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum When {
    /// Once.
    Once { from: Moment, duration: Param },
    /// While a regime is in one of the states.
    States(InStates),
    /// For times that alternate with others, from day 0 on: those others, then these.
    Renewal { up: Serial, down: Serial },
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Control {
    pub(crate) when: When,
    pub(crate) leakage: Param,
    /// Severity from a day after the onset on.
    pub(crate) phases: Vec<(f64, Param)>,
    pub(crate) licences: Option<Licences>,
}

/// Terms of licences for civil and for military use.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Licences {
    /// Path of the control's `licences`, which names their draws.
    pub(crate) name: String,
    pub(crate) by_use: [Option<Licence>; 2],
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Licence {
    pub(crate) processing: Serial,
    /// Chance of a grant in a month at the onset, and its growth in a month.
    pub(crate) chance: Param,
    pub(crate) growth: Param,
    pub(crate) quota: Param,
}

/// Term contracts of a lane.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Contract {
    /// Path of the `contract`, which names their fates.
    pub(crate) name: String,
    /// Whether it stands with a control, for many links with luck of their own.
    pub(crate) shared: bool,
    pub(crate) term: Param,
    pub(crate) count: u32,
    pub(crate) remaining: Serial,
    pub(crate) suspended: Param,
    pub(crate) reviewed: Param,
    pub(crate) review: Serial,
}

/// The forces that decide on a lane; lanes without luck of their own share one.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Passage {
    /// Controls that act on it.
    pub(crate) controls: Vec<ControlIx>,
    /// When it is open at all; always, unless given. Its buyer knows when, even one that does not know controls.
    pub(crate) open: Option<Opening>,
    /// The passage of its opening alone, where controls or contracts decide as well and its buyer does not know these.
    pub(crate) opening: Option<PassageIx>,
    /// Name that its licences have luck of their own by.
    pub(crate) link: Option<String>,
    pub(crate) military_share: Option<Param>,
    pub(crate) contract: Option<Contract>,
}

/// When a lane is open.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Opening {
    /// From a moment on, while a regime is in one of the states.
    From { from: Moment, during: Option<InStates> },
    /// While a control is in force, from one moment until another.
    Round { control: ControlIx, from: Moment, until: Moment },
}

/// A semi-Markov chain of states.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Regime {
    /// Path, which names its draws.
    pub(crate) name: String,
    pub(crate) start: StateIx,
    pub(crate) states: IndexVec<StateIx, State>,
}

/// A state of a regime.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct State {
    /// How long it lasts; for good if `None`.
    pub(crate) holding: Option<Serial>,
    /// State that follows, with its weight.
    pub(crate) next: Vec<(StateIx, Param)>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) enum Course {
    /// In force for a time, then fading.
    Timed { when: When, severity: Serial, growth: Param, fading: Fading, fading_days: Param },
    /// The share that is left, one value a step.
    Series(Vec<f64>),
}

/// Recovery curve of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Fading {
    None,
    Linear,
    Exponential,
    Logistic,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) course: Course,
    /// The rebuilding after it.
    pub(crate) rebuilding: Option<RebuildingIx>,
}

/// The amount of one output that a rebuilding needs. The tasks of an output stand together, in the order of outputs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Task {
    pub(crate) rebuilding: RebuildingIx,
    pub(crate) output: OutputIx,
    /// All of it \[units\].
    pub(crate) amount: Param,
    /// Time over which the amount left is asked for \[days\].
    pub(crate) days: Param,
}

/// The forces that decide on a capacity, a use or a final demand; amounts under the same forces share one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Exposure {
    pub(crate) events: Vec<EventIx>,
    pub(crate) project: Option<ProjectIx>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Project {
    pub(crate) trigger: Moment,
    pub(crate) start: Param,
    pub(crate) permit: Param,
    pub(crate) build: Param,
    pub(crate) ramp: Param,
    pub(crate) success: Param,
    /// Draw of its outcome, uniform: it succeeds when this is at least `1 − success`, so that luck is high.
    pub(crate) outcome: Param,
    /// Design capacity [units of activity a step].
    pub(crate) design: Param,
    /// Cost of building it \[money\].
    pub(crate) capital: Param,
}

impl Network {
    /// Whether anything is drawn beside [`Network::draws`].
    pub(crate) fn redrawn(&self) -> bool {
        let renewed = |e: &Event| matches!(&e.course, Course::Timed { when: When::Renewal { .. }, .. });
        !self.regimes.is_empty()
            || !self.third_countries.is_empty()
            || self.events.iter().any(renewed)
            || self.passages.iter().any(|p| p.contract.is_some())
            || self.controls.iter().any(|c| c.licences.is_some())
    }
}
