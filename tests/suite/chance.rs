//! Networks drawn at random with all that unfolds by chance in them, and what holds for each.

use crate::common::compile;
use crate::networks::{Network, Shocks, check, network};
use crate::small::Folder;
use proptest::prelude::*;
use std::cell::Cell;
use supplyshock::run::Subject;
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Outcome, Scenario};
use toml::{Table, Value};

const SEED: u64 = 5;

/// The text of a network under shocks, with features that `dice` choose.
fn text(network: &Network, dice: &[f64]) -> String {
    let mut dice = dice.iter().copied();
    let mut roll = || dice.next().expect("dice enough");
    let mut t: Table = network.text(Shocks::InForce).parse().expect("TOML");
    let sites: Vec<String> = t["sites"].as_table().expect("sites").keys().cloned().collect();
    let site = |u: f64| sites[(u * sites.len() as f64) as usize].clone();
    let range = |mean: f64| format!("{{ uniform = {{ low = {}, high = {} }} }}", 0.3 * mean, 1.7 * mean);
    let (a, b) = (site(roll()), site(roll()));
    let mut more = format!(
        "[regimes.r]\nstart = \"s0\"\nstates.s0 = {{ holding_days = {}, next = {{ s1 = 1, s2 = 2 }} }}\n\
         states.s1 = {{ holding_days = {}, next = {{ s0 = 1, s2 = {} }} }}\nstates.s2 = {{ holding_days = 20, next.s0 = 1 }}\n\
         [outages.o]\nsites = {:?}\nup_days = {}\ndown_days = {}\nseverity = {}\n",
        range(40.0 * roll() + 5.0),
        range(30.0),
        range(1.0),
        if a == b { vec![a] } else { vec![a, b] },
        range(60.0 * roll() + 5.0),
        range(20.0),
        range(0.5),
    );
    if roll() < 0.5 {
        more += "recovery.exponential.days = 30\n";
    }
    let all = "exporters = [\"JP\", \"CN\", \"XX\"]\nimporters = [\"JP\", \"CN\", \"XX\"]\n";
    more += &format!(
        "[controls.base]\n{all}onset_days = {}\nduration_days = {}\nseverity = {}\n\
         [controls.state]\n{all}during = {{ regime = \"r\", states = [\"s1\"] }}\nseverity = 0.7\nleakage = 0.1\n\
         [controls.third]\nexporters = [\"XX\"]\nimporters = [\"JP\", \"CN\"]\nafter = \"round\"\nonset_days = 3.5\nduration_days = 80\n\
         [reexports.round]\ncontrol = \"base\"\nvia = \"XX\"\nsetup_days = {}\ndelay_days = 16\nvolume_share = {}\ndiscovery_per_year = 5\n\
         [events.grown]\nsites = [{:?}]\nafter = \"base\"\nstart_days = 4\nduration_days = 50\nseverity = 0.6\ngrowth_days = {}\n\
         recovery.linear.days = 20\n[events.state]\nsites = [{:?}]\nseverity = 0.5\ngrowth_days = 9\n\
         during = {{ regime = \"r\", states = [\"s1\", \"s2\"] }}\nrecovery.logistic.days = 15\n",
        range(40.0),
        range(100.0),
        range(0.55),
        range(15.0),
        range(0.3),
        site(roll()),
        range(30.0),
        site(roll()),
    );
    let licensed = roll() < 0.6;
    if licensed {
        more += &format!(
            "[controls.base.licences]\ncivil = {{ monthly_chance = 0.3, monthly_growth = 0.1, processing_days = {} }}\n\
             military = {{ monthly_chance = 0.2, quota = 0.5 }}\n",
            range(20.0)
        );
    }
    for (section, entries) in more.parse::<Table>().expect("TOML") {
        let Value::Table(entries) = entries else { panic!("a section") };
        let to = t.entry(section).or_insert_with(|| Value::Table(Table::new()));
        to.as_table_mut().expect("a section").extend(entries);
    }
    let reserved = |id: &str| id.contains("store");
    for (id, link) in t["links"].as_table_mut().expect("links").iter_mut() {
        let link = link.as_table_mut().expect("a link");
        let add = if reserved(id) {
            "military_share = 0.1".to_owned()
        } else if link.contains_key("contingent_volume_per_year") {
            format!("after = \"base\"\nqualification_days = {}", range(25.0))
        } else {
            format!(
                "military_share = 0.3\ncontract = {{ term_share = {}, contracts = 3, remaining_days = {}, suspended = 0.2, \
                 reviewed = 0.3, review_days = {} }}",
                range(0.5),
                range(60.0),
                range(20.0)
            )
        };
        // Not on all links, whatever they are.
        if id.len() % 3 != 0 || reserved(id) {
            link.extend(add.parse::<Table>().expect("TOML"));
        }
    }
    if let Some(store) = t.get_mut("reserves").and_then(|r| r.get_mut("store")).and_then(Value::as_table_mut)
    {
        let lines = "opens_after_days = 11.5\nduring = { regime = \"r\", states = [\"s0\", \"s1\"] }\n";
        store.extend(lines.parse::<Table>().expect("TOML"));
    }
    t.to_string()
}

fn networks() -> impl Strategy<Value = (Network, Vec<f64>)> {
    (network(), prop::collection::vec(0.0..1.0, 12))
}

fn run(model: &Model, trials: std::ops::Range<u64>, threads: usize) -> Outcome {
    Ensemble::new(model).range(trials).seed(SEED).threads(threads).run().expect("runs")
}

#[test]
fn blocks_and_the_reference_agree_to_the_bit_and_mass_is_conserved() {
    let varied = Cell::new(0);
    check(64, 21, &networks(), |(network, dice)| {
        let model = compile(&text(&network, &dice));
        let outcome = run(&model, 0..70, 1);
        prop_assert!(outcome.mass_balance_residual() < 1e-9, "{}", outcome.mass_balance_residual());
        for trial in [0, 1, 31, 32, 63, 64, 69] {
            let mut run = Trial::new(&model, SEED, trial).expect("a baseline");
            while run.step() {
                for (site, commodity, stock) in run.stocks() {
                    prop_assert!(stock >= 0.0 && stock.is_finite(), "{stock} of {commodity} at {site}");
                }
            }
            for (place, site) in model.sites().enumerate() {
                let loss = run.lost()[place] + 0.0;
                let Ok(block) = outcome.values(&Subject::Sector(site.into())) else { continue };
                let block = block[trial as usize] + 0.0;
                prop_assert!(loss.to_bits() == block.to_bits(), "{site}, trial {trial}: {loss} and {block}");
            }
        }
        let loss = outcome.loss("JP").expect("the party");
        varied.set(varied.get() + u32::from(loss.std_dev() > 1e-6 * loss.mean().abs()));
        Ok(())
    });
    assert!(varied.get() >= 60, "only {} networks had any luck", varied.get());
}

#[test]
fn threads_and_parts_do_not_change_a_digest() {
    check(24, 22, &(networks(), 1_u64..70), |((network, dice), cut)| {
        let model = compile(&text(&network, &dice));
        let whole = run(&model, 0..70, 1);
        prop_assert_eq!(run(&model, 0..70, 3).digest(), whole.digest());
        let merged = run(&model, cut..70, 2).merge(run(&model, 0..cut, 1)).expect("they fit");
        prop_assert_eq!(merged.digest(), whole.digest());
        Ok(())
    });
}

#[test]
fn an_overlay_moves_no_luck_but_that_of_what_it_changes() {
    let files = ["contracts", "licences", "reexports", "regimes", "outages", "waiting"];
    for name in files {
        let base = std::fs::canonicalize(format!("../scenarios/mechanism_{name}.toml")).expect("it is there");
        let base = base.to_str().expect("a path");
        // A mine, a plant and a sector more, first of all ids, with an outage and a regime; nobody buys of them.
        let over = format!(
            "extends = {base:?}\n[parties.aland]\ngdp_per_year = 1e12\n[commodities]\naa = {{ unit = \"t\" }}\nab = {{ unit = \"t\" }}\n\
             [sites.aa]\ncountry = \"aland\"\nstage = \"mine\"\noutputs.aa = {{}}\n\
             [sites.ab]\ncountry = \"aland\"\nstage = \"sector\"\ninputs.aa = {{ use_per_unit = 1, cover_days = 0 }}\n\
             outputs.ab.final_demand_per_year = 1\n[links.\"aa>ab:aa\"]\nlead_time_days = 7\n\
             contract = {{ term_share = 1, remaining_days.exponential.mean = 9 }}\n\
             [outages.aa]\nsites = [\"aa\"]\nup_days.exponential.mean = 9\ndown_days.exponential.mean = 9\n\
             [regimes.aa]\nstart = \"a\"\nstates.a = {{ holding_days.exponential.mean = 30, next.a = 1 }}\n\
             [controls.aa]\nexporters = [\"aland\"]\nimporters = [\"aland\"]\ncommodities = [\"aa\"]\n\
             during = {{ regime = \"aa\", states = [\"a\"] }}\nlicences.civil.monthly_chance = 0.3\n"
        );
        let folder = Folder::with(&[("over.toml", &over)]);
        let bits = |scenario: Result<Scenario, supplyshock::Error>| {
            let model = scenario.and_then(|s| s.compile()).unwrap_or_else(|e| panic!("{name}: {e}"));
            let outcome = Ensemble::new(&model).trials(70).seed(3).run().expect("runs");
            let losses = outcome.values(&Subject::Party("north".into())).expect("the party");
            assert!(losses.iter().any(|loss| *loss != losses[0]), "{name}: nothing varies");
            losses.iter().map(|loss| loss.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(Scenario::load(folder.path("over.toml"))), bits(Scenario::load(base)), "{name}");
    }
}
