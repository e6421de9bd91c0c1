//! When each force holds, trial by trial: all that is random in time is settled before the loop.

use super::fault::{Fault, Faulty};
use super::history::{CHANGE_LIMIT, History};
use super::luck::Luck;
use super::rows::{Draws, Row, Rows, fill, rows};
use crate::network::{
    Course, EventIx, Fading, IndexVec, Network, PassageIx, Project, ProjectIx, Serial, When,
};

/// When each force holds, in each trial of a block.
#[derive(Debug, Clone)]
pub(crate) struct Timetable<const B: usize> {
    /// For each passage the disjoint spans during which it is not open, or not wholly.
    pub(crate) spans: IndexVec<PassageIx, Vec<Span<B>>>,
    /// Without occurrences for a series.
    pub(crate) events: IndexVec<EventIx, Occurrences<B>>,
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
#[derive(Debug, Clone)]
pub(crate) struct Span<const B: usize> {
    pub(crate) start: Row<B>,
    pub(crate) end: Row<B>,
    /// The share that passes; irrelevant when `start = end`.
    pub(crate) passage: Row<B>,
}

impl<const B: usize> Span<B> {
    pub(crate) const NONE: Self = Span { start: [0.0; B], end: [0.0; B], passage: [1.0; B] };
}

/// The times an event acts, per trial of a block.
#[derive(Debug, Clone)]
pub(crate) struct Occurrences<const B: usize> {
    /// Start, end and severity; without effect where start and severity are 0.
    pub(crate) spells: Vec<[Row<B>; 3]>,
    /// Time over which the severity grows.
    pub(crate) growth: Row<B>,
    /// Recovery time.
    pub(crate) fading: Row<B>,
    /// First day and last day on which it acts at all, in any trial.
    pub(crate) acts: [f64; 2],
}

impl<const B: usize> Occurrences<B> {
    pub(crate) const fn new() -> Self {
        Occurrences {
            spells: Vec::new(),
            growth: [0.0; B],
            fading: [0.0; B],
            acts: [f64::NEG_INFINITY, f64::INFINITY],
        }
    }
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
        Timetable {
            spans: IndexVec::filled(Vec::new(), model.passages.len()),
            events: IndexVec::filled(Occurrences::new(), model.events.len()),
            projects: IndexVec::filled(ramp, model.projects.len()),
            work: rows(model.projects.len(), 0.0),
            onset: [f64::INFINITY; B],
            last: [0.0; B],
            history: History::new(model),
        }
    }

    /// Settles the courses of the trials of a block.
    pub(crate) fn prepare(&mut self, model: &Network, lots: Lots<'_, B>) -> Result<(), Faulty> {
        self.spans.iter_mut().for_each(Vec::clear);
        for (event, occurrences) in model.events.iter().zip(&mut self.events) {
            if let Course::Timed { growth, fading_days, .. } = &event.course {
                fill(&mut occurrences.growth, *growth, lots.draws);
                fill(&mut occurrences.fading, *fading_days, lots.draws);
                occurrences.spells.clear();
            }
        }
        for k in 0..B {
            let luck = Luck::new(lots.draws, k, lots.seed, lots.trials[k]);
            let settled = self.settle(model, &luck, k);
            luck.end(settled).map_err(|fault| fault.of(k))?;
            (self.onset[k], self.last[k]) = (self.history.onset, self.history.last);
        }
        for (event, occurrences) in model.events.iter().zip(&mut self.events) {
            if let Course::Timed { fading, .. } = &event.course {
                occurrences.acts = span(occurrences, *fading);
            }
        }
        Ok(())
    }

    /// Settles the course of trial `k` of the block.
    fn settle(&mut self, model: &Network, luck: &Luck<'_>, k: usize) -> Result<(), Fault> {
        self.history.begin(model, luck)?;
        for (passage, spans) in model.passages.iter().zip(&mut self.spans) {
            let own = self.history.spans(model, passage, luck);
            spans.resize(spans.len().max(own.len()), Span::NONE);
            for (segment, span) in own.iter().zip(spans) {
                (span.start[k], span.end[k], span.passage[k]) =
                    (segment.from, segment.until, segment.passage);
            }
        }
        for (v, event) in model.events.pairs() {
            match &event.course {
                Course::Timed { when, severity, .. } => self.event(model, v, when, severity, luck, k)?,
                Course::Series(series) => {
                    if let Some(t) = series.iter().position(|x| *x != 1.0) {
                        let end = series.iter().rposition(|x| *x != 1.0).map_or(0, |t| t + 1);
                        self.history.in_force(t as f64 * model.step_days, end as f64 * model.step_days);
                    }
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
        when: &When,
        severity: &Serial,
        luck: &Luck<'_>,
        k: usize,
    ) -> Result<(), Fault> {
        let periods = self.history.periods(model, when, luck);
        if periods.len() as u64 > CHANGE_LIMIT {
            return Err(Fault::Outages { limit: CHANGE_LIMIT });
        }
        let spells = &mut self.events[v].spells;
        spells.resize(spells.len().max(periods.len()), [[0.0; B]; 3]);
        for ((j, (from, until)), spell) in (0..).zip(periods).zip(spells) {
            let depth = luck.serial(severity, None, j);
            (spell[0][k], spell[1][k], spell[2][k]) = (from, until, depth);
            // Outages come in good times and bad: they mark no onset.
            if until > from && depth != 0.0 && !matches!(when, When::Renewal { .. }) {
                self.history.in_force(from, until);
            }
        }
        Ok(())
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
