//! One trial in the plainest Rust: the specification step by step, one number at a time.
//!
//! It shares with the block engine the preparation before the loop and the closed forms of the
//! multipliers, and nothing of the loop itself. Tests hold the two to the same bits; benches measure
//! the gain of blocks.

mod given;
mod money;
mod orders;
mod prices;
mod supply;

use super::Model;
use super::phases::while_open;
use super::prepare::Prepared;
use super::{TRIAL_LIMIT, baseline_error};
use crate::Error;
use crate::network::{
    ExposureIx, IndexVec, InputIx, LaneIx, MarketIx, OutputIx, PartyIx, ReserveIx, SiteIx, Span, TaskIx,
};
use crate::schedule::conditions::Conditions;
use crate::schedule::timetable::Timetable;
use given::Given;
use money::Money;
use std::collections::VecDeque;

/// A trial under way. Vectors are by site, input, output or lane; names follow the equations.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trial<'a> {
    m: &'a Model,
    given: Given,
    timetable: Timetable<1>,
    conditions: Conditions<1>,
    t: usize,
    alpha: IndexVec<SiteIx, f64>,
    x_expected: IndexVec<SiteIx, f64>,
    x_possible: IndexVec<SiteIx, f64>,
    x: IndexVec<SiteIx, f64>,
    /// `A K`.
    capacity: IndexVec<SiteIx, f64>,
    limiting: IndexVec<SiteIx, Option<InputIx>>,
    need: IndexVec<SiteIx, f64>,
    stock: IndexVec<InputIx, f64>,
    transit: IndexVec<InputIx, f64>,
    reserve_transit: IndexVec<InputIx, f64>,
    lambda: IndexVec<InputIx, f64>,
    used: IndexVec<InputIx, f64>,
    usage: IndexVec<InputIx, f64>,
    /// Use before thrift.
    full_usage: IndexVec<InputIx, f64>,
    /// Orders for this step without restocking.
    asked: IndexVec<InputIx, f64>,
    /// The share of use that thrift leaves in this step, and the share of the need that is to be had.
    thrift: IndexVec<MarketIx, f64>,
    availability: IndexVec<MarketIx, f64>,
    /// The price that contracts have followed to.
    followed: IndexVec<MarketIx, f64>,
    /// Extra bills so far, by party [money].
    bill: IndexVec<PartyIx, f64>,
    held: IndexVec<OutputIx, f64>,
    backlog: IndexVec<OutputIx, f64>,
    /// `Q`: amounts left to rebuild.
    unbuilt: IndexVec<TaskIx, f64>,
    demand: IndexVec<OutputIx, f64>,
    final_demand: IndexVec<OutputIx, f64>,
    order: IndexVec<LaneIx, f64>,
    passing: IndexVec<LaneIx, f64>,
    sent: IndexVec<LaneIx, f64>,
    weight: IndexVec<LaneIx, f64>,
    /// Goods under way, oldest first.
    under_way: IndexVec<LaneIx, VecDeque<f64>>,
    idle: IndexVec<ReserveIx, f64>,
    /// Value added lost so far [money].
    lost: IndexVec<SiteIx, f64>,
    /// Of that, to a material of the chain or to the site's own outage.
    direct: IndexVec<SiteIx, f64>,
    money: Money,
    discount: f64,
}

/// The activity of a site in a step, in units of its main output.
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
        p.prepare(model, seed, trial, 0..1).map_err(|faulty| baseline_error(model, seed, trial, faulty))?;
        let (given, timetable) = (Given::new(model, &p), p.view().timetable.clone());
        let mut conditions = Conditions::new(model);
        conditions.reset(&timetable, model.step_days);
        let (sites, inputs) = (model.sites.len(), model.inputs.len());
        let (outputs, lanes, markets) = (model.outputs.len(), model.lanes.len(), model.markets.len());
        let x = given.activity.clone();
        let mut new = Trial {
            m: model,
            conditions,
            t: 0,
            alpha: IndexVec::filled(1.0, sites),
            x_expected: x.clone(),
            x_possible: x.clone(),
            x,
            capacity: given.capacity.clone(),
            limiting: IndexVec::filled(None, sites),
            need: IndexVec::filled(0.0, sites),
            stock: IndexVec::filled(0.0, inputs),
            transit: IndexVec::filled(0.0, inputs),
            reserve_transit: IndexVec::filled(0.0, inputs),
            lambda: given.pipeline.clone(),
            used: IndexVec::filled(0.0, inputs),
            usage: given.usage.clone(),
            full_usage: given.usage.clone(),
            asked: IndexVec::filled(0.0, inputs),
            thrift: IndexVec::filled(1.0, markets),
            availability: IndexVec::filled(1.0, markets),
            followed: IndexVec::filled(1.0, markets),
            bill: IndexVec::filled(0.0, model.parties.len()),
            held: given.stock_goal.clone(),
            backlog: IndexVec::filled(0.0, outputs),
            unbuilt: model.tasks.iter().map(|task| given.value(task.amount)).collect(),
            demand: IndexVec::filled(0.0, outputs),
            final_demand: given.final_demand.clone(),
            order: IndexVec::filled(0.0, lanes),
            passing: IndexVec::filled(0.0, lanes),
            sent: IndexVec::filled(0.0, lanes),
            weight: IndexVec::filled(1.0, lanes),
            under_way: IndexVec::with_capacity(lanes),
            idle: IndexVec::filled(f64::MAX, model.reserves.len()),
            lost: IndexVec::filled(0.0, sites),
            direct: IndexVec::filled(0.0, sites),
            money: Money::new(model, &given, &timetable),
            discount: given.discount[0],
            given,
            timetable,
        };
        for (i, input) in model.inputs.pairs() {
            let per_step = new.usage[i] * new.x[input.site];
            new.stock[i] = (new.stock_target(i) - 1.0) * per_step;
            new.used[i] = per_step;
            new.asked[i] = per_step;
            for e in input.lanes {
                let flow = if e < input.contingent { new.given.volume[e] } else { 0.0 };
                new.order[e] = flow;
                let lead = new.lead(e);
                new.under_way.push(std::iter::repeat_n(flow, lead).collect());
                new.transit[i] += lead as f64 * flow;
            }
        }
        Ok(new)
    }

    /// Value added lost so far, by site [money].
    #[must_use]
    pub fn lost(&self) -> &[f64] {
        &self.lost
    }

    /// The part of the losses that a missing material of the chain or the site's own outage took \[money\].
    #[must_use]
    pub fn lost_directly(&self) -> &[f64] {
        &self.direct
    }

    /// The activity of each site in the last step, reserves left out.
    pub fn activities(&self) -> impl Iterator<Item = Activity<'_>> {
        self.m.active.into_iter().map(|n| {
            let site = &self.m.sites[n];
            let main = site.outputs.start;
            let yields = self.yields(main);
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
        for n in self.m.active {
            self.production(n);
        }
        for o in self.m.outputs.numbers() {
            self.rationing(o);
        }
        self.dispatch();
        self.accounts();
        for n in self.m.active {
            self.orders(n);
        }
        for r in self.m.reserves.numbers() {
            self.refill(r);
        }
        self.t += 1;
        true
    }

    fn conditions(&mut self) {
        for (number, tasks) in self.m.rebuildings.pairs() {
            let mut left: f64 = 0.0;
            for &task in tasks {
                let all = self.value(self.m.tasks[task].amount);
                left = left.max(if all > 0.0 { self.unbuilt[task] / all } else { 0.0 });
            }
            self.conditions.unbuilt[number] = [left];
        }
        self.conditions.advance(self.m, &self.timetable, self.t);
        let left = &self.conditions.left;
        for (n, site) in self.m.sites.pairs() {
            self.capacity[n] = self.given.capacity[n] * left[site.exposure][0];
        }
        for (i, input) in self.m.inputs.pairs() {
            self.usage[i] = self.given.usage[i] * left[input.exposure][0];
        }
        for (o, output) in self.m.outputs.pairs() {
            self.final_demand[o] = self.given.final_demand[o] * left[output.exposure][0];
        }
    }

    fn arrivals(&mut self) {
        for (i, input) in self.m.inputs.pairs() {
            let mut arrived = 0.0;
            for e in input.lanes {
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
        for (e, lane) in self.m.lanes.pairs() {
            let order = self.order[e];
            let passage = &self.m.passages[lane.passage];
            let aware = self.m.sites[self.m.inputs[lane.input].site].aware;
            self.passing[e] = if aware || passage.controls.is_empty() {
                order
            } else {
                let opening = passage.opening.map(|opening| &self.conditions.now[opening]);
                let (c, p) = while_open(&self.conditions.now[lane.passage], opening, 0);
                (1.0 - c) * order + (c * order).min(p * self.given.volume[e])
            };
        }
        for (o, output) in self.m.outputs.pairs() {
            let orders = &self.m.served[output.served()];
            let total = orders.iter().fold(0.0, |sum, &e| sum + self.passing[e]);
            self.demand[o] = total + self.wanted(o);
        }
    }

    /// Puts the goods that are sent on their way.
    fn dispatch(&mut self) {
        for (e, sent) in self.sent.pairs() {
            self.under_way[e].push_back(*sent);
        }
        for (i, input) in self.m.inputs.pairs() {
            self.transit[i] += input.lanes.into_iter().fold(0.0, |sum, e| sum + self.sent[e]);
            for e in Span::new(input.reserve, input.lanes.end) {
                self.reserve_transit[i] += self.sent[e];
            }
        }
    }

    fn accounts(&mut self) {
        for n in self.m.active {
            self.lost[n] +=
                self.discount * (self.given.value_added[n] * (self.given.activity[n] - self.x[n]));
        }
        for n in self.m.active {
            let site = &self.m.sites[n];
            let (capacity, possible, x) = (self.given.capacity[n], self.x_possible[n], self.x[n]);
            let value = self.discount * self.given.value_added[n];
            if site.exposure != ExposureIx::NONE {
                self.direct[n] += value * ((self.alpha[n] * capacity).min(self.need[n]) - possible);
            }
            if self.limiting[n].is_some_and(|i| self.m.material[self.m.inputs[i].commodity]) {
                self.direct[n] += value * (possible - x);
            }
        }
        self.prices();
        self.answers();
        self.payments();
        self.discount *= self.given.discount[1];
    }
}

/// `x`, or 0 where it is no more than the rounding of sums of size `scale`.
fn unless_noise(x: f64, scale: f64) -> f64 {
    if x <= 1e-12 * scale { 0.0 } else { x }
}

/// The same for numbers that may be negative.
fn unless_small(x: f64, scale: f64) -> f64 {
    if x.abs() <= 1e-12 * scale { 0.0 } else { x }
}
