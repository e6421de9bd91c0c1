//! Numbers of things, a type for each kind: the number of a site finds sites, and nothing else.

/// Numbers things of one kind, from 0 on. There are fewer than 2³² of anything.
pub(crate) trait Ix: Copy + Default + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync {
    fn new(number: usize) -> Self;

    fn at(self) -> usize;

    /// The number so many further on.
    #[inline(always)]
    fn plus(self, count: usize) -> Self {
        Self::new(self.at() + count)
    }
}

/// Declares kinds of numbers.
macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
            pub(crate) struct $name(u32);

            impl $crate::network::Ix for $name {
                #[inline(always)]
                fn new(number: usize) -> Self {
                    debug_assert!(u32::try_from(number).is_ok());
                    $name(number as u32)
                }

                #[inline(always)]
                fn at(self) -> usize {
                    self.0 as usize
                }
            }
        )*
    };
}
pub(crate) use indices;

indices! {
    /// A site, or a reserve: these come after all sites.
    SiteIx;
    /// An input of a site.
    InputIx;
    /// An output of a site.
    OutputIx;
    /// A lane, from an output to an input.
    LaneIx;
    /// A place in the order in which outputs serve their lanes.
    ServedIx;
    /// A group of inputs within a site.
    GroupIx;
    /// A kind of inputs of a group within a site.
    KindIx;
    PartyIx;
    CommodityIx;
    /// A quantity that is drawn once a trial.
    DrawIx;
    /// A parameter of a lane: few lanes need one, and there can be millions of lanes.
    LaneParamIx;
    ControlIx;
    /// A passage: the controls, openings and contracts that decide on lanes.
    PassageIx;
    /// A lane whose orders are thinned at the supplier.
    ThinnedIx;
    RegimeIx;
    /// A state of a regime.
    StateIx;
    /// A country by which goods go round controls.
    ThirdIx;
    EventIx;
    /// The onset of a control, an event or a re-export that something waits for.
    OnsetIx;
    /// An exposure: the events and the project that decide on an amount.
    ExposureIx;
    ProjectIx;
    /// The rebuilding after an event.
    RebuildingIx;
    /// The part of a rebuilding that one output makes.
    TaskIx;
    ReserveIx;
    QuoteIx;
    MarketIx;
    TradeIx;
    /// A site that adds value, among all that do.
    ValuedIx;
    /// A site of stage `sector`, among all of these.
    SectorIx;
    /// An input of a site whose limiting input is followed, among all of these.
    FollowedIx;
    /// A lane of such an input, among all of these.
    WatchedIx;
}

impl ExposureIx {
    /// That of amounts that no force moves.
    pub(crate) const NONE: Self = ExposureIx(0);
}

impl PassageIx {
    /// The passage of lanes that nothing ever bars.
    pub(crate) const OPEN: Self = PassageIx(0);
}
