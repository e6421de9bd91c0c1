//! Lanes in the order they are walked, and which controls act on them.

use super::{Quantities, RESERVE_STAGE};
use crate::model::{DAYS_PER_YEAR, Flow, Input, Lane, Output, Param, Site, Tier};
use crate::scenario::{SurgeLimit, Tables, split_link};
use indexmap::IndexMap;
use std::collections::HashMap;

/// The distinct sets of controls on lanes, the empty one first, and the set of each link by its id.
pub(super) fn control_sets(t: &Tables, sites: &[Site]) -> (Vec<Vec<u32>>, HashMap<String, usize>) {
    let country: HashMap<&str, &str> = sites.iter().map(|s| (s.id.as_str(), s.country.as_str())).collect();
    let mut sets: IndexMap<Vec<u32>, ()> = IndexMap::from([(Vec::new(), ())]);
    let mut of = HashMap::new();
    for id in t.links.keys() {
        let Some((from, to, commodity)) = split_link(id) else { continue };
        let (Some(exporter), Some(importer)) = (country.get(from), country.get(to)) else { continue };
        let set: Vec<u32> = (0..)
            .zip(t.controls.values())
            .filter(|(_, c)| {
                c.exporters.iter().any(|x| x == exporter)
                    && c.importers.iter().any(|x| x == importer)
                    && c.commodities.as_ref().is_none_or(|list| list.iter().any(|x| x == commodity))
            })
            .map(|(k, _)| k)
            .collect();
        of.insert(id.clone(), sets.insert_full(set, ()).0);
    }
    (sets.into_keys().collect(), of)
}

pub(super) fn lanes(
    t: &Tables,
    sites: &[Site],
    inputs: &mut [Input],
    outputs: &[Output],
    set_of: &HashMap<String, usize>,
    step_days: f64,
    q: &mut Quantities<'_>,
) -> Vec<Lane> {
    let site_of: HashMap<&str, usize> = sites.iter().enumerate().map(|(n, s)| (s.id.as_str(), n)).collect();
    let mut by_input: Vec<Vec<Lane>> = inputs.iter().map(|_| Vec::new()).collect();
    for (id, link) in &t.links {
        let Some((from, to, commodity)) = split_link(id) else { continue };
        let (Some(&from), Some(&to)) = (site_of.get(from), site_of.get(to)) else { continue };
        let Some(commodity) = t.commodities.get_index_of(commodity) else { continue };
        let input = sites[to].inputs.clone().find(|&i| inputs[i].commodity == commodity);
        let output = sites[from].outputs.clone().find(|&o| outputs[o].commodity == commodity);
        let (Some(input), Some(output)) = (input, output) else { continue };
        let path = |key: &'static str| ["links", id.as_str(), key];
        let per_step = step_days / DAYS_PER_YEAR;
        let from_reserve = sites[from].stage == RESERVE_STAGE && t.reserves.contains_key(&sites[from].id);
        let to_reserve = t.reserves.contains_key(&sites[to].id);
        let flow = if from_reserve {
            Flow::Reserve
        } else if let Some(v) = &link.contingent_volume_per_year {
            Flow::Contingent(q.param(&path("contingent_volume_per_year"), v).scaled(per_step))
        } else if to_reserve {
            Flow::Refill
        } else if let Some(v) = &link.volume_per_year {
            Flow::Volume(q.param(&path("volume_per_year"), v).scaled(per_step))
        } else if let Some(s) = &link.share {
            let share = q.param(&path("share"), s);
            share.as_known().map_or(Flow::DrawnShare(share), Flow::FixedShare)
        } else {
            Flow::Rest
        };
        let surge = match &link.surge_limit {
            Some(SurgeLimit::Multiple(m)) => Some(q.param(&path("surge_limit"), m)),
            Some(SurgeLimit::Unlimited) => None,
            None if matches!(flow, Flow::Contingent(_) | Flow::Refill) => Some(Param::known(1.0)),
            None => None,
        };
        let days = link.lead_time_days.as_number().unwrap_or(0.0);
        by_input[input].push(Lane {
            id: id.clone(),
            input,
            output,
            flow,
            // Lead times are checked to be finite and not negative; a scenario cannot be longer than its steps.
            lead: (days / step_days).round().clamp(1.0, 1e6) as usize,
            ring: 0,
            surge,
            controls: set_of.get(id).copied().unwrap_or(0),
            quota: None,
        });
    }
    let mut lanes = Vec::with_capacity(t.links.len());
    for (input, mut own) in inputs.iter_mut().zip(by_input) {
        own.sort_by_key(|l| match l.flow {
            Flow::FixedShare(_) | Flow::DrawnShare(_) | Flow::Rest | Flow::Volume(_) => 0,
            Flow::Contingent(_) | Flow::Refill => 1,
            Flow::Reserve => 2,
        });
        let first = lanes.len();
        let count = |f: fn(&Flow) -> bool| own.iter().filter(|l| f(&l.flow)).count();
        let contingent = count(|f| matches!(f, Flow::Contingent(_) | Flow::Refill));
        let reserve = count(|f| matches!(f, Flow::Reserve));
        input.lanes = first..first + own.len();
        input.reserve = first + own.len() - reserve;
        input.contingent = input.reserve - contingent;
        lanes.extend(own);
    }
    lanes
}

/// Lanes by output in the order they are served, and the classes of each output.
pub(super) fn tiers(t: &Tables, lanes: &[Lane], sites: &[Site], outputs: &mut [Output]) -> Vec<u32> {
    let mut by_output: Vec<Vec<(u32, u32)>> = outputs.iter().map(|_| Vec::new()).collect();
    for (e, lane) in (0_u32..).zip(lanes) {
        let class = t.links.get(&lane.id).map_or(1, |l| l.priority);
        by_output[lane.output].push((class, e));
    }
    let mut served = Vec::with_capacity(lanes.len());
    for (output, mut own) in outputs.iter_mut().zip(by_output) {
        own.sort_unstable();
        let commodity = t.commodities.get_index(output.commodity).map(|(id, _)| id);
        let final_class = commodity
            .and_then(|c| t.sites.get(&sites[output.site].id)?.outputs.get(c))
            .and_then(|o| o.final_demand_class);
        let mut classes: Vec<u64> = own.iter().map(|(c, _)| u64::from(*c)).collect();
        // After all orders, unless a class is given.
        let final_class = final_class.map_or(u64::MAX, u64::from);
        classes.push(final_class);
        classes.sort_unstable();
        classes.dedup();
        output.tiers = classes
            .into_iter()
            .map(|class| {
                let first = served.len();
                served.extend(own.iter().filter(|(c, _)| u64::from(*c) == class).map(|(_, e)| *e));
                Tier { served: first..served.len(), final_demand: class == final_class }
            })
            .collect();
    }
    served
}

/// Numbers the lanes whose orders are thinned at the supplier.
pub(super) fn quotas(lanes: &mut [Lane], inputs: &[Input], sites: &[Site]) {
    let mut next = 0;
    for lane in lanes {
        if lane.controls > 0 && !sites[inputs[lane.input].site].aware {
            lane.quota = Some(next);
            next += 1;
        }
    }
}
