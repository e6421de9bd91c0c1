//! Scale-free networks of any size: a few suppliers have thousands of customers, most have a handful, and goods go in
//! cycles.

use std::fmt::Write as _;
use supplyshock::Scenario;

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

/// The text of a scenario of `sites` sites, at least 320, with five links each, in `steps` weekly steps. A site buys
/// two to four of forty commodities. One site in a hundred loses a tenth of its capacity for six weeks, and what one
/// country sends another of four commodities is barred for ten.
pub fn text(sites: usize, steps: u32) -> String {
    let mut luck = Luck(sites as u64);
    let (mut makers, made) = Makers::new(sites, &mut luck);
    let mut text = format!(
        "[scenario]\ncurrency = \"JPY\"\ntitle = \"scale-free\"\n[time]\nstart = 2026-01-01\nstep_days = {STEP_DAYS}\n\
         horizon_days = {}\n[parties]\n",
        STEP_DAYS * steps
    );
    for party in 0..COUNTRIES {
        let _ = writeln!(text, "P{party} = {{ gdp_per_year = 1e14 }}");
    }
    text.push_str("[commodities]\n");
    for commodity in 0..COMMODITIES {
        let _ = writeln!(text, "g{commodity} = {{ unit = \"t\" }}");
    }
    text.push_str("[assumptions]\n");
    for commodity in 0..COMMODITIES {
        let _ = writeln!(text, "c{commodity} = {{ uniform = {{ low = 10, high = 40 }} }}");
    }
    text.push_str("[events.quake]\nsites = [");
    for n in (0..sites).step_by(100) {
        let _ = write!(text, "\"s{n}\", ");
    }
    text.push_str(
        "]\nstart_days = 28\nduration_days = 42\nseverity = 0.1\n[controls.ban]\nexporters = [\"P0\"]\n\
         importers = [\"P1\"]\ncommodities = [\"g0\", \"g1\", \"g2\", \"g3\"]\nonset_days = 56\n\
         duration_days = 70\nseverity = 0.5\n[sites]\n",
    );
    let mut links = String::from("[links]\n");
    for (n, &output) in made.iter().enumerate() {
        let buyer = n as u32;
        // Five links over two to four inputs.
        let suppliers: &[usize] = [&[3, 2][..], &[2, 2, 1], &[2, 1, 1, 1]][luck.below(3)];
        let mut bought: Vec<usize> = Vec::with_capacity(suppliers.len());
        let _ = write!(text, "s{n} = {{ country = \"P{}\", stage = \"plant\", ", luck.below(COUNTRIES));
        if n.is_multiple_of(10) {
            text.push_str("value_added_per_unit = 1e6, ");
        }
        text.push_str("spare_capacity = 0.2, inputs = { ");
        for &count in suppliers {
            let commodity = loop {
                let commodity = luck.below(COMMODITIES);
                if commodity != output && !bought.contains(&commodity) {
                    break commodity;
                }
            };
            bought.push(commodity);
            let usage = USE * (0.5 + 0.5 * luck.share()) / suppliers.len() as f64;
            let _ = write!(text, "g{commodity} = {{ use_per_unit = {usage:.4}, cover_days = ");
            if n.is_multiple_of(10) {
                let _ = write!(text, "{{ uniform = {{ low = {}, high = 40 }} }} }}, ", 10 + luck.below(10));
            } else {
                let _ = write!(text, "{{ assumption = \"c{commodity}\" }} }}, ");
            }
            let mut taken = [buyer; 3];
            for k in 0..count {
                let from = makers.supplier(commodity, buyer, &taken[..k], &mut luck);
                taken[k] = from;
                let lead = STEP_DAYS * (1 + luck.below(3) as u32);
                let surge = if luck.below(4) == 0 { ", surge_limit = 1.5" } else { "" };
                let _ =
                    writeln!(links, "\"s{from}>s{n}:g{commodity}\" = {{ lead_time_days = {lead}{surge} }}");
            }
        }
        let demand = 500.0 + 1000.0 * luck.share();
        let _ =
            writeln!(text, "}}, outputs = {{ g{output} = {{ final_demand_per_year = {demand:.1} }} }} }}");
    }
    text.push_str(&links);
    text
}

/// The same, read and checked.
pub fn scenario(sites: usize, steps: u32) -> Scenario {
    match Scenario::parse("scale_free.toml", &text(sites, steps)) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{error}"),
    }
}
