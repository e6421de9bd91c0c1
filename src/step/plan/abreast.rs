//! What a trial by itself needs besides: its sites, inputs and lanes stand side by side in the registers, in the place of
//! trials.

use super::{
    Ends, InTransit, InputPlan, MIXED, OfferPlan, OutputPlan, Plan, Serves, SitePlan, Slot, Slots, numbers,
    slot,
};
use crate::scenario::{Ordering, Overtime, Weights};
use std::collections::BTreeMap;

/// The network as a trial by itself walks it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Abreast {
    /// By site: rows of constants.
    pub(crate) smoothing: Vec<Slot>,
    pub(crate) overtime_max: Vec<Slot>,
    pub(crate) overtime_gain: Vec<Slot>,
    /// By output: where the lanes that it serves begin, and so one more; and the row of the share that they get.
    pub(crate) served: Vec<Slot>,
    pub(crate) sends: Vec<Option<Slot>>,
    /// By input: its site, and rows of constants.
    pub(crate) sites: Vec<Slot>,
    pub(crate) stock_target: Vec<Slot>,
    pub(crate) restoration: Vec<Slot>,
    /// By lane: its input, the row of its share, and its lead time less one.
    pub(crate) inputs: Vec<Slot>,
    pub(crate) share: Vec<Slot>,
    pub(crate) delay: Vec<u32>,
    /// As many as [`Plan::parts`].
    pub(crate) stretches: Vec<Stretch>,
}

/// Lanes from which on it does not matter how many an output serves.
pub(crate) const MANY: usize = 9;

/// A part of the network.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) start: Ends,
    pub(crate) end: Ends,
    /// Its sites: where those of one form end. Those without one are walked one by one.
    pub(crate) runs: Vec<(Ends, Option<Form>)>,
    /// Outputs by how many lanes they serve.
    pub(crate) serving: Vec<(usize, Vec<Slot>)>,
    /// Inputs that order in the same way: themselves and their first lanes, counted from the first of the part.
    pub(crate) groups: Vec<(Group, Vec<[Slot; 2]>)>,
    /// Inputs that are walked one by one; and lanes of these and of reserves.
    pub(crate) others: Vec<Slot>,
    pub(crate) other_lanes: Vec<Slot>,
    /// Lanes of the groups that take equally long, where an input has others: their number among [`Plan::turns`], the first
    /// row of their goods in transit, and themselves, in the order of these rows.
    pub(crate) transit: Vec<(Slot, Slot, Vec<Slot>)>,
    /// The same of inputs all of whose lanes do.
    pub(crate) pooled: Vec<(Slot, Slot, Vec<Slot>)>,
}

/// What sites have in common that produce and serve in the same way: a single output, which is not stored, use that is
/// known, and no threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Whether final demand is served as orders are, and not after them.
    pub(crate) alike: bool,
    pub(crate) overtime: Option<Overtime>,
    pub(crate) unit_yield: bool,
    pub(crate) waits: bool,
}

/// What inputs have in common that order in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) lanes: usize,
    /// Whether any of these has a limit, and whether what they take differs as well.
    pub(crate) limited: bool,
    pub(crate) mixed: bool,
    /// Whether buyers know controls of any.
    pub(crate) known: bool,
}

impl Group {
    fn of(input: &InputPlan, offer: &OfferPlan) -> Self {
        let known = !offer.known.is_empty();
        let mixed = (input.limited || known) && input.delay == MIXED;
        Group { lanes: input.lanes.len(), limited: input.limited, mixed, known }
    }
}

impl Abreast {
    pub(super) fn new(plan: &Plan) -> Self {
        let by_site = |of: fn(&SitePlan) -> Slot| plan.sites.iter().map(of).collect();
        let by_input = |of: fn(&InputPlan) -> Slot| plan.inputs.iter().map(of).collect();
        let mut sites = Vec::with_capacity(plan.inputs.len());
        for (n, site) in plan.sites.iter().enumerate() {
            sites.extend(site.inputs.clone().map(|_| slot(n)));
        }
        // How fast suppliers work is kept site by site where weights rest on it.
        let kept = plan.sites.iter().any(|site| site.weights == Weights::Capacity);
        let mut inputs = Vec::with_capacity(plan.lanes.len());
        for (i, input) in plan.inputs.iter().enumerate() {
            inputs.extend(input.lanes.clone().map(|_| slot(i)));
        }
        let starts = [Ends::default()].into_iter().chain(plan.parts.iter().copied());
        let served = plan.outputs.iter().map(|output| output.served.start);
        let sends = |output: &OutputPlan| Some(output.shares.start).filter(|_| !output.shares.is_empty());
        Abreast {
            smoothing: by_site(|site| site.smoothing),
            overtime_max: by_site(|site| site.overtime_max),
            overtime_gain: by_site(|site| site.overtime_gain),
            served: served.chain([slot(plan.served.len())]).collect(),
            sends: plan.outputs.iter().map(sends).collect(),
            sites,
            stock_target: by_input(|input| input.stock_target),
            restoration: by_input(|input| input.restoration),
            inputs,
            share: plan.lanes.iter().map(|lane| lane.share).collect(),
            delay: plan.lanes.iter().map(|lane| lane.delay).collect(),
            stretches: starts
                .zip(&plan.parts)
                .map(|(start, end)| Stretch::new(plan, start, *end, kept))
                .collect(),
        }
    }
}

impl Stretch {
    fn new(plan: &Plan, start: Ends, end: Ends, kept: bool) -> Self {
        let (mut groups, mut others) = (BTreeMap::<_, Vec<[Slot; 2]>>::new(), Vec::new());
        let [mut transit, mut pooled] = [const { BTreeMap::<_, (Slot, Vec<Slot>)>::new() }; 2];
        let active = plan.sites[start.site..end.site].iter().filter(|site| !site.is_reserve);
        for i in active.flat_map(|site| numbers(&site.inputs)) {
            let input = &plan.inputs[i];
            if !input.abreast {
                others.push(slot(i));
                continue;
            }
            let member = [slot(i - start.input), input.lanes.start - slot(start.lane)];
            groups.entry(Group::of(input, &plan.offers[i])).or_default().push(member);
            for (e, lane) in numbers(&input.lanes).map(|e| (slot(e), &plan.lanes[e])) {
                let (kept, number) = match lane.in_transit {
                    InTransit::Own if lane.delay > 0 => (&mut transit, e),
                    InTransit::First => (&mut pooled, slot(i)),
                    InTransit::Own | InTransit::Other => continue,
                };
                kept.entry(lane.turn).or_insert((lane.ring, Vec::new())).1.push(number);
            }
        }
        let mut serving = BTreeMap::<_, Vec<Slot>>::new();
        for o in start.output..end.output {
            // Few serve many, each a number of its own.
            serving.entry(plan.outputs[o].served.len().min(MANY)).or_default().push(slot(o));
        }
        let serving = serving.into_iter().collect();
        let by_themselves = plan.inputs[start.input..end.input].iter().filter(|input| !input.abreast);
        let other_lanes = by_themselves.flat_map(|input| input.lanes.clone()).collect();
        let [transit, pooled] = [transit, pooled]
            .map(|kept| kept.into_iter().map(|(turn, (ring, slots))| (turn, ring, slots)).collect());
        let (groups, runs) = (groups.into_iter().collect(), runs(plan, &start, &end, kept));
        Stretch { start, end, runs, serving, groups, others, other_lanes, transit, pooled }
    }
}

/// A form, of sites that have one; any order of service will do for a site that serves only final demand.
fn form(plan: &Plan, site: &SitePlan) -> Option<(Form, bool)> {
    let serves = site.serves?;
    let output = &plan.outputs[site.outputs.start as usize];
    // What orders alone are served from is not to go anywhere else.
    let unserved = serves == Serves::Orders && output.final_demand;
    if unserved || !site.fixed || site.threshold || site.ordering != Ordering::Smoothed {
        return None;
    }
    let form = Form {
        alike: serves == Serves::Alike,
        overtime: site.overtime,
        unit_yield: output.unit_yield,
        waits: output.waits && output.final_demand,
    };
    Some((form, serves == Serves::Final))
}

/// Stretches of sites that have the same form.
fn runs(plan: &Plan, start: &Ends, end: &Ends, kept: bool) -> Vec<(Ends, Option<Form>)> {
    let mut runs = Vec::<(Ends, Option<(Form, bool)>)>::new();
    let mut share = start.share;
    for n in start.site..end.site {
        let site = &plan.sites[n];
        let outputs: &Slots = &site.outputs;
        share = plan.outputs[numbers(outputs)].last().map_or(share, |output| output.shares.end as usize);
        let ends = Ends {
            site: n + 1,
            input: site.inputs.end as usize,
            output: outputs.end as usize,
            share,
            ..*end
        };
        let own = form(plan, site).filter(|_| !kept);
        let joined = match (runs.last().and_then(|run| run.1), own) {
            (None, None) if !runs.is_empty() => Some(None),
            (Some((before, any)), Some((own, or_any))) => {
                let alike = if any { own.alike } else { before.alike };
                let joins =
                    Form { alike, ..before } == Form { alike, ..own } && (or_any || own.alike == alike);
                joins.then_some(Some((Form { alike, ..own }, any && or_any)))
            }
            _ => None,
        };
        match (joined, runs.last_mut()) {
            (Some(form), Some(run)) => *run = (ends, form),
            _ => runs.push((ends, own)),
        }
    }
    runs.into_iter().map(|(ends, form)| (ends, form.map(|(form, _)| form))).collect()
}
