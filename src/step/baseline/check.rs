//! Whether what was found is a baseline.

use super::{Baseline, Facts, Fault};
use crate::network::Network;

/// Relative tolerance.
const TOLERANCE: f64 = 1e-9;

impl<const B: usize> Baseline<B> {
    /// Whether all activities are finite, all inputs get what they need, and by-products meet their final demand.
    pub(super) fn check(&self, model: &Network, facts: &Facts<'_, B>) -> Result<(), Fault> {
        for (n, site) in model.sites.iter().enumerate().take(model.active) {
            for k in 0..B {
                if !self.activity[n][k].is_finite() {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "site `{}` has no finite baseline activity: a cycle it is in uses more than it makes",
                            site.id
                        ),
                    });
                }
            }
        }
        for (i, input) in model.inputs.iter().enumerate() {
            for k in 0..B {
                let need = facts.usage[i][k] * self.activity[input.site][k];
                let flow: f64 = input.weighted().map(|e| self.flow[e][k]).sum();
                let place = || {
                    format!(
                        "input `{}` of site `{}`",
                        model.commodities[input.commodity], model.sites[input.site].id
                    )
                };
                if input.weighted().is_empty() && need > 0.0 {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "{} is needed at the baseline, and only contingent lanes or reserves supply it",
                            place()
                        ),
                    });
                }
                if self.lacking[i][k] > TOLERANCE * need {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "{} lacks {:.6} of {need:.6} a step: it comes as a by-product that is short, and no lane from a driving output can fill in",
                            place(),
                            self.lacking[i][k]
                        ),
                    });
                }
                if (flow - need).abs() > TOLERANCE * need {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "{} needs {need:.6} a step, and its agreed volumes and shares bring {flow:.6}",
                            place()
                        ),
                    });
                }
            }
        }
        for (o, output) in
            model.outputs.iter().enumerate().filter(|(_, o)| !o.driving && o.site < model.active)
        {
            for k in 0..B {
                let made = facts.yields(o)[k] * self.activity[output.site][k];
                if facts.final_demand[o][k] > made * (1.0 + TOLERANCE) {
                    return Err(Fault {
                        lane: k,
                        message: format!(
                            "by-product `{}` of site `{}` makes {made:.6} a step, below its final demand of {:.6}",
                            model.commodities[output.commodity],
                            model.sites[output.site].id,
                            facts.final_demand[o][k]
                        ),
                    });
                }
            }
        }
        Ok(())
    }
}
