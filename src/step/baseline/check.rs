//! Whether the solution is a baseline.

use super::{Baseline, Requirements};
use crate::network::{Input, InputIx, Network};
use crate::scenario::LARGEST;
use crate::schedule::fault::{Fault, Faulty};

/// Relative tolerance.
const TOLERANCE: f64 = 1e-9;

impl<const B: usize> Baseline<B> {
    /// Whether all activities are finite, all inputs get their need, and by-products meet their final demand.
    pub(super) fn check(&self, model: &Network, given: &Requirements<'_, B>) -> Result<(), Faulty> {
        for n in model.active {
            if let Some(k) = self.activity[n].iter().position(|activity| !activity.is_finite()) {
                return Err(Fault::Infinite { site: model.sites[n].id.clone() }.of(k));
            }
            if let Some(k) = self.activity[n].iter().position(|activity| *activity > LARGEST) {
                let activity = self.activity[n][k];
                return Err(Fault::TooLarge { site: model.sites[n].id.clone(), activity }.of(k));
            }
        }
        for (i, input) in model.inputs.pairs() {
            for k in 0..B {
                self.check_input(model, given, (i, input), k).map_err(|fault| fault.of(k))?;
            }
        }
        for (o, output) in model.outputs.pairs().filter(|(_, o)| !o.driving && model.active.contains(o.site))
        {
            for k in 0..B {
                let makes = given.yields(o)[k] * self.activity[output.site][k];
                let demand = given.final_demand[o][k];
                if demand > makes * (1.0 + TOLERANCE) {
                    let site = model.sites[output.site].id.clone();
                    let output = model.commodities[output.commodity].clone();
                    return Err(Fault::FinalDemand { site, output, makes, demand }.of(k));
                }
            }
        }
        Ok(())
    }

    /// Whether an input gets its need in trial `k` of the block.
    fn check_input(
        &self,
        model: &Network,
        given: &Requirements<'_, B>,
        (i, own): (InputIx, &Input),
        k: usize,
    ) -> Result<(), Fault> {
        let needs = given.usage[i][k] * self.activity[own.site][k];
        let brings: f64 = own.weighted().into_iter().map(|e| self.flow[e][k]).sum();
        let lacks = self.lacking[i][k];
        let place = || (model.sites[own.site].id.clone(), model.commodities[own.commodity].clone());
        if own.weighted().is_empty() && needs > 0.0 {
            let (site, input) = place();
            return Err(Fault::NoSupplier { site, input });
        }
        if lacks > TOLERANCE * needs {
            let (site, input) = place();
            return Err(Fault::Lacking { site, input, lacks, needs });
        }
        if (brings - needs).abs() > TOLERANCE * needs {
            let (site, input) = place();
            return Err(Fault::Unbalanced { site, input, needs, brings });
        }
        Ok(())
    }
}
