//! From a scenario to a model: the network, the order in which it is walked, and the baseline where all trials share it.

use super::baseline_error;
use super::known::Known;
use super::model::Model;
use super::plan::Plan;
use super::prepare::Prepared;
use super::threads;
use crate::Error;
use crate::network::{Flow, Network, Param};
use crate::scenario::Scenario;
use std::sync::Arc;

/// Trials that must all be faulty for a fault to count as known.
const TRIED: u64 = 100;

impl Scenario {
    /// Compiles the scenario into a model, and solves its baseline where that is the same in every trial.
    ///
    /// # Errors
    /// [`Error::Baseline`] when there is no balanced baseline; [`Error::Threads`] when threads cannot be started.
    pub fn compile(&self) -> Result<Model, Error> {
        threads::start()?;
        let network = Arc::new(Network::new(self));
        let plan = Arc::new(Plan::new(&network));
        let mut model = Model { network, plan, known: None };
        model.known = known_baseline(&model)?;
        Ok(model)
    }
}

/// The baseline where nothing drawn moves it, or its fault.
fn known_baseline(model: &Model) -> Result<Option<Arc<Known>>, Error> {
    if !is_known(model) {
        return Ok(None);
    }
    let mut block = Prepared::<1>::new(model);
    match block.prepare(model, 0, 0, 0..1) {
        Ok(()) => Ok(block.found(model).map(Arc::new)),
        Err(faulty) if model.draws.is_empty() && !model.redrawn() => {
            Err(Error::Baseline { trial: None, fault: Box::new(faulty.fault), drawn: Vec::new() })
        }
        // A fault of some trials alone is chance, and is found when it comes up in a run.
        Err(_) if (1..TRIED).any(|trial| block.prepare(model, 0, trial, 0..1).is_ok()) => {
            Ok(block.found(model).map(Arc::new))
        }
        Err(faulty) => Err(baseline_error(model, 0, 0, faulty)),
    }
}

/// Whether nothing that moves the baseline is drawn.
fn is_known(model: &Network) -> bool {
    let known = |p: Param| p.draw.is_none();
    model.inputs.iter().all(|i| known(i.usage))
        && model.outputs.iter().all(|o| known(o.yields) && known(o.final_demand))
        && model.lanes.iter().all(|l| match l.flow {
            Flow::DrawnShare(_) => false,
            Flow::Volume(p) => known(model.lane_param(p)),
            _ => true,
        })
}
