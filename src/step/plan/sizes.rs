//! How much of everything there is, in all and before a place between two sites.

use crate::network::{InputIx, Ix, LaneIx, OutputIx, SiteIx, TaskIx};
use crate::step::index::{CountedIx, NotedIx, RingIx, ShareIx};

/// A place between two sites: the numbers after the last of those before it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ends {
    pub(crate) site: SiteIx,
    pub(crate) input: InputIx,
    pub(crate) output: OutputIx,
    pub(crate) share: ShareIx,
    pub(crate) lane: LaneIx,
    pub(crate) ring: RingIx,
    pub(crate) counted: CountedIx,
    pub(crate) noted: NotedIx,
    pub(crate) task: TaskIx,
}

/// How many there are of anything that rows are kept for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    pub(crate) sites: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) lanes: usize,
    pub(crate) reserves: usize,
    pub(crate) constants: usize,
    /// Orders, and passing orders of lanes that are thinned.
    pub(crate) flows: usize,
    pub(crate) shares: usize,
    pub(crate) rings: usize,
    /// Lanes whose shares and limits can move, and lanes that are counted one by one.
    pub(crate) noted: usize,
    pub(crate) counted: usize,
    /// Outputs that have something to rebuild, once for each event.
    pub(crate) tasks: usize,
    /// All inputs if any orders rest on past use, if any users may save, if there are reserves; else none.
    pub(crate) renewed: usize,
    pub(crate) saving: usize,
    pub(crate) reserved: usize,
    /// All markets if any users may save.
    pub(crate) thrifty: usize,
    /// All sites if any weights rest on the capacity of suppliers.
    pub(crate) by_capacity: usize,
    /// All lanes if any weights move, if there are reserves, unless planned shares or limits are known.
    pub(crate) weighed: usize,
    pub(crate) triggers: usize,
    pub(crate) planned: usize,
    pub(crate) limits: usize,
}

/// Numbers of which each part of the network has a stretch.
pub(crate) trait Divided: Ix {
    /// The number after the last of those before a place between two sites.
    fn end(ends: &Ends) -> Self;
}

macro_rules! divided {
    ($($ix:ident $end:ident;)*) => {
        $(
            impl Divided for $ix {
                fn end(ends: &Ends) -> Self {
                    ends.$end
                }
            }
        )*
    };
}
divided! {
    SiteIx site;
    InputIx input;
    OutputIx output;
    LaneIx lane;
    ShareIx share;
    RingIx ring;
    CountedIx counted;
    NotedIx noted;
    TaskIx task;
}
