//! From a checked scenario to the compiled network.

use super::{
    Control, Course, DAYS_PER_YEAR, Draw, Event, Fading, Flow, Input, Lane, Model, Output, Param, Party,
    Project, Reserve, Site, Tier,
};
use crate::Error;
use crate::draw::Distribution;
use crate::scenario::{
    self, Leaf, LeafValue, Recovery, Scenario, SurgeLimit, Tables, Target, Throttle, join_path, split_link,
};
use indexmap::IndexMap;
use std::collections::HashMap;

/// Stage of a reserve in tables.
const RESERVE_STAGE: &str = "reserve";

/// Registers draws by name and turns leaves into parameters.
struct Quantities<'a> {
    assumptions: &'a IndexMap<String, Leaf>,
    draws: IndexMap<String, Distribution>,
}

impl Quantities<'_> {
    fn param(&mut self, path: &[&str], leaf: &Leaf) -> Param {
        match &leaf.value {
            LeafValue::Number(x) => Param::known(*x),
            LeafValue::Distribution(d) => self.drawn(path, d),
            LeafValue::Assumption { id, times, plus } => {
                let of = match self.assumptions.get(id).map(|l| l.value.clone()) {
                    Some(LeafValue::Distribution(d)) => self.drawn(&["assumptions", id], &d),
                    Some(LeafValue::Number(x)) => Param::known(x),
                    _ => Param::known(f64::NAN),
                };
                Param { draw: of.draw, times: of.times * times, plus: plus + of.plus * times }
            }
        }
    }

    fn drawn(&mut self, path: &[&str], distribution: &Distribution) -> Param {
        let path: Vec<String> = path.iter().map(|&s| s.to_owned()).collect();
        let entry = self.draws.entry(join_path(&path));
        let index = entry.index();
        entry.or_insert_with(|| distribution.clone());
        Param { draw: Some(u32::try_from(index).unwrap_or(u32::MAX)), times: 1.0, plus: 0.0 }
    }
}

impl Scenario {
    /// Compiles the scenario into a model, and solves its baseline where that is the same in every trial.
    ///
    /// # Errors
    /// [`Error::Baseline`] when there is no balanced baseline.
    pub fn compile(&self) -> Result<Model, Error> {
        let model = build(self);
        crate::engine::check_known_baseline(&model)?;
        Ok(model)
    }
}

fn build(scenario: &Scenario) -> Model {
    let t = scenario.tables();
    let mut q = Quantities { assumptions: &t.assumptions, draws: IndexMap::new() };
    let step_days = f64::from(t.time.step_days);
    let per_step = step_days / DAYS_PER_YEAR;

    let parties: Vec<Party> = t
        .parties
        .iter()
        .map(|(id, p)| Party {
            id: id.clone(),
            name: p.name.clone().unwrap_or_else(|| id.clone()),
            gdp: q.param(&["parties", id, "gdp_jpy_per_year"], &p.gdp_jpy_per_year),
        })
        .collect();
    let party_of: HashMap<&str, usize> = t
        .parties
        .iter()
        .enumerate()
        .flat_map(|(k, (id, p))| match &p.countries {
            Some(list) => list.iter().map(|c| (c.as_str(), k)).collect::<Vec<_>>(),
            None => vec![(id.as_str(), k)],
        })
        .collect();

    let mut network = Network { per_step, sites: Vec::new(), inputs: Vec::new(), outputs: Vec::new() };
    for (id, site) in &t.sites {
        network.site(id, site, party_of.get(site.country.as_str()).copied().unwrap_or(0), t, &mut q);
    }
    let active = network.sites.len();
    let reserves = t
        .reserves
        .iter()
        .map(|(id, r)| {
            network.reserve(id, r, party_of.get(r.country.as_str()).copied().unwrap_or(0), t, &mut q)
        })
        .collect();
    let Network { mut sites, mut inputs, mut outputs, .. } = network;

    let (control_sets, set_of) = control_sets(t, &sites);
    let mut lanes = lanes(t, &sites, &mut inputs, &outputs, &set_of, step_days, &mut q);
    let mut ring_slots = 0;
    for lane in &mut lanes {
        lane.ring = ring_slots;
        ring_slots += lane.lead;
    }
    let served = tiers(t, &lanes, &sites, &mut outputs);
    quotas(&mut lanes, &inputs, &sites);

    let controls = t.controls.iter().map(|(id, c)| control(id, c, &mut q)).collect();
    let events = t
        .events
        .iter()
        .enumerate()
        .map(|(k, (id, e))| event(k, id, e, t, &mut sites, &mut inputs, &mut outputs, &mut q))
        .collect();
    let projects = t
        .projects
        .iter()
        .enumerate()
        .map(|(k, (id, p))| project(k, id, p, t, step_days, &mut sites, &mut q))
        .collect();

    let rules = &t.rules;
    let discount_rate = q.param(&["rules", "discount_rate_per_year"], &rules.discount_rate_per_year);
    let experience_days = q.param(&["rules", "experience_days"], &rules.experience_days);
    let draws = q.draws.into_iter().map(|(name, distribution)| Draw { name, distribution }).collect();
    let headline = t.scenario.headline.as_ref().and_then(|h| t.parties.get_index_of(h)).unwrap_or(0);
    let mut model = Model {
        name: scenario.name().to_owned(),
        title: t.scenario.title.clone(),
        start: t.time.start,
        step_days,
        steps: t.time.horizon_days.div_ceil(t.time.step_days) as usize,
        discount_rate,
        stopped_below: rules.stopped_below,
        experience_days,
        headline,
        draws,
        parties,
        commodities: t.commodities.keys().cloned().collect(),
        sites,
        active,
        inputs,
        outputs,
        lanes,
        served,
        ring_slots,
        controls,
        control_sets,
        events,
        projects,
        reserves,
        baseline_known: false,
    };
    model.baseline_known = baseline_known(&model);
    model
}

/// Sites, inputs and outputs while they are gathered.
struct Network {
    per_step: f64,
    sites: Vec<Site>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
}

impl Network {
    fn site(&mut self, id: &str, site: &scenario::Site, party: usize, t: &Tables, q: &mut Quantities<'_>) {
        let n = self.sites.len();
        let first_input = self.inputs.len();
        let mut groups: IndexMap<String, ()> = IndexMap::new();
        for (commodity, input) in &site.inputs {
            let path = |key: &'static str| ["sites", id, "inputs", commodity.as_str(), key];
            // A group of its own gets a name no file can give.
            let group =
                groups.insert_full(input.group.clone().unwrap_or_else(|| format!("\n{commodity}")), ()).0;
            self.inputs.push(Input {
                site: n,
                commodity: t.commodities.get_index_of(commodity).unwrap_or(0),
                group,
                usage: q.param(&path("use_per_unit"), &input.use_per_unit),
                cover_days: q.param(&path("cover_days"), &input.cover_days),
                restoration_days: q.param(&path("restoration_days"), &input.restoration_days),
                threshold: match &input.throttle {
                    Throttle::Hard => None,
                    Throttle::Threshold(psi) => {
                        Some(q.param(&["sites", id, "inputs", commodity, "throttle", "threshold"], psi))
                    }
                },
                criticality: q.param(&path("criticality"), &input.criticality),
                lanes: 0..0,
                contingent: 0,
                reserve: 0,
                events: Vec::new(),
            });
        }
        let first_output = self.outputs.len();
        for (k, (commodity, output)) in site.outputs.iter().enumerate() {
            let path = |key: &'static str| ["sites", id, "outputs", commodity.as_str(), key];
            self.outputs.push(Output {
                site: n,
                commodity: t.commodities.get_index_of(commodity).unwrap_or(0),
                driving: output.role.unwrap_or(scenario::default_role(k)) == scenario::Role::Driving,
                yields: output
                    .yield_per_unit
                    .as_ref()
                    .map_or(Param::known(1.0), |y| q.param(&path("yield_per_unit"), y)),
                target_days: q.param(&path("stock_target_days"), &output.stock_target_days),
                adjustment_days: q.param(&path("stock_adjustment_days"), &output.stock_adjustment_days),
                limit_days: output
                    .storage_limit_days
                    .as_ref()
                    .map(|l| q.param(&path("storage_limit_days"), l)),
                final_demand: q
                    .param(&path("final_demand_per_year"), &output.final_demand_per_year)
                    .scaled(self.per_step),
                waiting: q.param(&path("waiting_share"), &output.waiting_share),
                cancellation: q.param(&path("cancellation_per_week"), &output.cancellation_per_week),
                tiers: Vec::new(),
                events: Vec::new(),
            });
        }
        let path = |key: &'static str| ["sites", id, key];
        let rules = &t.rules;
        let smoothing_days = match &site.demand_smoothing_days {
            Some(leaf) => q.param(&path("demand_smoothing_days"), leaf),
            None => q.param(&["rules", "demand_smoothing_days"], &rules.demand_smoothing_days),
        };
        self.sites.push(Site {
            id: id.to_owned(),
            name: site.name.clone().unwrap_or_else(|| id.to_owned()),
            country: site.country.clone(),
            stage: site.stage.clone(),
            party,
            inputs: first_input..self.inputs.len(),
            outputs: first_output..self.outputs.len(),
            groups: groups.len(),
            capacity: site
                .capacity_per_year
                .as_ref()
                .map(|c| q.param(&path("capacity_per_year"), c).scaled(self.per_step)),
            spare: q.param(&path("spare_capacity"), &site.spare_capacity),
            overtime_max: q.param(&path("overtime_max"), &site.overtime_max),
            overtime_days: q.param(&path("overtime_days"), &site.overtime_days),
            value_added: q.param(&path("value_added_jpy_per_unit"), &site.value_added_jpy_per_unit),
            smoothing_days,
            rationing: site.rationing.unwrap_or(rules.rationing),
            overtime: site.overtime.unwrap_or(rules.overtime),
            ordering: site.ordering.unwrap_or(rules.ordering),
            weights: site.weights.unwrap_or(rules.weights),
            aware: site.aware_of_controls.unwrap_or(rules.aware_of_controls),
            events: Vec::new(),
            project: None,
        });
    }

    fn reserve(
        &mut self,
        id: &str,
        r: &scenario::Reserve,
        party: usize,
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> Reserve {
        const ZERO: Param = Param::known(0.0);
        let n = self.sites.len();
        let commodity = t.commodities.get_index_of(&r.commodity).unwrap_or(0);
        let first_input = self.inputs.len();
        let refilled = t.links.keys().filter_map(|l| split_link(l)).any(|(_, to, _)| to == id);
        if refilled {
            self.inputs.push(Input {
                site: n,
                commodity,
                group: 0,
                usage: ZERO,
                cover_days: ZERO,
                restoration_days: ZERO,
                threshold: None,
                criticality: ZERO,
                lanes: 0..0,
                contingent: 0,
                reserve: 0,
                events: Vec::new(),
            });
        }
        let first_output = self.outputs.len();
        self.outputs.push(Output {
            site: n,
            commodity,
            driving: false,
            yields: Param::known(1.0),
            target_days: ZERO,
            adjustment_days: ZERO,
            limit_days: None,
            final_demand: ZERO,
            waiting: ZERO,
            cancellation: ZERO,
            tiers: Vec::new(),
            events: Vec::new(),
        });
        self.sites.push(Site {
            id: id.to_owned(),
            name: r.name.clone().unwrap_or_else(|| id.to_owned()),
            country: r.country.clone(),
            stage: RESERVE_STAGE.to_owned(),
            party,
            inputs: first_input..self.inputs.len(),
            outputs: first_output..self.outputs.len(),
            groups: 0,
            capacity: Some(ZERO),
            spare: ZERO,
            overtime_max: Param::known(1.0),
            overtime_days: ZERO,
            value_added: ZERO,
            smoothing_days: ZERO,
            rationing: t.rules.rationing,
            overtime: scenario::Overtime::Smooth,
            ordering: scenario::Ordering::Smoothed,
            weights: scenario::Weights::Fixed,
            aware: true,
            events: Vec::new(),
            project: None,
        });
        let path = |key: &'static str| ["reserves", id, key];
        Reserve {
            site: n,
            amount_days: q.param(&path("amount_days"), &r.amount_days),
            trigger_days: q.param(&path("trigger_days"), &r.trigger_days),
            release_rate: q.param(&path("release_rate"), &r.release_rate),
            refill_rate: q.param(&path("refill_rate"), &r.refill_rate),
            refill_after_days: q.param(&path("refill_after_days"), &r.refill_after_days),
            refill: refilled.then_some(first_input),
        }
    }
}

/// The distinct sets of controls on lanes, the empty one first, and the set of each link by its id.
fn control_sets(t: &Tables, sites: &[Site]) -> (Vec<Vec<u32>>, HashMap<String, usize>) {
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

fn lanes(
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
fn tiers(t: &Tables, lanes: &[Lane], sites: &[Site], outputs: &mut [Output]) -> Vec<u32> {
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
fn quotas(lanes: &mut [Lane], inputs: &[Input], sites: &[Site]) {
    let mut next = 0;
    for lane in lanes {
        if lane.controls > 0 && !sites[inputs[lane.input].site].aware {
            lane.quota = Some(next);
            next += 1;
        }
    }
}

fn control(id: &str, c: &scenario::Control, q: &mut Quantities<'_>) -> Control {
    let path = |key: &'static str| ["controls", id, key];
    let phases = if c.phases.is_empty() {
        vec![(0.0, q.param(&path("severity"), &c.severity))]
    } else {
        c.phases
            .iter()
            .enumerate()
            .map(|(k, p)| {
                let severity = q.param(&["controls", id, "phases", &k.to_string(), "severity"], &p.severity);
                (p.after_days.as_number().unwrap_or(0.0), severity)
            })
            .collect()
    };
    Control {
        onset: q.param(&path("onset_days"), &c.onset_days),
        duration: q.param(&path("duration_days"), &c.duration_days),
        leakage: q.param(&path("leakage"), &c.leakage),
        phases,
    }
}

#[expect(clippy::too_many_arguments, reason = "it marks the three kinds of place an event can act on")]
fn event(
    k: usize,
    id: &str,
    e: &scenario::Event,
    t: &Tables,
    sites: &mut [Site],
    inputs: &mut [Input],
    outputs: &mut [Output],
    q: &mut Quantities<'_>,
) -> Event {
    let k = u32::try_from(k).unwrap_or(u32::MAX);
    let covers = |commodity: usize| {
        e.commodities
            .as_ref()
            .is_none_or(|list| list.iter().any(|c| t.commodities.get_index_of(c) == Some(commodity)))
    };
    for site in sites.iter_mut().filter(|s| e.sites.contains(&s.id)) {
        match e.target {
            Target::Capacity => site.events.push(k),
            Target::FinalDemand => outputs[site.outputs.clone()]
                .iter_mut()
                .filter(|o| covers(o.commodity))
                .for_each(|o| o.events.push(k)),
            Target::Use => inputs[site.inputs.clone()]
                .iter_mut()
                .filter(|i| covers(i.commodity))
                .for_each(|i| i.events.push(k)),
        }
    }
    let mut param = |key: &'static str, leaf: &Option<Leaf>| {
        leaf.as_ref().map_or(Param::known(0.0), |l| q.param(&["events", id, key], l))
    };
    let course = match &e.series {
        Some(series) => Course::Series(series.0.clone()),
        None => {
            let (start, duration, severity) = (
                param("start_days", &e.start_days),
                param("duration_days", &e.duration_days),
                param("severity", &e.severity),
            );
            let (fading, tag) = match &e.recovery {
                None => (Fading::None, ""),
                Some(Recovery::Linear(_)) => (Fading::Linear, "linear"),
                Some(Recovery::Exponential(_)) => (Fading::Exponential, "exponential"),
                Some(Recovery::Logistic(_)) => (Fading::Logistic, "logistic"),
            };
            let fading_days = e
                .recovery
                .as_ref()
                .map_or(Param::known(0.0), |r| q.param(&["events", id, "recovery", tag, "days"], r.days()));
            Course::Timed { start, duration, severity, fading, fading_days }
        }
    };
    Event { course }
}

fn project(
    k: usize,
    id: &str,
    p: &scenario::Project,
    t: &Tables,
    step_days: f64,
    sites: &mut [Site],
    q: &mut Quantities<'_>,
) -> Project {
    let site = sites.iter().position(|s| s.id == p.site).unwrap_or(0);
    sites[site].project = u32::try_from(k).ok();
    let path = |key: &'static str| ["projects", id, key];
    let trigger = match &p.after {
        None => Some(Param::known(0.0)),
        Some(after) => match (t.controls.get(after), t.events.get(after)) {
            (Some(c), _) => Some(q.param(&["controls", after, "onset_days"], &c.onset_days)),
            (None, Some(e)) => match (&e.start_days, &e.series) {
                (Some(start), _) => Some(q.param(&["events", after, "start_days"], start)),
                // A series begins to act at its first value that is not 1.
                (None, Some(series)) => {
                    series.0.iter().position(|x| *x != 1.0).map(|t| Param::known(t as f64 * step_days))
                }
                (None, None) => None,
            },
            (None, None) => None,
        },
    };
    let certain = p.success.as_number().is_some_and(|s| s == 1.0);
    let outcome = if certain {
        Param::known(0.0)
    } else {
        Distribution::uniform(0.0, 1.0).map_or(Param::known(f64::NAN), |u| q.drawn(&path("outcome"), &u))
    };
    Project {
        trigger,
        start: q.param(&path("start_days"), &p.start_days),
        permit: q.param(&path("permit_days"), &p.permit_days),
        build: q.param(&path("build_days"), &p.build_days),
        ramp: q.param(&path("ramp_days"), &p.ramp_days),
        success: q.param(&path("success"), &p.success),
        outcome,
        design: q.param(&path("capacity_per_year"), &p.capacity_per_year).scaled(step_days / DAYS_PER_YEAR),
    }
}

/// Whether nothing that moves the baseline is drawn.
fn baseline_known(model: &Model) -> bool {
    let known = |p: Param| p.draw.is_none();
    model.inputs.iter().all(|i| known(i.usage))
        && model.outputs.iter().all(|o| known(o.yields) && known(o.final_demand))
        && model.lanes.iter().all(|l| match l.flow {
            Flow::DrawnShare(_) => false,
            Flow::Volume(p) => known(p),
            _ => true,
        })
}
