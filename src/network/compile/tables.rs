//! Input-output tables as networks: straight from what was read, without a detour over entries.

use super::Quantities;
use super::lanes::Passages;
use super::nodes::Nodes;
use crate::network::{Flow, Input, Lane, Output, Param, Site};
use crate::scenario::{
    Industries, IoTable, Ordering, Overtime, Rationing, Stage, Suppliers, Tables, Weights,
};
use indexmap::IndexSet;
use std::collections::HashMap;

const ZERO: Param = Param::known(0.0);
const ONE: Param = Param::known(1.0);

impl Nodes {
    pub(super) fn new(per_step: f64) -> Self {
        Nodes {
            per_step,
            sites: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            final_classes: Vec::new(),
            lanes: Vec::new(),
            tabled_inputs: 0..0,
            tabled_sites: 0..0,
            tabled: Vec::new(),
        }
    }

    /// The sites of tables stand together: here they begin.
    pub(super) fn begin_tables(&mut self) {
        self.tabled_sites.start = self.sites.len();
        self.tabled_inputs.start = self.inputs.len();
    }

    /// Here they end.
    pub(super) fn end_tables(&mut self) {
        self.tabled_sites.end = self.sites.len();
        self.tabled_inputs.end = self.inputs.len();
    }

    /// Adds the sites of a table, with all their lanes. `parties` answer for its regions.
    #[expect(clippy::too_many_arguments, reason = "a table brings sites, commodities, lanes and parameters")]
    pub(super) fn table(
        &mut self,
        id: &str,
        spec: &IoTable,
        industries: &Industries,
        parties: &[usize],
        t: &Tables,
        commodities: &mut IndexSet<String>,
        passages: &mut Passages<'_>,
        q: &mut Quantities<'_>,
    ) {
        let n = industries.len();
        let step_days = f64::from(t.time.step_days);
        let path = |key: &'static str| ["io_tables", id, key];
        let inventory = q.param(&path("inventory_days"), &spec.inventory_days);
        let cover = Param { plus: inventory.plus - step_days, ..inventory };
        let psi = q.param(&path("psi"), &spec.psi);
        let restoration = q.param(&path("restoration_days"), &spec.restoration_days);
        let overtime_max = q.param(&path("overtime_max"), &spec.overtime_max);
        let overtime_days = q.param(&path("overtime_days"), &spec.overtime_days);
        let worth = q.param(&path("value_per_unit"), &spec.value_per_unit);
        let weights = match spec.suppliers {
            Suppliers::Capacity => Weights::Capacity,
            Suppliers::Fixed => Weights::Fixed,
        };
        let commodity: Vec<usize> =
            industries.sectors.iter().map(|s| commodities.insert_full(s.clone()).0).collect();
        // Suppliers sector by sector, and how far the sales of each have been walked.
        let mut suppliers: Vec<usize> = (0..n).collect();
        suppliers.sort_by_key(|&i| industries.sector[i]);
        let mut walked = vec![0; n];
        let mut set_of: HashMap<(u32, u32, u32), usize> = HashMap::new();
        let (first_site, first_output) = (self.sites.len(), self.outputs.len());
        self.lanes.reserve_exact(industries.flows());
        let mut column: Vec<(usize, f64)> = Vec::with_capacity(n);
        for j in 0..n {
            let output = industries.output[j];
            column.clear();
            for &i in &suppliers {
                let sales = &industries.sales[i];
                if sales.buyers.get(walked[i]) == Some(&(j as u32)) {
                    column.push((i, sales.flows[walked[i]]));
                    walked[i] += 1;
                }
            }
            let first_input = self.inputs.len();
            for own in column.chunk_by(|a, b| industries.sector[a.0] == industries.sector[b.0]) {
                let sector = industries.sector[own[0].0];
                let bought: f64 = own.iter().map(|(_, flow)| flow).sum();
                let first_lane = self.lanes.len();
                for &(i, flow) in own {
                    let (from, to) = (industries.region[i], industries.region[j]);
                    let passage = if t.controls.is_empty() {
                        0
                    } else {
                        *set_of.entry((from, to, sector)).or_insert_with(|| {
                            let sector = industries.sector_of(i);
                            passages.of(industries.region_of(i), industries.region_of(j), sector)
                        })
                    };
                    self.lanes.push(Lane {
                        input: self.inputs.len(),
                        output: first_output + i,
                        flow: Flow::FixedShare(flow / bought),
                        lead: 1,
                        surge: None,
                        passage,
                        via: None,
                        quota: None,
                    });
                }
                self.inputs.push(Input {
                    site: first_site + j,
                    commodity: commodity[sector as usize],
                    group: self.inputs.len() - first_input,
                    usage: Param::known(bought / output),
                    cover_days: cover,
                    restoration_days: restoration,
                    threshold: Some(psi),
                    criticality: ONE,
                    lanes: first_lane..self.lanes.len(),
                    contingent: self.lanes.len(),
                    reserve: self.lanes.len(),
                    events: Vec::new(),
                });
            }
            self.outputs.push(Output {
                site: first_site + j,
                commodity: commodity[industries.sector[j] as usize],
                driving: true,
                yields: ONE,
                target_days: ZERO,
                adjustment_days: ZERO,
                limit_days: None,
                final_demand: Param::known(industries.demand[j] * self.per_step),
                waiting: ZERO,
                cancellation: ZERO,
                tiers: Vec::new(),
                events: Vec::new(),
            });
            self.final_classes.push(Some(1));
            self.tabled.push(output * self.per_step);
            let added = if output > 0.0 { industries.value_added(j) / output } else { 0.0 };
            self.sites.push(Site {
                id: industries.labels[j].clone(),
                name: industries.labels[j].clone(),
                country: industries.region_of(j).to_owned(),
                stage: Stage::SECTOR,
                party: parties[industries.region[j] as usize],
                inputs: first_input..self.inputs.len(),
                outputs: first_output + j..first_output + j + 1,
                groups: self.inputs.len() - first_input,
                followed: false,
                capacity: None,
                spare: ZERO,
                overtime_max,
                overtime_days,
                value_added: worth.scaled(added),
                smoothing_days: ZERO,
                rationing: Rationing::Proportional,
                overtime: Overtime::Ario,
                ordering: Ordering::Ario,
                weights,
                aware: t.rules.aware_of_controls,
                events: Vec::new(),
                project: None,
            });
        }
    }
}
