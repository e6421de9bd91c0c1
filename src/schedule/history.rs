//! The course of one trial: the states that regimes visit, when controls are in force, and the days of moments.

mod passages;
mod regimes;

use super::fault::Fault;
use super::luck::Luck;
use crate::network::{
    ControlIx, DAYS_PER_YEAR, IndexVec, Leg, Moment, Network, OnsetIx, Origin, Param, RegimeIx, When,
};
pub(super) use passages::Segment;
use regimes::{Visit, first_entry, stays, visits};

/// Most times that a regime changes or an outage comes in a trial.
pub(crate) const CHANGE_LIMIT: u64 = 10_000;

/// A time during which something holds: from one day until another.
pub(super) type Period = (f64, f64);

/// The course of a trial.
#[derive(Debug, Clone)]
pub(super) struct History {
    /// First day on which any control or event is in force; infinite if none ever is. Outages do not count.
    pub(super) onset: f64,
    /// Last day on which any control or event is in force, recovery left out; 0 if none ever is.
    pub(super) last: f64,
    /// When each control is in force, and the passage that it leaves then.
    segments: IndexVec<ControlIx, Vec<Segment>>,
    /// The states that each regime visits.
    visits: IndexVec<RegimeIx, Vec<Visit>>,
    /// Days of the onsets that something waits for.
    onsets: IndexVec<OnsetIx, f64>,
}

impl History {
    pub(super) fn new(model: &Network) -> Self {
        History {
            onset: f64::INFINITY,
            last: 0.0,
            segments: IndexVec::filled(Vec::new(), model.controls.len()),
            visits: IndexVec::filled(Vec::new(), model.regimes.len()),
            onsets: IndexVec::with_capacity(model.onsets.len()),
        }
    }

    /// Begins with another trial: settles regimes, then onsets, each after the one it waits for, and then controls.
    pub(super) fn begin(&mut self, model: &Network, luck: &Luck<'_>) -> Result<(), Fault> {
        (self.onset, self.last) = (f64::INFINITY, 0.0);
        for (regime, out) in model.regimes.iter().zip(&mut self.visits) {
            visits(regime, luck, horizon(model), out)?;
        }
        self.onsets.as_mut_vec().clear();
        for moment in &model.onsets {
            let day = self.moment(model, moment, luck);
            self.onsets.push(day);
        }
        self.controls(model, luck);
        Ok(())
    }

    /// Something is in force between these days.
    pub(super) fn in_force(&mut self, from: f64, until: f64) {
        self.onset = f64::min(self.onset, f64::max(from, 0.0));
        self.last = f64::max(self.last, until);
    }

    /// The day of a moment; infinite where it never comes.
    pub(super) fn moment(&self, model: &Network, moment: &Moment, luck: &Luck<'_>) -> f64 {
        let origin = match moment.origin {
            Origin::Start => 0.0,
            Origin::States(during) => first_entry(&self.visits[during.regime], during.states),
            Origin::Onset(number) => self.onsets[number],
            Origin::Never => f64::INFINITY,
        };
        moment.legs.iter().fold(origin, |day, leg| match leg {
            Leg::Days(days) => day + luck.value(*days),
            Leg::Discovery { name, hazard, control } => {
                self.discovery(model, day, (name, *hazard), *control, luck)
            }
        })
    }

    /// When a way round a control is found out that goods take from day `from` on: the first event of a Poisson
    /// process whose clock runs while the control is in force.
    fn discovery(
        &self,
        model: &Network,
        from: f64,
        (name, hazard): (&str, Param),
        control: ControlIx,
        luck: &Luck<'_>,
    ) -> f64 {
        let hazard = luck.value(hazard);
        if hazard <= 0.0 {
            return f64::INFINITY;
        }
        let mut wait = -libm::log1p(-luck.uniform(name, 0)) / hazard * DAYS_PER_YEAR;
        for (start, until) in self.periods(model, &model.controls[control].when, luck) {
            let open = f64::max(start, from);
            if until > open {
                if wait < until - open {
                    return open + wait;
                }
                wait -= until - open;
            }
        }
        f64::INFINITY
    }

    /// The times during which something holds, up to the horizon where there is no end of them.
    pub(super) fn periods(&self, model: &Network, when: &When, luck: &Luck<'_>) -> Vec<Period> {
        match when {
            When::Once { from, duration } => {
                let from = self.moment(model, from, luck);
                if from < f64::INFINITY { vec![(from, from + luck.value(*duration))] } else { Vec::new() }
            }
            When::States(during) => stays(&self.visits[during.regime], during.states),
            When::Renewal { up, down } => {
                let (mut periods, mut day) = (Vec::new(), 0.0);
                // One more than there may be tells that there are too many.
                for index in 0..=CHANGE_LIMIT {
                    day += luck.serial(up, None, index);
                    if day >= horizon(model) {
                        break;
                    }
                    let until = day + luck.serial(down, None, index);
                    periods.push((day, until));
                    day = until;
                }
                periods
            }
        }
    }
}

/// Days to the horizon.
fn horizon(model: &Network) -> f64 {
    model.steps as f64 * model.step_days
}
