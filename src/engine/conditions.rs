//! Phase 1, conditions: every multiplier is its mean over the step, integrated in closed form.

use super::rows::{ROUNDING, Row, fill, rows, value};
use crate::model::{Course, Event, Fading, Model};

/// When what is in force, per trial of a block.
#[derive(Debug, Clone)]
pub(crate) struct Timetable<const B: usize> {
    /// For each set of controls the disjoint spans during which any is in force.
    pub(crate) spans: Vec<Vec<Span<B>>>,
    /// By event: start, end, severity, recovery time; unused for a series.
    pub(crate) events: Vec<[Row<B>; 4]>,
    /// By project: start of its ramp, length of the ramp, and 1 if it succeeds.
    pub(crate) projects: Vec<[Row<B>; 3]>,
    /// First day on which any control or event is in force; infinite if none ever is.
    pub(crate) onset: Row<B>,
    /// Last day on which any control or event is in force, recovery left out; 0 if none ever is.
    pub(crate) last: Row<B>,
}

/// A time during which the controls of a set stay the same.
#[derive(Debug, Clone)]
pub(crate) struct Span<const B: usize> {
    pub(crate) start: Row<B>,
    pub(crate) end: Row<B>,
    /// Product of the passages of the controls in force; irrelevant when `start = end`.
    pub(crate) passage: Row<B>,
}

/// `c`, `p` and `θ` of a set of controls in one step.
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

/// One phase of a control in one trial: from, until, passage; `None` where it is not in force.
type Segment = Option<(f64, f64, f64)>;

impl<const B: usize> Timetable<B> {
    pub(crate) fn new(model: &Model) -> Self {
        let spans = model
            .control_sets
            .iter()
            .map(|set| {
                let segments: usize = set.iter().map(|&c| model.controls[c as usize].phases.len()).sum();
                // Segments have two ends each; between consecutive ends nothing changes.
                let count = (2 * segments).saturating_sub(1);
                vec![Span { start: [0.0; B], end: [0.0; B], passage: [1.0; B] }; count]
            })
            .collect();
        let zero = [0.0; B];
        Timetable {
            spans,
            events: vec![[zero; 4]; model.events.len()],
            projects: vec![[zero; 3]; model.projects.len()],
            onset: [f64::INFINITY; B],
            last: [0.0; B],
        }
    }

    pub(crate) fn prepare(&mut self, model: &Model, draws: &[Row<B>]) {
        self.onset = [f64::INFINITY; B];
        self.last = [0.0; B];
        self.controls(model, draws);
        for (rows, event) in self.events.iter_mut().zip(&model.events) {
            match &event.course {
                Course::Timed { start, duration, severity, fading_days, .. } => {
                    let duration = value(*duration, draws);
                    let [from, until, depth, fading] = rows;
                    fill(from, *start, draws);
                    fill(depth, *severity, draws);
                    fill(fading, *fading_days, draws);
                    for k in 0..B {
                        until[k] = from[k] + duration[k];
                        if duration[k] > 0.0 && depth[k] != 0.0 {
                            self.onset[k] = f64::min(self.onset[k], f64::max(from[k], 0.0));
                            self.last[k] = f64::max(self.last[k], until[k]);
                        }
                    }
                }
                Course::Series(series) => {
                    if let Some(t) = series.iter().position(|x| *x != 1.0) {
                        let end = series.iter().rposition(|x| *x != 1.0).map_or(0, |t| t + 1);
                        for k in 0..B {
                            self.onset[k] = f64::min(self.onset[k], t as f64 * model.step_days);
                            self.last[k] = f64::max(self.last[k], end as f64 * model.step_days);
                        }
                    }
                }
            }
        }
        for (rows, project) in self.projects.iter_mut().zip(&model.projects) {
            let [begin, ramp, success] = rows;
            *begin = [0.0; B];
            for days in [project.start, project.permit, project.build].into_iter().chain(project.trigger) {
                let days = value(days, draws);
                for k in 0..B {
                    begin[k] += days[k];
                }
            }
            fill(ramp, project.ramp, draws);
            let (chance, outcome) = (value(project.success, draws), value(project.outcome, draws));
            for k in 0..B {
                success[k] =
                    if project.trigger.is_some() && outcome[k] >= 1.0 - chance[k] { 1.0 } else { 0.0 };
            }
        }
    }

    fn controls(&mut self, model: &Model, draws: &[Row<B>]) {
        // By control and phase, in each trial.
        let segments: Vec<Vec<[Segment; B]>> = model
            .controls
            .iter()
            .map(|control| {
                let [onset, duration, leakage] =
                    [control.onset, control.duration, control.leakage].map(|p| value(p, draws));
                control
                    .phases
                    .iter()
                    .enumerate()
                    .map(|(j, (after, severity))| {
                        let severity = value(*severity, draws);
                        let next = control.phases.get(j + 1).map_or(f64::INFINITY, |p| p.0);
                        std::array::from_fn(|k| {
                            let barred = severity[k] * (1.0 - leakage[k]);
                            let (from, until) = (onset[k] + after, onset[k] + f64::min(next, duration[k]));
                            (barred != 0.0 && until > from).then_some((from, until, 1.0 - barred))
                        })
                    })
                    .collect()
            })
            .collect();
        for (set, spans) in model.control_sets.iter().zip(&mut self.spans) {
            for k in 0..B {
                let own: Vec<(f64, f64, f64)> =
                    set.iter().flat_map(|&c| &segments[c as usize]).filter_map(|s| s[k]).collect();
                if let Some(first) = own.iter().map(|s| s.0).reduce(f64::min) {
                    self.onset[k] = f64::min(self.onset[k], f64::max(first, 0.0));
                }
                self.last[k] = own.iter().map(|s| s.1).fold(self.last[k], f64::max);
                let mut ends: Vec<f64> = own.iter().flat_map(|s| [s.0, s.1]).collect();
                ends.sort_by(f64::total_cmp);
                let mut next = 0;
                for pair in ends.windows(2) {
                    let mut in_force = own.iter().filter(|s| s.0 <= pair[0] && pair[1] <= s.1).peekable();
                    if pair[0] < pair[1] && in_force.peek().is_some() {
                        let span = &mut spans[next];
                        (span.start[k], span.end[k]) = (pair[0], pair[1]);
                        span.passage[k] = in_force.map(|s| s.2).product();
                        next += 1;
                    }
                }
                for span in &mut spans[next..] {
                    (span.start[k], span.end[k]) = (0.0, 0.0);
                }
            }
        }
    }
}

/// Share of the step `[from, until)` that lies in `[start, end)`.
#[inline(always)]
pub(crate) fn overlap(start: f64, end: f64, from: f64, until: f64) -> f64 {
    f64::max(f64::min(end, until) - f64::max(start, from), 0.0) / (until - from)
}

/// `c`, `p` and `θ` over the step `[from, until)` days.
#[inline(always)]
pub(crate) fn passage<const B: usize>(spans: &[Span<B>], from: f64, until: f64, out: &mut Passage<B>) {
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

/// What an event leaves over the step `[from, until)` days, step `t`: `1 − severity · mean of g`.
pub(crate) fn left<const B: usize>(
    event: &Event,
    rows: &[Row<B>; 4],
    t: usize,
    from: f64,
    until: f64,
    out: &mut Row<B>,
) {
    let (fading, [start, end, severity, time]) = match &event.course {
        Course::Series(series) => {
            *out = [series.get(t).copied().unwrap_or(1.0); B];
            return;
        }
        Course::Timed { fading, .. } => (*fading, rows),
    };
    for k in 0..B {
        let during = overlap(start[k], end[k], from, until);
        out[k] = 1.0 - severity[k] * (during + faded(fading, end[k], time[k], from, until));
    }
}

/// Mean over the step of the recovery curve of an event that ends at `end`, with time scale `tau`.
pub(crate) fn faded(fading: Fading, end: f64, tau: f64, from: f64, until: f64) -> f64 {
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
#[inline(always)]
pub(crate) fn ramp<const B: usize>(rows: &[Row<B>; 3], from: f64, until: f64, out: &mut Row<B>) {
    let [begin, ramp, success] = rows;
    for k in 0..B {
        let full = begin[k] + ramp[k];
        let after = f64::max(until - f64::max(from, full), 0.0);
        let (a, b) = (f64::max(from, begin[k]), f64::min(until, full));
        // Mean height of the straight line between a and b.
        let rising = if b > a { (b - a) * (0.5 * (a + b) - begin[k]) / ramp[k] } else { 0.0 };
        out[k] = success[k] * ((after + rising) / (until - from));
    }
}

/// The multipliers of one step.
#[derive(Debug, Clone)]
pub(crate) struct Conditions<const B: usize> {
    /// What each event leaves.
    pub(crate) left: Vec<Row<B>>,
    /// `K_t/K` by project.
    pub(crate) ramp: Vec<Row<B>>,
    /// By set of controls, in this step and in the next.
    pub(crate) now: Vec<Passage<B>>,
    pub(crate) next: Vec<Passage<B>>,
}

impl<const B: usize> Conditions<B> {
    pub(crate) fn new(model: &Model) -> Self {
        Conditions {
            left: rows(model.events.len(), 1.0),
            ramp: rows(model.projects.len(), 0.0),
            now: vec![Passage::OPEN; model.control_sets.len()],
            next: vec![Passage::OPEN; model.control_sets.len()],
        }
    }

    /// Before the first step: what holds in it is what "next" holds.
    pub(crate) fn reset(&mut self, timetable: &Timetable<B>, step_days: f64) {
        for (spans, out) in timetable.spans.iter().zip(&mut self.next) {
            passage(spans, 0.0, step_days, out);
        }
    }

    /// Moves on to step `t`.
    #[inline(always)]
    pub(crate) fn advance(&mut self, model: &Model, timetable: &Timetable<B>, t: usize) {
        std::mem::swap(&mut self.now, &mut self.next);
        let at = |t: usize| t as f64 * model.step_days;
        let (from, until, after) = (at(t), at(t + 1), at(t + 2));
        for (spans, out) in timetable.spans.iter().zip(&mut self.next) {
            passage(spans, until, after, out);
        }
        for ((event, rows), out) in model.events.iter().zip(&timetable.events).zip(&mut self.left) {
            left(event, rows, t, from, until, out);
        }
        for (rows, out) in timetable.projects.iter().zip(&mut self.ramp) {
            ramp(rows, from, until, out);
        }
    }
}
