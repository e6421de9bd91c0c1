//! Lanes in the order they are walked, and which controls act on them.

use super::nodes::Network;
use super::{Quantities, RESERVE_STAGE};
use crate::model::{DAYS_PER_YEAR, Flow, Input, Lane, LaneParam, Output, Param, Site, Tier};
use crate::scenario::{ById, Control, SurgeLimit, Tables, split_link};
use indexmap::IndexMap;
use std::collections::{BTreeMap, HashMap};

/// The distinct sets of controls on lanes, the empty one first.
pub(super) struct ControlSets<'a> {
    controls: &'a ById<Control>,
    sets: IndexMap<Vec<u32>, ()>,
}

impl<'a> ControlSets<'a> {
    pub(super) fn new(controls: &'a ById<Control>) -> Self {
        ControlSets { controls, sets: IndexMap::from([(Vec::new(), ())]) }
    }

    /// Number of the set that acts on what one country sends another.
    pub(super) fn of(&mut self, exporter: &str, importer: &str, commodity: &str) -> usize {
        if self.controls.is_empty() {
            return 0;
        }
        let set: Vec<u32> = (0..)
            .zip(self.controls.values())
            .filter(|(_, c)| {
                c.exporters.iter().any(|x| x == exporter)
                    && c.importers.iter().any(|x| x == importer)
                    && c.commodities.as_ref().is_none_or(|list| list.iter().any(|x| x == commodity))
            })
            .map(|(k, _)| k)
            .collect();
        self.sets.insert_full(set, ()).0
    }

    pub(super) fn finish(self) -> Vec<Vec<u32>> {
        self.sets.into_keys().collect()
    }
}

/// Lanes while they are gathered.
pub(super) struct Lanes {
    pub(super) lanes: Vec<Lane>,
    /// Priority class of each; empty where all have the first.
    pub(super) classes: Vec<u32>,
    pub(super) params: Vec<Param>,
}

impl Lanes {
    fn param(params: &mut Vec<Param>, param: Param) -> LaneParam {
        params.push(param);
        LaneParam::try_from(params.len() - 1).unwrap_or(LaneParam::MAX)
    }
}

/// Puts the lanes of the scenario's links around those of tables, which stand at `network.lanes` already.
pub(super) fn lanes(
    t: &Tables,
    network: &mut Network,
    sets: &mut ControlSets<'_>,
    step_days: f64,
    q: &mut Quantities<'_>,
) -> Lanes {
    let (sites, inputs, outputs) = (&network.sites, &mut network.inputs, &network.outputs);
    let site_of: HashMap<&str, usize> = sites.iter().enumerate().map(|(n, s)| (s.id.as_str(), n)).collect();
    let mut by_input: BTreeMap<usize, Vec<(Lane, u32)>> = BTreeMap::new();
    let mut params = Vec::new();
    for (id, link) in &t.links {
        let Some((from, to, commodity)) = split_link(id) else { continue };
        let (Some(&from), Some(&to)) = (site_of.get(from), site_of.get(to)) else { continue };
        let controls = sets.of(&sites[from].country, &sites[to].country, commodity);
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
            Flow::Contingent(Lanes::param(
                &mut params,
                q.param(&path("contingent_volume_per_year"), v).scaled(per_step),
            ))
        } else if to_reserve {
            Flow::Refill
        } else if let Some(v) = &link.volume_per_year {
            Flow::Volume(Lanes::param(&mut params, q.param(&path("volume_per_year"), v).scaled(per_step)))
        } else if let Some(s) = &link.share {
            let share = q.param(&path("share"), s);
            match share.as_known() {
                Some(share) => Flow::FixedShare(share),
                None => Flow::DrawnShare(Lanes::param(&mut params, share)),
            }
        } else {
            Flow::Rest
        };
        let surge = match &link.surge_limit {
            Some(SurgeLimit::Multiple(m)) => {
                Some(Lanes::param(&mut params, q.param(&path("surge_limit"), m)))
            }
            Some(SurgeLimit::Unlimited) => None,
            None if matches!(flow, Flow::Contingent(_) | Flow::Refill) => {
                Some(Lanes::param(&mut params, Param::known(1.0)))
            }
            None => None,
        };
        let days = link.lead_time_days.as_number().unwrap_or(0.0);
        let lane = Lane {
            input,
            output,
            flow,
            // Lead times are checked to be finite and not negative; a scenario cannot be longer than its steps.
            lead: (days / step_days).round().clamp(1.0, 1e6) as usize,
            ring: 0,
            surge,
            controls,
            quota: None,
        };
        by_input.entry(input).or_default().push((lane, link.priority));
    }
    for own in by_input.values_mut() {
        own.sort_by_key(|(l, _)| kind(l.flow));
    }
    // Lanes stand in the order of their inputs: those of tables between sites and reserves.
    let last = by_input.split_off(&network.tabled_inputs.start);
    let before: usize = by_input.values().map(Vec::len).sum();
    let tabled = std::mem::take(&mut network.lanes);
    let own: usize = before + last.values().map(Vec::len).sum::<usize>();
    let mut lanes = Vec::with_capacity(before);
    let mut classes = Vec::new();
    let mut join =
        |lanes: &mut Vec<Lane>, classes: &mut Vec<u32>, by_input: BTreeMap<usize, Vec<(Lane, u32)>>| {
            for (i, own) in by_input {
                let count = |k: u8| own.iter().filter(|(l, _)| kind(l.flow) == k).count();
                let (contingent, reserve) = (count(1), count(2));
                let first = lanes.len();
                let input = &mut inputs[i];
                input.lanes = first..first + own.len();
                input.reserve = first + own.len() - reserve;
                input.contingent = input.reserve - contingent;
                for (lane, class) in own {
                    lanes.push(lane);
                    classes.push(class);
                }
            }
        };
    join(&mut lanes, &mut classes, by_input);
    if lanes.is_empty() {
        lanes = tabled;
    } else {
        lanes.extend(tabled);
    }
    classes.resize(lanes.len(), 1);
    lanes.reserve_exact(own - before);
    join(&mut lanes, &mut classes, last);
    for input in &mut inputs[network.tabled_inputs.clone()] {
        input.lanes = input.lanes.start + before..input.lanes.end + before;
        input.contingent += before;
        input.reserve += before;
    }
    if classes.iter().all(|c| *c == 1) {
        classes = Vec::new();
    }
    Lanes { lanes, classes, params }
}

/// Weighted lanes come first, then contingent ones, then those from reserves.
fn kind(flow: Flow) -> u8 {
    match flow {
        Flow::FixedShare(_) | Flow::DrawnShare(_) | Flow::Rest | Flow::Volume(_) => 0,
        Flow::Contingent(_) | Flow::Refill => 1,
        Flow::Reserve => 2,
    }
}

/// Lanes by output in the order they are served, and the classes of each output. `last` is the class of
/// final demand by output; without one it comes after all orders.
pub(super) fn tiers(lanes: &Lanes, last: &[Option<u32>], outputs: &mut [Output]) -> Vec<u32> {
    let class = |e: u32| lanes.classes.get(e as usize).map_or(1, |c| u64::from(*c));
    let mut next = vec![0; outputs.len() + 1];
    for lane in &lanes.lanes {
        next[lane.output + 1] += 1;
    }
    for o in 0..outputs.len() {
        next[o + 1] += next[o];
    }
    let mut served = vec![0; lanes.lanes.len()];
    for (e, lane) in (0_u32..).zip(&lanes.lanes) {
        served[next[lane.output]] = e;
        next[lane.output] += 1;
    }
    let mut first = 0;
    for ((o, output), last) in outputs.iter_mut().enumerate().zip(last) {
        let end = next[o];
        let own = &mut served[first..end];
        own.sort_by_key(|&e| class(e));
        let mut classes: Vec<u64> = own.iter().map(|&e| class(e)).collect();
        let final_class = last.map_or(u64::MAX, u64::from);
        classes.push(final_class);
        classes.sort_unstable();
        classes.dedup();
        for tier in classes {
            let count = served[first..end].iter().take_while(|&&e| class(e) == tier).count();
            output.tiers.push(Tier { served: first..first + count, final_demand: tier == final_class });
            first += count;
        }
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
