//! When what is in force, trial by trial: all that is random in time is settled before the loop.

mod passages;
mod regimes;

use super::Fault;
use super::rows::{Row, Rows, fill, rows, value};
use crate::network::{Course, DAYS_PER_YEAR, Fading, Leg, Moment, Network, Origin, Param, When};
use crate::schedule::conditions::{Occurrences, Span};
use crate::schedule::luck::Luck;
use passages::Segment;
use regimes::{Visit, first_entry, stays, visits};

/// Most times that a regime changes or an outage comes in a trial.
const CHANGE_LIMIT: u64 = 10_000;

/// When what is in force, per trial of a block.
#[derive(Debug, Clone)]
pub(crate) struct Timetable<const B: usize> {
    /// For each passage the disjoint spans during which it is not open, or not wholly.
    pub(crate) spans: Vec<Vec<Span<B>>>,
    /// By event; without occurrences for a series.
    pub(crate) events: Vec<Occurrences<B>>,
    /// By project: start of its ramp, length of the ramp, and 1 if it succeeds.
    pub(crate) projects: Vec<[Row<B>; 3]>,
    /// By project: day its work begins; infinite where nothing triggers it.
    pub(crate) work: Rows<B>,
    /// First day on which any control or event is in force; infinite if none ever is. Outages do not count.
    pub(crate) onset: Row<B>,
    /// Last day on which any control or event is in force, recovery left out; 0 if none ever is.
    pub(crate) last: Row<B>,
    /// By control and trial: when it is in force, and what passes.
    segments: Vec<Vec<Vec<Segment>>>,
    /// By regime and trial: the states it visits.
    visits: Vec<Vec<Vec<Visit>>>,
}

/// A time during which something holds: from one day until another.
type Period = (f64, f64);

impl<const B: usize> Timetable<B> {
    pub(crate) fn new(model: &Network) -> Self {
        Timetable {
            spans: vec![Vec::new(); model.passages.len()],
            events: vec![Occurrences::new(); model.events.len()],
            projects: vec![[[0.0; B]; 3]; model.projects.len()],
            work: rows(model.projects.len(), 0.0),
            onset: [f64::INFINITY; B],
            last: [0.0; B],
            segments: vec![vec![Vec::new(); B]; model.controls.len()],
            visits: vec![vec![Vec::new(); B]; model.regimes.len()],
        }
    }

    pub(crate) fn prepare(&mut self, model: &Network, luck: &Luck<'_, B>) -> Result<(), Fault> {
        self.onset = [f64::INFINITY; B];
        self.last = [0.0; B];
        for (regime, by_trial) in model.regimes.iter().zip(&mut self.visits) {
            for (k, out) in by_trial.iter_mut().enumerate() {
                visits(regime, luck, k, horizon(model), out)?;
            }
        }
        self.controls(model, luck);
        for (v, event) in model.events.iter().enumerate() {
            match &event.course {
                Course::Timed { .. } => self.event(model, v, luck)?,
                Course::Series(series) => {
                    if let Some(t) = series.iter().position(|x| *x != 1.0) {
                        let end = series.iter().rposition(|x| *x != 1.0).map_or(0, |t| t + 1);
                        self.in_force([t as f64 * model.step_days; B], [end as f64 * model.step_days; B]);
                    }
                }
            }
        }
        for (number, project) in model.projects.iter().enumerate() {
            let trigger: Row<B> = std::array::from_fn(|k| self.moment(model, &project.trigger, luck, k));
            let start = value(project.start, luck.draws);
            let [begin, ramp, success] = &mut self.projects[number];
            *begin = [0.0; B];
            for days in [project.start, project.permit, project.build] {
                let days = value(days, luck.draws);
                for k in 0..B {
                    begin[k] += days[k];
                }
            }
            fill(ramp, project.ramp, luck.draws);
            let (chance, outcome) = (value(project.success, luck.draws), value(project.outcome, luck.draws));
            for k in 0..B {
                let started = trigger[k] < f64::INFINITY;
                begin[k] += if started { trigger[k] } else { 0.0 };
                self.work[number][k] = trigger[k] + start[k];
                success[k] = if started && outcome[k] >= 1.0 - chance[k] { 1.0 } else { 0.0 };
            }
        }
        Ok(())
    }

    /// Something is in force in each trial between these days.
    fn in_force(&mut self, from: Row<B>, until: Row<B>) {
        for k in 0..B {
            self.onset[k] = f64::min(self.onset[k], f64::max(from[k], 0.0));
            self.last[k] = f64::max(self.last[k], until[k]);
        }
    }

    /// A moment in trial `k` [day]; infinite where it never comes.
    fn moment(&self, model: &Network, moment: &Moment, luck: &Luck<'_, B>, k: usize) -> f64 {
        let origin = match moment.origin {
            Origin::Start => 0.0,
            Origin::States { regime, states } => first_entry(&self.visits[regime][k], states),
            Origin::Never => f64::INFINITY,
        };
        moment.legs.iter().fold(origin, |day, leg| match leg {
            Leg::Days(days) => day + luck.value(*days, k),
            Leg::Discovery { name, hazard, control } => {
                self.discovery(model, day, name, *hazard, *control, luck, k)
            }
        })
    }

    /// When a way round a control is found out that goods take from day `from` on: the first event of a Poisson
    /// process whose clock runs while the control is in force.
    #[expect(clippy::too_many_arguments, reason = "the parts of one leg")]
    fn discovery(
        &self,
        model: &Network,
        from: f64,
        name: &str,
        hazard: Param,
        control: usize,
        luck: &Luck<'_, B>,
        k: usize,
    ) -> f64 {
        let hazard = luck.value(hazard, k);
        if hazard <= 0.0 {
            return f64::INFINITY;
        }
        let mut wait = -libm::log1p(-luck.uniform(name, k, 0)) / hazard * DAYS_PER_YEAR;
        for (start, until) in self.periods(model, &model.controls[control].when, luck, k) {
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

    /// The times during which something holds in trial `k`, up to the horizon where there is no end of them.
    fn periods(&self, model: &Network, when: &When, luck: &Luck<'_, B>, k: usize) -> Vec<Period> {
        match when {
            When::Once { from, duration } => {
                let from = self.moment(model, from, luck, k);
                if from < f64::INFINITY { vec![(from, from + luck.value(*duration, k))] } else { Vec::new() }
            }
            When::States { regime, states } => stays(&self.visits[*regime][k], *states),
            When::Renewal { up, down } => {
                let (mut periods, mut day) = (Vec::new(), 0.0);
                // One more than there may be tells that there are too many.
                for index in 0..=CHANGE_LIMIT {
                    day += luck.serial(up, None, k, index);
                    if day >= horizon(model) {
                        break;
                    }
                    let until = day + luck.serial(down, None, k, index);
                    periods.push((day, until));
                    day = until;
                }
                periods
            }
        }
    }

    fn event(&mut self, model: &Network, v: usize, luck: &Luck<'_, B>) -> Result<(), Fault> {
        let Course::Timed { when, severity, growth, fading, fading_days } = &model.events[v].course else {
            return Ok(());
        };
        let mut occurrences = std::mem::replace(&mut self.events[v], Occurrences::new());
        fill(&mut occurrences.growth, *growth, luck.draws);
        fill(&mut occurrences.fading, *fading_days, luck.draws);
        occurrences.spells.clear();
        for k in 0..B {
            let periods = self.periods(model, when, luck, k);
            if periods.len() as u64 > CHANGE_LIMIT {
                let message = format!("an outage comes over {CHANGE_LIMIT} times within the horizon");
                return Err(Fault { lane: k, message });
            }
            let missing = periods.len().saturating_sub(occurrences.spells.len());
            occurrences.spells.extend(std::iter::repeat_n([[0.0; B]; 3], missing));
            for ((j, (from, until)), spell) in (0..).zip(periods).zip(&mut occurrences.spells) {
                let depth = luck.serial(severity, None, k, j);
                (spell[0][k], spell[1][k], spell[2][k]) = (from, until, depth);
                // Outages come in good times and bad: they mark no onset.
                if until > from && depth != 0.0 && !matches!(when, When::Renewal { .. }) {
                    self.onset[k] = f64::min(self.onset[k], f64::max(from, 0.0));
                    self.last[k] = f64::max(self.last[k], until);
                }
            }
        }
        occurrences.acts = span(&occurrences, *fading);
        self.events[v] = occurrences;
        Ok(())
    }
}

/// First day and last day on which an event acts at all, in any trial.
fn span<const B: usize>(rows: &Occurrences<B>, fading: Fading) -> [f64; 2] {
    let mut span = [f64::INFINITY, f64::NEG_INFINITY];
    for [start, end, severity] in &rows.spells {
        for k in (0..B).filter(|&k| severity[k] != 0.0) {
            let last = match fading {
                Fading::None => end[k],
                Fading::Linear => end[k] + rows.fading[k],
                Fading::Exponential | Fading::Logistic => f64::INFINITY,
            };
            span = [f64::min(span[0], start[k]), f64::max(span[1], last)];
        }
    }
    span
}

/// Days to the horizon.
fn horizon(model: &Network) -> f64 {
    model.steps as f64 * model.step_days
}
