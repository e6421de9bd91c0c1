//! Passages of lanes, span by span: controls, licences, openings, and contracts that outlive an onset.

use super::{CHANGE_LIMIT, History, horizon, stays};
use crate::network::{Contract, DAYS_PER_YEAR, Licence, Licences, Network, Opening, Passage};
use crate::schedule::fault::Fault;
use crate::schedule::luck::{Luck, own};
use crate::schedule::timetable::SPAN_LIMIT;
use std::collections::BTreeSet;

/// Days in a month, after which a licence is decided on again.
const MONTH_DAYS: f64 = DAYS_PER_YEAR / 12.0;

/// A time in which the same passes all along: from, until, passage, and number of the period of its control.
#[derive(Debug, Clone, Copy)]
pub(in crate::schedule) struct Segment {
    pub(in crate::schedule) from: f64,
    pub(in crate::schedule) until: f64,
    pub(in crate::schedule) passage: f64,
    period: u64,
}

impl History {
    /// Settles when controls are in force.
    pub(super) fn controls(&mut self, model: &Network, luck: &Luck<'_>) {
        for (c, control) in model.controls.pairs() {
            let periods = self.periods(model, &control.when, luck);
            let leakage = luck.value(control.leakage);
            let segments = &mut self.segments[c];
            segments.clear();
            for (period, (onset, end)) in (0..).zip(periods) {
                for (j, (after, severity)) in control.phases.iter().enumerate() {
                    let barred = luck.value(*severity) * (1.0 - leakage);
                    let next = control.phases.get(j + 1).map_or(f64::INFINITY, |p| p.0);
                    let (from, until) = (onset + after, f64::min(onset + next, end));
                    if barred != 0.0 && until > from {
                        segments.push(Segment { from, until, passage: 1.0 - barred, period });
                    }
                }
            }
        }
    }

    /// The disjoint spans during which a passage is not open, or not wholly.
    pub(in crate::schedule) fn spans(
        &mut self,
        model: &Network,
        passage: &Passage,
        luck: &Luck<'_>,
    ) -> Result<Vec<Segment>, Fault> {
        let mut own: Vec<Segment> = Vec::new();
        for &c in &passage.controls {
            let segments = &self.segments[c];
            if let Some(first) = segments.iter().map(|s| s.from).reduce(f64::min) {
                self.onset = f64::min(self.onset, f64::max(first, 0.0));
            }
            self.last = segments.iter().map(|s| s.until).fold(self.last, f64::max);
            match &model.controls[c].licences {
                None => own.extend(segments),
                Some(licences) => own.extend(licensed(segments, licences, passage, horizon(model), luck)),
            }
        }
        let spans = product(&own);
        let spans = match &passage.contract {
            None => spans,
            Some(contract) => under_contract(&spans, contract, passage.link.as_deref(), luck)?,
        };
        Ok(match &passage.open {
            None => spans,
            Some(opening) => product(&[spans, self.closed(model, opening, luck)].concat()),
        })
    }

    /// The times at which a lane is not open.
    fn closed(&self, model: &Network, opening: &Opening, luck: &Luck<'_>) -> Vec<Segment> {
        let mut closed = Vec::new();
        match opening {
            Opening::From { from, during } => {
                closed.push((f64::NEG_INFINITY, self.moment(model, from, luck)));
                if let Some(during) = during {
                    closed.extend(stays(&self.visits[during.regime], during.states.others()));
                }
            }
            Opening::Round { control, from, until } => {
                closed.push((f64::NEG_INFINITY, self.moment(model, from, luck)));
                closed.push((self.moment(model, until, luck), f64::INFINITY));
                // Where nothing is barred, nothing goes round.
                let mut free = f64::NEG_INFINITY;
                for segment in &self.segments[*control] {
                    closed.push((free, segment.from));
                    free = segment.until;
                }
                closed.push((free, f64::INFINITY));
            }
        }
        let end = horizon(model) + model.step_days;
        // Days outside the trial are of no account, and an infinite span has no middle.
        let whole = |(from, until): (f64, f64)| (f64::max(from, -end), f64::min(until, 2.0 * end));
        let spans = closed.into_iter().map(whole).filter(|(from, until)| from < until);
        spans.map(|(from, until)| Segment { from, until, passage: 0.0, period: 0 }).collect()
    }
}

/// Disjoint spans, in order, with the product of the passages in force.
fn product(segments: &[Segment]) -> Vec<Segment> {
    // Days on which a segment begins or ends.
    let mut turns: Vec<(f64, usize)> =
        segments.iter().enumerate().flat_map(|(n, s)| [(s.from, n), (s.until, n)]).collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut in_force = BTreeSet::new();
    let mut spans = Vec::new();
    let days: Vec<&[(f64, usize)]> = turns.chunk_by(|a, b| a.0 == b.0).collect();
    for pair in days.windows(2) {
        let (from, until) = (pair[0][0].0, pair[1][0].0);
        for &(day, n) in pair[0] {
            let Segment { from, until, .. } = segments[n];
            if from < until && from == day {
                in_force.insert(n);
            } else {
                in_force.remove(&n);
            }
        }
        if !in_force.is_empty() {
            let passage = in_force.iter().map(|&n| segments[n].passage).product();
            spans.push(Segment { from, until, passage, period: 0 });
        }
    }
    spans
}

/// A segment in the parts that lie between the given days, which are in order.
fn cut(segment: Segment, days: &[f64]) -> impl Iterator<Item = Segment> {
    let inner =
        days.partition_point(|day| *day <= segment.from)..days.partition_point(|day| *day < segment.until);
    let starts = std::iter::once(segment.from).chain(days[inner.clone()].iter().copied());
    let ends = days[inner].iter().copied().chain([segment.until]);
    starts.zip(ends).map(move |(from, until)| Segment { from, until, ..segment }).filter(|s| s.from < s.until)
}

/// The passage that a control leaves to a lane: its own, and once a licence is granted at least the quota, by end use.
fn licensed(
    segments: &[Segment],
    licences: &Licences,
    lane: &Passage,
    horizon: f64,
    luck: &Luck<'_>,
) -> Vec<Segment> {
    let military = lane.military_share.map_or(0.0, |share| luck.value(share));
    let mut out = Vec::new();
    for own in segments.chunk_by(|a, b| a.period == b.period) {
        let (onset, end) = (own[0].from, f64::min(own[own.len() - 1].until, horizon));
        let uses = [("civil", 1.0 - military), ("military", military)];
        // By use: its share, the day of the grant, and the quota.
        let granted: Vec<(f64, f64, f64)> = uses
            .into_iter()
            .zip(&licences.by_use)
            .map(|((word, share), licence)| match licence {
                None => (share, f64::INFINITY, 0.0),
                Some(licence) => {
                    let name = format!("{}.{word}", licences.name);
                    let day = grant(licence, &name, lane.link.as_deref(), end - onset, luck, own[0].period);
                    (share, onset + day, luck.value(licence.quota))
                }
            })
            .collect();
        let mut days: Vec<f64> = granted.iter().map(|g| g.1).collect();
        days.sort_by(f64::total_cmp);
        for part in own.iter().flat_map(|s| cut(*s, &days)) {
            let passes = |(share, day, quota): &(f64, f64, f64)| {
                share * if *day <= part.from { f64::max(part.passage, *quota) } else { part.passage }
            };
            out.push(Segment { passage: granted.iter().map(passes).sum(), ..part });
        }
    }
    out
}

/// Days from the onset until a licence is granted: at the first of the monthly decisions that goes well.
fn grant(licence: &Licence, name: &str, link: Option<&str>, until: f64, luck: &Luck<'_>, period: u64) -> f64 {
    let u = luck.uniform(&link.map_or(name.to_owned(), |link| own(name, link)), period);
    let (chance, growth) = (luck.value(licence.chance), luck.value(licence.growth));
    let mut day = luck.serial(&licence.processing, link, period);
    let mut refused = 1.0;
    // A control may have begun ages before day 0: nobody is refused for ever.
    for _ in 0..CHANGE_LIMIT {
        if day >= until {
            break;
        }
        refused *= 1.0 - f64::min(chance + growth * (day / MONTH_DAYS), 1.0);
        if u >= refused {
            return day;
        }
        day += MONTH_DAYS;
    }
    f64::INFINITY
}

/// Passage under contracts: each stretch of spans has its onset, from which contracts run off, are reviewed or suspended.
fn under_contract(
    spans: &[Segment],
    contract: &Contract,
    link: Option<&str>,
    luck: &Luck<'_>,
) -> Result<Vec<Segment>, Fault> {
    let (term, count) = (luck.value(contract.term), u64::from(contract.count));
    let link = link.filter(|_| contract.shared);
    let fates = link.map_or(contract.name.clone(), |link| own(&contract.name, link));
    let (suspended, reviewed) = (luck.value(contract.suspended), luck.value(contract.reviewed));
    let mut out = Vec::new();
    for (stretch, joined) in (0..).zip(spans.chunk_by(|a, b| a.until == b.from)) {
        let onset = joined[0].from;
        // Days between which each contract is served.
        let served: Vec<(f64, f64)> = (0..count)
            .map(|j| {
                let index = stretch * count + j;
                let fate = luck.uniform(&fates, index);
                let end = onset + luck.serial(&contract.remaining, link, index);
                if fate < suspended {
                    (onset, onset)
                } else if fate < suspended + reviewed {
                    (onset + luck.serial(&contract.review, link, index), end)
                } else {
                    (onset, end)
                }
            })
            .collect();
        // Those whose review takes longer than they last are never served.
        let served = served.iter().filter(|(from, until)| from < until);
        let (mut begun, mut ended): (Vec<f64>, Vec<f64>) = served.copied().unzip();
        begun.sort_by(f64::total_cmp);
        ended.sort_by(f64::total_cmp);
        let mut days = [begun.as_slice(), &ended].concat();
        days.sort_by(f64::total_cmp);
        for part in joined.iter().flat_map(|s| cut(*s, &days)) {
            let by = |days: &[f64]| days.partition_point(|day| *day <= part.from);
            let share = term * ((by(&begun) - by(&ended)) as f64 / count as f64);
            out.push(Segment { passage: share + (1.0 - share) * part.passage, ..part });
        }
        if out.len() > SPAN_LIMIT {
            return Err(Fault::Spans { limit: SPAN_LIMIT });
        }
    }
    Ok(out)
}
