//! Phases 4 to 6 for one trial: production, use and rationing.

use super::{Trial, unless_noise, unless_small};
use crate::network::{InputIx, Ix, OutputIx, SiteIx, TaskIx};
use crate::scenario::{Overtime, Rationing};

/// The shares of a firm's activity that its inputs let through.
struct Passes {
    /// `ℓ` by group.
    groups: Vec<f64>,
    /// `ρ` by group.
    scarcest: Vec<f64>,
    /// `Γ` by group.
    hangs: Vec<f64>,
    /// `r_k` and `Γ_k` by kind.
    kinds: Vec<f64>,
    of_kind: Vec<f64>,
    /// The lowest `ℓ`.
    lowest: f64,
}

impl Trial<'_> {
    pub(super) fn production(&mut self, n: SiteIx) {
        let site = &self.m.sites[n];
        let mut need: f64 = 0.0;
        for o in site.outputs.into_iter().filter(|&o| self.m.outputs[o].driving) {
            let goal = self.given.stock_goal[o];
            let restock = unless_small(goal - self.held[o], goal) * self.adjustment(o);
            let wanted = unless_noise(self.demand[o] + restock, self.demand[o] + self.held[o]);
            need = need.max(wanted / self.yields(o));
        }
        let (alpha, alpha_max, gain) = (self.alpha[n], self.overtime_max(n), self.overtime_gain(n));
        self.alpha[n] = match site.overtime {
            Overtime::Smooth => {
                let ratio = if self.capacity[n] == 0.0 { 1.0 } else { need / self.capacity[n] };
                alpha + (ratio.max(1.0).min(alpha_max) - alpha) * gain
            }
            Overtime::Ario => {
                let mut zeta = if need == 0.0 { 0.0 } else { (need - self.x[n]) / need };
                if zeta.abs() <= 1e-9 {
                    zeta = 0.0;
                }
                let pull = if zeta == 0.0 { 1.0 - alpha } else { (alpha_max - alpha) * zeta };
                (alpha + pull * gain).max(1.0)
            }
        };
        let possible = (self.alpha[n] * self.capacity[n]).min(need);
        self.x_possible[n] = possible;
        self.need[n] = need;
        self.consume(n, possible);
        for o in site.outputs {
            self.held[o] += self.yields(o) * self.x[n];
        }
    }

    /// The activity that stocks allow, which uses them: each firm makes as much of its part as its own stocks and the common
    /// ones let through.
    fn consume(&mut self, n: SiteIx, possible: f64) {
        let site = &self.m.sites[n];
        let inputs = site.inputs;
        let mut ratios = Vec::new();
        for i in inputs {
            let required = self.throttle(i) * (self.usage[i] * possible);
            let enough = self.stock[i] >= required * (1.0 - 2e-12);
            ratios.push(if enough { 1.0 } else { self.stock[i] / required });
        }
        let firms: Vec<Passes> = (0..site.firms).map(|firm| self.passes(n, firm, &ratios)).collect();
        let count = f64::from(site.firms);
        let share = firms.iter().fold(0.0, |sum, firm| sum + firm.lowest) / count;
        self.x[n] = possible * share;
        self.limiting[n] = None;
        let (mut largest, mut cut) = (0.0, 0.0);
        for (i, ratio) in inputs.into_iter().zip(&ratios) {
            let input = &self.m.inputs[i];
            let own = input.own.map(|own| own.firm.number);
            let users = || firms.iter().zip(0..).filter(|(_, firm)| own.is_none_or(|own| own == *firm));
            let mut usable = 0.0;
            // Rows of one input in several firms stand together, and count together.
            if own.is_none_or(|firm| firm == 0) {
                cut = 0.0;
            }
            for (firm, _) in users() {
                cut += self.cut(n, i, *ratio, firm);
                usable += self.usable(n, i, *ratio, firm);
            }
            let first = i.at() - own.unwrap_or(0) as usize;
            if share < 1.0 - 1e-12 && cut > largest && own.is_none_or(|own| own + 1 == site.firms) {
                largest = cut;
                self.limiting[n] = Some(InputIx::new(first));
            }
            let share = if own.is_some() { usable } else { usable / count };
            self.used[i] = self.stock[i].min(self.usage[i] * possible * share);
            self.stock[i] -= self.used[i];
        }
    }

    /// The share of activity that each group of inputs lets through at a firm, given the share of each input that is there.
    fn passes(&self, n: SiteIx, firm: u32, ratios: &[f64]) -> Passes {
        let site = &self.m.sites[n];
        let overlap = self.overlap(n);
        let mut made = Passes {
            groups: vec![1.0; site.groups],
            scarcest: vec![1.0; site.groups],
            hangs: vec![0.0; site.groups],
            kinds: vec![1.0; site.kinds],
            of_kind: vec![0.0; site.kinds],
            lowest: 1.0,
        };
        let mut missing = vec![0.0; site.kinds];
        let used = site.inputs.into_iter().zip(ratios).filter(|(i, _)| {
            let own = self.m.inputs[*i].own;
            own.is_none_or(|own| own.firm.number == firm)
        });
        for (i, ratio) in used.clone() {
            let (criticality, group, kind) = self.part(i);
            made.groups[group] -= (1.0 - overlap) * criticality * (1.0 - ratio);
            made.hangs[group] += criticality;
            missing[kind] += criticality * (1.0 - ratio);
            made.of_kind[kind] += criticality;
        }
        for (i, _) in used {
            let (_, group, kind) = self.part(i);
            if made.of_kind[kind] > 0.0 {
                made.kinds[kind] = f64::max(1.0 - missing[kind] / made.of_kind[kind], 0.0);
            }
            made.scarcest[group] = f64::min(made.scarcest[group], made.kinds[kind]);
        }
        for (group, pass) in made.groups.iter_mut().enumerate() {
            *pass = f64::max(*pass - overlap * made.hangs[group] * (1.0 - made.scarcest[group]), 0.0);
            made.lowest = made.lowest.min(*pass);
        }
        made
    }

    /// `γ` of an input, its group and its kind.
    fn part(&self, i: InputIx) -> (f64, usize, usize) {
        let input = &self.m.inputs[i];
        (self.criticality(i), input.group.at(), input.kind.at())
    }

    /// The part of a firm's activity that an input cuts, if its group lets the least through.
    fn cut(&self, n: SiteIx, i: InputIx, ratio: f64, firm: &Passes) -> f64 {
        let overlap = self.overlap(n);
        let (criticality, group, kind) = self.part(i);
        let mut cut = (1.0 - overlap) * criticality * (1.0 - ratio);
        if firm.of_kind[kind] > 0.0 && firm.kinds[kind] == firm.scarcest[group] {
            cut += overlap * firm.hangs[group] * criticality * (1.0 - ratio) / firm.of_kind[kind];
        }
        if firm.groups[group] == firm.lowest { cut } else { 0.0 }
    }

    /// The share of its full use of an input that a firm can use.
    fn usable(&self, n: SiteIx, i: InputIx, ratio: f64, firm: &Passes) -> f64 {
        let (_, group, kind) = self.part(i);
        let others = firm.groups.iter().enumerate().filter(|(h, _)| *h != group);
        let others = others.fold(1.0, |low, (_, l)| f64::min(low, *l));
        let built = if firm.kinds[kind] > 0.0 { firm.scarcest[group] / firm.kinds[kind] } else { 0.0 };
        let needed = ratio - self.overlap(n) * (ratio - ratio * built);
        needed.min(others)
    }

    /// `F + B + R`.
    pub(super) fn wanted(&self, o: OutputIx) -> f64 {
        self.final_demand[o] + self.backlog[o] + self.rebuilding(o)
    }

    /// `R`: the demand of rebuilding.
    fn rebuilding(&self, o: OutputIx) -> f64 {
        self.m.outputs[o].tasks.into_iter().fold(0.0, |sum, task| sum + self.asked_to_rebuild(task))
    }

    /// `Q min(1, Δ/τ)`, in the part of the step since the onset.
    fn asked_to_rebuild(&self, task: TaskIx) -> f64 {
        let plan = &self.m.tasks[task];
        let begun = self.conditions.begun[plan.rebuilding][0];
        self.unbuilt[task] * (begun * self.gain(plan.days))
    }

    pub(super) fn rationing(&mut self, o: OutputIx) {
        let output = &self.m.outputs[o];
        let is_reserve = !self.m.active.contains(output.site);
        let available = if is_reserve { self.held[o].min(self.given.release[o]) } else { self.held[o] };
        let mut left = available;
        for tier in &output.tiers {
            let lanes = &self.m.served[tier.served];
            let waiting = if tier.final_demand { self.wanted(o) } else { 0.0 };
            let usual = self.given.final_demand[o] + self.rebuilding(o);
            let wanted = lanes.iter().fold(0.0, |sum, &e| sum + self.passing[e]) + waiting;
            let (sent, phi_final): (Vec<f64>, f64) = match self.m.sites[output.site].rationing {
                Rationing::Proportional => {
                    let phi = if wanted > left { left / wanted } else { 1.0 };
                    left = (left - phi * wanted).max(0.0);
                    (lanes.iter().map(|&e| self.passing[e] * phi).collect(), phi)
                }
                Rationing::WaterFilling if left >= wanted => {
                    let sent: Vec<f64> = lanes.iter().map(|&e| self.passing[e]).collect();
                    left = sent.iter().fold(left, |left, q| (left - q).max(0.0));
                    left = (left - waiting).max(0.0);
                    (sent, 1.0)
                }
                Rationing::WaterFilling => {
                    let mut customers: Vec<(f64, f64)> =
                        lanes.iter().map(|&e| (self.passing[e], self.given.volume[e])).collect();
                    if tier.final_demand {
                        customers.push((waiting, usual));
                    }
                    let level = water_level(&customers, left);
                    let sent: Vec<f64> =
                        lanes.iter().map(|&e| self.passing[e].min(level * self.given.volume[e])).collect();
                    left = sent.iter().fold(left, |left, q| (left - q).max(0.0));
                    let got = waiting.min(level * usual).min(left);
                    left = (left - got).max(0.0);
                    (sent, if waiting > got { got / waiting } else { 1.0 })
                }
            };
            for (&e, &q) in lanes.iter().zip(&sent) {
                self.sent[e] = q;
            }
            if tier.final_demand {
                let (fresh, kept) = (self.final_demand[o], self.patience(o) * self.backlog[o]);
                self.backlog[o] = (kept + self.waiting(o) * fresh) * (1.0 - phi_final);
                for task in output.tasks {
                    let left = self.unbuilt[task] - phi_final * self.asked_to_rebuild(task);
                    self.unbuilt[task] = unless_noise(left, self.value(self.m.tasks[task].amount));
                }
            }
        }
        self.held[o] = if is_reserve { (self.held[o] - (available - left)).max(0.0) } else { left };
        self.held[o] -= (self.held[o] - self.given.storage[o]).max(0.0);
    }
}

/// The level `λ` with `Σ min(order, λ volume) = left`, where `left` is less than all orders.
fn water_level(customers: &[(f64, f64)], left: f64) -> f64 {
    let mut level = 0.0;
    loop {
        let full = |&&(order, volume): &&(f64, f64)| order <= level * volume;
        let filled = customers.iter().fold(0.0, |sum, c| sum + if full(&c) { c.0 } else { 0.0 });
        let volume = customers.iter().fold(0.0, |sum, c| sum + if full(&c) { 0.0 } else { c.1 });
        let next = if volume > 0.0 { f64::max(left - filled, 0.0) / volume } else { level };
        if next <= level {
            return level;
        }
        level = next;
    }
}
