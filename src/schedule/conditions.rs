//! Phase 1, conditions: every multiplier is its mean over the step, integrated in closed form.

use super::rows::{ROUNDING, Row, Rows, rows};
use super::timetable::{Occurrences, Ramp, Span, Timetable};
use crate::network::{Course, Event, EventIx, Fading, IndexVec, Network, PassageIx, ProjectIx, When};

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

/// Share of the step `[from, until)` that lies in `[start, end)`.
#[inline(always)]
fn overlap(start: f64, end: f64, from: f64, until: f64) -> f64 {
    f64::max(f64::min(end, until) - f64::max(start, from), 0.0) / (until - from)
}

/// `c`, `p` and `θ` over the step `[from, until)` days.
fn passage<const B: usize>(spans: &[Span<B>], from: f64, until: f64, out: &mut Passage<B>) {
    let (mut covered, mut passed) = ([0.0; B], [0.0; B]);
    for span in spans {
        for k in 0..B {
            let share = overlap(span.start[k], span.end[k], from, until);
            covered[k] += share;
            passed[k] += share * span.passage[k];
        }
    }
    for k in 0..B {
        // A step that is covered to rounding is covered, one that is not to rounding is open.
        let open = covered[k] < ROUNDING;
        let c = if open { 0.0 } else { covered[k] };
        let c = if c > 1.0 - ROUNDING { 1.0 } else { c };
        out.covered[k] = c;
        out.passed[k] = if open { 0.0 } else { passed[k] };
        out.mean[k] = (1.0 - c) + out.passed[k];
    }
}

/// The share that an event leaves over the step `[from, until)` days, step `t`: `1 − severity · mean of g`, for all its occurrences.
fn left<const B: usize>(
    event: &Event,
    rows: &Occurrences<B>,
    t: usize,
    from: f64,
    until: f64,
    out: &mut Row<B>,
) {
    let (when, fading, growth) = match &event.course {
        Course::Series(series) => {
            *out = [series.get(t).copied().unwrap_or(1.0); B];
            return;
        }
        Course::Timed { when, fading, growth, .. } => (when, *fading, growth),
    };
    *out = [1.0; B];
    if until <= rows.acts[0] || from >= rows.acts[1] {
        return;
    }
    let (grows, again) = (!growth.is_zero(), !matches!(when, When::Once { .. }));
    for [start, end, severity] in &rows.spells {
        let mut mean = [0.0; B];
        for k in 0..B {
            mean[k] = overlap(start[k], end[k], from, until);
        }
        if grows {
            for k in 0..B {
                mean[k] -= lag(start[k], end[k], rows.growth[k], from, until);
            }
        }
        if fading != Fading::None {
            for k in 0..B {
                // It fades from where it has grown to.
                let (length, growth) = (end[k] - start[k], if grows { rows.growth[k] } else { 0.0 });
                let reached = if growth > length { length / growth } else { 1.0 };
                mean[k] += reached * faded(fading, end[k], rows.fading[k], from, until);
            }
        }
        for k in 0..B {
            out[k] -= severity[k] * mean[k];
        }
    }
    // It can come again while it still fades.
    if again {
        out.iter_mut().for_each(|left| *left = f64::max(*left, 0.0));
    }
}

/// The share of its full height that an effect lacks which grows in a straight line over `growth` days, as a mean over the
/// step.
#[inline(always)]
fn lag(start: f64, end: f64, growth: f64, from: f64, until: f64) -> f64 {
    let (a, b) = (f64::max(start, from), f64::min(f64::min(start + growth, end), until));
    if b > a { (b - a) * (1.0 - (0.5 * (a + b) - start) / growth) / (until - from) } else { 0.0 }
}

/// Mean over the step of the recovery curve of an event that ends at `end`, with time scale `tau`.
#[inline(always)]
fn faded(fading: Fading, end: f64, tau: f64, from: f64, until: f64) -> f64 {
    let never = tau <= 0.0 || until <= end;
    if never || fading == Fading::None {
        return 0.0;
    }
    let (u, v) = ((f64::max(from, end) - end) / tau, (until - end) / tau);
    let area = match fading {
        Fading::None => 0.0,
        Fading::Linear => {
            let (u, v) = (f64::min(u, 1.0), f64::min(v, 1.0));
            (v - u) * (1.0 - 0.5 * (u + v))
        }
        Fading::Exponential => libm::exp(-u) - libm::exp(-v),
        // The integral of 2/(1 + e^u) is −2 ln(1 + e^(−u)).
        Fading::Logistic => 2.0 * (libm::log1p(libm::exp(-u)) - libm::log1p(libm::exp(-v))),
    };
    area * tau / (until - from)
}

/// `K_t/K` of a project over the step: the mean of its ramp, 0 where it fails or never starts.
fn ramp<const B: usize>(ramp: &Ramp<B>, from: f64, until: f64, out: &mut Row<B>) {
    let Ramp { begin, length, success } = ramp;
    for k in 0..B {
        let full = begin[k] + length[k];
        let after = f64::max(until - f64::max(from, full), 0.0);
        let (a, b) = (f64::max(from, begin[k]), f64::min(until, full));
        // Mean height of the straight line between a and b.
        let rising = if b > a { (b - a) * (0.5 * (a + b) - begin[k]) / length[k] } else { 0.0 };
        out[k] = success[k] * ((after + rising) / (until - from));
    }
}

/// The multipliers of one step.
#[derive(Debug, Clone)]
pub(crate) struct Conditions<const B: usize> {
    /// The share that each event leaves.
    pub(crate) left: Rows<EventIx, B>,
    /// `K_t/K` of each project.
    pub(crate) ramp: Rows<ProjectIx, B>,
    /// Passages in this step and in the next.
    pub(crate) now: IndexVec<PassageIx, Passage<B>>,
    pub(crate) next: IndexVec<PassageIx, Passage<B>>,
    /// Whether passages are the same in the next step as in this.
    level: bool,
    /// Whether a passage is not wholly open in the next step in some trial of the block, and whether it is another than in
    /// this step.
    pub(crate) shut: IndexVec<PassageIx, bool>,
    pub(crate) turned: IndexVec<PassageIx, bool>,
}

impl<const B: usize> Conditions<B> {
    pub(crate) fn new(model: &Network) -> Self {
        Conditions {
            left: rows(model.events.len(), 1.0),
            ramp: rows(model.projects.len(), 0.0),
            now: IndexVec::filled(Passage::OPEN, model.passages.len()),
            next: IndexVec::filled(Passage::OPEN, model.passages.len()),
            level: false,
            shut: IndexVec::filled(false, model.passages.len()),
            turned: IndexVec::filled(true, model.passages.len()),
        }
    }

    /// Before the first step: its conditions are those of the "next" step.
    pub(crate) fn reset(&mut self, timetable: &Timetable<B>, step_days: f64) {
        self.now.fill(Passage::OPEN);
        for (spans, out) in timetable.spans.iter().zip(&mut self.next) {
            passage(spans, 0.0, step_days, out);
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
        for (number, spans) in timetable.spans.pairs() {
            // A passage that is never barred is open, as it was at the start.
            if !spans.is_empty() {
                let (now, out) = (&self.now[number], &mut self.next[number]);
                passage(spans, until, after, out);
                self.shut[number] = !same(&out.covered, &[0.0; B]);
                let stays = same(&out.covered, &now.covered) && same(&out.passed, &now.passed);
                self.turned[number] |= !stays;
                self.level &= stays;
            }
        }
        steady &= self.level;
        for (number, event) in model.events.pairs() {
            let (rows, out) = (&timetable.events[number], &mut self.left[number]);
            // An event that acts neither in the last step nor in this leaves all as it is.
            if t > 0 && (until <= rows.acts[0] || at(t - 1) >= rows.acts[1]) {
                continue;
            }
            let before = *out;
            left(event, rows, t, from, until, out);
            steady &= same(out, &before);
        }
        for (number, course) in timetable.projects.pairs() {
            let out = &mut self.ramp[number];
            let before = *out;
            ramp(course, from, until, out);
            steady &= same(out, &before);
        }
        steady
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
