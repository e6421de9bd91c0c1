//! How inputs order at the baseline: by which shares, and in which of the simpler ways.

use super::{Filling, Limits};
use crate::schedule::rows::Row;
use crate::step::plan::Kind;

impl<const B: usize> Filling<'_, Limits, B> {
    /// Planned shares and kinds.
    pub(super) fn orders(mut self) {
        let is_known = self.m.known.is_some();
        if !is_known {
            self.planned();
        }
        if !is_known || self.p.kinds.is_empty() {
            self.kinds();
        }
    }

    /// Shares of the lanes of each input in its supply at the baseline.
    fn planned(&mut self) {
        let facts = &mut self.p.facts;
        for input in &self.p.plan.rows.offers {
            let volumes = &facts.volume[input.weighted()];
            let mut total = [0.0; B];
            for volume in volumes {
                for k in 0..B {
                    total[k] += volume[k];
                }
            }
            let scale = total.map(|total| if total > 0.0 { 1.0 / total } else { 0.0 });
            // One lane that takes all takes exactly all.
            let whole = volumes.len() == 1;
            for (share, volume) in facts.planned[input.weighted()].iter_mut().zip(volumes) {
                for k in 0..B {
                    let all = if volume[k] > 0.0 { 1.0 } else { 0.0 };
                    share[k] = if whole { all } else { volume[k] * scale[k] };
                }
            }
        }
    }

    fn kinds(&mut self) {
        let p = &mut *self.p;
        let (plan, kinds) = (&p.plan.rows, p.kinds.as_mut_vec());
        kinds.clear();
        kinds.extend(plan.inputs.iter().map(|input| {
            let mut volumes = p.facts.volume[input.lanes].iter();
            let single = matches!(input.kind, Kind::Plain | Kind::Single);
            let takes = |volume: &Row<B>| volume.iter().all(|flow| *flow > 0.0);
            if single && !volumes.all(takes) { Kind::Any } else { input.kind }
        }));
        p.runs.as_mut_vec().resize(p.kinds.len(), 0);
        for site in &plan.sites {
            let mut run = 0;
            for i in site.inputs.into_iter().rev() {
                run = if p.kinds[i] == Kind::Plain { run + 1 } else { 0 };
                p.runs[i] = run;
            }
        }
    }
}
