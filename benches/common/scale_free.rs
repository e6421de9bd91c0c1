//! Scale-free networks of any size: a few suppliers have thousands of customers, most have a handful, and goods go in
//! cycles.

use supplyshock::Scenario;
use supplyshock::draw::Distribution;
use supplyshock::scenario::{
    About, Commodity, Control, Date, Event, Ids, Input, Leaf, Link, Output, Party, Site, Tables, Time,
};

/// Links for each site.
pub const LINKS_PER_SITE: usize = 5;

/// Commodities that are made.
const COMMODITIES: usize = 40;
/// Countries, each of which is a party.
const COUNTRIES: usize = 4;
/// Days in a step.
const STEP_DAYS: u32 = 7;
/// Share of links that go to suppliers in proportion to the customers these have; the rest go to any, and so in cycles.
const PREFERENTIAL: f64 = 0.65;
/// Units a site uses for a unit of activity, of all inputs together: below 1, so that cycles come to an end.
const USE: f64 = 0.45;

/// Numbers that look random, the same on every machine (`SplitMix64`).
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 to `n - 1`.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// Who makes what, and whom customers come to.
struct Makers {
    /// Sites by commodity.
    of: Vec<Vec<u32>>,
    /// By commodity, a supplier for each of its customers.
    chosen: Vec<Vec<u32>>,
}

impl Makers {
    fn new(sites: usize, luck: &mut Luck) -> (Self, Vec<usize>) {
        let mut of = vec![Vec::new(); COMMODITIES];
        let made: Vec<usize> = (0..sites)
            .map(|n| {
                // The first sites make one commodity each, so that none is without a maker.
                let commodity = if n < 8 * COMMODITIES { n % COMMODITIES } else { luck.below(COMMODITIES) };
                of[commodity].push(n as u32);
                commodity
            })
            .collect();
        (Makers { of, chosen: vec![Vec::new(); COMMODITIES] }, made)
    }

    /// A supplier of `commodity` that is not yet among `taken`, nor the buyer.
    fn supplier(&mut self, commodity: usize, buyer: u32, taken: &[u32], luck: &mut Luck) -> u32 {
        loop {
            let chosen = &self.chosen[commodity];
            let found = if !chosen.is_empty() && luck.share() < PREFERENTIAL {
                chosen[luck.below(chosen.len())]
            } else {
                self.of[commodity][luck.below(self.of[commodity].len())]
            };
            if found != buyer && !taken.contains(&found) {
                self.chosen[commodity].push(found);
                return found;
            }
        }
    }
}

/// The tables of a network of `sites` sites, at least 320, with five links each, in `steps` weekly steps. A site buys
/// two to four of forty commodities. One site in a hundred loses a tenth of its capacity for six weeks, and what one
/// country sends another of four commodities is barred for ten.
pub fn tables(sites: usize, steps: u32) -> Tables {
    let mut luck = Luck(sites as u64);
    let (mut makers, made) = Makers::new(sites, &mut luck);
    let time = Time::new(Date::new(2026, 1, 1), STEP_DAYS * steps).step_days(STEP_DAYS);
    let mut tables = Tables::new(About::new("scale-free", "JPY"), time);
    for party in 0..COUNTRIES {
        tables = tables.party(format!("P{party}"), Party::new(1e14));
    }
    for commodity in 0..COMMODITIES {
        tables = tables
            .commodity(format!("g{commodity}"), Commodity::new("t"))
            .assumption(format!("c{commodity}"), uniform(10.0));
    }
    let hit: Ids = (0..sites).step_by(100).map(|n| format!("s{n}")).collect();
    let ban = Control::new(["P0"], ["P1"]).commodities(["g0", "g1", "g2", "g3"]);
    tables = tables
        .event("quake", Event::new(hit).start_days(28).duration_days(42).severity(0.1))
        .control("ban", ban.onset_days(56).duration_days(70).severity(0.5));
    tables.sites.reserve_exact(sites);
    tables.links.reserve_exact(sites * LINKS_PER_SITE);
    for (n, &output) in made.iter().enumerate() {
        let buyer = n as u32;
        // Five links over two to four inputs.
        let suppliers: &[usize] = [&[3, 2][..], &[2, 2, 1], &[2, 1, 1, 1]][luck.below(3)];
        let mut bought: Vec<usize> = Vec::with_capacity(suppliers.len());
        let mut site = Site::new(format!("P{}", luck.below(COUNTRIES)), "plant").spare_capacity(0.2);
        if n.is_multiple_of(10) {
            site = site.value_added_per_unit(1e6);
        }
        for &count in suppliers {
            let commodity = loop {
                let commodity = luck.below(COMMODITIES);
                if commodity != output && !bought.contains(&commodity) {
                    break commodity;
                }
            };
            bought.push(commodity);
            let usage = digits(USE * (0.5 + 0.5 * luck.share()) / suppliers.len() as f64, 1e4);
            let cover: Leaf = if n.is_multiple_of(10) {
                uniform(10.0 + luck.below(10) as f64)
            } else {
                Leaf::assumption(format!("c{commodity}"))
            };
            site = site.input(format!("g{commodity}"), Input::new(usage, cover));
            let mut taken = [buyer; 3];
            for k in 0..count {
                let from = makers.supplier(commodity, buyer, &taken[..k], &mut luck);
                taken[k] = from;
                let mut link = Link::new(STEP_DAYS * (1 + luck.below(3) as u32));
                if luck.below(4) == 0 {
                    link = link.surge_limit(1.5);
                }
                tables.links.insert(format!("s{from}>s{n}:g{commodity}"), link);
            }
        }
        let demand = digits(500.0 + 1000.0 * luck.share(), 10.0);
        let site = site.output(format!("g{output}"), Output::new().final_demand_per_year(demand));
        tables.sites.insert(format!("s{n}"), site);
    }
    tables
}

/// A number to the nearest of so many parts of one.
fn digits(x: f64, parts: f64) -> f64 {
    (x * parts).round() / parts
}

/// Any value from `low` to 40.
fn uniform(low: f64) -> Leaf {
    match Distribution::uniform(low, 40.0) {
        Ok(distribution) => distribution.into(),
        Err(error) => panic!("{error}"),
    }
}

/// The same, checked.
pub fn scenario(sites: usize, steps: u32) -> Scenario {
    match Scenario::new("scale_free", tables(sites, steps)) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{error}"),
    }
}
