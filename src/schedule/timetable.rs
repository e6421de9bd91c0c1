//! When each force holds, trial by trial: all that is random in time is settled before the loop.

use super::curve::{Force, Shape, Spell};
use super::fault::{Fault, Faulty};
use super::history::{CHANGE_LIMIT, History};
use super::lists::Lists;
use super::luck::Luck;
use super::rows::{Draws, Row, Rows, fill, rows};
use crate::network::{
    Course, EventIx, Fading, IndexVec, Network, PassageIx, Project, ProjectIx, RebuildingIx, Serial, When,
};

/// First and last day of what never acts.
const NEVER: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];

/// Most spells of an event that act at once.
pub(crate) const OVERLAP_LIMIT: usize = 1000;

/// Most spans of all passages in a trial.
pub(super) const SPAN_LIMIT: usize = 1_000_000;

/// When each force holds, in each trial of a block.
#[derive(Debug, Clone)]
pub(crate) struct Timetable<const B: usize> {
    /// The disjoint spans during which a passage is not open, or not wholly, in order.
    pub(crate) spans: Lists<PassageIx, Span>,
    /// Whether a passage has any of these in some trial.
    pub(crate) barred: IndexVec<PassageIx, bool>,
    /// When an event acts, in order; never where it is a series.
    pub(crate) spells: Lists<EventIx, Spell>,
    /// Time over which an event grows, and its recovery time \[days\].
    growth: Rows<EventIx, B>,
    recovery: Rows<EventIx, B>,
    /// First day and last day on which an event acts at all, in any trial.
    pub(crate) acts: IndexVec<EventIx, [f64; 2]>,
    /// Day from which on anything is rebuilt; infinite where it never is.
    pub(crate) begun: Rows<RebuildingIx, B>,
    pub(crate) projects: IndexVec<ProjectIx, Ramp<B>>,
    /// Day on which the work of a project begins; infinite where nothing triggers it.
    pub(crate) work: Rows<ProjectIx, B>,
    /// First day on which any control or event is in force; infinite if none ever is. Outages do not count.
    pub(crate) onset: Row<B>,
    /// Last day on which any control or event is in force, recovery left out; 0 if none ever is.
    pub(crate) last: Row<B>,
    /// The course of the trial at hand.
    history: History,
}

/// A time during which the passage of a lane stays the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// The share that passes.
    pub(crate) passage: f64,
}

/// How the capacity of a project grows.
#[derive(Debug, Clone)]
pub(crate) struct Ramp<const B: usize> {
    /// First day, and days that it takes.
    pub(crate) begin: Row<B>,
    pub(crate) length: Row<B>,
    /// 1 if the project succeeds.
    pub(crate) success: Row<B>,
}

/// The trials of a block, by the numbers that address their draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lots<'a, const B: usize> {
    pub(crate) draws: Draws<'a, B>,
    pub(crate) seed: u64,
    pub(crate) trials: [u64; B],
}

impl<const B: usize> Timetable<B> {
    pub(crate) fn new(model: &Network) -> Self {
        let ramp = Ramp { begin: [0.0; B], length: [0.0; B], success: [0.0; B] };
        let (passages, events) = (model.passages.len(), model.events.len());
        Timetable {
            spans: Lists::new(passages),
            barred: IndexVec::filled(false, passages),
            spells: Lists::new(events),
            growth: rows(events, 0.0),
            recovery: rows(events, 0.0),
            acts: IndexVec::filled(NEVER, events),
            begun: rows(model.rebuildings.len(), f64::INFINITY),
            projects: IndexVec::filled(ramp, model.projects.len()),
            work: rows(model.projects.len(), 0.0),
            onset: [f64::INFINITY; B],
            last: [0.0; B],
            history: History::new(model),
        }
    }

    /// Settles the courses of the trials of a block.
    pub(crate) fn prepare(&mut self, model: &Network, lots: Lots<'_, B>) -> Result<(), Faulty> {
        self.spans.clear();
        self.spells.clear();
        self.barred.fill(false);
        for (number, event) in model.events.pairs() {
            self.acts[number] = NEVER;
            match &event.course {
                Course::Timed { growth, fading_days, .. } => {
                    fill(&mut self.growth[number], *growth, lots.draws);
                    fill(&mut self.recovery[number], *fading_days, lots.draws);
                }
                Course::Series(_) => self.acts[number] = [f64::NEG_INFINITY, f64::INFINITY],
            }
        }
        for k in 0..B {
            let luck = Luck::new(lots.draws, k, lots.seed, lots.trials[k]);
            let settled = self.settle(model, &luck, k);
            luck.end(settled).map_err(|fault| fault.of(k))?;
            (self.onset[k], self.last[k]) = (self.history.onset, self.history.last);
        }
        Ok(())
    }

    /// Settles the course of trial `k` of the block.
    fn settle(&mut self, model: &Network, luck: &Luck<'_>, k: usize) -> Result<(), Fault> {
        self.history.begin(model, luck)?;
        let begun = self.spans.len();
        for (number, passage) in model.passages.pairs() {
            let own = self.history.spans(model, passage, luck)?;
            self.barred[number] |= !own.is_empty();
            self.spans.push(own.iter().map(|s| Span { start: s.from, end: s.until, passage: s.passage }));
            if self.spans.len() - begun > SPAN_LIMIT {
                return Err(Fault::Spans { limit: SPAN_LIMIT });
            }
        }
        for (v, event) in model.events.pairs() {
            match &event.course {
                Course::Timed { when, severity, fading, .. } => {
                    self.event(model, v, (when, severity, *fading), luck, k)?;
                }
                Course::Series(series) => {
                    if let Some(t) = series.iter().position(|x| *x != 1.0) {
                        let end = series.iter().rposition(|x| *x != 1.0).map_or(0, |t| t + 1);
                        self.history.in_force(t as f64 * model.step_days, end as f64 * model.step_days);
                    }
                    self.spells.push([]);
                }
            }
        }
        for (number, project) in model.projects.pairs() {
            let trigger = self.history.moment(model, &project.trigger, luck);
            self.work[number][k] = trigger + luck.value(project.start);
            self.projects[number].set(project, trigger, luck, k);
        }
        Ok(())
    }

    /// Settles when an event occurs in trial `k` of the block, and how severely.
    fn event(
        &mut self,
        model: &Network,
        v: EventIx,
        (when, severity, fading): (&When, &Serial, Fading),
        luck: &Luck<'_>,
        k: usize,
    ) -> Result<(), Fault> {
        let periods = self.history.periods(model, when, luck);
        if periods.len() as u64 > CHANGE_LIMIT {
            return Err(Fault::Outages { limit: CHANGE_LIMIT });
        }
        let rebuilding = model.events[v].rebuilding;
        if let Some(number) = rebuilding {
            self.begun[number][k] = periods.first().map_or(f64::INFINITY, |(start, _)| *start);
        }
        let tasks = rebuilding.iter().flat_map(|&number| &model.rebuildings[number]);
        // What is never quite rebuilt never ends.
        let lasts = tasks.into_iter().any(|&task| luck.value(model.tasks[task].amount) > 0.0);
        let shape = self.shape(v, fading, k);
        let acts = &mut self.acts[v];
        let history = &mut self.history;
        self.spells.push((0..).zip(periods).map(|(j, (start, end))| {
            let spell = Spell { start, end, severity: luck.serial(severity, None, j) };
            if shape.acts(&spell) || (lasts && spell.severity != 0.0) {
                let over = if lasts { f64::INFINITY } else { shape.over(end) };
                *acts = [f64::min(acts[0], start), f64::max(acts[1], over)];
                // Outages come in good times and bad: they mark no onset.
                if !matches!(when, When::Renewal { .. }) {
                    history.in_force(start, end);
                }
            }
            spell
        }));
        // In each step all that act are looked at.
        let (spells, mut first) = (self.spells.of(v, k), 0);
        for (last, spell) in spells.iter().enumerate() {
            while shape.over(spells[first].end) < spell.start {
                first += 1;
            }
            if last - first > OVERLAP_LIMIT {
                return Err(Fault::Overlaps { limit: OVERLAP_LIMIT });
            }
        }
        Ok(())
    }

    /// How an event grows and fades in trial `k` of the block.
    pub(super) fn shape(&self, v: EventIx, fading: Fading, k: usize) -> Shape {
        Shape { growth: self.growth[v][k], fading, recovery: self.recovery[v][k], unbuilt: 0.0 }
    }
}

impl<const B: usize> Ramp<B> {
    /// That of a project in trial `k` of the block, which begins its course on day `trigger`.
    fn set(&mut self, project: &Project, trigger: f64, luck: &Luck<'_>, k: usize) {
        let days = [project.start, project.permit, project.build];
        let waited = days.into_iter().fold(0.0, |sum, days| sum + luck.value(days));
        let started = trigger < f64::INFINITY;
        self.begin[k] = waited + if started { trigger } else { 0.0 };
        self.length[k] = luck.value(project.ramp);
        let lucky = luck.value(project.outcome) >= 1.0 - luck.value(project.success);
        self.success[k] = if started && lucky { 1.0 } else { 0.0 };
    }

    /// The share of its design that is left in trial `k` of the block, if it succeeds.
    pub(super) fn force(&self, k: usize) -> Force<'static> {
        Force::Ramp { begin: self.begin[k], days: self.length[k] }
    }
}
