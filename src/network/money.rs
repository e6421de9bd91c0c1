//! What goods and answers cost: prices and markets, sales that controls bar or free, premiums and payment ahead.

use super::Param;
use serde::Serialize;

/// What a commodity is traded at.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Quote {
    /// Contract price [JPY per unit].
    pub(crate) price: Param,
    pub(crate) spot_share: Param,
    /// Elasticity of demand at the onset, and two years later.
    pub(crate) elasticity: [Param; 2],
    pub(crate) cap: Param,
    /// Share of the demand giving way that is saved by using less for a unit of output.
    pub(crate) thrift: Param,
}

/// A commodity in a country that imports it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Market {
    pub(crate) quote: usize,
    /// Party of the country.
    pub(crate) importer: usize,
    pub(crate) inputs: Vec<usize>,
    /// Lanes from abroad, as positions among the trades.
    pub(crate) imports: Vec<usize>,
    /// Whether its users may save.
    pub(crate) thrifty: bool,
}

/// A lane whose goods are valued: from abroad, or of an output on which a control acts.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trade {
    pub(crate) lane: usize,
    pub(crate) quote: usize,
    pub(crate) exporter: usize,
    /// What controls do to these sales.
    pub(crate) sale: Sale,
}

/// What a control does to the sales over a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Sale {
    /// Nothing: no lane of the output is under control.
    Free,
    /// It bars them.
    Barred,
    /// It frees goods for them.
    Elsewhere,
}

/// What an answer costs a party in each step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cost {
    pub(crate) party: usize,
    /// JPY per unit of what it is counted on.
    pub(crate) per_unit: Param,
    /// Factor on it; 1 but for a share of a price.
    pub(crate) times: Param,
    pub(crate) on: CostOn,
}

/// What a cost is counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum CostOn {
    /// What flows over a lane above its baseline.
    Lane(usize),
    /// Activity of a site.
    Site(usize),
    /// Stock of an output.
    Stock(usize),
}

/// What is paid ahead on a lane with baseline trade.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payment {
    pub(crate) lane: usize,
    /// Parties.
    pub(crate) seller: usize,
    pub(crate) buyer: usize,
    /// Contract price [JPY per unit].
    pub(crate) price: Param,
    pub(crate) prepaid_share: Param,
    pub(crate) prepaid_days: Param,
    pub(crate) refundable: bool,
    pub(crate) cancellable: bool,
    pub(crate) insured_share: Param,
    pub(crate) insurance_premium: Param,
    pub(crate) collateral_share: Param,
    /// Steps whose agreements are kept.
    pub(crate) window: usize,
}
