//! Which numbers of a block stand in which column.

use super::labels::Labels;
use super::subject::Component;
use super::tables::{Table, Tables};
use crate::network::{Ix, Param, PartyIx, SiteIx};
use crate::schedule::rows::value;
use crate::step::{Block, Ledger, Model};
use ndarray::{ArrayViewMut1, ArrayViewMut2};
use std::ops::Range;

/// How the tables of a run are filled from the accounts of its blocks.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// By party, by stage and by kept site: the places among the valued sites of those that it adds up.
    parties: Vec<Vec<usize>>,
    stages: Vec<Vec<usize>>,
    sites: Vec<Vec<usize>>,
    /// Places of the sectors among the valued sites.
    pub(super) sectors: Vec<Option<usize>>,
    /// GDP of the parties of which it is drawn.
    gdp: Vec<Param>,
    pub(super) widths: Tables<usize>,
}

impl Layout {
    pub(super) fn new(model: &Model, labels: &Labels) -> Self {
        let valued = &labels.valued;
        let of = |keep: &dyn Fn(SiteIx) -> bool| -> Vec<usize> {
            valued.iter().enumerate().filter(|(_, n)| keep(SiteIx::new(**n))).map(|(k, _)| k).collect()
        };
        let gdp: Vec<Param> =
            model.parties.iter().map(|p| p.gdp).filter(|gdp| gdp.as_known().is_none()).collect();
        Layout {
            parties: model
                .parties
                .numbers()
                .into_iter()
                .map(|q| of(&|n| model.sites[n].party == q))
                .collect(),
            stages: labels
                .stages
                .iter()
                .map(|(q, stage)| {
                    of(&|n| model.sites[n].party.at() == *q && model.sites[n].stage.as_str() == stage)
                })
                .collect(),
            sites: labels.kept_sites.iter().map(|s| valued.binary_search(s).into_iter().collect()).collect(),
            sectors: model.sectors().map(|s| valued.binary_search(&s.at()).ok()).collect(),
            widths: labels.widths(),
            gdp,
        }
    }

    /// Writes what the trials `within` a block yielded into rows of tables, one a trial.
    pub(super) fn write<const B: usize>(
        &self,
        block: &Block<B>,
        within: &Range<usize>,
        to: &mut Tables<ArrayViewMut2<'_, f64>>,
    ) {
        let (ledger, draws) = (&block.ledger, block.draws());
        let copy = |row: &[f64; B], to: ArrayViewMut1<'_, f64>| {
            to.into_iter().zip(&row[within.clone()]).for_each(|(x, y)| *x = *y);
        };
        self.write_losses(ledger, within, &mut to[Table::Losses]);
        for (output, direct, all) in [
            (Table::StageOutput, Table::StageDirect, &self.stages),
            (Table::SiteOutput, Table::SiteDirect, &self.sites),
        ] {
            for (j, members) in all.iter().enumerate() {
                copy(&sum(&ledger.lost, members), to[output].column_mut(j));
                copy(&sum(&ledger.direct, members), to[direct].column_mut(j));
            }
        }
        for (table, rows) in [
            (Table::FirstLine, &ledger.first_line),
            (Table::FirstStop, &ledger.first_stop),
            (Table::StoppedDays, &ledger.stopped_days),
            (Table::Recovery, &ledger.recovery),
        ] {
            to[table].columns_mut().into_iter().zip(rows).for_each(|(to, row)| copy(row, to));
        }
        for to in to[Table::Insurer].columns_mut() {
            copy(&ledger.payments.insurer, to);
        }
        for (to, gdp) in to[Table::Gdp].columns_mut().into_iter().zip(&self.gdp) {
            copy(&value(*gdp, draws), to);
        }
        to[Table::Draws].columns_mut().into_iter().zip(draws.iter()).for_each(|(to, row)| copy(row, to));
    }

    /// Writes all components of the losses of all parties.
    fn write_losses<const B: usize>(
        &self,
        ledger: &Ledger<B>,
        within: &Range<usize>,
        to: &mut ArrayViewMut2<'_, f64>,
    ) {
        for (column, members) in self.parties.iter().enumerate() {
            let q = PartyIx::new(column);
            let (output, direct) = (sum(&ledger.lost, members), sum(&ledger.direct, members));
            let (price, response) = (&ledger.trade.bill[q], &ledger.response.cost[q]);
            let contracts = &ledger.payments.contracts[q];
            let (forgone, elsewhere) = (&ledger.trade.forgone[q], &ledger.trade.elsewhere[q]);
            let work = &ledger.work[q];
            for component in Component::ALL {
                let of = |k: usize| match component {
                    Component::Total => output[k] + price[k] + response[k] + contracts[k],
                    Component::Output => output[k],
                    Component::OutputDirect => direct[k],
                    Component::OutputIndirect => output[k] - direct[k],
                    Component::Price => price[k],
                    Component::Response => response[k],
                    Component::Contracts => contracts[k],
                    Component::SalesForgone => forgone[k],
                    Component::SalesElsewhere => elsewhere[k],
                    Component::PersonYears => work[k],
                };
                let to = to.column_mut(loss_column(column, component));
                to.into_iter().zip(within.clone()).for_each(|(x, k)| *x = of(k));
            }
        }
    }
}

/// Column of a component of a party's loss in the table of losses.
pub(super) fn loss_column(party: usize, component: Component) -> usize {
    party * Component::COUNT + component as usize
}

/// The sum of some rows, in their order; of none it is −0, as sums of the standard library are.
fn sum<const B: usize>(rows: &[[f64; B]], members: &[usize]) -> [f64; B] {
    let mut sum = [-0.0; B];
    for &v in members {
        sum.iter_mut().zip(&rows[v]).for_each(|(sum, x)| *sum += x);
    }
    sum
}
