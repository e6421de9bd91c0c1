//! The quantities that move during a trial.

use super::plan::{Motion, PlanRows};
use crate::network::{ExposureIx, InputIx, LaneIx, Network, OutputIx, SiteIx, ThinnedIx};

/// The quantities that events and projects can move, and the lanes that are thinned at the supplier.
#[derive(Debug, Clone)]
pub(crate) struct Moving {
    pub(crate) sites: Vec<SiteIx>,
    pub(crate) inputs: Vec<InputIx>,
    pub(crate) outputs: Vec<OutputIx>,
    pub(crate) thinned: Vec<(LaneIx, ThinnedIx)>,
}

impl Moving {
    pub(crate) fn new(m: &Network, plan: &PlanRows) -> Self {
        let moves = |motion: Motion| motion == Motion::Moves;
        Moving {
            sites: plan.sites.pairs().filter(|(_, site)| moves(site.capacity)).map(|(n, _)| n).collect(),
            inputs: m
                .inputs
                .pairs()
                .filter(|(_, input)| input.exposure != ExposureIx::NONE)
                .map(|(i, _)| i)
                .collect(),
            outputs: m
                .outputs
                .pairs()
                .filter(|(_, output)| output.exposure != ExposureIx::NONE)
                .map(|(o, _)| o)
                .collect(),
            thinned: m.lanes.pairs().filter_map(|(e, lane)| Some((e, lane.thinned?))).collect(),
        }
    }
}
