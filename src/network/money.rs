//! Money: prices and markets, sales that controls bar or free, premiums and payment ahead.

use super::{InputIx, LaneIx, OutputIx, Param, PartyIx, QuoteIx, SiteIx, TradeIx};
use serde::Serialize;

/// Terms on which a commodity is traded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Quote {
    /// Contract price [money per unit].
    pub(crate) price: Param,
    pub(crate) spot_share: Param,
    /// Elasticity of demand at the onset, and two years later.
    pub(crate) elasticity: [Param; 2],
    pub(crate) cap: Param,
    /// Share of the demand giving way that is saved by using less for a unit of output.
    pub(crate) thrift: Param,
    /// Share of a change of the price that contracts take over, and the time over which they follow it [days].
    pub(crate) pass_through: Param,
    pub(crate) delay_days: Param,
    /// Time over which stocks are set against the need [days]; they do not count where there is none.
    pub(crate) look_ahead_days: Option<Param>,
}

/// A commodity in a country that imports it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Market {
    pub(crate) quote: QuoteIx,
    /// Party of the country.
    pub(crate) importer: PartyIx,
    pub(crate) inputs: Vec<InputIx>,
    /// Lanes from abroad.
    pub(crate) imports: Vec<TradeIx>,
    /// Whether its users may save.
    pub(crate) thrifty: bool,
}

/// A lane whose goods are valued: from abroad, or of an output on which a control acts.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trade {
    pub(crate) lane: LaneIx,
    pub(crate) quote: QuoteIx,
    pub(crate) exporter: PartyIx,
    /// The effect of controls on these sales.
    pub(crate) sale: Sale,
}

/// The effect of a control on the sales over a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Sale {
    /// Nothing: no lane of the output is under control.
    Free,
    /// It bars them.
    Barred,
    /// It frees goods for them.
    Elsewhere,
}

/// A cost of an answer to a party in each step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cost {
    pub(crate) party: PartyIx,
    /// Money per unit of its base.
    pub(crate) per_unit: Param,
    /// Factor on it; 1 but for a share of a price.
    pub(crate) times: Param,
    pub(crate) on: CostOn,
}

/// The base of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum CostOn {
    /// The flow over a lane above its baseline.
    Lane(LaneIx),
    /// Activity of a site.
    Site(SiteIx),
    /// Stock of an output.
    Stock(OutputIx),
}

/// Payment ahead on a lane with baseline trade.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payment {
    pub(crate) lane: LaneIx,
    pub(crate) seller: PartyIx,
    pub(crate) buyer: PartyIx,
    /// Contract price [money per unit].
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
