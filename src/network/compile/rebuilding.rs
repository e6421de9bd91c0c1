//! Rebuilding after events, by the outputs that it needs.

use super::Quantities;
use super::nodes::Nodes;
use crate::network::{IndexVec, Ix, RebuildingIx, SiteIx, Span, Task, TaskIx};
use crate::scenario;
use std::collections::HashMap;

/// The tasks of all rebuildings, while they are gathered event by event.
#[derive(Default)]
pub(super) struct Works {
    tasks: Vec<Task>,
    count: usize,
}

impl Works {
    /// Adds the rebuilding of an event, if it needs anything.
    pub(super) fn of(
        &mut self,
        id: &str,
        e: &scenario::Event,
        site_of: &HashMap<String, SiteIx>,
        nodes: &Nodes,
        q: &mut Quantities<'_>,
    ) -> Option<RebuildingIx> {
        let spec = e.rebuilding.as_ref()?;
        let days = q.param(&["events", id, "rebuilding", "days"], &spec.days);
        let (rebuilding, before) = (RebuildingIx::new(self.count), self.tasks.len());
        for (site, amount) in &spec.amounts {
            let amount = q.param(&["events", id, "rebuilding", "amounts", site], amount);
            let output = site_of.get(site).map(|&n| nodes.sites[n].outputs.start);
            // An event with nothing to rebuild is one without rebuilding.
            if let Some(output) = output.filter(|_| !amount.is_zero()) {
                self.tasks.push(Task { rebuilding, output, amount, days });
            }
        }
        let any = self.tasks.len() > before;
        self.count += usize::from(any);
        any.then_some(rebuilding)
    }

    /// Numbers all tasks by output, tells each output its own, and gives those of each rebuilding.
    pub(super) fn finish(
        mut self,
        nodes: &mut Nodes,
    ) -> (IndexVec<TaskIx, Task>, IndexVec<RebuildingIx, Vec<TaskIx>>) {
        self.tasks.sort_by_key(|task| task.output);
        let tasks: IndexVec<TaskIx, Task> = self.tasks.into();
        let mut rebuildings = IndexVec::filled(Vec::new(), self.count);
        for (number, task) in tasks.pairs() {
            rebuildings[task.rebuilding].push(number);
            let own = &mut nodes.outputs[task.output].tasks;
            let start = if own.is_empty() { number } else { own.start };
            *own = Span::new(start, number.plus(1));
        }
        (tasks, rebuildings)
    }
}
