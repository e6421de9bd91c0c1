//! Names of links: there can be millions, so they are put together when asked for.

use super::Model;

/// The ends of a link and what it carries; shown as `from>to:commodity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkId<'a> {
    /// Id of the supplier.
    pub from: &'a str,
    /// Id of the buyer.
    pub to: &'a str,
    /// Id of the commodity.
    pub commodity: &'a str,
}

impl std::fmt::Display for LinkId<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}>{}:{}", self.from, self.to, self.commodity)
    }
}

impl Model {
    /// Ids of the links, in the order they are walked.
    pub fn links(&self) -> impl Iterator<Item = LinkId<'_>> {
        self.lanes.iter().map(|l| LinkId {
            from: &self.sites[self.outputs[l.output].site].id,
            to: &self.sites[self.inputs[l.input].site].id,
            commodity: &self.commodities[self.inputs[l.input].commodity],
        })
    }
}
