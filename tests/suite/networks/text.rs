//! The scenario text of a random network.

use super::{Control, Event, Input, Lane, Leaf, Network, Shares, Site};
use crate::common::head;
use std::fmt::Write;

const COUNTRIES: [&str; 3] = ["JP", "CN", "XX"];
/// Final demand for a good of the last layer [units a year], times a leaf around 1.
const DEMAND: f64 = 10_000.0;

/// Whether the controls and events of a network come into force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shocks {
    InForce,
    /// They stand in the text with severity 0, or after the horizon. Sites without smoothing get some: an
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
    pub fn text(&self, shocks: Shocks) -> String {
        let mut out = head(self.step_days, self.horizon_days);
        let makers = self.makers();
        let last = self.layers.len() - 1;
        writeln!(out, "[rules]\ndiscount_rate_per_year = {}\n[commodities]", self.discount).unwrap();
        for layer in 0..=last {
            writeln!(out, "g{layer}a = {{ unit = \"t\" }}\ng{layer}b = {{ unit = \"t\" }}").unwrap();
        }
        let (mut links, mut users, mut second) = (String::new(), Vec::new(), Vec::new());
        for (number, (layer, k, site)) in self.sites().enumerate() {
            let id = id(layer, k);
            self.site(&mut out, number, (layer, k), site, shocks);
            if let Some((usage, lane)) = &site.own_use {
                let good = main_good(layer, k, site);
                writeln!(out, "[sites.{id}.inputs.{good}]\nuse_per_unit = {usage}\ncover_days = 5").unwrap();
                link(&mut links, &id, &id, &good, lane, "");
            }
            if let (Some((usage, lane)), 0, 0) = (&self.back_use, layer, k) {
                writeln!(out, "[sites.{id}.inputs.g{last}a]\nuse_per_unit = {usage}\ncover_days = 9")
                    .unwrap();
                link(&mut links, &self::id(last, 0), &id, &format!("g{last}a"), lane, "");
            }
            let inputs = if layer == 0 { &[][..] } else { &site.inputs[..] };
            let mut goods = Vec::new();
            for input in inputs {
                let good = input_good(&makers, layer, input);
                if goods.contains(&good) {
                    continue;
                }
                self.input(&mut out, &id, site, input, &good);
                self.lanes(&mut links, (layer, k), site, input, &good, &makers);
                if good == "g0a" {
                    users.push((id.clone(), input.cover.low()));
                } else if good == "g1a" {
                    second.push(id.clone());
                }
                goods.push(good);
            }
        }
        self.extras(&mut out, &mut links, &users, &second);
        out.push_str(&links);
        for (k, control) in self.controls.iter().enumerate() {
            self.control(&mut out, k, control, shocks);
        }
        for (k, event) in self.events.iter().enumerate() {
            self.event(&mut out, k, event, shocks);
        }
        out
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

    fn site(&self, out: &mut String, number: usize, (layer, k): (usize, usize), site: &Site, shocks: Shocks) {
        let smoothing = if shocks == Shocks::Never { site.smoothing.max(14.0) } else { site.smoothing };
        let id = id(layer, k);
        // The first three sites stand in three countries, so that each has one.
        let country = COUNTRIES[if number < 3 { number } else { site.country }];
        let [rationing, overtime, ordering, weights, aware] = site.rules;
        writeln!(
            out,
            "[sites.{id}]\ncountry = \"{country}\"\nstage = \"sector\"\nspare_capacity = {}\novertime_max = {}\n\
             overtime_days = 30\nvalue_added_per_unit = {}\nrationing = \"{rationing}\"\novertime = \"{overtime}\"\n\
             ordering = \"{ordering}\"\nweights = \"{weights}\"\naware_of_controls = {aware}\ndemand_smoothing_days = {smoothing}",
            site.spare, site.overtime, site.value_added
        )
        .unwrap();
        let [target, adjustment, room, waiting, cancelled, share] = site.output;
        let good = main_good(layer, k, site);
        writeln!(
            out,
            "[sites.{id}.outputs.{good}]\nyield_per_unit = {}\nstock_target_days = {target}\n\
             stock_adjustment_days = {adjustment}\nstorage_limit_days = {}\nwaiting_share = {waiting}\n\
             cancellation_per_week = {cancelled}",
            site.yields,
            target.high() + room.low()
        )
        .unwrap();
        if let Some(demand) = self.final_demand(layer, site, share) {
            writeln!(out, "final_demand_per_year = {demand}").unwrap();
        }
        if site.demand_with_orders {
            writeln!(out, "final_demand_class = 1").unwrap();
        }
        if let Some((yields, drives)) = site.joint {
            let role = if drives { "driving" } else { "by_product" };
            let good = joint_good(layer, k, site);
            writeln!(out, "[sites.{id}.outputs.{good}]\nyield_per_unit = {yields}\nrole = \"{role}\"")
                .unwrap();
        }
        if let Some(scrap) = site.scrap.filter(|_| layer + 1 == self.layers.len()) {
            writeln!(out, "[sites.{id}.outputs.g0a]\nyield_per_unit = {scrap}").unwrap();
        }
    }

    fn final_demand(&self, layer: usize, site: &Site, share: Leaf) -> Option<Leaf> {
        if layer + 1 == self.layers.len() { Some(share.times(DEMAND)) } else { site.final_demand }
    }

    fn input(&self, out: &mut String, id: &str, site: &Site, input: &Input, good: &str) {
        let usage = input.usage.times(1.0 / site.inputs.len() as f64);
        writeln!(
            out,
            "[sites.{id}.inputs.{good}]\nuse_per_unit = {usage}\ncover_days = {}\nrestoration_days = {}\nthrottle = {}",
            input.cover, input.restoration, input.throttle
        )
        .unwrap();
        if site.grouped {
            let part = input.criticality.times(1.0 / site.inputs.len() as f64);
            writeln!(out, "group = \"parts\"\ncriticality = {part}").unwrap();
        } else {
            writeln!(out, "criticality = {}", input.criticality).unwrap();
        }
    }

    fn lanes(
        &self,
        links: &mut String,
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
            let flow = match input.shares {
                _ if agreed(place) => {
                    format!("volume_per_year = {}", 0.6 * least * lane.weight / lanes.len() as f64)
                }
                Shares::Fixed => format!("share = {part}"),
                Shares::FixedButOne if !first => format!("share = {part}"),
                Shares::Drawn | Shares::DrawnAndFixed if last => {
                    format!("share = {}", Leaf::Between(0.1 * lane.weight, 0.1 + 0.5 * lane.weight))
                }
                Shares::DrawnAndFixed if sharing.len() > 1 => {
                    let others = total - sharing.last().map_or(0.0, |&place| lanes[place].1.weight);
                    format!("share = {}", (lane.weight / others).min(1.0))
                }
                _ => String::new(),
            };
            link(links, &maker.site, &id(layer, k), good, lane, &flow);
        }
    }

    /// A reserve of the first good, a far maker of it without baseline trade, and two projects.
    fn extras(&self, out: &mut String, links: &mut String, users: &[(String, f64)], second: &[String]) {
        if users.is_empty() {
            return;
        }
        if let Some(([amount, trigger, release, refill], refilled)) = self.reserve {
            // A trigger above the cover of any user is an error.
            let cover = users.iter().map(|u| u.1).fold(f64::INFINITY, f64::min);
            let refill = if refilled { refill } else { 0.0 };
            writeln!(
                out,
                "[reserves.store]\ncountry = \"JP\"\ncommodity = \"g0a\"\namount_days = {amount}\ntrigger_days = {}\n\
                 release_rate = {release}\nrefill_rate = {refill}\nrefill_after_days = 10",
                trigger * cover
            )
            .unwrap();
            for (user, _) in users {
                writeln!(links, "[links.\"store>{user}:g0a\"]\nlead_time_days = 7").unwrap();
            }
            if refilled {
                writeln!(links, "[links.\"s00>store:g0a\"]\nlead_time_days = 14").unwrap();
            }
        }
        let volume = |lane: &Lane| format!("contingent_volume_per_year = {}", 2000.0 * lane.weight);
        let limited = |lane: &Lane| Lane { surge: lane.surge.or(Some(1.0)), ..lane.clone() };
        let mine = |id: &str, more: &str| {
            format!("[sites.{id}]\ncountry = \"XX\"\nstage = \"sector\"\n{more}outputs.g0a = {{}}\n")
        };
        if let Some(lane) = &self.contingent {
            out.push_str(&mine("far", "capacity_per_year = 3000\n"));
            for (user, _) in users {
                link(links, "far", user, "g0a", &limited(lane), &volume(lane));
            }
        }
        if let Some(([start, build, ramp, success], after, lane)) = &self.project {
            out.push_str(&mine("new", "value_added_per_unit = 1e5\n"));
            link(links, "new", &users[0].0, "g0a", &limited(lane), &volume(lane));
            // A plant that lives on contingent goods alone and sells on the same terms.
            writeln!(
                out,
                "[sites.plant]\ncountry = \"JP\"\nstage = \"sector\"\noutputs.g1a = {{}}\n\
                 inputs.g0a = {{ use_per_unit = 1.1, cover_days = 3 }}"
            )
            .unwrap();
            link(links, "s00", "plant", "g0a", &limited(lane), &volume(lane));
            if let Some(user) = second.first() {
                link(links, "plant", user, "g1a", &limited(lane), &volume(lane));
            }
            let trigger = if *after && !self.controls.is_empty() { "after = \"c0\"\n" } else { "" };
            for site in ["new", "plant"] {
                writeln!(
                    out,
                    "[projects.build_{site}]\nsite = \"{site}\"\n{trigger}start_days = {start}\npermit_days = 7\n\
                     build_days = {build}\nramp_days = {ramp}\nsuccess = {success}\ncapacity_per_year = 1500"
                )
                .unwrap();
            }
        }
    }

    fn control(&self, out: &mut String, k: usize, c: &Control, shocks: Shocks) {
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
        writeln!(
            out,
            "[controls.c{k}]\nexporters = {:?}\nimporters = {:?}\nonset_days = {onset}\nduration_days = {}\nleakage = {}",
            list(&c.exporters), list(&c.importers), c.duration, c.leakage
        )
        .unwrap();
        if let Some(layer) = c.layer.filter(|&l| l < self.layers.len()) {
            writeln!(out, "commodities = [\"g{layer}a\"]").unwrap();
        }
        match c.phases {
            Some([a, b, c]) if !rest => writeln!(
                out,
                "phases = [{{ after_days = 0, severity = {a} }}, {{ after_days = {}, severity = {b} }}, {{ after_days = 61.5, severity = {c} }}]",
                1.0 + 50.0 * c
            ),
            _ => writeln!(out, "severity = {severity}"),
        }
        .unwrap();
    }

    fn event(&self, out: &mut String, k: usize, e: &Event, shocks: Shocks) {
        let all: Vec<String> = self.sites().map(|(l, k, _)| id(l, k)).collect();
        // Capacities only fall; demands and uses may rise as well.
        let (target, severity) = match e.target {
            0..3 => ("capacity", e.severity),
            3 => ("final_demand", shifted(e.severity)),
            _ => ("use", shifted(e.severity)),
        };
        writeln!(out, "[events.e{k}]\nsites = [\"{}\"]\ntarget = \"{target}\"", all[e.site % all.len()])
            .unwrap();
        let rest = shocks == Shocks::Never;
        if let Some(series) = &e.series {
            let left: Vec<f64> = series.iter().map(|x| if rest { 1.0 } else { *x }).collect();
            writeln!(out, "series = {left:?}").unwrap();
            return;
        }
        let (start, severity) = match rest {
            true if k.is_multiple_of(2) => (e.start, Leaf::Known(0.0)),
            true => (self.never(), severity),
            false => (e.start, severity),
        };
        writeln!(out, "start_days = {start}\nduration_days = {}\nseverity = {severity}", e.duration).unwrap();
        if !e.recovery.is_empty() {
            writeln!(out, "recovery = {{ {} = {{ days = 20 }} }}", e.recovery).unwrap();
        }
    }

    /// A day that no step sees, nor the one it plans for.
    fn never(&self) -> Leaf {
        Leaf::Known(f64::from(self.horizon_days + 2 * self.step_days))
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

fn link(links: &mut String, from: &str, to: &str, good: &str, lane: &Lane, flow: &str) {
    writeln!(
        links,
        "[links.\"{from}>{to}:{good}\"]\nlead_time_days = {}\npriority = {}",
        lane.lead_days, lane.priority
    )
    .unwrap();
    if let Some(surge) = lane.surge {
        writeln!(links, "surge_limit = {surge}").unwrap();
    }
    writeln!(links, "{flow}").unwrap();
}
