//! One trial in the plainest Rust: the specification step by step, one number at a time.
//!
//! It shares with the block engine what is set up before the loop and the closed forms of the
//! multipliers, and nothing of the loop itself. Tests hold the two to the same bits; benches measure
//! what the blocks gain.

mod money;
mod orders;
mod thrift;

use super::Model;
use super::prepare::Prepared;
use super::{Fault, TRIAL_LIMIT, baseline_error};
use crate::Error;
use crate::scenario::{Overtime, Rationing};
use crate::schedule::conditions::Conditions;
use money::Money;

/// A trial under way. Vectors are by site, input, output or lane; names follow the equations.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trial<'a> {
    m: &'a Model,
    p: Prepared<1>,
    conditions: Conditions<1>,
    t: usize,
    alpha: Vec<f64>,
    x_expected: Vec<f64>,
    x_possible: Vec<f64>,
    x: Vec<f64>,
    /// `A K` by site.
    capacity: Vec<f64>,
    limiting: Vec<Option<usize>>,
    stock: Vec<f64>,
    transit: Vec<f64>,
    reserve_transit: Vec<f64>,
    lambda: Vec<f64>,
    used: Vec<f64>,
    usage: Vec<f64>,
    /// Use before thrift.
    full_usage: Vec<f64>,
    /// What was ordered for this step without restocking.
    asked: Vec<f64>,
    /// By market: what thrift leaves of use in this step, and how much of the need is to be had.
    thrift: Vec<f64>,
    availability: Vec<f64>,
    held: Vec<f64>,
    backlog: Vec<f64>,
    demand: Vec<f64>,
    final_demand: Vec<f64>,
    order: Vec<f64>,
    passing: Vec<f64>,
    sent: Vec<f64>,
    weight: Vec<f64>,
    /// What is under way on each lane, oldest first.
    under_way: Vec<std::collections::VecDeque<f64>>,
    idle: Vec<f64>,
    /// Value added lost so far, by site [JPY].
    lost: Vec<f64>,
    /// Of that, to a material of the chain or to the site's own outage.
    direct: Vec<f64>,
    need: Vec<f64>,
    money: Money,
    discount: f64,
}

/// What a site does in a step, in units of its main output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activity<'a> {
    /// Id of the site.
    pub site: &'a str,
    /// Activity.
    pub activity: f64,
    /// Most it could have done with all inputs, overtime included.
    pub capacity: f64,
    /// Demand for its main output.
    pub demand: f64,
    /// Commodity that limits it, if any.
    pub limiting_input: Option<&'a str>,
}

impl<'a> Trial<'a> {
    /// Prepares one trial.
    ///
    /// # Errors
    /// [`Error::Baseline`] when its drawn facts have no balanced baseline, [`Error::Trials`] for a number
    /// that no run can reach.
    pub fn new(model: &'a Model, seed: u64, trial: u64) -> Result<Self, Error> {
        if trial >= TRIAL_LIMIT {
            return Err(Error::Trials { first: trial, count: 1, limit: TRIAL_LIMIT });
        }
        let mut p = Prepared::<1>::new(model);
        p.prepare(model, seed, trial, 0..1)
            .map_err(|fault: Fault| baseline_error(model, seed, trial, fault))?;
        let column = |rows: &[[f64; 1]]| -> Vec<f64> { rows.iter().map(|r| r[0]).collect() };
        let zero = |n: usize| vec![0.0; n];
        let x = column(&p.activity);
        let mut conditions = Conditions::new(model);
        conditions.reset(&p.timetable, model.step_days);
        let mut new = Trial {
            m: model,
            conditions,
            t: 0,
            alpha: vec![1.0; model.sites.len()],
            x_expected: x.clone(),
            x_possible: x.clone(),
            x,
            capacity: column(&p.capacity),
            limiting: vec![None; model.sites.len()],
            stock: zero(model.inputs.len()),
            transit: zero(model.inputs.len()),
            reserve_transit: zero(model.inputs.len()),
            lambda: column(&p.pipeline),
            used: zero(model.inputs.len()),
            usage: column(&p.usage),
            full_usage: column(&p.usage),
            asked: zero(model.inputs.len()),
            thrift: vec![1.0; model.markets.len()],
            availability: vec![1.0; model.markets.len()],
            held: column(&p.stock_goal),
            backlog: zero(model.outputs.len()),
            demand: zero(model.outputs.len()),
            final_demand: column(&p.final_demand),
            order: zero(model.lanes.len()),
            passing: zero(model.lanes.len()),
            sent: zero(model.lanes.len()),
            weight: vec![1.0; model.lanes.len()],
            under_way: Vec::new(),
            idle: vec![f64::MAX; model.reserves.len()],
            lost: zero(model.sites.len()),
            direct: zero(model.sites.len()),
            need: zero(model.sites.len()),
            money: Money::new(model, &p),
            discount: p.discount[0][0],
            p,
        };
        for (i, input) in model.inputs.iter().enumerate() {
            let per_step = new.usage[i] * new.x[input.site];
            new.stock[i] = (new.p.stock_target(i)[0] - 1.0) * per_step;
            new.used[i] = per_step;
            new.asked[i] = per_step;
            for e in input.lanes.clone() {
                let flow = if e < input.contingent { new.p.volume[e][0] } else { 0.0 };
                new.order[e] = flow;
                let lead = model.lanes[e].lead;
                new.under_way.push(std::iter::repeat_n(flow, lead).collect());
                new.transit[i] += lead as f64 * flow;
            }
        }
        Ok(new)
    }

    /// Value added lost so far, by site [JPY].
    #[must_use]
    pub fn lost(&self) -> &[f64] {
        &self.lost
    }

    /// Of what was lost, the part that a missing material of the chain or the site's own outage took \[JPY\].
    #[must_use]
    pub fn lost_directly(&self) -> &[f64] {
        &self.direct
    }

    /// What each site did in the last step, reserves left out.
    pub fn activities(&self) -> impl Iterator<Item = Activity<'_>> {
        self.m.sites.iter().enumerate().take(self.m.active).map(|(n, site)| {
            let main = site.outputs.start;
            let yields = self.p.yields(main)[0];
            Activity {
                site: &site.id,
                activity: self.x[n] * yields,
                capacity: self.alpha[n] * self.capacity[n] * yields,
                demand: self.demand[main],
                limiting_input: self.limiting[n]
                    .map(|i| self.m.commodities[self.m.inputs[i].commodity].as_str()),
            }
        })
    }

    /// Site, commodity and stock of every input after the last step.
    pub fn stocks(&self) -> impl Iterator<Item = (&str, &str, f64)> {
        self.m.inputs.iter().zip(&self.stock).map(|(input, stock)| {
            (self.m.sites[input.site].id.as_str(), self.m.commodities[input.commodity].as_str(), *stock)
        })
    }

    /// Runs to the horizon.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Runs one step; `false` when the horizon is reached.
    pub fn step(&mut self) -> bool {
        if self.t == self.m.steps {
            return false;
        }
        self.conditions();
        self.save();
        self.arrivals();
        self.demand();
        for n in 0..self.m.active {
            self.production(n);
        }
        for o in 0..self.m.outputs.len() {
            self.rationing(o);
        }
        self.dispatch();
        self.accounts();
        self.prices();
        for n in 0..self.m.active {
            self.orders(n);
        }
        for r in 0..self.m.reserves.len() {
            self.refill(r);
        }
        self.t += 1;
        true
    }

    fn conditions(&mut self) {
        self.conditions.advance(self.m, &self.p.timetable, self.t);
        let left = |events: &[u32], base: f64, rows: &[[f64; 1]]| {
            events.iter().fold(base, |x, &v| x * rows[v as usize][0])
        };
        for (n, site) in self.m.sites.iter().enumerate() {
            self.capacity[n] = left(&site.events, self.p.capacity[n][0], &self.conditions.left);
            if let Some(project) = site.project {
                self.capacity[n] *= self.conditions.ramp[project as usize][0];
            }
        }
        for (i, input) in self.m.inputs.iter().enumerate() {
            self.usage[i] = left(&input.events, self.p.usage[i][0], &self.conditions.left);
        }
        for (o, output) in self.m.outputs.iter().enumerate() {
            self.final_demand[o] = left(&output.events, self.p.final_demand[o][0], &self.conditions.left);
        }
    }

    fn arrivals(&mut self) {
        for (i, input) in self.m.inputs.iter().enumerate() {
            let mut arrived = 0.0;
            for e in input.lanes.clone() {
                let shipped = self.under_way[e].pop_front().unwrap_or(0.0);
                arrived += shipped;
                if e >= input.reserve {
                    self.reserve_transit[i] = (self.reserve_transit[i] - shipped).max(0.0);
                }
            }
            self.stock[i] += arrived;
            self.transit[i] = (self.transit[i] - arrived).max(0.0);
        }
        for reserve in &self.m.reserves {
            if let Some(i) = reserve.refill {
                self.held[self.m.sites[reserve.site].outputs.start] += self.stock[i];
                self.stock[i] = 0.0;
            }
        }
    }

    fn demand(&mut self) {
        for (e, lane) in self.m.lanes.iter().enumerate() {
            let order = self.order[e];
            let aware = self.m.sites[self.m.inputs[lane.input].site].aware;
            let known = aware || self.m.passages[lane.passage].open.is_some();
            self.passing[e] = if known || lane.passage == 0 {
                order
            } else {
                let now = &self.conditions.now[lane.passage];
                let c = now.covered[0];
                (1.0 - c) * order + (c * order).min(now.passed[0] * self.p.volume[e][0])
            };
        }
        for (o, output) in self.m.outputs.iter().enumerate() {
            let orders = &self.m.served[output.served()];
            let total = orders.iter().fold(0.0, |sum, &e| sum + self.passing[e as usize]);
            self.demand[o] = total + (self.final_demand[o] + self.backlog[o]);
        }
    }

    fn production(&mut self, n: usize) {
        let site = &self.m.sites[n];
        let mut need: f64 = 0.0;
        for o in site.outputs.clone().filter(|&o| self.m.outputs[o].driving) {
            let goal = self.p.stock_goal[o][0];
            let restock = unless_small(goal - self.held[o], goal) * self.p.adjustment(o)[0];
            let wanted = unless_noise(self.demand[o] + restock, self.demand[o] + self.held[o]);
            need = need.max(wanted / self.p.yields(o)[0]);
        }
        let (alpha, alpha_max, gain) = (self.alpha[n], self.p.overtime_max(n)[0], self.p.overtime_gain(n)[0]);
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

        let mut passes = vec![1.0; site.groups];
        let mut ratios = Vec::new();
        for i in site.inputs.clone() {
            let required = self.p.throttle(i)[0] * (self.usage[i] * possible);
            let ratio = if required == 0.0 { 1.0 } else { (self.stock[i] / required).min(1.0) };
            passes[self.m.inputs[i].group] -= self.p.criticality(i)[0] * (1.0 - ratio);
            ratios.push(ratio);
        }
        for pass in &mut passes {
            *pass = f64::max(*pass, 0.0);
        }
        let lowest = passes.iter().copied().fold(1.0, f64::min);
        self.x[n] = possible * lowest;
        self.limiting[n] = None;
        let mut largest = 0.0;
        for (i, ratio) in site.inputs.clone().zip(&ratios) {
            let group = self.m.inputs[i].group;
            let cut = self.p.criticality(i)[0] * (1.0 - ratio);
            if lowest < 1.0 && passes[group] == lowest && cut > largest {
                largest = cut;
                self.limiting[n] = Some(i);
            }
            let others =
                passes.iter().enumerate().filter(|(h, _)| *h != group).map(|(_, l)| *l).fold(1.0, f64::min);
            self.used[i] = self.stock[i].min(self.usage[i] * possible * ratio.min(others));
            self.stock[i] -= self.used[i];
        }
        for o in site.outputs.clone() {
            self.held[o] += self.p.yields(o)[0] * self.x[n];
        }
    }

    fn rationing(&mut self, o: usize) {
        let output = &self.m.outputs[o];
        let is_reserve = output.site >= self.m.active;
        let available = if is_reserve { self.held[o].min(self.p.release[o][0]) } else { self.held[o] };
        let mut left = available;
        for tier in &output.tiers {
            let lanes: Vec<usize> = self.m.served[tier.served.clone()].iter().map(|&e| e as usize).collect();
            let waiting = if tier.final_demand { self.final_demand[o] + self.backlog[o] } else { 0.0 };
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
                        lanes.iter().map(|&e| (self.passing[e], self.p.volume[e][0])).collect();
                    if tier.final_demand {
                        customers.push((waiting, self.p.final_demand[o][0]));
                    }
                    let level = water_level(&customers, left);
                    let sent: Vec<f64> =
                        lanes.iter().map(|&e| self.passing[e].min(level * self.p.volume[e][0])).collect();
                    left = sent.iter().fold(left, |left, q| (left - q).max(0.0));
                    let got = waiting.min(level * self.p.final_demand[o][0]).min(left);
                    left = (left - got).max(0.0);
                    (sent, if waiting > got { got / waiting } else { 1.0 })
                }
            };
            for (&e, &q) in lanes.iter().zip(&sent) {
                self.sent[e] = q;
            }
            if tier.final_demand {
                let (fresh, kept) = (self.final_demand[o], self.p.patience(o)[0] * self.backlog[o]);
                self.backlog[o] = (kept + self.p.waiting(o)[0] * fresh) * (1.0 - phi_final);
            }
        }
        self.held[o] = if is_reserve { (self.held[o] - (available - left)).max(0.0) } else { left };
        self.held[o] -= (self.held[o] - self.p.storage[o][0]).max(0.0);
    }

    /// What is sent is on its way.
    fn dispatch(&mut self) {
        for (e, sent) in self.sent.iter().enumerate() {
            self.under_way[e].push_back(*sent);
        }
        for (i, input) in self.m.inputs.iter().enumerate() {
            self.transit[i] += input.lanes.clone().fold(0.0, |sum, e| sum + self.sent[e]);
            for e in input.reserve..input.lanes.end {
                self.reserve_transit[i] += self.sent[e];
            }
        }
    }

    fn accounts(&mut self) {
        for n in 0..self.m.active {
            self.lost[n] += self.discount * (self.p.value_added[n][0] * (self.p.activity[n][0] - self.x[n]));
        }
        for (n, site) in self.m.sites.iter().enumerate().take(self.m.active) {
            let (capacity, possible, x) = (self.p.capacity[n][0], self.x_possible[n], self.x[n]);
            let value = self.discount * self.p.value_added[n][0];
            if !site.events.is_empty() || site.project.is_some() {
                self.direct[n] += value * ((self.alpha[n] * capacity).min(self.need[n]) - possible);
            }
            if self.limiting[n].is_some_and(|i| self.m.material[self.m.inputs[i].commodity]) {
                self.direct[n] += value * (possible - x);
            }
        }
        self.answers();
        self.payments();
        self.discount *= self.p.discount[1][0];
    }
}

/// `x`, or 0 where it is no more than the rounding of sums of size `scale`.
fn unless_noise(x: f64, scale: f64) -> f64 {
    if x <= 1e-12 * scale { 0.0 } else { x }
}

/// The same for what may be negative.
fn unless_small(x: f64, scale: f64) -> f64 {
    if x.abs() <= 1e-12 * scale { 0.0 } else { x }
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
