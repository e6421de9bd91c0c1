//! Networks drawn at random with all that unfolds by chance in them, and what holds for each.

use crate::common::compile;
use crate::networks::{Network, Shocks, check, network};
use crate::parts::uniform;
use crate::small::Folder;
use proptest::prelude::*;
use std::cell::Cell;
use supplyshock::files::Reading;
use supplyshock::run::Subject;
use supplyshock::scenario::{
    Contract, Control, Event, Ids, InStates, Leaf, Licence, Licences, Outage, Recovery, RecoveryTime,
    Reexport, Regime, State, Tables,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Outcome, Scenario};

const SEED: u64 = 5;

fn range(mean: f64) -> Leaf {
    uniform(0.3 * mean, 1.7 * mean)
}

/// A network under shocks, with features that `dice` choose.
fn tables(network: &Network, dice: &[f64]) -> Tables {
    let mut dice = dice.iter().copied();
    let mut roll = || dice.next().expect("dice enough");
    let mut t = network.tables(Shocks::InForce);
    let sites: Vec<String> = t.sites.keys().cloned().collect();
    let site = |u: f64| sites[(u * sites.len() as f64) as usize].clone();
    let (a, b) = (site(roll()), site(roll()));
    let regime = Regime::new("s0")
        .state("s0", State::new().holding_days(range(40.0 * roll() + 5.0)).next("s1", 1).next("s2", 2))
        .state("s1", State::new().holding_days(range(30.0)).next("s0", 1).next("s2", range(1.0)))
        .state("s2", State::new().holding_days(20).next("s0", 1));
    let hit: Ids = if a == b { [a].into() } else { [a, b].into() };
    let mut outage = Outage::new(hit, range(60.0 * roll() + 5.0), range(20.0)).severity(range(0.5));
    if roll() < 0.5 {
        outage = outage.recovery(Recovery::Exponential(RecoveryTime::new(30)));
    }
    let all = ["JP", "CN", "XX"];
    let mut base =
        Control::new(all, all).onset_days(range(40.0)).duration_days(range(100.0)).severity(range(0.55));
    let grown = Event::new([site(roll())])
        .after("base")
        .start_days(4)
        .duration_days(50)
        .severity(0.6)
        .growth_days(range(30.0))
        .recovery(Recovery::Linear(RecoveryTime::new(20)));
    let in_states = Event::new([site(roll())])
        .severity(0.5)
        .growth_days(9)
        .during(InStates::new("r", ["s1", "s2"]))
        .recovery(Recovery::Logistic(RecoveryTime::new(15)));
    if roll() < 0.6 {
        let civil = Licence::new(0.3).monthly_growth(0.1).processing_days(range(20.0));
        base = base.licences(Licences::new().civil(civil).military(Licence::new(0.2).quota(0.5)));
    }
    t = t
        .regime("r", regime)
        .outage("o", outage)
        .control("base", base)
        .control(
            "state",
            Control::new(all, all).during(InStates::new("r", ["s1"])).severity(0.7).leakage(0.1),
        )
        .control("third", Control::new(["XX"], ["JP", "CN"]).after("round").onset_days(3.5).duration_days(80))
        .reexport(
            "round",
            Reexport::new("base", "XX", 16, range(0.3)).setup_days(range(15.0)).discovery_per_year(5),
        )
        .event("grown", grown)
        .event("state", in_states);
    for (id, link) in &mut t.links {
        let reserved = id.contains("store");
        // Not on all links, whatever they are.
        if id.len() % 3 == 0 && !reserved {
            continue;
        }
        if reserved {
            link.military_share = Some(0.1.into());
        } else if link.contingent_volume_per_year.is_some() {
            link.after = Some("base".into());
            link.qualification_days = Some(range(25.0));
        } else {
            let contract = Contract::new(range(0.5), range(60.0))
                .contracts(3)
                .suspended(0.2)
                .reviewed(0.3)
                .review_days(range(20.0));
            link.military_share = Some(0.3.into());
            link.contract = Some(contract.into());
        }
    }
    if let Some(store) = t.reserves.get_mut("store") {
        store.opens_after_days = Some(11.5.into());
        store.during = Some(InStates::new("r", ["s0", "s1"]));
    }
    t
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
        let model = compile(&tables(&network, &dice));
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
        let model = compile(&tables(&network, &dice));
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
        assert_eq!(
            bits(Reading::new().allow(["../scenarios"]).load(folder.path("over.toml"))),
            bits(Scenario::load(base)),
            "{name}"
        );
    }
}
