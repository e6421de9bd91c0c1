//! Lanes in the order they are walked, and which controls act on them.

use super::Quantities;
use super::forces::{contract, known_states, moment};
use super::nodes::Nodes;
use crate::network::{
    DAYS_PER_YEAR, Flow, Input, Lane, LaneParam, Opening, Output, Param, Passage, Site, Tier,
};
use crate::scenario::{ById, Control, Link, Reexport, SurgeLimit, Tables, split_link};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::ops::Range;

/// What decides on the passage of lanes, numbered: nothing first. Lanes with luck of their own have one each.
pub(super) struct Passages<'a> {
    controls: &'a ById<Control>,
    list: Vec<Passage>,
    /// Those that are nothing but a set of controls.
    shared: IndexMap<Vec<u32>, usize>,
}

impl<'a> Passages<'a> {
    pub(super) fn new(controls: &'a ById<Control>) -> Self {
        Passages { controls, list: vec![Passage::default()], shared: IndexMap::from([(Vec::new(), 0)]) }
    }

    /// Controls on what one country sends another.
    fn controls(&self, exporter: &str, importer: &str, commodity: &str) -> Vec<u32> {
        (0..)
            .zip(self.controls.values())
            .filter(|(_, c)| {
                c.exporters.iter().any(|x| x == exporter)
                    && c.importers.iter().any(|x| x == importer)
                    && c.commodities.as_ref().is_none_or(|list| list.iter().any(|x| x == commodity))
            })
            .map(|(k, _)| k)
            .collect()
    }

    /// Number of the passage that only controls decide on.
    pub(super) fn of(&mut self, exporter: &str, importer: &str, commodity: &str) -> usize {
        if self.controls.is_empty() {
            return 0;
        }
        self.shared(self.controls(exporter, importer, commodity))
    }

    fn shared(&mut self, controls: Vec<u32>) -> usize {
        let next = self.list.len();
        let number = *self.shared.entry(controls.clone()).or_insert(next);
        if number == next {
            self.list.push(Passage { controls, ..Passage::default() });
        }
        number
    }

    /// Number of the passage of a link of the scenario.
    fn of_link(
        &mut self,
        id: &str,
        link: &Link,
        ends: [&Site; 2],
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> usize {
        let Some((.., commodity)) = split_link(id) else { return 0 };
        let controls = self.controls(&ends[0].country, &ends[1].country, commodity);
        let licensed = controls.iter().any(|&c| self.controls[c as usize].licences.is_some());
        let open = match t.reserves.get(&ends[0].id) {
            Some(r) => {
                let from = moment(
                    t,
                    r.after.as_deref(),
                    q.optional(&["reserves", &ends[0].id, "opens_after_days"], r.opens_after_days.as_ref()),
                    q,
                );
                let during = r.during.as_ref().and_then(|d| known_states(t, d));
                (!from.is_start() || r.during.is_some()).then_some(Opening::From { from, during })
            }
            None => {
                let from = moment(
                    t,
                    link.after.as_deref(),
                    q.optional(&["links", id, "qualification_days"], link.qualification_days.as_ref()),
                    q,
                );
                (!from.is_start()).then_some(Opening::From { from, during: None })
            }
        };
        let contract = match &link.contract {
            Some(own) => (!controls.is_empty()).then(|| contract(["links", id], own, q)),
            None if link.contingent_volume_per_year.is_some()
                || ends.iter().any(|end| t.reserves.contains_key(&end.id)) =>
            {
                None
            }
            None => controls.iter().find_map(|&c| {
                let (control, spec) = self.controls.get_index(c as usize)?;
                Some(contract(["controls", control], spec.contract.as_ref()?, q))
            }),
        };
        if open.is_none() && contract.is_none() && !licensed {
            return self.shared(controls);
        }
        let military_share = q.optional(&["links", id, "military_share"], link.military_share.as_ref());
        let own = Passage {
            controls,
            open,
            link: Some(id.to_owned()),
            military_share: Some(military_share),
            contract,
        };
        self.add(own)
    }

    /// Number of the passage of a way round a control, beside a link.
    #[expect(clippy::too_many_arguments, reason = "a way round and the link it stands beside")]
    fn round(
        &mut self,
        id: &str,
        r: &Reexport,
        link: (&str, &Link),
        ends: [&Site; 2],
        control: usize,
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> usize {
        let Some((.., commodity)) = split_link(link.0) else { return 0 };
        let mut controls = self.controls(&ends[0].country, &r.via, commodity);
        controls.extend(self.controls(&r.via, &ends[1].country, commodity));
        controls.sort_unstable();
        controls.dedup();
        let from = moment(t, Some(&r.control), q.param(&["reexports", id, "setup_days"], &r.setup_days), q);
        let until = moment(t, Some(id), Param::known(0.0), q);
        let military_share = q.optional(&["links", link.0, "military_share"], link.1.military_share.as_ref());
        self.add(Passage {
            controls,
            open: Some(Opening::Round { control, from, until }),
            link: Some(format!("{} via {id}", link.0)),
            military_share: Some(military_share),
            contract: None,
        })
    }

    fn add(&mut self, passage: Passage) -> usize {
        self.list.push(passage);
        self.list.len() - 1
    }

    pub(super) fn finish(self) -> Vec<Passage> {
        self.list
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
    network: &mut Nodes,
    passages: &mut Passages<'_>,
    step_days: f64,
    q: &mut Quantities<'_>,
) -> Lanes {
    let (sites, inputs, outputs) = (&network.sites, &mut network.inputs, &network.outputs);
    let site_of: HashMap<&str, usize> = sites.iter().enumerate().map(|(n, s)| (s.id.as_str(), n)).collect();
    // Lanes in the order of the file, each with its class, and how many of each input carry baseline trade.
    let mut own: Vec<(Lane, u32)> = Vec::with_capacity(t.links.len());
    let mut weighted = vec![0_u32; inputs.len()];
    let mut params = Vec::new();
    // Links of one buyer mostly stand together.
    let mut last = ("", None);
    for (id, link) in &t.links {
        let Some((from, to, commodity)) = split_link(id) else { continue };
        if last.0 != to {
            last = (to, site_of.get(to).copied());
        }
        let (Some(&from), Some(to)) = (site_of.get(from), last.1) else { continue };
        let name = commodity;
        let Some(commodity) = t.commodities.get_index_of(commodity) else { continue };
        let input = sites[to].inputs.clone().find(|&i| inputs[i].commodity == commodity);
        let output = sites[from].outputs.clone().find(|&o| outputs[o].commodity == commodity);
        let (Some(input), Some(output)) = (input, output) else { continue };
        let ends = [&sites[from], &sites[to]];
        let passage = passages.of_link(id, link, ends, t, q);
        let path = |key: &'static str| ["links", id.as_str(), key];
        let per_step = step_days / DAYS_PER_YEAR;
        let from_reserve = t.reserves.contains_key(&sites[from].id);
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
            lead: steps(days, step_days),
            surge,
            passage,
            via: None,
            quota: None,
        };
        if !flow.is_weighted() {
            own.push((lane, link.priority));
            continue;
        }
        // Counted from the first lane of the input, until that has its place.
        let beside = weighted[input];
        weighted[input] += 1;
        own.push((lane.clone(), link.priority));
        for (via, (key, r)) in (0..).zip(&t.reexports) {
            let Some(control) = t.controls.get_index_of(&r.control) else { continue };
            let covered = r.commodities.as_ref().is_none_or(|list| list.iter().any(|c| c == name));
            if !covered || !passages.list[passage].controls.iter().any(|&c| c as usize == control) {
                continue;
            }
            let share = q.param(&["reexports", key, "volume_share"], &r.volume_share);
            own.push((
                Lane {
                    flow: Flow::Beside { lane: beside, share: Lanes::param(&mut params, share) },
                    lead: steps(days + r.delay_days.as_number().unwrap_or(0.0), step_days),
                    surge: Some(Lanes::param(&mut params, Param::known(1.0))),
                    passage: passages.round(key, r, (id, link), ends, control, t, q),
                    via: Some(via),
                    ..lane.clone()
                },
                link.priority,
            ));
        }
    }
    // Lanes stand in the order of their inputs: those of tables between sites and reserves.
    own.sort_by_key(|(lane, _)| (lane.input, kind(lane.flow)));
    let before = own.partition_point(|(lane, _)| lane.input < network.tabled_inputs.start);
    let tabled = std::mem::take(&mut network.lanes);
    let whole = own.len() + tabled.len();
    let mut classes = vec![1; whole];
    for (e, (_, class)) in own.iter().enumerate() {
        classes[if e < before { e } else { e + tabled.len() }] = *class;
    }
    let mut own = own.into_iter().map(|(lane, _)| lane);
    // The lanes of tables, of which there can be millions, stay where they are if nothing stands before them.
    let mut lanes = if before == 0 {
        tabled
    } else {
        let mut lanes = Vec::with_capacity(whole);
        lanes.extend(own.by_ref().take(before));
        lanes.extend(tabled);
        lanes
    };
    lanes.reserve_exact(own.len());
    lanes.extend(own);
    for input in &mut inputs[network.tabled_inputs.clone()] {
        input.lanes = input.lanes.start + before..input.lanes.end + before;
        input.contingent += before;
        input.reserve += before;
    }
    place(&mut lanes, inputs, &network.tabled_inputs);
    if classes.iter().all(|c| *c == 1) {
        classes = Vec::new();
    }
    Lanes { lanes, classes, params }
}

/// Tells the inputs outside of tables where their lanes stand, and lanes beside others where those do.
fn place(lanes: &mut [Lane], inputs: &mut [Input], tabled: &Range<usize>) {
    let mut first = 0;
    for own in lanes.chunk_by_mut(|a, b| a.input == b.input) {
        let end = first + own.len();
        let i = own[0].input;
        if !tabled.contains(&i) {
            let count = |k: u8| own.iter().filter(|l| kind(l.flow) == k).count();
            let (contingent, reserve) = (count(1), count(2));
            let input = &mut inputs[i];
            input.lanes = first..end;
            input.reserve = end - reserve;
            input.contingent = input.reserve - contingent;
            for lane in own {
                if let Flow::Beside { lane: beside, .. } = &mut lane.flow {
                    *beside += u32::try_from(first).unwrap_or(0);
                }
            }
        }
        first = end;
    }
}

/// A lead time in steps, at least one. It is checked to be finite and not negative; a scenario cannot be longer than
/// its steps.
fn steps(days: f64, step_days: f64) -> usize {
    (days / step_days).round().clamp(1.0, 1e6) as usize
}

/// Weighted lanes come first, then contingent ones, then those from reserves.
fn kind(flow: Flow) -> u8 {
    match flow {
        Flow::FixedShare(_) | Flow::DrawnShare(_) | Flow::Rest | Flow::Volume(_) => 0,
        Flow::Contingent(_) | Flow::Refill | Flow::Beside { .. } => 1,
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
        output.tiers.reserve_exact(classes.len());
        for tier in classes {
            let count = served[first..end].iter().take_while(|&&e| class(e) == tier).count();
            output.tiers.push(Tier { served: first..first + count, final_demand: tier == final_class });
            first += count;
        }
    }
    served
}

/// Numbers the lanes whose orders are thinned at the supplier.
pub(super) fn quotas(lanes: &mut [Lane], inputs: &[Input], sites: &[Site], passages: &[Passage]) {
    let mut next = 0;
    for lane in lanes {
        let open = &passages[lane.passage].open;
        if lane.passage > 0 && open.is_none() && !sites[inputs[lane.input].site].aware {
            lane.quota = Some(next);
            next += 1;
        }
    }
}
