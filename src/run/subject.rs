//! Whose losses there are, and of what they consist.

/// Whose loss is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// All sites of a party, by id.
    Party(String),
    /// The sites of one stage of a party.
    Stage {
        /// Id of the party.
        party: String,
        /// The stage.
        stage: String,
    },
    /// A site of stage `sector`, by id.
    Sector(String),
    /// A site whose losses are kept, by id: a sector, or one that [`Ensemble::keep_sites`](super::Ensemble::keep_sites)
    /// names.
    Site(String),
}

/// What part of a loss is asked for. Amounts are in the currency of the scenario, but for person-years; a gain is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Component {
    /// What is counted as loss: output, price, response and contracts.
    Total,
    /// Value added lost, net of catch-up: the headline.
    Output,
    /// Of output: lost to a missing material of the chain, and to the sites' own outages.
    OutputDirect,
    /// Of output: the rest, lost to missing goods of sectors and to lost demand.
    OutputIndirect,
    /// Extra bill for imports at scarcity prices, less the gain on exports: a transfer between parties.
    Price,
    /// What answers cost: dearer suppliers, holding reserves, capital and premiums of projects.
    Response,
    /// Money paid ahead for goods that did not come, as a loss of buyers and a gain of sellers; and insurance.
    Contracts,
    /// Sales that controls bar, net of catch-up, at contract prices. It stands beside the loss: the value added in
    /// it is counted in output.
    SalesForgone,
    /// What the plants concerned sold elsewhere above the baseline, at contract prices.
    SalesElsewhere,
    /// Work lost, net of catch-up, in person-years: what is not made times the people who make it. It stands beside the loss,
    /// and is not money.
    PersonYears,
}

impl Component {
    /// All components, in the order of tables and files.
    pub const ALL: [Component; 10] = [
        Component::Total,
        Component::Output,
        Component::OutputDirect,
        Component::OutputIndirect,
        Component::Price,
        Component::Response,
        Component::Contracts,
        Component::SalesForgone,
        Component::SalesElsewhere,
        Component::PersonYears,
    ];

    /// How many there are.
    pub(super) const COUNT: usize = Self::ALL.len();

    /// Its key in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Component::Total => "total",
            Component::Output => "output",
            Component::OutputDirect => "output_direct",
            Component::OutputIndirect => "output_indirect",
            Component::Price => "price",
            Component::Response => "response",
            Component::Contracts => "contracts",
            Component::SalesForgone => "sales_forgone",
            Component::SalesElsewhere => "sales_elsewhere",
            Component::PersonYears => "person_years",
        }
    }

    /// Whether it is an amount of money.
    #[must_use]
    pub fn is_money(self) -> bool {
        self != Component::PersonYears
    }

    /// Whether it is counted by party alone.
    pub(super) fn is_of_party(self) -> bool {
        !matches!(self, Component::Output | Component::OutputDirect | Component::OutputIndirect)
    }
}

impl Subject {
    /// What it is, and its name.
    pub(super) fn described(&self) -> (&'static str, String) {
        match self {
            Subject::Party(id) => ("party", id.clone()),
            Subject::Stage { party, stage } => ("stage with value added", format!("{party}/{stage}")),
            Subject::Sector(id) => ("sector", id.clone()),
            Subject::Site(id) => ("site whose losses are kept", id.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Component;

    #[test]
    fn components_stand_at_their_own_places() {
        assert!(Component::ALL.iter().enumerate().all(|(place, component)| *component as usize == place));
    }
}
