//! Phases 4 and 5: need and overtime, production and use.

use super::{beyond, fed};
use crate::engine::prepare::Prepared;
use crate::engine::state::State;
use crate::engine::state::overtime;
use crate::model::Model;

/// Phases 4 and 5: need and overtime, then production and use.
#[inline(always)]
pub(crate) fn production<const B: usize>(m: &Model, p: &Prepared<B>, s: &mut State<B>) {
    for (n, site) in m.sites.iter().enumerate().take(m.active) {
        let mut need = [0.0; B];
        for o in site.outputs.clone() {
            if m.outputs[o].driving {
                let (demand, goal, held, gain, yields) =
                    (&s.demand[o], &p.stock_goal[o], &s.held[o], &p.adjustment[o], &p.yields[o]);
                for k in 0..B {
                    let wanted = beyond(demand[k] + (goal[k] - held[k]) * gain[k], demand[k] + held[k]);
                    need[k] = f64::max(need[k], wanted / yields[k]);
                }
            }
        }
        let (alpha, capacity, previous) = (&mut s.overtime[n], &s.capacity[n], &s.actual[n]);
        let (ceiling, gain) = (&p.overtime_max[n], &p.overtime_gain[n]);
        s.need[n] = need;
        let possible = &mut s.possible[n];
        for k in 0..B {
            alpha[k] =
                overtime(site.overtime, alpha[k], ceiling[k], gain[k], need[k], capacity[k], previous[k]);
            possible[k] = f64::min(alpha[k] * capacity[k], need[k]);
        }
        // ℓ by group: what the inputs of the group let through.
        let groups = &mut s.scratch[..site.groups];
        groups.fill([1.0; B]);
        let ratios = &mut s.ratios[..site.inputs.len()];
        for (i, ratio) in site.inputs.clone().zip(ratios.iter_mut()) {
            let group = &mut groups[m.inputs[i].group];
            let (stock, usage, throttle, gamma) =
                (&s.stock[i], &s.usage[i], &p.throttle[i], &p.criticality[i]);
            for k in 0..B {
                ratio[k] = fed(stock[k], throttle[k] * (usage[k] * possible[k]));
                group[k] -= gamma[k] * (1.0 - ratio[k]);
            }
        }
        // The two lowest: an input is used as far as the other groups allow.
        let (mut lowest, mut second) = ([1.0; B], [1.0; B]);
        for group in groups.iter_mut() {
            for k in 0..B {
                group[k] = f64::max(group[k], 0.0);
                second[k] = f64::min(second[k], f64::max(lowest[k], group[k]));
                lowest[k] = f64::min(lowest[k], group[k]);
            }
        }
        let actual = &mut s.actual[n];
        for k in 0..B {
            actual[k] = possible[k] * lowest[k];
        }
        if site.followed {
            // The limiting input: the largest cut in the lowest group.
            let limiting = &mut s.limiting[n];
            let mut largest = [0.0; B];
            *limiting = [-1.0; B];
            for (number, i) in site.inputs.clone().enumerate() {
                let (group, ratio, gamma) = (&groups[m.inputs[i].group], &ratios[number], &p.criticality[i]);
                for k in 0..B {
                    let cut = gamma[k] * (1.0 - ratio[k]);
                    let limits = lowest[k] < 1.0 && group[k] == lowest[k] && cut > largest[k];
                    largest[k] = if limits { cut } else { largest[k] };
                    limiting[k] = if limits { number as f64 } else { limiting[k] };
                }
            }
        }
        for (i, ratio) in site.inputs.clone().zip(ratios.iter()) {
            let group = &groups[m.inputs[i].group];
            let (stock, used, usage) = (&mut s.stock[i], &mut s.used[i], &s.usage[i]);
            for k in 0..B {
                let wanted = usage[k] * possible[k];
                let others = if group[k] > lowest[k] { lowest[k] } else { second[k] };
                used[k] = f64::min(stock[k], wanted * f64::min(ratio[k], others));
                stock[k] -= used[k];
            }
        }
        for o in site.outputs.clone() {
            let (held, yields) = (&mut s.held[o], &p.yields[o]);
            for k in 0..B {
                held[k] += yields[k] * actual[k];
            }
        }
    }
}
