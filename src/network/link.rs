//! Names of links: there can be millions, so they are put together when asked for.

use super::{LaneIx, Network};

/// The ends of a link and its commodity; shown as `from>to:commodity`, with ` via X` on a way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkId<'a> {
    /// Id of the supplier.
    pub from: &'a str,
    /// Id of the buyer.
    pub to: &'a str,
    /// Id of the commodity.
    pub commodity: &'a str,
    /// Third country by which it goes round a control.
    pub via: Option<&'a str>,
}

impl std::fmt::Display for LinkId<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}>{}:{}", self.from, self.to, self.commodity)?;
        self.via.map_or(Ok(()), |via| write!(f, " via {via}"))
    }
}

impl Network {
    /// Ids of the links, in the order they are walked.
    pub fn links(&self) -> impl Iterator<Item = LinkId<'_>> {
        self.lanes.numbers().into_iter().map(|e| self.link(e))
    }

    /// Name of lane `e`.
    pub(crate) fn link(&self, e: LaneIx) -> LinkId<'_> {
        let lane = &self.lanes[e];
        let input = &self.inputs[lane.input];
        LinkId {
            from: &self.sites[self.outputs[lane.output].site].id,
            to: &self.sites[input.site].id,
            commodity: &self.commodities[input.commodity],
            via: lane.via.map(|v| self.third_countries[v].as_str()),
        }
    }
}
