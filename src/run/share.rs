//! What a thread gathers of its blocks.

use super::condensed::Condensed;
use super::courses::Courses;
use super::labels::Labels;
use super::layout::Layout;
use super::observe::{BlockStep, Observer};
use super::path::Path;
use super::ranges::Ranges;
use super::sums::{Checks, Sums};
use super::tables::{Columns, Tables};
use crate::stats::LossError;
use crate::step::{Block, Model};
use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Trials of a condensed run that a thread keeps before it condenses them: those of some blocks of any size.
pub(super) const KEPT: usize = 512;

/// What all threads of a run are told.
#[derive(Debug)]
pub(super) struct Plan<'r> {
    pub(super) model: &'r Model,
    pub(super) labels: &'r Labels,
    pub(super) layout: &'r Layout,
    /// Trials whose courses are kept.
    pub(super) courses: &'r [u64],
}

/// What is added up over trials, and the courses that are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Totals {
    /// Losses by step, for each party and, where they are kept, for each sector.
    pub(super) path: Path,
    pub(super) sums: Sums,
    pub(super) checks: Checks,
}

impl Totals {
    pub(super) fn new(labels: &Labels) -> Self {
        Totals {
            path: Path::new(labels.steps(), &labels.path_rows()),
            sums: Sums::default(),
            checks: Checks::default(),
        }
    }

    /// Adds those of other trials of the same model and kind.
    pub(super) fn merge(&mut self, other: &Self) {
        self.path.merge(&other.path);
        self.sums.merge(&other.sums);
        self.checks.merge(&other.checks);
    }

    /// Whether there is one of everything that has a name, of so many trials.
    pub(super) fn fit(&self, labels: &Labels, trials: u64) -> bool {
        self.path.fits(labels, trials) && self.sums.fit(labels) && self.checks.fit(trials)
    }
}

/// Trials of a condensed run.
#[derive(Debug, Clone)]
struct Condensing {
    /// Those that are not yet condensed.
    kept: Tables<Columns>,
    used: usize,
    condensed: Condensed,
}

/// What a thread has gathered.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) totals: Totals,
    /// Courses of chosen trials, `[step][party]`.
    pub(super) courses: Vec<(u64, Vec<f64>)>,
    /// Trials that are done.
    pub(super) done: Vec<Range<u64>>,
    /// None where trials are kept, in tables of the run.
    condensing: Option<Condensing>,
}

impl Share {
    /// Of no trials. A condensed run needs memory for a few trials.
    pub(super) fn new(plan: &Plan<'_>, condensed: bool) -> Result<Self, crate::Error> {
        let condensing = match condensed {
            true => Some(Condensing {
                kept: Tables::zeros(KEPT as u64, &plan.layout.widths)?,
                used: 0,
                condensed: Condensed::new(plan.labels)?,
            }),
            false => None,
        };
        Ok(Share { totals: Totals::new(plan.labels), courses: Vec::new(), done: Vec::new(), condensing })
    }

    /// Runs a block that is prepared, gathers what the trials `within` it yield, and gives their rows in the tables: those
    /// of the run, or some of its own where it is condensed.
    pub(super) fn add_block<'a, const B: usize>(
        &'a mut self,
        plan: &Plan<'_>,
        block: &mut Block<B>,
        trials: &Range<u64>,
        within: &Range<usize>,
        rows: Option<Tables<ArrayViewMut2<'a, f64>>>,
        observer: Option<&dyn Observer>,
    ) -> Option<Tables<ArrayViewMut2<'a, f64>>> {
        let path = &mut self.totals.path;
        path.open(within.len());
        let chosen = plan.courses.partition_point(|t| *t < trials.start)..;
        let chosen = plan.courses[chosen].iter().copied().take_while(|t| *t < trials.end);
        let mut courses: Vec<(u64, Vec<f64>)> = chosen.map(|trial| (trial, Vec::new())).collect();
        let mut sectors = Sectors::<B>::new(plan);
        block.run(plan.model, |t, ledger| {
            let of_sectors = sectors.losses(&ledger.lost);
            let rows = ledger.step_loss.iter().chain(of_sectors);
            path.gather(t, rows.map(|row| &row[within.clone()]));
            for (trial, course) in &mut courses {
                let k = within.start + (*trial - trials.start) as usize;
                course.extend(ledger.step_loss.iter().map(|row| row[k]));
            }
            if let Some(observer) = observer {
                observer.step(&BlockStep::new(
                    plan.labels,
                    trials.clone(),
                    t,
                    &ledger.step_loss,
                    within.clone(),
                ));
            }
        });
        path.close(within.len());
        self.courses.append(&mut courses);
        self.totals.sums.add(&block.ledger, within);
        self.totals.checks.add(&block.ledger, within);
        self.done.push(trials.clone());
        let mut rows = match &mut self.condensing {
            Some(condensing) => Some(condensing.next(plan, within.len())),
            None => rows,
        }?;
        plan.layout.write(block, within, &mut rows);
        Some(rows)
    }

    /// Ends the work of a thread.
    pub(super) fn finish(mut self, plan: &Plan<'_>) -> Self {
        self.totals.path.finish();
        if let Some(condensing) = &mut self.condensing {
            condensing.condense(plan);
        }
        self
    }

    /// Adds another that is finished as well, of the same run.
    pub(super) fn absorb(&mut self, other: Share) -> Result<(), LossError> {
        self.totals.merge(&other.totals);
        self.courses.extend(other.courses);
        self.done.extend(other.done);
        if let (Some(mine), Some(theirs)) = (&mut self.condensing, &other.condensing) {
            mine.condensed.merge(&theirs.condensed)?;
        }
        Ok(())
    }

    /// Takes apart what has been gathered: trials that are done, totals, courses, and the trials of a condensed run, which
    /// have this digest.
    pub(super) fn into_parts(
        self,
        labels: &Labels,
        digest: Option<String>,
    ) -> (Ranges, Totals, Courses, Option<Condensed>) {
        let courses = Courses::new(self.courses, labels.steps(), labels.parties().len());
        let condensed = self.condensing.map(|condensing| {
            let mut condensed = condensing.condensed;
            condensed.digest = digest;
            condensed
        });
        (Ranges::new(self.done), self.totals, courses, condensed)
    }
}

impl Condensing {
    /// Rows for so many more trials.
    fn next(&mut self, plan: &Plan<'_>, trials: usize) -> Tables<ArrayViewMut2<'_, f64>> {
        if self.used + trials > KEPT {
            self.condense(plan);
        }
        let first = self.used;
        self.used += trials;
        self.kept.rows_mut(first..first + trials)
    }

    fn condense(&mut self, plan: &Plan<'_>) {
        self.condensed.add(plan.labels, &self.kept, self.used);
        self.used = 0;
    }
}

/// Losses of the sectors in each step: by how much those so far have grown.
struct Sectors<const B: usize> {
    /// Places of the sectors among the valued sites; none where their courses are not kept.
    places: Vec<Option<usize>>,
    before: Vec<[f64; B]>,
    losses: Vec<[f64; B]>,
}

impl<const B: usize> Sectors<B> {
    fn new(plan: &Plan<'_>) -> Self {
        let places = if plan.labels.keeps_sector_paths { plan.layout.sectors.clone() } else { Vec::new() };
        let zeros = vec![[0.0; B]; places.len()];
        Sectors { places, before: zeros.clone(), losses: zeros }
    }

    fn losses(&mut self, lost: &[[f64; B]]) -> &[[f64; B]] {
        for (number, place) in self.places.iter().enumerate() {
            let Some(now) = place.map(|v| &lost[v]) else { continue };
            let before = std::mem::replace(&mut self.before[number], *now);
            self.losses[number] = std::array::from_fn(|k| now[k] - before[k]);
        }
        &self.losses
    }
}

// They read scenario files.
#[cfg(all(test, feature = "files"))]
mod tests {
    use super::super::labels::Kept;
    use super::*;
    use crate::Scenario;
    use crate::step::BLOCK;

    /// Numbers that are held, but for those of which there is one each.
    fn size(share: &Share) -> usize {
        let condensing = share.condensing.as_ref();
        let kept: usize = condensing.map_or(0, |c| c.kept.iter().map(|columns| columns.0.len()).sum());
        kept + share.totals.path.size() + condensing.map_or(0, |c| c.condensed.bins())
    }

    #[test]
    fn what_a_condensed_run_holds_does_not_grow_with_its_trials() {
        for name in ["mechanism_contracts", "mechanism_prepayment"] {
            let model = Scenario::load(format!("scenarios/{name}.toml")).and_then(|s| s.compile());
            let model = model.unwrap_or_else(|e| panic!("{e}"));
            let labels = Labels::new(&model, &Kept::default()).unwrap_or_else(|e| panic!("{e}"));
            let layout = Layout::new(&model, &labels);
            let plan = Plan { model: &model, labels: &labels, layout: &layout, courses: &[] };
            let mut share = Share::new(&plan, true).unwrap_or_else(|e| panic!("{e}"));
            let mut block = Block::<BLOCK>::new(&model);
            let (mut few, mut many) = (0, 0);
            for first in (0..8192).step_by(BLOCK) {
                block
                    .prepare(&model, 1, first, 0..BLOCK)
                    .unwrap_or_else(|_| panic!("trial {first} has a baseline"));
                let rows = share.add_block(
                    &plan,
                    &mut block,
                    &(first..first + BLOCK as u64),
                    &(0..BLOCK),
                    None,
                    None,
                );
                assert!(rows.is_some());
                many = many.max(size(&share));
                if first < 1024 {
                    few = many;
                }
            }
            // Bins are added for losses that are larger or smaller than all before.
            assert!(many as f64 <= 1.25 * few as f64, "{name}: {few} numbers, then {many}");
        }
    }
}
