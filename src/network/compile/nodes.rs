//! Sites and reserves, with their inputs and outputs.

use super::{Quantities, RESERVE_STAGE};
use crate::network::{
    CommodityIx, ExposureIx, Firm, GroupIx, IndexVec, Input, InputIx, Ix, KindIx, Lane, LaneIx, Output,
    OutputIx, OwnStock, Param, PartyIx, Reserve, Site, SiteIx, Span,
};
use crate::scenario::{self, FinalDemandClass, Tables, Throttle};

/// Sites, inputs and outputs while they are gathered.
pub(super) struct Nodes {
    pub(super) per_step: f64,
    pub(super) sites: IndexVec<SiteIx, Site>,
    pub(super) inputs: IndexVec<InputIx, Input>,
    pub(super) outputs: IndexVec<OutputIx, Output>,
    /// Class of final demand, by output; after all orders where there is none.
    pub(super) final_classes: Vec<Option<u32>>,
    /// Lanes of tables, whose inputs count them from the first of these.
    pub(super) lanes: IndexVec<LaneIx, Lane>,
    pub(super) tabled_inputs: Span<InputIx>,
    pub(super) tabled_sites: Span<SiteIx>,
    /// Baseline activity of the sites of tables \[units a step\].
    pub(super) tabled: Vec<f64>,
}

/// Number of a commodity that is checked to be there.
fn commodity_of(t: &Tables, id: &str) -> CommodityIx {
    CommodityIx::new(t.commodities.get_index_of(id).unwrap_or(0))
}

impl Nodes {
    pub(super) fn site(
        &mut self,
        id: &str,
        site: &scenario::Site,
        party: PartyIx,
        t: &Tables,
        q: &mut Quantities<'_>,
    ) {
        let n = self.sites.next();
        let first_input = self.inputs.next();
        let mut firms = 1;
        let mut groups: Vec<Option<&str>> = Vec::with_capacity(site.inputs.len());
        let mut kinds: Vec<(usize, Option<&str>)> = Vec::with_capacity(site.inputs.len());
        for (commodity, input) in &site.inputs {
            let path = |key: &'static str| ["sites", id, "inputs", commodity.as_str(), key];
            let group = number(&mut groups, input.group.as_deref(), |group| group.is_some());
            let kind = number(&mut kinds, (group, input.kind.as_deref()), |(_, kind)| kind.is_some());
            let whole = Input {
                site: n,
                commodity: commodity_of(t, commodity),
                group: GroupIx::new(group),
                kind: KindIx::new(kind),
                usage: q.param(&path("use_per_unit"), &input.use_per_unit),
                cover_days: q.param(&path("cover_days"), &input.cover_days),
                own: None,
                restoration_days: q.param(&path("restoration_days"), &input.restoration_days),
                threshold: match &input.throttle {
                    Throttle::Hard => None,
                    Throttle::Threshold(psi) => {
                        Some(q.param(&["sites", id, "inputs", commodity, "throttle", "threshold"], psi))
                    }
                },
                criticality: q.param(&path("criticality"), &input.criticality),
                lanes: Span::default(),
                contingent: LaneIx::default(),
                reserve: LaneIx::default(),
                exposure: ExposureIx::NONE,
            };
            let spread = q.param(&path("cover_spread"), &input.cover_spread);
            if site.firms <= 1 || (spread.is_zero() && input.cover_multiples.is_none()) {
                self.inputs.push(whole);
                continue;
            }
            firms = site.firms;
            for number in 0..firms {
                let firm = Firm { number, of: firms };
                let multiples = input.cover_multiples.as_ref();
                let times = multiples.and_then(|list| list.get(number as usize)).copied().unwrap_or(1.0);
                self.inputs.push(Input {
                    usage: whole.usage.scaled(1.0 / f64::from(firms)),
                    cover_days: whole.cover_days.scaled(times),
                    own: Some(OwnStock { firm, times, spread }),
                    ..whole.clone()
                });
            }
        }
        let first_output = self.outputs.next();
        for (k, (commodity, output)) in site.outputs.iter().enumerate() {
            let path = |key: &'static str| ["sites", id, "outputs", commodity.as_str(), key];
            self.final_classes.push(match scenario::final_demand_class(&t.rules, site, output) {
                Some(FinalDemandClass::With(class)) => Some(class),
                Some(FinalDemandClass::Last) | None => None,
            });
            self.outputs.push(Output {
                site: n,
                commodity: commodity_of(t, commodity),
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
                exposure: ExposureIx::NONE,
                tasks: Span::default(),
            });
        }
        let path = |key: &'static str| ["sites", id, key];
        let rules = &t.rules;
        let smoothing_days = match &site.demand_smoothing_days {
            Some(leaf) => q.param(&path("demand_smoothing_days"), leaf),
            None => q.param(&["rules", "demand_smoothing_days"], &rules.demand_smoothing_days),
        };
        let overlap = q.param(&path("overlap"), &site.overlap);
        self.sites.push(Site {
            id: id.to_owned(),
            name: site.name.clone().unwrap_or_else(|| id.to_owned()),
            country: site.country.clone(),
            stage: site.stage.clone(),
            party,
            inputs: Span::new(first_input, self.inputs.next()),
            outputs: Span::new(first_output, self.outputs.next()),
            groups: groups.len(),
            kinds: kinds.len(),
            firms,
            followed: false,
            capacity: site
                .capacity_per_year
                .as_ref()
                .map(|c| q.param(&path("capacity_per_year"), c).scaled(self.per_step)),
            spare: q.param(&path("spare_capacity"), &site.spare_capacity),
            overtime_max: q.param(&path("overtime_max"), &site.overtime_max),
            overtime_days: q.param(&path("overtime_days"), &site.overtime_days),
            value_added: q.param(&path("value_added_per_unit"), &site.value_added_per_unit),
            employment: q.param(&path("employment"), &site.employment),
            overlap: if groups.len() < kinds.len() { overlap } else { Param::known(0.0) },
            smoothing_days,
            rationing: site.rationing.unwrap_or(rules.rationing),
            overtime: site.overtime.unwrap_or(rules.overtime),
            ordering: site.ordering.unwrap_or(rules.ordering),
            weights: site.weights.unwrap_or(rules.weights),
            aware: site.aware_of_controls.unwrap_or(rules.aware_of_controls),
            exposure: ExposureIx::NONE,
            project: None,
        });
    }

    /// Adds a reserve, which has an input where it is refilled.
    pub(super) fn reserve(
        &mut self,
        id: &str,
        r: &scenario::Reserve,
        refilled: bool,
        party: PartyIx,
        t: &Tables,
        q: &mut Quantities<'_>,
    ) -> Reserve {
        const ZERO: Param = Param::known(0.0);
        let n = self.sites.next();
        let commodity = commodity_of(t, &r.commodity);
        let first_input = self.inputs.next();
        if refilled {
            self.inputs.push(Input {
                site: n,
                commodity,
                group: GroupIx::default(),
                kind: KindIx::default(),
                usage: ZERO,
                cover_days: ZERO,
                own: None,
                restoration_days: ZERO,
                threshold: None,
                criticality: ZERO,
                lanes: Span::default(),
                contingent: LaneIx::default(),
                reserve: LaneIx::default(),
                exposure: ExposureIx::NONE,
            });
        }
        let first_output = self.outputs.next();
        self.final_classes.push(None);
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
            exposure: ExposureIx::NONE,
            tasks: Span::default(),
        });
        self.sites.push(Site {
            id: id.to_owned(),
            name: r.name.clone().unwrap_or_else(|| id.to_owned()),
            country: r.country.clone(),
            stage: RESERVE_STAGE.into(),
            party,
            inputs: Span::new(first_input, self.inputs.next()),
            outputs: Span::new(first_output, self.outputs.next()),
            groups: 0,
            kinds: 0,
            firms: 1,
            followed: false,
            capacity: Some(ZERO),
            spare: ZERO,
            overtime_max: Param::known(1.0),
            overtime_days: ZERO,
            value_added: ZERO,
            employment: ZERO,
            overlap: ZERO,
            smoothing_days: ZERO,
            rationing: t.rules.rationing,
            overtime: scenario::Overtime::Smooth,
            ordering: scenario::Ordering::Smoothed,
            weights: scenario::Weights::Fixed,
            aware: true,
            exposure: ExposureIx::NONE,
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

/// The place of a name among those that came before it, at their end if it is new or does not stand for one thing.
fn number<T: PartialEq>(names: &mut Vec<T>, name: T, is_shared: impl Fn(&T) -> bool) -> usize {
    let known = names.iter().position(|other| is_shared(&name) && *other == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}
