//! Whether the value added of a party and its product can be in one unit.

use super::{Block, Model};
use crate::network::{DAYS_PER_YEAR, IndexVec, PartyIx};
use crate::scenario::{Finding, NetworkFault, Problem};

/// Value added, as a share of the product of a party all of whose sectors there are, below which a unit is wrong.
const LEAST: f64 = 0.01;
/// Value added, as a share of the product, over which a unit is wrong. Up to it the two differ by taxes, by discrepancies, and
/// by plants that stand beside the sectors of a whole economy.
const MOST: f64 = 1.01;

impl Model {
    /// The doubts about the baseline of a trial, drawn from seed 0: a party that adds more value than its product, or under
    /// a hundredth of it though all its sectors are in the scenario, as those of an input-output table are. Nothing where
    /// there is no baseline.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let mut block = Block::<1>::new(self);
        if block.prepare(self, 0, 0, 0..1).is_err() {
            return Vec::new();
        }
        let draws = self.draw(0, 0);
        let view = block.prepared.view();
        // Value added, and whether all sites are those of tables, of which there are some.
        let mut parties: IndexVec<PartyIx, (f64, bool, bool)> =
            IndexVec::filled((0.0, true, false), self.parties.len());
        for (n, site) in self.sites.pairs() {
            let (added, whole, any) = &mut parties[site.party];
            *added +=
                view.facts.value_added[n][0] * view.facts.activity[n][0] * DAYS_PER_YEAR / self.step_days;
            *whole &= self.tabled_sites.contains(n);
            *any = true;
        }
        let mut found = Vec::new();
        for (n, &(added, whole, any)) in parties.pairs() {
            let gdp = self.gdp(n, &draws);
            let over = added > MOST * gdp;
            let under = whole && any && added > 0.0 && added < LEAST * gdp;
            if over || under {
                let fault = NetworkFault::Units { added: tidy(added), gdp: tidy(gdp), over };
                found.push(Finding::new(&["parties", &self.parties[n].id, "gdp_per_year"], fault).into());
            }
        }
        found
    }
}

/// A number to the digits that tell units apart.
fn tidy(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}
