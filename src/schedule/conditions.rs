//! Phase 1, conditions: every multiplier is its mean over the step.

use super::curve::{Force, joint, overlap};
use super::lists::Lists;
use super::rows::{ROUNDING, Row, Rows, rows};
use super::timetable::{Span, Timetable};
use crate::network::{
    Course, EventIx, ExposureIx, IndexVec, Network, PassageIx, ProjectIx, RebuildingIx, When,
};

/// `c`, `p` and `θ` of a passage in one step.
#[derive(Debug, Clone)]
pub(crate) struct Passage<const B: usize> {
    /// Share of the step during which any control is in force.
    pub(crate) covered: Row<B>,
    /// Mean passage while in force, times that share.
    pub(crate) passed: Row<B>,
    /// Mean passage over the step.
    pub(crate) mean: Row<B>,
}

impl<const B: usize> Passage<B> {
    pub(crate) const OPEN: Self = Passage { covered: [0.0; B], passed: [0.0; B], mean: [1.0; B] };
}

/// `c`, `p` and `θ` over the step `[from, until)` days. `first` counts spans at the front that are over, by trial.
fn passage<const B: usize>(
    spans: &Lists<PassageIx, Span>,
    number: PassageIx,
    first: &mut [u32; B],
    [from, until]: [f64; 2],
    out: &mut Passage<B>,
) {
    for (k, first) in first.iter_mut().enumerate() {
        let (mut covered, mut passed) = (0.0, 0.0);
        for span in spans.rest(number, k, first, |span| span.end <= from) {
            if span.start >= until {
                break;
            }
            let share = overlap(span.start, span.end, from, until);
            covered += share;
            passed += share * span.passage;
        }
        // A step that is covered to rounding is covered, one that is not to rounding is open.
        let open = covered < ROUNDING;
        let c = if open { 0.0 } else { covered };
        let c = if c > 1.0 - ROUNDING { 1.0 } else { c };
        out.covered[k] = c;
        out.passed[k] = if open { 0.0 } else { passed };
        out.mean[k] = (1.0 - c) + out.passed[k];
    }
}

/// The multipliers of one step.
#[derive(Debug, Clone)]
pub(crate) struct Conditions<const B: usize> {
    /// The share that each exposure leaves.
    pub(crate) left: Rows<ExposureIx, B>,
    /// `K_t/K` of each project, without what events leave of it.
    pub(crate) ramp: Rows<ProjectIx, B>,
    /// Share of the step since the onset of each rebuilding; and the share of it that was left after the step before,
    /// for want of its scarcest good, which whoever walks the steps finds.
    pub(crate) begun: Rows<RebuildingIx, B>,
    pub(crate) unbuilt: Rows<RebuildingIx, B>,
    /// Passages in this step and in the next.
    pub(crate) now: IndexVec<PassageIx, Passage<B>>,
    pub(crate) next: IndexVec<PassageIx, Passage<B>>,
    /// Whether passages are the same in the next step as in this.
    level: bool,
    /// Whether a passage is not wholly open in the next step in some trial of the block, and whether it is another than in
    /// this step.
    pub(crate) shut: IndexVec<PassageIx, bool>,
    pub(crate) turned: IndexVec<PassageIx, bool>,
    /// How many spans of a passage, and spells of an event, are over in each trial.
    past_spans: IndexVec<PassageIx, [u32; B]>,
    past_spells: IndexVec<EventIx, [u32; B]>,
    /// Whether an event acts in this step or acted in the last.
    acts: IndexVec<EventIx, bool>,
    /// Scratch: days at which what forces leave is not smooth.
    days: Vec<f64>,
}

impl<const B: usize> Conditions<B> {
    pub(crate) fn new(model: &Network) -> Self {
        let (passages, events) = (model.passages.len(), model.events.len());
        Conditions {
            left: rows(model.exposures.len(), 1.0),
            ramp: rows(model.projects.len(), 0.0),
            begun: rows(model.rebuildings.len(), 0.0),
            unbuilt: rows(model.rebuildings.len(), 0.0),
            now: IndexVec::filled(Passage::OPEN, passages),
            next: IndexVec::filled(Passage::OPEN, passages),
            level: false,
            shut: IndexVec::filled(false, passages),
            turned: IndexVec::filled(true, passages),
            past_spans: IndexVec::filled([0; B], passages),
            past_spells: IndexVec::filled([0; B], events),
            acts: IndexVec::filled(true, events),
            days: Vec::new(),
        }
    }

    /// Before the first step: its conditions are those of the "next" step.
    pub(crate) fn reset(&mut self, timetable: &Timetable<B>, step_days: f64) {
        self.past_spans.fill([0; B]);
        self.past_spells.fill([0; B]);
        self.now.fill(Passage::OPEN);
        for (number, out) in self.next.numbers().into_iter().zip(&mut self.next) {
            passage(&timetable.spans, number, &mut self.past_spans[number], [0.0, step_days], out);
        }
        self.shut.fill(false);
        self.level = false;
    }

    /// Moves on to step `t`; tells whether it meets the same conditions as the step before.
    pub(crate) fn advance(&mut self, model: &Network, timetable: &Timetable<B>, t: usize) -> bool {
        std::mem::swap(&mut self.now, &mut self.next);
        let at = |t: usize| t as f64 * model.step_days;
        let (from, until, after) = (at(t), at(t + 1), at(t + 2));
        // Orders rest on the next step as well, so two of them must be as the one before.
        let mut steady = self.level;
        self.level = true;
        // Before the first orders all is new.
        self.turned.fill(t == 0);
        for (number, barred) in timetable.barred.pairs() {
            // A passage that is never barred is open, as it was at the start.
            if *barred {
                let (now, out) = (&self.now[number], &mut self.next[number]);
                passage(&timetable.spans, number, &mut self.past_spans[number], [until, after], out);
                self.shut[number] = !same(&out.covered, &[0.0; B]);
                let stays = same(&out.covered, &now.covered) && same(&out.passed, &now.passed);
                self.turned[number] |= !stays;
                self.level &= stays;
            }
        }
        steady &= self.level;
        for (acts, [first, last]) in self.acts.iter_mut().zip(&timetable.acts) {
            // An event that acts neither in the last step nor in this leaves all as it is.
            *acts = t == 0 || !(until <= *first || at(t - 1) >= *last);
        }
        for (number, course) in timetable.projects.pairs() {
            let out = &mut self.ramp[number];
            let before = *out;
            for (k, ramp) in out.iter_mut().enumerate() {
                *ramp = course.success[k] * course.force(k).mean(from, until);
            }
            steady &= same(out, &before);
        }
        for (out, begins) in self.begun.iter_mut().zip(&timetable.begun) {
            let begun = begins.map(|day| overlap(day, f64::INFINITY, from, until));
            steady &= same(out, &begun);
            *out = begun;
        }
        let mut forces = Vec::new();
        for number in model.exposures.numbers() {
            steady &= self.expose(model, timetable, (number, &mut forces), t, [from, until]);
        }
        steady
    }

    /// Works out the share that an exposure leaves over step `t`, with `forces` for scratch; whether it is the same as in the step
    /// before.
    fn expose<'t>(
        &mut self,
        model: &Network,
        timetable: &'t Timetable<B>,
        (number, forces): (ExposureIx, &mut Vec<Force<'t>>),
        t: usize,
        [from, until]: [f64; 2],
    ) -> bool {
        let exposure = &model.exposures[number];
        if exposure.project.is_none() && !exposure.events.iter().any(|&event| self.acts[event]) {
            return true;
        }
        let before = self.left[number];
        // A series by itself leaves the same in all trials.
        if let ([only], None) = (exposure.events.as_slice(), exposure.project)
            && let Course::Series(series) = &model.events[*only].course
        {
            self.left[number] = [series.get(t).copied().unwrap_or(1.0); B];
            return same(&self.left[number], &before);
        }
        for k in 0..B {
            forces.clear();
            for &v in &exposure.events {
                forces.push(match &model.events[v].course {
                    Course::Series(series) => Force::Level(series.get(t).copied().unwrap_or(1.0)),
                    Course::Timed { when, fading, .. } => {
                        let mut shape = timetable.shape(v, *fading, k);
                        if let Some(rebuilding) = model.events[v].rebuilding {
                            shape.unbuilt = self.unbuilt[rebuilding][k];
                        }
                        let first = &mut self.past_spells[v][k];
                        let ahead = timetable.spells.rest(v, k, first, |spell| shape.over(spell.end) <= from);
                        let acting = ahead.partition_point(|spell| spell.start < until);
                        let again = !matches!(when, When::Once { .. });
                        Force::Event { spells: &ahead[..acting], shape, again }
                    }
                });
            }
            if let Some(project) = exposure.project {
                let course = &timetable.projects[project];
                forces.push(course.force(k));
                forces.push(Force::Level(course.success[k]));
            }
            self.left[number][k] = joint(forces, from, until, &mut self.days);
        }
        same(&self.left[number], &before)
    }
}

/// Whether numbers are equal, told without a branch for each.
#[inline(always)]
fn same<const B: usize>(row: &Row<B>, other: &Row<B>) -> bool {
    let mut same = true;
    for k in 0..B {
        same &= row[k] == other[k];
    }
    same
}
