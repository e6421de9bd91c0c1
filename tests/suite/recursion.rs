//! One plant that makes one unit a step, written out as a recursion of a few lines, with tempting rules to
//! put in place of those that were chosen. With the chosen ones it is the engine's step.

use crate::chains::Course;
use crate::common::head;
use crate::parts::{A_DAY, Build, control, industry, maker};
use supplyshock::scenario::{Input, Link, Rules};

/// What is done otherwise than in the model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rule {
    Chosen,
    /// Passage as a share of what is ordered.
    ShareOfOrders,
    /// Limits for an aware buyer, and the quota again at the supplier.
    ThinnedTwice,
    /// Shares and limits from the passage of the last step; what is barred does not pass all the same.
    LastPassage,
    /// No limit on a lane until it is closed for a whole step.
    OpenWhileClosing,
    /// A pipeline target at the lead times of the baseline.
    BaselinePipeline,
    /// A pipeline target over planned shares only.
    PlannedPipeline,
    /// Every lane has the same weight, with baseline volume or without.
    EqualWeights,
}

/// A lane to the plant.
#[derive(Clone, Copy)]
pub struct Lane {
    /// Share of the baseline; 0 for a contingent lane.
    pub flow: f64,
    /// Nominal volume of a contingent lane.
    pub nominal: f64,
    /// Lead time in steps.
    pub lead: usize,
    /// Whether it comes from the country that cuts.
    pub cut: bool,
}

/// A plant with its lanes; times in weeks, which are the steps.
pub struct Plant<'a> {
    pub lanes: &'a [Lane],
    pub cover: f64,
    pub restoration: f64,
    pub aware: bool,
    pub onset: f64,
    pub duration: f64,
    pub severity: f64,
}

const STEPS: usize = 150;

impl Plant<'_> {
    /// `c` and `p` of a lane in step `t`.
    fn passage(&self, lane: &Lane, t: usize) -> (f64, f64) {
        let (from, until) = (t as f64, t as f64 + 1.0);
        let covered = (until.min(self.onset + self.duration) - from.max(self.onset)).max(0.0);
        if lane.cut && self.severity > 0.0 { (covered, covered * (1.0 - self.severity)) } else { (0.0, 0.0) }
    }

    /// Activity, step by step.
    pub fn recursion(&self, rule: Rule) -> Vec<f64> {
        let (restore, smooth) = ((1.0 / self.restoration).min(1.0), 0.25);
        let far = |flows: &mut dyn Iterator<Item = f64>| -> Option<f64> {
            let flows: Vec<f64> = flows.collect();
            let total: f64 = flows.iter().sum();
            let sum: f64 = flows.iter().zip(self.lanes).map(|(f, lane)| f * (lane.lead - 1) as f64).sum();
            (total > 0.0).then(|| sum / total)
        };
        let mut stock = self.cover;
        let mut pipeline = far(&mut self.lanes.iter().map(|l| l.flow)).expect("a flow");
        let mut orders: Vec<f64> = self.lanes.iter().map(|l| l.flow).collect();
        let mut sent: Vec<Vec<f64>> = self.lanes.iter().map(|l| vec![l.flow; l.lead]).collect();
        let mut activity = Vec::new();
        for t in 0..STEPS {
            let mut transit = 0.0;
            for ((lane, sent), order) in self.lanes.iter().zip(&mut sent).zip(&orders) {
                stock += sent[t];
                let (c, p) = self.passage(lane, t);
                let usual = lane.flow.max(lane.nominal);
                let quota = (1.0 - c) * order + (c * order).min(p * usual);
                sent.push(match rule {
                    Rule::ShareOfOrders => (1.0 - c + p) * order,
                    Rule::ThinnedTwice | Rule::LastPassage => quota,
                    _ if self.aware => *order,
                    _ => quota,
                });
                transit += sent[t + 1..].iter().sum::<f64>();
            }
            let made = stock.min(1.0);
            stock -= made;
            activity.push(made);

            // Orders of the next step. Expected use is 1, as demand never moves.
            let seen = if rule == Rule::LastPassage { t } else { t + 1 };
            let known = |lane: &Lane| if self.aware { self.passage(lane, seen) } else { (0.0, 0.0) };
            let want = (1.0 + (self.cover + 1.0 + pipeline - stock - transit) * restore).max(0.0);
            let weight = |lane: &Lane| {
                let (c, p) = known(lane);
                let usual = if rule == Rule::EqualWeights { 1.0 } else { lane.flow };
                usual * (1.0 - c + p)
            };
            let total: f64 = self.lanes.iter().map(weight).sum();
            let share = |lane: &Lane| if total > 0.0 { weight(lane) / total } else { 0.0 };
            let limit = |lane: &Lane| {
                let (c, p) = known(lane);
                let free = c == 0.0 || rule == Rule::OpenWhileClosing && c < 1.0;
                match lane.nominal {
                    nominal if nominal > 0.0 && rule != Rule::EqualWeights => nominal * (1.0 - c + p),
                    _ if free => f64::INFINITY,
                    _ => (1.0 - c) * want + p * lane.flow,
                }
            };
            let first: Vec<f64> = self.lanes.iter().map(|l| (want * share(l)).min(limit(l))).collect();
            let rest = (want - first.iter().sum::<f64>()).max(0.0);
            let endless = |lane: &Lane| limit(lane) == f64::INFINITY;
            let open: f64 = self.lanes.iter().filter(|l| endless(l)).map(share).sum();
            let room = |(lane, first): (&Lane, &f64)| {
                if endless(lane) || (share(lane) == 0.0 && lane.nominal == 0.0) {
                    0.0
                } else {
                    limit(lane) - first
                }
            };
            let rooms: f64 = self.lanes.iter().zip(&first).map(room).sum();
            orders = (self.lanes.iter().zip(&first))
                .map(|(lane, first)| match (open > 0.0, endless(lane)) {
                    (true, true) => first + rest * share(lane) / open,
                    (true, false) => *first,
                    (false, _) if rooms > rest => first + room((lane, first)) * rest / rooms,
                    (false, _) => first + room((lane, first)),
                })
                .collect();
            let lags = match rule {
                Rule::BaselinePipeline => None,
                Rule::PlannedPipeline => far(&mut self.lanes.iter().map(share)),
                _ => far(&mut orders.iter().copied()),
            };
            pipeline += lags.map_or(0.0, |lags| (lags - pipeline) * smooth);
        }
        activity
    }

    /// The same in the engine.
    pub fn engine(&self) -> Course {
        let part = Input::new(1, 7.0 * self.cover).restoration_days(7.0 * self.restoration);
        let mut tables = head(7, 7 * STEPS as u32)
            .rules(Rules::new().aware_of_controls(self.aware))
            .goods(["part", "good"]);
        for (k, lane) in self.lanes.iter().enumerate() {
            let country = if lane.cut { "CN" } else { "XX" };
            let link = Link::new(7 * lane.lead as u32);
            let link = match lane.nominal {
                nominal if nominal > 0.0 => link.contingent_volume_per_year(nominal * A_DAY / 7.0),
                _ => link.share(lane.flow),
            };
            tables = tables
                .site(format!("s{k}"), maker(country, "part").capacity_per_year(9999))
                .link(format!("s{k}>plant:part"), link);
        }
        tables = tables.site("plant", industry("good", 1.0 / 7.0).input("part", part));
        if self.lanes.iter().any(|lane| lane.cut) {
            let cut = control(7.0 * self.onset, 7.0 * self.duration, self.severity);
            tables = tables.control("cut", cut);
        }
        Course::of(&tables)
    }
}
