//! One trial by itself, looked at after every step.

use super::model::Model;
use super::phases::asked_to_rebuild;
use super::prepare::PreparedView;
use super::state::Live;
use super::{Block, Phase, TRIAL_LIMIT, baseline_error, threads};
use crate::Error;
use crate::network::{Ix, Network};
use ndarray::Array2;
use std::sync::Arc;

/// The course of every site in every step of one trial. Reserves are no sites here; their stocks are left out.
///
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// let model = supplyshock::Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// let trial = model.trial(2026, 3)?;
/// let (steps, sites) = trial.activity.dim();
/// assert_eq!((steps, sites), (model.steps(), trial.sites.len()));
/// // Nothing is lost before anything happens, and something is lost at last.
/// assert!(trial.loss.row(0).sum().abs() < 1.0 && trial.loss.sum() > 1e9);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trace {
    /// Ids of the sites: the second axis of all that is by site.
    pub sites: Vec<String>,
    /// Site and commodity of each input, by their ids: the second axis of the stocks.
    pub inputs: Vec<[String; 2]>,
    /// Activity by step and site, in units of the site's main output a step.
    pub activity: Array2<f64>,
    /// The activity that the site could have had with enough of every input, overtime included, by step and site, in the same
    /// units.
    pub capacity: Array2<f64>,
    /// Demand for the main output by step and site, in units a step: orders, final demand, waiting final demand, and what is asked
    /// for to rebuild.
    pub demand: Array2<f64>,
    /// The input that limits a site most, as its number on the axis of inputs, by step and site; `None` where none does.
    pub limiting: Array2<Option<usize>>,
    /// Stock after the step, by step and input, in units of its commodity.
    pub stock: Array2<f64>,
    /// Value added lost in the step, by step and site, discounted to day 0, in the scenario's money; negative where a site
    /// catches up.
    pub loss: Array2<f64>,
}

impl Trace {
    fn new(m: &Network) -> Self {
        let by_site = || Array2::zeros((m.steps, m.active.len()));
        let inputs = m.inputs.iter();
        Trace {
            sites: m.sites[m.active].iter().map(|site| site.id.clone()).collect(),
            inputs: inputs
                .map(|input| [m.sites[input.site].id.clone(), m.commodities[input.commodity].clone()])
                .collect(),
            activity: by_site(),
            capacity: by_site(),
            demand: by_site(),
            limiting: Array2::from_elem((m.steps, m.active.len()), None),
            stock: Array2::zeros((m.steps, m.inputs.len())),
            loss: by_site(),
        }
    }

    /// Commodity that limits a site most in a step, by its id; `None` where no input does, or there is no such step or site.
    #[must_use]
    pub fn limiting_input(&self, step: usize, site: usize) -> Option<&str> {
        let input = self.limiting.get([step, site]).copied().flatten()?;
        self.inputs.get(input).map(|[_, commodity]| commodity.as_str())
    }

    /// Notes the demand in step `t`, before sites serve any of it.
    fn ask(&mut self, m: &Network, p: &PreparedView<'_, 1>, s: &Live<'_, 1>, t: usize) {
        for (asked, site) in self.demand.row_mut(t).iter_mut().zip(&m.sites[m.active]) {
            let o = site.outputs.start;
            let served = &p.plan.served[m.outputs[o].served()];
            let orders = served.iter().fold(0.0, |sum, flow| sum + s.flows.flow[*flow][0]);
            let waiting = s.conditioned.final_demand[o][0] + s.supplied.backlog[o][0];
            *asked = orders + (waiting + asked_to_rebuild(p, s, m.outputs[o].tasks));
        }
    }

    /// Notes activities and stocks, before anything else arrives.
    fn note(&mut self, m: &Network, p: &PreparedView<'_, 1>, s: &Live<'_, 1>, discount: f64, t: usize) {
        let (supplied, facts) = (&s.supplied, &p.facts);
        for n in m.active {
            let (at, site) = ([t, n.at()], &m.sites[n]);
            let yields = p.yields(site.outputs.start)[0];
            self.activity[at] = supplied.actual[n][0] * yields;
            self.capacity[at] = supplied.overtime[n][0] * s.conditioned.capacity[n][0] * yields;
            let limiting = supplied.limiting[n][0];
            self.limiting[at] = (limiting >= 0.0).then(|| site.inputs.start.at() + limiting as usize);
            self.loss[at] =
                discount * (facts.value_added[n][0] * (facts.activity[n][0] - supplied.actual[n][0]));
        }
        for (stock, now) in self.stock.row_mut(t).iter_mut().zip(s.stocks.stock.read().iter()) {
            *stock = now[0];
        }
    }
}

impl Model {
    /// Runs one trial and keeps the course of every site, step by step: the same to the bit as in any run.
    ///
    /// # Errors
    /// [`Error::Baseline`] when its drawn facts have no balanced baseline, [`Error::Trials`] for a number that no run can
    /// reach, [`Error::Threads`] when threads cannot be started.
    pub fn trial(&self, seed: u64, trial: u64) -> Result<Trace, Error> {
        if trial >= TRIAL_LIMIT {
            return Err(Error::Trials { first: trial, count: 1, limit: TRIAL_LIMIT });
        }
        threads::start()?;
        let mut block = Block::<1>::new(self);
        block.walk_every_step();
        // In a run the limiting input of few sites is told.
        let plan = Arc::make_mut(&mut block.prepared.plan);
        plan.rows.sites.iter_mut().for_each(|site| site.followed = true);
        block.prepare(self, seed, trial, 0..1).map_err(|faulty| baseline_error(self, seed, trial, faulty))?;
        let [mut discount, by_step] = block.prepared.view().discount.map(|row| row[0]);
        let (mut trace, mut t) = (Trace::new(self), 0);
        block.walk(
            self,
            |_, _| {},
            |phase, p, s| match phase {
                Phase::Conditions => trace.ask(self, p, s, t),
                Phase::Supply => {
                    trace.note(self, p, s, discount, t);
                    discount *= by_step;
                    t += 1;
                }
                Phase::Begin | Phase::Book | Phase::Orders => {}
            },
        );
        Ok(trace)
    }
}
