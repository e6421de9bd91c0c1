//! Results that can be written down: a fluid queue, a serial chain, chance, and parts of a site.

use crate::chains::{Course, all_same, party_losses, same};
use crate::common::{compile, head};
use crate::parts::{Build, control, event, exponential, industry, maker, sector};
use supplyshock::Ensemble;
use supplyshock::scenario::{Control, Input, Link, Ordering, Recovery, RecoveryTime, Rules, Tables, Target};

/// Rules with a share so near to 1 that the first stop is the moment at which anything is missing.
fn at_once() -> Rules {
    Rules::new().stopped_below(0.999_999_999)
}

/// Normal quantile of a two-sided test with a false alarm in a million.
const Z: f64 = 4.8916;

/// A supplier that a control switches off and on, a buffer of `cover` days, and nothing that could catch up.
fn queue(step: u32, cover: f64, lead_days: u32, cut: Control) -> Tables {
    head(step, 560)
        .rules(at_once())
        .goods(["part", "good"])
        .site("mine", maker("CN", "part"))
        .site("plant", sector("part", cover, "good", 1.0))
        .link("mine>plant:part", Link::new(lead_days).surge_limit(1))
        .control("cut", cut)
}

/// The first stop as reported, days from the onset. Within the step of the stop activity is a mean, so
/// where supply is back before that step ends, the rest of it seems to come first.
fn reported_stop(stop: f64, lost: f64, step: u32, onset: f64) -> f64 {
    let end = ((stop / f64::from(step)).floor() + 1.0) * f64::from(step);
    if lost <= 1e-9 { f64::INFINITY } else { stop.max(end - lost) - onset }
}

#[test]
fn a_buffer_stops_after_lead_time_and_cover_and_loses_the_rest_of_the_cut() {
    let mut stops = 0;
    for step in [1, 7] {
        for cover in [0.0, 2.0, 30.0] {
            for lead_steps in [1, 3, 8] {
                for (k, onset) in [98.0, 100.3, 103.5, 106.9].into_iter().enumerate() {
                    for duration in [0.6, 20.0, 30.0, 45.7, 121.4] {
                        // Buyers that know of the control in half of the cases.
                        let cut = control(onset, duration, 1.0);
                        let mut tables = queue(step, cover, lead_steps * step, cut);
                        tables.rules.aware_of_controls = k % 2 == 0;
                        let course = Course::of(&tables);
                        let case = format!("{step} d, cover {cover}, {lead_steps} steps, {onset}+{duration}");
                        let lost = (duration - cover).max(0.0);
                        same(course.lost("plant"), lost, &case);
                        let stop = onset + f64::from(lead_steps * step) + cover;
                        let reported = reported_stop(stop, lost, step, onset);
                        if reported.is_finite() {
                            same(course.stop("plant"), reported, &case);
                            stops += usize::from(reported == stop - onset);
                        } else {
                            assert_eq!(course.stop("plant"), reported, "{case}");
                        }
                    }
                }
            }
        }
    }
    assert!(stops > 100, "the stop itself is seen in only {stops} cases");
}

#[test]
fn a_lead_time_is_rounded_to_whole_steps_and_is_at_least_one() {
    for (days, steps) in [(0, 1), (3, 1), (10, 1), (11, 2), (17, 2), (18, 3)] {
        let course = Course::of(&queue(7, 5.0, days, control(100.3, 60.0, 1.0)));
        same(course.stop("plant"), 7.0 * f64::from(steps) + 5.0, &format!("{days} days"));
    }
}

#[test]
fn along_a_serial_chain_lead_times_and_covers_add_up() {
    let covers = [5.0, 12.5, 0.0, 20.0];
    let leads = [1, 3, 2, 6];
    for step in [1, 7] {
        for (onset, duration) in [(98.0, 60.0), (103.5, 90.8), (106.9, 16.4)] {
            let mut tables = head(step, 600)
                .rules(at_once())
                .goods(["c0", "c1", "c2", "c3", "c4"])
                .site("s0", maker("CN", "c0"))
                .control("cut", control(onset, duration, 1.0));
            for k in 0..4 {
                let demand = if k == 3 { 1.0 } else { 0.0 };
                let tier = sector(&format!("c{k}"), covers[k], &format!("c{}", k + 1), demand);
                let lane = Link::new(leads[k] * step).surge_limit(1);
                tables = tables.site(format!("s{}", k + 1), tier).link(format!("s{k}>s{}:c{k}", k + 1), lane);
            }
            let course = Course::of(&tables);
            let (mut stop, mut lost) = (onset, duration);
            for k in 0..4 {
                stop += f64::from(leads[k] * step) + covers[k];
                lost = f64::max(lost - covers[k], 0.0);
                let (id, case) = (format!("s{}", k + 1), format!("{step} d, {onset}+{duration}, tier {k}"));
                same(course.lost(&id), lost, &case);
                let reported = reported_stop(stop, lost, step, onset);
                if reported.is_finite() {
                    same(course.stop(&id), reported, &case);
                } else {
                    assert_eq!(course.stop(&id), reported, "{case}");
                }
            }
        }
    }
}

#[test]
fn a_cut_of_random_length_costs_what_the_integral_says() {
    // Loss (T − cover)⁺ with T exponential: mean m·q, second moment 2m²·q, chance of none 1 − q,
    // with q = e^(−cover/m).
    let (mean, cover, trials) = (40.0, 30.0, 20_000_u16);
    let cut = control(52.6, 0.0, 1.0).duration_days(exponential(mean));
    let mut tables = queue(7, cover, 14, cut);
    tables.time.horizon_days = 1400;
    // Losses are in millions: one that is smaller than 1e-12 of GDP counts as none.
    tables.sites["plant"].value_added_per_unit = 1e6.into();
    let model = compile(&tables);
    let outcome = Ensemble::new(&model).trials(u64::from(trials)).seed(2026).run().expect("runs");
    let losses: Vec<f64> = party_losses(&outcome).iter().map(|loss| loss / 1e6).collect();
    for (trial, loss) in (0..).zip(&losses) {
        let duration = model.draw(2026, trial)[0];
        same(*loss, (duration - cover).max(0.0), &format!("trial {trial}"));
    }
    let n = f64::from(trials);
    let q = (-cover / mean).exp();
    let found = outcome.loss("JP").expect("losses");
    let sd = mean * (2.0 * q - q * q).sqrt();
    let z = (found.mean() / 1e6 - mean * q) / (sd / n.sqrt());
    assert!(z.abs() < Z, "mean {} is {z} standard errors off", found.mean());
    let z = (found.p_no_loss() - (1.0 - q)) / (q * (1.0 - q) / n).sqrt();
    assert!(z.abs() < Z, "chance of no loss {} is {z} standard errors off", found.p_no_loss());
    // Exceedance of any level, too: q·e^(−x/m).
    let p = q * (-25.0 / mean).exp();
    let z = (found.p_exceeds(25e6) - p) / (p * (1.0 - p) / n).sqrt();
    assert!(z.abs() < Z, "exceedance is {z} standard errors off");
}

/// Two commodities of China with lanes to `p` and `q`, which are cut at different times; demand and
/// capacity move as well.
fn shocks(tables: Tables, p: &str, q: &str, buyers: &[&str]) -> Tables {
    let quake = event(buyers, Target::Capacity, 150.0, 25.5, 0.4);
    tables
        .goods(["p", "q"])
        .site("p_mine", maker("CN", "p"))
        .site("p_far", maker("XX", "p"))
        .site("q_mine", maker("CN", "q").spare_capacity(0.1))
        .link(format!("p_mine>{p}:p"), Link::new(14).share(0.7))
        .link(format!("p_far>{p}:p"), Link::new(35).share(0.3).surge_limit(1.4))
        .link(format!("q_mine>{q}:q"), Link::new(7))
        .control("on_p", control(100.3, 75.0, 1.0).commodities(["p"]))
        .control("on_q", control(130.0, 90.5, 0.7).commodities(["q"]))
        .event("boom", event(buyers, Target::FinalDemand, 120.0, 61.0, -0.2))
        .event("quake", quake.recovery(Recovery::Linear(RecoveryTime::new(40))))
}

#[test]
fn a_partly_critical_site_equals_the_sum_of_its_parts() {
    let part = |share: f64| industry("car", share).spare_capacity(0.05).overtime_max(1.1);
    // Use per unit of the part is what the whole uses over the share that needs it.
    let p = |share: f64| Input::new(0.6 / share, 20);
    let q = |share: f64| Input::new(0.6 / share, 9);
    let aware = Rules::new();
    let unaware = Rules::new().aware_of_controls(false).ordering(Ordering::Ario);
    for rules in [aware, unaware] {
        let base = head(7, 700).goods(["car"]).rules(rules);
        let cars = part(1.0)
            .input("p", p(1.0).criticality(0.3).group("g"))
            .input("q", q(1.0).criticality(0.25).group("g"));
        let whole =
            Course::of(&base.clone().site("cars", cars).also(|t| shocks(t, "cars", "cars", &["cars"])));
        let parts = base
            .clone()
            .site("with_p", part(0.3).input("p", p(0.3)))
            .site("with_q", part(0.25).input("q", q(0.25)))
            .site("other", part(0.45));
        let all = ["with_p", "with_q", "other"];
        let parts = Course::of(&shocks(parts, "with_p", "with_q", &all));
        let sums: Vec<f64> = all
            .iter()
            .fold(vec![0.0; 100], |sum, id| sum.iter().zip(parts.activity(id)).map(|(s, x)| s + x).collect());
        all_same(&whole.activity("cars"), &sums, "activity");
        for commodity in ["p", "q"] {
            let part = format!("with_{commodity}");
            all_same(&whole.stock("cars", commodity), &parts.stock(&part, commodity), commodity);
        }
        // All or nothing of a part that needs both is one of its own, where the same products need them.
        let cars = part(1.0)
            .overlap(1)
            .input("p", p(1.0).criticality(0.3).group("g"))
            .input("q", q(1.0).criticality(0.25).group("g"));
        let whole =
            Course::of(&base.clone().site("cars", cars).also(|t| shocks(t, "cars", "cars", &["cars"])));
        let both = base
            .site("with_both", part(0.55).input("p", p(0.55)).input("q", q(0.55)))
            .site("other", part(0.45));
        let both = Course::of(&shocks(both, "with_both", "with_both", &["with_both", "other"]));
        let sums: Vec<f64> =
            both.activity("with_both").iter().zip(both.activity("other")).map(|(a, b)| a + b).collect();
        all_same(&whole.activity("cars"), &sums, "activity where parts overlap");
        for commodity in ["p", "q"] {
            all_same(&whole.stock("cars", commodity), &both.stock("with_both", commodity), commodity);
        }
        // The shocks bite, together and in both parts.
        for id in all {
            assert!(parts.lost(id) > 1.0, "{id} lost {}", parts.lost(id));
        }
    }
}
