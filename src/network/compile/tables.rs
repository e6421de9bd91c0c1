//! Input-output tables as networks: straight from their figures, without a detour over entries.

use super::Quantities;
use super::nodes::Nodes;
use super::passages::Passages;
use crate::network::{
    CommodityIx, ExposureIx, Flow, GroupIx, IndexVec, Input, Ix, KindIx, Lane, Output, OutputIx, Param,
    PartyIx, PassageIx, Site, SiteIx, Span,
};
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
            sites: IndexVec::new(),
            inputs: IndexVec::new(),
            outputs: IndexVec::new(),
            final_classes: Vec::new(),
            lanes: IndexVec::new(),
            tabled_inputs: Span::default(),
            tabled_sites: Span::default(),
            tabled: Vec::new(),
        }
    }

    /// The sites of tables stand together: here they begin.
    pub(super) fn begin_tables(&mut self) {
        self.tabled_sites.start = self.sites.next();
        self.tabled_inputs.start = self.inputs.next();
    }

    /// Here they end.
    pub(super) fn end_tables(&mut self) {
        self.tabled_sites.end = self.sites.next();
        self.tabled_inputs.end = self.inputs.next();
    }

    /// Adds the sites of a table, with all their lanes. `parties` answer for its regions.
    #[expect(clippy::too_many_arguments, reason = "a table brings sites, commodities, lanes and parameters")]
    pub(super) fn table(
        &mut self,
        id: &str,
        spec: &IoTable,
        industries: &Industries,
        parties: &[PartyIx],
        t: &Tables,
        commodities: &mut IndexSet<String>,
        passages: &mut Passages<'_>,
        q: &mut Quantities<'_>,
    ) {
        let n = industries.len();
        let terms = Terms::new(id, spec, t, q);
        let commodity = |sector: &String| CommodityIx::new(commodities.insert_full(sector.clone()).0);
        let mut table = Table {
            terms,
            industries,
            first: self.outputs.next(),
            commodity: industries.sectors.iter().map(commodity).collect(),
            controlled: !t.controls.is_empty(),
            passage_of: HashMap::new(),
        };
        // Suppliers sector by sector, and how far the sales of each have been walked.
        let mut suppliers: Vec<usize> = (0..n).collect();
        suppliers.sort_by_key(|&i| industries.sector[i]);
        let mut walked = vec![0; n];
        self.lanes.as_mut_vec().reserve_exact(industries.flows());
        let mut column: Vec<(usize, f64)> = Vec::with_capacity(n);
        for j in 0..n {
            column.clear();
            for &i in &suppliers {
                let sales = &industries.sales[i];
                if sales.buyers.get(walked[i]) == Some(&(j as u32)) {
                    column.push((i, sales.flows[walked[i]]));
                    walked[i] += 1;
                }
            }
            self.industry(&mut table, j, &column, parties, t, passages);
        }
    }

    /// Adds the site of industry `j`, given its purchases by supplier.
    fn industry(
        &mut self,
        table: &mut Table<'_>,
        j: usize,
        column: &[(usize, f64)],
        parties: &[PartyIx],
        t: &Tables,
        passages: &mut Passages<'_>,
    ) {
        let industries = table.industries;
        let (n, output) = (self.sites.next(), industries.output[j]);
        let first_input = self.inputs.next();
        for own in column.chunk_by(|a, b| industries.sector[a.0] == industries.sector[b.0]) {
            let group = GroupIx::new(self.inputs.len() - first_input.at());
            self.purchase(table, (n, j), group, own, passages);
        }
        let inputs = Span::new(first_input, self.inputs.next());
        let first_output = self.outputs.push(Output {
            site: n,
            commodity: table.commodity[industries.sector[j] as usize],
            driving: true,
            yields: ONE,
            target_days: ZERO,
            adjustment_days: ZERO,
            limit_days: None,
            final_demand: Param::known(industries.demand[j] * self.per_step),
            waiting: ZERO,
            cancellation: ZERO,
            tiers: Vec::new(),
            exposure: ExposureIx::NONE,
            tasks: Span::default(),
        });
        self.final_classes.push(Some(1));
        self.tabled.push(output * self.per_step);
        let added = if output > 0.0 { industries.value_added(j) / output } else { 0.0 };
        let terms = &table.terms;
        self.sites.push(Site {
            id: industries.labels[j].clone(),
            name: industries.labels[j].clone(),
            country: industries.region_of(j).to_owned(),
            stage: Stage::SECTOR,
            party: parties[industries.region[j] as usize],
            inputs,
            outputs: Span::new(first_output, self.outputs.next()),
            groups: inputs.len(),
            kinds: inputs.len(),
            firms: 1,
            followed: false,
            capacity: None,
            spare: ZERO,
            overtime_max: terms.overtime_max,
            overtime_days: terms.overtime_days,
            value_added: terms.worth.scaled(added),
            employment: ZERO,
            overlap: ZERO,
            smoothing_days: ZERO,
            rationing: Rationing::Proportional,
            overtime: Overtime::Ario,
            ordering: Ordering::Ario,
            weights: terms.weights,
            aware: t.rules.aware_of_controls,
            exposure: ExposureIx::NONE,
            project: None,
        });
    }

    /// Adds the input of site `n`, industry `j`, for one commodity, with a lane from each supplier.
    fn purchase(
        &mut self,
        table: &mut Table<'_>,
        (n, j): (SiteIx, usize),
        group: GroupIx,
        own: &[(usize, f64)],
        passages: &mut Passages<'_>,
    ) {
        let sector = table.industries.sector[own[0].0];
        let bought: f64 = own.iter().map(|(_, flow)| flow).sum();
        let (input, first_lane) = (self.inputs.next(), self.lanes.next());
        for &(i, flow) in own {
            self.lanes.push(Lane {
                input,
                output: table.first.plus(i),
                flow: Flow::FixedShare(flow / bought),
                lead: 1,
                lead_days: None,
                surge: None,
                passage: table.passage(i, j, passages),
                via: None,
                thinned: None,
            });
        }
        let end = self.lanes.next();
        self.inputs.push(Input {
            site: n,
            commodity: table.commodity[sector as usize],
            group,
            kind: KindIx::new(group.at()),
            usage: Param::known(bought / table.industries.output[j]),
            cover_days: table.terms.cover,
            own: None,
            restoration_days: table.terms.restoration,
            threshold: Some(table.terms.psi),
            criticality: ONE,
            lanes: Span::new(first_lane, end),
            contingent: end,
            reserve: end,
            exposure: ExposureIx::NONE,
        });
    }
}

/// Terms that all industries of a table have alike.
struct Terms {
    cover: Param,
    psi: Param,
    restoration: Param,
    overtime_max: Param,
    overtime_days: Param,
    worth: Param,
    weights: Weights,
}

impl Terms {
    fn new(id: &str, spec: &IoTable, t: &Tables, q: &mut Quantities<'_>) -> Self {
        let path = |key: &'static str| ["io_tables", id, key];
        let inventory = q.param(&path("inventory_days"), &spec.inventory_days);
        Terms {
            cover: Param { plus: inventory.plus - f64::from(t.time.step_days), ..inventory },
            psi: q.param(&path("psi"), &spec.psi),
            restoration: q.param(&path("restoration_days"), &spec.restoration_days),
            overtime_max: q.param(&path("overtime_max"), &spec.overtime_max),
            overtime_days: q.param(&path("overtime_days"), &spec.overtime_days),
            worth: q.param(&path("value_per_unit"), &spec.value_per_unit),
            weights: match spec.suppliers {
                Suppliers::Capacity => Weights::Capacity,
                Suppliers::Fixed => Weights::Fixed,
            },
        }
    }
}

/// A table whose industries are added.
struct Table<'a> {
    terms: Terms,
    industries: &'a Industries,
    /// Output of its first industry.
    first: OutputIx,
    /// By sector.
    commodity: Vec<CommodityIx>,
    /// Whether there are any controls.
    controlled: bool,
    /// By region of the supplier, region of the buyer, and sector.
    passage_of: HashMap<(u32, u32, u32), PassageIx>,
}

impl Table<'_> {
    /// The passage of a lane from industry `i` to industry `j`.
    fn passage(&mut self, i: usize, j: usize, passages: &mut Passages<'_>) -> PassageIx {
        // An industry's own goods cross no border.
        if !self.controlled || i == j {
            return PassageIx::OPEN;
        }
        let industries = self.industries;
        let key = (industries.region[i], industries.region[j], industries.sector[i]);
        *self.passage_of.entry(key).or_insert_with(|| {
            passages.of(industries.region_of(i), industries.region_of(j), industries.sector_of(i))
        })
    }
}
