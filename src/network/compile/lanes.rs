//! Lanes in the order they are walked, and the order in which they are served.

use super::Quantities;
use super::money::longest;
use super::nodes::Nodes;
use super::passages::Passages;
use crate::network::{
    ControlIx, DAYS_PER_YEAR, Flow, IndexVec, Input, InputIx, Ix, Lane, LaneIx, LaneParamIx, Output,
    OutputIx, Param, Passage, PassageIx, ServedIx, Site, SiteIx, Span, ThinnedIx, ThirdIx, Tier, lead_steps,
};
use crate::scenario::{Link, SurgeLimit, Tables, split_link};
use std::collections::HashMap;

/// The lanes of a network.
pub(super) struct Lanes {
    pub(super) lanes: IndexVec<LaneIx, Lane>,
    /// Priority class of each; empty where all have the first.
    pub(super) classes: IndexVec<LaneIx, u32>,
    pub(super) params: IndexVec<LaneParamIx, Param>,
}

/// Lanes of the scenario's links while they are gathered.
struct Gathered<'a> {
    t: &'a Tables,
    step_days: f64,
    steps: usize,
    sites: &'a IndexVec<SiteIx, Site>,
    /// In the order of the file, each with its class.
    own: Vec<(Lane, u32)>,
    /// How many of each input carry baseline trade.
    weighted: IndexVec<InputIx, u32>,
    params: IndexVec<LaneParamIx, Param>,
}

/// Puts the lanes of the scenario's links around those of tables, which stand at `nodes.lanes` already.
pub(super) fn lanes(
    t: &Tables,
    nodes: &mut Nodes,
    passages: &mut Passages<'_>,
    (step_days, steps): (f64, usize),
    q: &mut Quantities<'_>,
) -> Lanes {
    let Nodes { sites, inputs, outputs, .. } = &*nodes;
    let site_of: HashMap<&str, SiteIx> = sites.pairs().map(|(n, s)| (s.id.as_str(), n)).collect();
    let (own, weighted) = (Vec::with_capacity(t.links.len()), IndexVec::filled(0, inputs.len()));
    let mut gathered = Gathered { t, step_days, steps, sites, own, weighted, params: IndexVec::new() };
    // Links of one buyer mostly stand together.
    let mut last = ("", None);
    for (id, link) in &t.links {
        let Some((from, to, commodity)) = split_link(id) else { continue };
        if last.0 != to {
            last = (to, site_of.get(to).copied());
        }
        let (Some(&from), Some(to)) = (site_of.get(from), last.1) else { continue };
        let Some(commodity) = t.commodities.get_index_of(commodity) else { continue };
        let input = sites[to].inputs.into_iter().find(|&i| inputs[i].commodity.at() == commodity);
        let output = sites[from].outputs.into_iter().find(|&o| outputs[o].commodity.at() == commodity);
        if let (Some(input), Some(output)) = (input, output) {
            let firms = inputs[input].own.map_or(1, |own| own.firm.of);
            let inputs = Span::new(input, input.plus(firms as usize));
            gathered.link((id, link), (from, to), (inputs, output), passages, q);
        }
    }
    let Gathered { own, params, .. } = gathered;
    arrange(own, params, nodes)
}

impl Gathered<'_> {
    /// Adds the lane of a link, one for each firm that has an input of its own, and the ways round beside it.
    fn link(
        &mut self,
        (id, link): (&str, &Link),
        (from, to): (SiteIx, SiteIx),
        (inputs, output): (Span<InputIx>, OutputIx),
        passages: &mut Passages<'_>,
        q: &mut Quantities<'_>,
    ) {
        let ends = [&self.sites[from], &self.sites[to]];
        let passage = passages.of_link(id, link, ends, self.t, q);
        let flow = self.flow(id, link, ends, 1.0 / inputs.len() as f64, q);
        let surge = self.surge(id, link, flow, q);
        let days = q.param(&["links", id, "lead_time_days"], &link.lead_time_days);
        let (lead, lead_days) = self.lead(days, q);
        let (input, via, thinned) = (inputs.start, None, None);
        let lane = Lane { input, output, flow, lead, lead_days, surge, passage, via, thinned };
        self.add(inputs, &lane, link);
        if !flow.is_weighted() {
            return;
        }
        // Counted from the first lane of the input, until that has its place.
        let beside = LaneIx::new(self.weighted[inputs.start] as usize);
        inputs.into_iter().for_each(|input| self.weighted[input] += 1);
        for (via, (key, r)) in self.t.reexports.iter().enumerate() {
            let Some(control) = self.t.controls.get_index_of(&r.control).map(ControlIx::new) else {
                continue;
            };
            let carries = |c: &String| split_link(id).is_some_and(|(.., commodity)| c == commodity);
            let covered = r.commodities.as_ref().is_none_or(|list| list.iter().any(carries));
            if !covered || !passages.list[passage].controls.contains(&control) {
                continue;
            }
            let share = self.params.push(q.param(&["reexports", key, "volume_share"], &r.volume_share));
            let later = Param { plus: days.plus + r.delay_days.as_number().unwrap_or(0.0), ..days };
            let (lead, lead_days) = self.lead(later, q);
            let round = Lane {
                flow: Flow::Beside { lane: beside, share },
                lead,
                lead_days,
                surge: Some(self.params.push(Param::known(1.0))),
                passage: passages.round(key, r, (id, link), ends, control, self.t, q),
                via: Some(ThirdIx::new(via)),
                ..lane.clone()
            };
            self.add(inputs, &round, link);
        }
    }

    /// The longest lead time [steps], and its parameter where it is drawn.
    fn lead(&mut self, days: Param, q: &Quantities<'_>) -> (usize, Option<LaneParamIx>) {
        match days.as_known() {
            Some(known) => (lead_steps(known, self.step_days), None),
            None => {
                // Goods that arrive after the horizon concern nobody.
                let longest = lead_steps(longest(days, q), self.step_days).min(self.steps);
                (longest, Some(self.params.push(days)))
            }
        }
    }

    /// Adds a lane to each of some inputs.
    fn add(&mut self, inputs: Span<InputIx>, lane: &Lane, link: &Link) {
        let to = |input| (Lane { input, ..lane.clone() }, link.priority);
        self.own.extend(inputs.into_iter().map(to));
    }

    /// The flow of each of the lanes of a link, which carry a part of its volume.
    fn flow(
        &mut self,
        id: &str,
        link: &Link,
        [from, to]: [&Site; 2],
        part: f64,
        q: &mut Quantities<'_>,
    ) -> Flow {
        let reserves = &self.t.reserves;
        let path = |key: &'static str| ["links", id, key];
        let per_step = self.step_days / DAYS_PER_YEAR * part;
        if reserves.contains_key(&from.id) {
            Flow::Reserve
        } else if let Some(v) = &link.contingent_volume_per_year {
            let volume = q.param(&path("contingent_volume_per_year"), v).scaled(per_step);
            Flow::Contingent(self.params.push(volume))
        } else if reserves.contains_key(&to.id) {
            Flow::Refill
        } else if let Some(v) = &link.volume_per_year {
            Flow::Volume(self.params.push(q.param(&path("volume_per_year"), v).scaled(per_step)))
        } else if let Some(s) = &link.share {
            let share = q.param(&path("share"), s);
            match share.as_known() {
                Some(share) => Flow::FixedShare(share),
                None => Flow::DrawnShare(self.params.push(share)),
            }
        } else {
            Flow::Rest
        }
    }

    fn surge(&mut self, id: &str, link: &Link, flow: Flow, q: &mut Quantities<'_>) -> Option<LaneParamIx> {
        match &link.surge_limit {
            Some(SurgeLimit::Multiple(m)) => {
                Some(self.params.push(q.param(&["links", id, "surge_limit"], m)))
            }
            None if matches!(flow, Flow::Contingent(_) | Flow::Refill) => {
                Some(self.params.push(Param::known(1.0)))
            }
            Some(SurgeLimit::Unlimited) | None => None,
        }
    }
}

/// Puts lanes in the order of their inputs: those of tables stand between those of sites and of reserves.
fn arrange(mut own: Vec<(Lane, u32)>, params: IndexVec<LaneParamIx, Param>, nodes: &mut Nodes) -> Lanes {
    own.sort_by_key(|(lane, _)| (lane.input, kind(lane.flow)));
    let before = own.partition_point(|(lane, _)| lane.input < nodes.tabled_inputs.start);
    let tabled = std::mem::take(nodes.lanes.as_mut_vec());
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
    let later = |e: LaneIx| e.plus(before);
    for input in &mut nodes.inputs[nodes.tabled_inputs] {
        input.lanes = Span::new(later(input.lanes.start), later(input.lanes.end));
        (input.contingent, input.reserve) = (later(input.contingent), later(input.reserve));
    }
    place(&mut lanes, &mut nodes.inputs, nodes.tabled_inputs);
    if classes.iter().all(|c| *c == 1) {
        classes = Vec::new();
    }
    Lanes { lanes: lanes.into(), classes: classes.into(), params }
}

/// Tells the inputs outside of tables where their lanes stand, and lanes beside others where those do.
fn place(lanes: &mut [Lane], inputs: &mut IndexVec<InputIx, Input>, tabled: Span<InputIx>) {
    let mut first = 0;
    for own in lanes.chunk_by_mut(|a, b| a.input == b.input) {
        let end = first + own.len();
        let i = own[0].input;
        if !tabled.contains(i) {
            let count = |k: u8| own.iter().filter(|l| kind(l.flow) == k).count();
            let (contingent, reserve) = (count(1), count(2));
            let input = &mut inputs[i];
            input.lanes = Span::new(LaneIx::new(first), LaneIx::new(end));
            input.reserve = LaneIx::new(end - reserve);
            input.contingent = LaneIx::new(end - reserve - contingent);
            for lane in own {
                if let Flow::Beside { lane: beside, .. } = &mut lane.flow {
                    *beside = beside.plus(first);
                }
            }
        }
        first = end;
    }
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
pub(super) fn tiers(
    lanes: &Lanes,
    last: &[Option<u32>],
    outputs: &mut IndexVec<OutputIx, Output>,
) -> IndexVec<ServedIx, LaneIx> {
    let class = |e: LaneIx| lanes.classes.get(e).map_or(1, |c| u64::from(*c));
    let mut next = vec![0; outputs.len() + 1];
    for lane in &lanes.lanes {
        next[lane.output.at() + 1] += 1;
    }
    for o in 0..outputs.len() {
        next[o + 1] += next[o];
    }
    let mut served = vec![LaneIx::default(); lanes.lanes.len()];
    for (e, lane) in lanes.lanes.pairs() {
        served[next[lane.output.at()]] = e;
        next[lane.output.at()] += 1;
    }
    let mut first = 0;
    for ((output, end), last) in outputs.iter_mut().zip(next).zip(last) {
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
            let served = Span::new(ServedIx::new(first), ServedIx::new(first + count));
            output.tiers.push(Tier { served, final_demand: tier == final_class });
            first += count;
        }
    }
    served.into()
}

/// Numbers the lanes whose orders are thinned at the supplier.
pub(super) fn number_thinned(
    lanes: &mut IndexVec<LaneIx, Lane>,
    nodes: &Nodes,
    passages: &IndexVec<PassageIx, Passage>,
) {
    let is_thinned = |lane: &Lane| {
        let passage = &passages[lane.passage];
        !nodes.sites[nodes.inputs[lane.input].site].aware && !passage.controls.is_empty()
    };
    for (number, lane) in lanes.iter_mut().filter(|lane| is_thinned(lane)).enumerate() {
        lane.thinned = Some(ThinnedIx::new(number));
    }
}
