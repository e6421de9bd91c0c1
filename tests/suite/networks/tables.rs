//! The scenario of a random network.

use super::{Control, Event, Input, Lane, Leaf, Market, Network, Shares, Site};
use crate::common::head;
use supplyshock::scenario::{
    self, Commodity, Link, Output, Phase, Project, Rebuilding, Reserve, Role, Rules, Stage, Tables, Target,
};

const COUNTRIES: [&str; 3] = ["JP", "CN", "XX"];
/// Final demand for a good of the last layer [units a year], times a leaf around 1.
const DEMAND: f64 = 10_000.0;

/// Whether the controls and events of a network come into force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shocks {
    InForce,
    /// They stand in the scenario with severity 0, or after the horizon. Sites without smoothing get some: an
    /// input without cover, with a limited near lane and a far one, balances on a point, as `Λ` follows
    /// where orders go. Without smoothing rounding may grow fourfold every other step, with it far slower.
    Never,
}

struct Maker {
    site: String,
    good: String,
    drives: bool,
}

impl Network {
    /// The scenario.
    pub fn tables(&self, shocks: Shocks) -> Tables {
        let makers = self.makers();
        let last = self.layers.len() - 1;
        let mut t =
            head(self.step_days, self.horizon_days).rules(Rules::new().discount_rate_per_year(self.discount));
        for layer in 0..=last {
            let mut traded = Commodity::new("t");
            traded.market = self.market.as_ref().map(market);
            t = t
                .commodity(format!("g{layer}a"), traded)
                .commodity(format!("g{layer}b"), Commodity::new("t"));
        }
        let (mut users, mut second) = (Vec::new(), Vec::new());
        for (number, (layer, k, site)) in self.sites().enumerate() {
            let id = id(layer, k);
            let mut made = self.site(number, (layer, k), site, shocks);
            if let Some((usage, lane)) = &site.own_use {
                let good = main_good(layer, k, site);
                link(&mut t, &id, &id, &good, lane, |link| link);
                made = made.input(good, scenario::Input::new(*usage, 5));
            }
            if let (Some((usage, lane)), 0, 0) = (&self.back_use, layer, k) {
                link(&mut t, &self::id(last, 0), &id, &format!("g{last}a"), lane, |link| link);
                made = made.input(format!("g{last}a"), scenario::Input::new(*usage, 9));
            }
            let inputs = if layer == 0 { &[][..] } else { &site.inputs[..] };
            let mut goods = Vec::new();
            for input in inputs {
                let good = input_good(&makers, layer, input);
                if goods.contains(&good) {
                    continue;
                }
                self.lanes(&mut t, (layer, k), site, input, &good, &makers);
                made = made.input(good.clone(), used(site, input, goods.len() < 2));
                if good == "g0a" {
                    users.push((id.clone(), input.cover.low()));
                } else if good == "g1a" {
                    second.push(id.clone());
                }
                goods.push(good);
            }
            t.sites.insert(id, made);
        }
        self.extras(&mut t, &users, &second);
        for (k, control) in self.controls.iter().enumerate() {
            t.controls.insert(format!("c{k}"), self.control(k, control, shocks));
        }
        for (k, event) in self.events.iter().enumerate() {
            t.events.insert(format!("e{k}"), self.event(k, event, shocks));
        }
        t
    }

    /// Who makes what, the driving outputs of a good first.
    fn makers(&self) -> Vec<Maker> {
        let mut makers = Vec::new();
        for (layer, k, site) in self.sites() {
            makers.push(Maker { site: id(layer, k), good: main_good(layer, k, site), drives: true });
            if let Some((_, drives)) = site.joint {
                makers.push(Maker { site: id(layer, k), good: joint_good(layer, k, site), drives });
            }
            if site.scrap.is_some() && layer + 1 == self.layers.len() {
                makers.push(Maker { site: id(layer, k), good: "g0a".into(), drives: false });
            }
        }
        makers.sort_by_key(|m| !m.drives);
        makers
    }

    fn site(&self, number: usize, (layer, k): (usize, usize), site: &Site, shocks: Shocks) -> scenario::Site {
        let smoothing = if shocks == Shocks::Never { site.smoothing.max(14.0) } else { site.smoothing };
        // The first three sites stand in three countries, so that each has one.
        let country = COUNTRIES[if number < 3 { number } else { site.country }];
        let (rationing, overtime, ordering, weights, aware) = site.rules;
        let [target, adjustment, room, waiting, cancelled, share] = site.output;
        let mut main = Output::new()
            .yield_per_unit(site.yields)
            .stock_target_days(target)
            .stock_adjustment_days(adjustment)
            .storage_limit_days(target.high() + room.low())
            .waiting_share(waiting)
            .cancellation_per_week(cancelled);
        if let Some(demand) = self.final_demand(layer, site, share) {
            main = main.final_demand_per_year(demand);
        }
        // At the output or at the site: there is no other that has final demand.
        if site.demand_with_orders && site.second {
            main = main.final_demand_class(1);
        }
        let mut made = scenario::Site::new(country, Stage::SECTOR);
        if site.demand_with_orders && !site.second {
            made = made.final_demand_class(1);
        }
        made = made
            .spare_capacity(site.spare)
            .overtime_max(site.overtime)
            .overtime_days(30)
            .value_added_per_unit(site.value_added)
            .overlap(site.overlap)
            .firms(site.firms.0)
            .rationing(rationing)
            .overtime(overtime)
            .ordering(ordering)
            .weights(weights)
            .aware_of_controls(aware)
            .demand_smoothing_days(smoothing)
            .output(main_good(layer, k, site), main);
        if let Some((yields, drives)) = site.joint {
            let role = if drives { Role::Driving } else { Role::ByProduct };
            let output = Output::new().yield_per_unit(yields).role(role);
            made = made.output(joint_good(layer, k, site), output);
        }
        if let Some(scrap) = site.scrap.filter(|_| layer + 1 == self.layers.len()) {
            made = made.output("g0a", Output::new().yield_per_unit(scrap));
        }
        made
    }

    fn final_demand(&self, layer: usize, site: &Site, share: Leaf) -> Option<Leaf> {
        if layer + 1 == self.layers.len() { Some(share.times(DEMAND)) } else { site.final_demand }
    }

    fn lanes(
        &self,
        t: &mut Tables,
        (layer, k): (usize, usize),
        site: &Site,
        input: &Input,
        good: &str,
        makers: &[Maker],
    ) {
        // The first lane always stands, comes from a driving output and takes a share: it can fill in.
        let lanes: Vec<(&Maker, &Lane)> = makers
            .iter()
            .filter(|m| m.good == good)
            .zip(input.lanes.iter().cycle())
            .enumerate()
            .filter(|(place, (_, lane))| *place == 0 || lane.there)
            .map(|(_, lane)| lane)
            .collect();
        let own = self.final_demand(layer, site, site.output[5]);
        let agreed = |place: usize| place > 0 && lanes[place].1.agreed && own.is_some();
        let least =
            own.map_or(0.0, |f| f.low()) * input.usage.low() / site.inputs.len() as f64 / site.yields.high();
        let sharing: Vec<usize> = (0..lanes.len()).filter(|&place| !agreed(place)).collect();
        let total: f64 = sharing.iter().map(|&place| lanes[place].1.weight).sum();
        for (place, (maker, lane)) in lanes.iter().enumerate() {
            let (first, last) = (place == 0, sharing.len() > 1 && sharing.last() == Some(&place));
            let part = (lane.weight / total).min(1.0);
            let flow = |link: Link| match input.shares {
                _ if agreed(place) => link.volume_per_year(0.6 * least * lane.weight / lanes.len() as f64),
                Shares::Fixed => link.share(part),
                Shares::FixedButOne if !first => link.share(part),
                Shares::Drawn | Shares::DrawnAndFixed if last => {
                    link.share(Leaf::Between(0.1 * lane.weight, 0.1 + 0.5 * lane.weight))
                }
                Shares::DrawnAndFixed if sharing.len() > 1 => {
                    let others = total - sharing.last().map_or(0.0, |&place| lanes[place].1.weight);
                    link.share((lane.weight / others).min(1.0))
                }
                _ => link,
            };
            self::link(t, &maker.site, &id(layer, k), good, lane, flow);
        }
    }

    /// A reserve of the first good, a far maker of it without baseline trade, and two projects.
    fn extras(&self, t: &mut Tables, users: &[(String, f64)], second: &[String]) {
        if users.is_empty() {
            return;
        }
        if let Some(([amount, trigger, release, refill], refilled)) = self.reserve {
            // A trigger above the cover of any user is an error.
            let cover = users.iter().map(|u| u.1).fold(f64::INFINITY, f64::min);
            let store = Reserve::new("JP", "g0a", amount, trigger * cover)
                .release_rate(release)
                .refill_rate(if refilled { refill } else { 0.0 })
                .refill_after_days(10);
            t.reserves.insert("store".into(), store);
            for (user, _) in users {
                t.links.insert(format!("store>{user}:g0a"), Link::new(7));
            }
            if refilled {
                t.links.insert("s00>store:g0a".into(), Link::new(14));
            }
        }
        let volume = |lane: &Lane| {
            let volume = 2000.0 * lane.weight;
            move |link: Link| link.contingent_volume_per_year(volume)
        };
        let limited = |lane: &Lane| Lane { surge: lane.surge.or(Some(1.0)), ..lane.clone() };
        let mine = || scenario::Site::new("XX", Stage::SECTOR).output("g0a", Output::new());
        if let Some(lane) = &self.contingent {
            t.sites.insert("far".into(), mine().capacity_per_year(3000));
            for (user, _) in users {
                link(t, "far", user, "g0a", &limited(lane), volume(lane));
            }
        }
        if let Some(([start, build, ramp, success], after, lane)) = &self.project {
            t.sites.insert("new".into(), mine().value_added_per_unit(1e5));
            link(t, "new", &users[0].0, "g0a", &limited(lane), volume(lane));
            // A plant that lives on contingent goods alone and sells on the same terms.
            let plant = scenario::Site::new("JP", Stage::SECTOR)
                .output("g1a", Output::new())
                .input("g0a", scenario::Input::new(1.1, 3));
            t.sites.insert("plant".into(), plant);
            link(t, "s00", "plant", "g0a", &limited(lane), volume(lane));
            if let Some(user) = second.first() {
                link(t, "plant", user, "g1a", &limited(lane), volume(lane));
            }
            for site in ["new", "plant"] {
                let mut project = Project::new(site, 1500)
                    .start_days(*start)
                    .permit_days(7)
                    .build_days(*build)
                    .ramp_days(*ramp)
                    .success(*success);
                if *after && !self.controls.is_empty() {
                    project = project.after("c0");
                }
                t.projects.insert(format!("build_{site}"), project);
            }
        }
    }

    fn control(&self, k: usize, c: &Control, shocks: Shocks) -> scenario::Control {
        let list = |of: &[bool; 3]| -> Vec<&str> {
            let some: Vec<&str> = (0..3).filter(|&k| of[k]).map(|k| COUNTRIES[k]).collect();
            if some.is_empty() { vec![COUNTRIES[0]] } else { some }
        };
        let rest = shocks == Shocks::Never;
        let (onset, severity) = match rest {
            true if k.is_multiple_of(2) => (c.onset, Leaf::Known(0.0)),
            true => (self.never(), c.severity),
            false => (c.onset, c.severity),
        };
        let mut control = scenario::Control::new(list(&c.exporters), list(&c.importers))
            .onset_days(onset)
            .duration_days(c.duration)
            .leakage(c.leakage);
        if let Some(layer) = c.layer.filter(|&l| l < self.layers.len()) {
            control = control.commodities([format!("g{layer}a")]);
        }
        match c.phases {
            Some([a, b, c]) if !rest => {
                let phases = [(0.0, a), (1.0 + 50.0 * c, b), (61.5, c)];
                control.phases(phases.map(|(after, severity)| Phase::new(after, severity)))
            }
            _ => control.severity(severity),
        }
    }

    fn event(&self, k: usize, e: &Event, shocks: Shocks) -> scenario::Event {
        let all: Vec<String> = self.sites().map(|(l, k, _)| id(l, k)).collect();
        // Capacities only fall; demands and uses may rise as well.
        let (target, severity) = match e.target {
            0..3 => (Target::Capacity, e.severity),
            3 => (Target::FinalDemand, shifted(e.severity)),
            _ => (Target::Use, shifted(e.severity)),
        };
        let event = scenario::Event::new([all[e.site % all.len()].as_str()]).target(target);
        let rest = shocks == Shocks::Never;
        if let Some(series) = &e.series {
            let left: Vec<f64> = series.iter().map(|x| if rest { 1.0 } else { *x }).collect();
            return event.series(left);
        }
        let (start, severity) = match rest {
            true if k.is_multiple_of(2) => (e.start, Leaf::Known(0.0)),
            true => (self.never(), severity),
            false => (e.start, severity),
        };
        let mut event = event.start_days(start).duration_days(e.duration).severity(severity);
        // What is destroyed by nothing is rebuilt all the same.
        let acts = !rest || !k.is_multiple_of(2);
        if let Some((days, amounts)) = e.rebuilding.as_ref().filter(|_| acts && target == Target::Capacity) {
            let add = |made: Rebuilding, (site, amount): &(usize, Leaf)| {
                made.amount(all[site % all.len()].as_str(), *amount)
            };
            event = event.rebuilding(amounts.iter().fold(Rebuilding::new(*days), add));
        }
        match &e.recovery {
            Some(recovery) => event.recovery(recovery.clone()),
            None => event,
        }
    }

    /// A day that no step sees, nor the one it plans for.
    fn never(&self) -> Leaf {
        Leaf::Known(f64::from(self.horizon_days + 2 * self.step_days))
    }
}

fn market(market: &Market) -> scenario::Market {
    let [short, long] = market.elasticity;
    let mut traded = scenario::Market::new(50, market.spot_share, short, long, market.cap)
        .contract_pass_through(market.pass_through)
        .contract_delay_days(market.delay);
    traded.look_ahead_days = market.look_ahead.map(Into::into);
    traded
}

fn used(site: &Site, input: &Input, is_first: bool) -> scenario::Input {
    let parts = 1.0 / site.inputs.len() as f64;
    let used = scenario::Input::new(input.usage.times(parts), input.cover)
        .restoration_days(input.restoration)
        .cover_spread(site.firms.1)
        .throttle(input.throttle.clone());
    if site.grouped {
        let used = used.group("parts").criticality(input.criticality.times(parts));
        if site.alike && is_first { used.kind("of two makers") } else { used }
    } else {
        used.criticality(input.criticality)
    }
}

fn shifted(severity: Leaf) -> Leaf {
    let shift = |x: f64| 1.1 * x - 0.5;
    match severity {
        Leaf::Known(x) => Leaf::Known(shift(x)),
        Leaf::Between(a, b) => Leaf::Between(shift(a), shift(b)),
    }
}

pub fn id(layer: usize, k: usize) -> String {
    format!("s{layer}{k}")
}

/// The first site of a layer makes good `a`, so that somebody does.
pub fn main_good(layer: usize, k: usize, site: &Site) -> String {
    format!("g{layer}{}", if site.second && k > 0 { 'b' } else { 'a' })
}

fn joint_good(layer: usize, k: usize, site: &Site) -> String {
    format!("g{layer}{}", if site.second && k > 0 { 'a' } else { 'b' })
}

fn input_good(makers: &[Maker], layer: usize, input: &Input) -> String {
    let above = layer.saturating_sub(input.layers_up);
    let second = format!("g{above}b");
    // A by-product alone cannot be relied on.
    if input.second && makers.iter().any(|m| m.good == second && m.drives) {
        second
    } else {
        format!("g{above}a")
    }
}

fn link(t: &mut Tables, from: &str, to: &str, good: &str, lane: &Lane, flow: impl FnOnce(Link) -> Link) {
    let mut link = Link::new(lane.lead_days).priority(lane.priority);
    if let Some(surge) = lane.surge {
        link = link.surge_limit(surge);
    }
    t.links.insert(format!("{from}>{to}:{good}"), flow(link));
}
