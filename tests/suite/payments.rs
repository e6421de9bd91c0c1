//! What buyers pay ahead, and who bears it when goods do not come.

use crate::chains::same;
use crate::common::{Source, compile};
use crate::networks::{Shocks, check, network};
use crate::parts::{Build, control, event, exponential, maker, sector, uniform};
use proptest::prelude::*;
use supplyshock::run::{Component, PaymentMeans, Subject};
use supplyshock::scenario::{
    About, Control, Date, Link, Market, Party, Payment, Rules, Tables, Target, Time,
};
use supplyshock::step::reference::Trial;
use supplyshock::{Ensemble, Model, Outcome};

/// Goods sold in a day, and their price.
const FLOW: f64 = 4.0;
const PRICE: f64 = 50.0;

fn run(model: &Model) -> Outcome {
    Ensemble::new(model).trials(1).seed(1).threads(1).run().expect("runs")
}

fn contracts(outcome: &Outcome, party: &str) -> Vec<f64> {
    outcome.component_values(&Subject::Party(party.into()), Component::Contracts).expect("a party")
}

/// A mine in China that sells ore to a plant of Japan, which holds 60 days of it and pays on these terms.
fn sale([step, horizon]: [u32; 2], surge: f64, terms: Option<Payment>) -> Tables {
    let time = Time::new(Date::new(2026, 1, 1), horizon).step_days(step);
    let mut lane = Link::new(1).surge_limit(surge);
    lane.payment = terms.map(Into::into);
    let mut tables = Tables::new(About::new("sale", "JPY"), time)
        .party("JP", Party::new(1e12))
        .party("CN", Party::new(1e12))
        .goods(["ore", "good"])
        .site("mine", maker("CN", "ore").spare_capacity(4))
        .site("plant", sector("ore", 60.0, "good", FLOW))
        .link("mine>plant:ore", lane);
    tables.commodities["ore"].market = Some(Market::new(PRICE, 0, 1, 1, 1));
    tables
}

/// That sale on terms, with a control of the lane.
fn cut_sale(days: [u32; 2], surge: f64, terms: Payment, cut: Control) -> Tables {
    sale(days, surge, Some(terms)).control("cut", cut)
}

/// A mean over trials is added up in millionths of a yen.
#[track_caller]
fn about(found: f64, expected: f64, place: &str) {
    assert!(
        (found - expected).abs() <= 2e-6 + 1e-9 * expected.abs(),
        "{place}: {found}, expected {expected}"
    );
}

/// What comes of it in the one trial, checked: the losses of buyer and seller and that of the insurer cancel.
fn settled(tables: &Tables) -> ([f64; 3], PaymentMeans<'static>) {
    let model: &'static Model = Box::leak(Box::new(compile(tables)));
    let outcome: &'static Outcome = Box::leak(Box::new(run(model)));
    let (buyer, seller) = (contracts(outcome, "JP")[0], contracts(outcome, "CN")[0]);
    let insurer = outcome.insurer()[0];
    same(buyer + seller + insurer, 0.0, "what one loses another gains");
    for party in ["JP", "CN"] {
        let of = |c| outcome.component_values(&Subject::Party(party.into()), c).expect("a party")[0];
        let parts = [Component::Output, Component::Price, Component::Response, Component::Contracts].map(of);
        same(of(Component::Total), parts.iter().sum(), "the total");
    }
    let mut paid = outcome.payments();
    assert_eq!((paid[0].party, paid[1].prepaid), ("JP", 0.0), "only Japan buys");
    ([buyer, seller, insurer], paid.swap_remove(0))
}

#[test]
fn of_a_lane_that_is_closed_for_good_all_that_is_paid_ahead_is_written_off() {
    // Steps of a day and a week, times that are no whole number of steps, an onset within a step.
    for (step, days, onset) in [(1, 30.0, 20.0), (1, 12.5, 20.25), (7, 30.0, 37.3), (7, 3.0, 35.0)] {
        let of = |terms| settled(&cut_sale([step, 364], 1.0, terms, control(onset, 1e4, 1.0)));
        let terms = || Payment::new(0.8, days);
        let ahead = 0.8 * PRICE * FLOW * days;
        let place = format!("{days} days ahead in steps of {step}");
        let (losses, paid) = of(terms().refundable(false));
        about(paid.written_off, ahead, &place);
        about(paid.held_peak, ahead, &place);
        about(paid.prepaid, 0.8 * PRICE * FLOW * onset, &place);
        assert_eq!((paid.refunded, paid.forfeited, paid.insured, paid.collateral), (0.0, 0.0, 0.0, 0.0));
        same(losses[0], ahead, &place);
        same(losses[1], -ahead, &place);

        let (losses, paid) = of(terms().refundable(true));
        assert_eq!(losses, [0.0; 3], "{place}");
        assert_eq!((paid.held_peak, paid.written_off), (0.0, 0.0));
        about(paid.refunded, ahead, &place);

        let (losses, paid) = of(terms().insured_share(0.5).insurance_premium(0.02));
        let premium = 0.02 * 0.8 * PRICE * FLOW * onset;
        same(losses[0], 0.5 * ahead + premium, &place);
        same(losses[1], -ahead, &place);
        same(losses[2], 0.5 * ahead - premium, &place);
        about(paid.insured, 0.5 * ahead, &place);
        about(paid.premium, premium, &place);

        let (losses, paid) = of(terms().collateral_share(0.25).insured_share(0.5));
        same(losses[0], 0.5 * 0.75 * ahead, &place);
        same(losses[1], -0.75 * ahead, &place);
        about(paid.collateral, 0.25 * ahead, &place);
    }
}

#[test]
fn what_is_due_only_after_the_horizon_is_not_written_off() {
    for days in [50.0, 400.0, 4000.0] {
        let cut = control(100.0, 1e4, 1.0);
        let (losses, _) = settled(&cut_sale([1, 120], 1.0, Payment::new(1, days), cut));
        same(losses[0], PRICE * FLOW * 20.0, "20 of the days are over");
    }
}

#[test]
fn a_claim_is_worked_off_once_the_lane_is_open_again() {
    let (onset, days) = (20.0, 30.0);
    let of = |horizon, surge, length: f64, severity: f64| {
        let cut = control(onset, length, severity);
        settled(&cut_sale([1, horizon], surge, Payment::new(1, days), cut))
    };
    for (length, severity) in [(12.0, 1.0), (30.0, 1.0), (50.0, 1.0), (50.0, 0.5)] {
        for surge in [1.0, 2.0] {
            let (losses, paid) = of(300, surge, length, severity);
            assert_eq!(losses, [0.0; 3], "{length} days, {severity}: all was delivered in the end");
            about(paid.held_peak, severity * PRICE * FLOW * f64::min(length, days), "at its peak");
        }
    }
    // Cut for 12 days: until 30 days after the onset what comes had been agreed, then come 12 days for which
    // nothing had. Without room to catch up, what is overdue is worked off in these alone.
    for (horizon, left) in [(40, 12.0), (50, 12.0), (55, 7.0), (62, 0.0)] {
        let ([loss, ..], _) = of(horizon, 1.0, 12.0, 1.0);
        same(loss, PRICE * FLOW * left, &format!("by day {horizon}"));
        let ([sooner, ..], _) = of(horizon, 2.0, 12.0, 1.0);
        assert!(
            sooner < loss || (left == 0.0 && sooner == 0.0),
            "with room to catch up it is less: {sooner}"
        );
    }
}

#[test]
fn an_outage_of_the_seller_leaves_the_same_claim_as_a_control() {
    let days = 30.0;
    let of = |terms, length: f64| {
        let strike = event(["mine"], Target::Capacity, 20.0, length, 1.0);
        settled(&sale([1, 300], 1.0, Some(terms)).event("strike", strike))
    };
    let (losses, paid) = of(Payment::new(0.5, days), 1e4);
    same(losses[0], 0.5 * PRICE * FLOW * days, "nobody pays ahead for what does not come");
    about(paid.prepaid, 0.5 * PRICE * FLOW * 20.0, "up to the strike");
    let (losses, paid) = of(Payment::new(0.5, days), 10.0);
    same(losses[0], 0.0, "it is worked off");
    about(paid.held_peak, 0.5 * PRICE * FLOW * 10.0, "at its peak");
    // Paid on the day of delivery, nothing is ever at stake.
    let (losses, paid) = of(Payment::new(1, 0), 1e4);
    assert_eq!((losses, paid.held_peak), ([0.0; 3], 0.0));
}

/// Orders of the plant step by step, which are all the demand that the mine has.
fn orders(tables: &Tables) -> Vec<f64> {
    let model = compile(tables);
    let mut run = Trial::new(&model, 1, 0).expect("a baseline");
    let mut orders = Vec::new();
    while run.step() {
        orders.push(run.activities().find(|a| a.site == "mine").expect("the mine").demand);
    }
    orders
}

#[test]
fn a_buyer_that_takes_less_forfeits_what_it_paid_ahead_unless_it_can_cancel() {
    let slump = event(["plant"], Target::FinalDemand, 20.0, 1e4, 0.5);
    let with = |terms| sale([1, 700], 3.0, terms).event("slump", slump.clone());
    let terms = || Payment::new(0.3, 30);
    let of = |terms| settled(&with(Some(terms)));
    let orders = orders(&with(None));
    assert!((orders[699] - 0.5 * FLOW).abs() < 1e-6, "it takes half for good");
    let untaken: f64 = orders.iter().map(|o| (FLOW - o).max(0.0)).sum();
    assert!(untaken > 1000.0);
    for refundable in [false, true] {
        let (losses, paid) = of(terms().refundable(refundable));
        about(paid.forfeited, 0.3 * PRICE * untaken, "take or pay, up to what is paid ahead");
        same(losses[1], -0.3 * PRICE * untaken, "the seller keeps it");
        same(losses[0], 0.3 * PRICE * untaken, "the buyer forgoes it");
        about(paid.written_off, 0.0, "all that was wanted came");
    }
    let (losses, paid) = of(terms().insured_share(0.4));
    same(losses[0], 0.6 * 0.3 * PRICE * untaken, "insured");
    about(paid.insured, losses[2], "by the insurer");
    let (losses, paid) = of(terms().cancellable(true).refundable(true));
    assert_eq!((losses, paid.forfeited), ([0.0; 3], 0.0));
    assert!(paid.refunded > 0.0);
    // Cancelled without refund: the seller holds what was paid ahead at twice the flow it sells now.
    let (losses, paid) = of(terms().cancellable(true));
    assert!((losses[0] - 0.3 * PRICE * 0.5 * FLOW * 30.0).abs() < 1e-3, "{losses:?}");
    assert_eq!((paid.forfeited, paid.refunded), (0.0, 0.0));
}

#[test]
fn only_what_was_paid_for_is_forfeited() {
    // Nobody wants the goods any more when the lane opens on day 70. Nothing was agreed for the 30 days from then
    // on; afterwards the buyer forfeits what it has agreed to since.
    let slump = event(["plant"], Target::FinalDemand, 20.0, 1e4, 1.0);
    for (horizon, days) in [(71, 0.0), (100, 0.0), (110, 10.0)] {
        let tables = cut_sale([1, horizon], 1.0, Payment::new(0.5, 30), control(20.0, 50.0, 1.0));
        let (losses, paid) = settled(&tables.event("slump", slump.clone()));
        about(paid.forfeited, 0.5 * PRICE * FLOW * days, "what it does not take");
        about(paid.written_off, 0.5 * PRICE * FLOW * 30.0, "what did not come");
        same(losses[0], 0.5 * PRICE * FLOW * (30.0 + days), "both are the buyer's loss");
    }
}

#[test]
fn money_moves_no_flow_and_later_money_is_discounted() {
    let of = |terms| {
        let tables = sale([1, 200], 1.0, terms).control("cut", control(50.0, 1e4, 1.0));
        compile(&tables.rules(Rules::new().discount_rate_per_year(0.1)))
    };
    let plain = of(None);
    let model = of(Some(Payment::new(1, 30).insurance_premium(0.1)));
    let (plain, outcome) = (run(&plain), run(&model));
    assert!(plain.payments().is_empty() && plain.insurer().is_empty());
    assert_eq!(contracts(&plain, "JP"), [0.0]);
    for party in ["JP", "CN"] {
        let subject = Subject::Party(party.into());
        for part in [Component::Output, Component::Price, Component::SalesForgone] {
            let of = |o: &Outcome| o.component_values(&subject, part).expect("a party")[0].to_bits();
            assert_eq!(of(&outcome), of(&plain), "{party} {part:?}");
        }
    }
    // Premiums on each of 50 days, and the write-off with the last step.
    let factor = |day: f64| 1.1_f64.powf(-day / 365.0);
    let premiums: f64 = (0..50).map(|t| 0.1 * PRICE * FLOW * factor(f64::from(t) + 0.5)).sum();
    same(contracts(&outcome, "CN")[0], -PRICE * FLOW * 30.0 * factor(199.5), "the seller");
    same(contracts(&outcome, "JP")[0], PRICE * FLOW * 30.0 * factor(199.5) + premiums, "the buyer");
}

#[test]
fn drawn_terms_hold_trial_by_trial() {
    let terms = Payment::new(uniform(0.0, 1.0), exponential(40.0)).collateral_share(uniform(0.0, 1.0));
    let model = compile(&cut_sale([1, 200], 1.0, terms, control(50.0, 1e4, 1.0)));
    let outcome = Ensemble::new(&model).trials(100).seed(4).run().expect("runs");
    for (trial, loss) in contracts(&outcome, "JP").into_iter().enumerate() {
        let drawn = model.draw(4, trial as u64);
        let of = |key: &str| drawn[model.drawn().position(|n| n.ends_with(key)).expect("it is drawn")];
        let days = of("prepaid_days").min(150.0);
        let expected = of("prepaid_share") * PRICE * FLOW * days * (1.0 - of("collateral_share"));
        same(loss, expected, &format!("trial {trial}"));
    }
}

#[test]
fn terms_without_a_price_or_a_volume_are_refused_with_what_to_do() {
    let told = |tables: Tables| tables.scenario().expect_err("it is wrong").to_string();
    let tables = || sale([1, 100], 1.0, Some(Payment::new(1, 30)));
    let mut unpriced = tables();
    unpriced.commodities["ore"].market = None;
    let message = told(unpriced);
    for part in ["links.\"mine>plant:ore\".payment", "`ore` has no price", "[commodities.ore.market]"] {
        assert!(message.contains(part), "`{part}` in {message}");
    }
    let mut room = tables();
    room.links["mine>plant:ore"].contingent_volume_per_year = Some(10.into());
    assert!(told(room).contains("a lane without baseline trade has nothing to be paid ahead"));
    assert!(told(sale([1, 100], 1.0, Some(Payment::new(2, 30)))).contains("2 is out of range"));
}

/// Terms of payment: a share, days ahead, and whatever else.
fn terms() -> impl Strategy<Value = Payment> {
    let number = |high: f64| {
        (0.0..high, 0.0..high, any::<bool>()).prop_map(|(a, b, drawn): (f64, f64, bool)| {
            if drawn && a != b { uniform(a.min(b), a.max(b)) } else { a.into() }
        })
    };
    let shares = (number(1.0), number(1.0), number(0.1), number(1.0));
    (shares, number(150.0), any::<bool>(), any::<bool>()).prop_map(
        |((prepaid, insured, premium, collateral), days, refundable, cancellable)| {
            Payment::new(prepaid, days)
                .refundable(refundable)
                .cancellable(cancellable)
                .insured_share(insured)
                .insurance_premium(premium)
                .collateral_share(collateral)
        },
    )
}

/// A random network with three parties, terms on its lanes with baseline trade in turn, and costs of answers.
pub fn with_money(mut t: Tables, terms: &[Payment]) -> Tables {
    t.parties = ["JP", "CN", "XX"].map(|id| (id.to_owned(), Party::new(1e12))).into();
    for commodity in t.commodities.values_mut() {
        commodity.market = Some(Market::new(uniform(1e3, 1e5), 0.2, 0.3, 0.6, 5));
    }
    for (k, (id, link)) in t.links.iter_mut().enumerate() {
        link.premium_per_unit = Some(uniform(0.0, 1e4));
        if link.contingent_volume_per_year.is_none() && !id.contains("store") && k % 4 != 0 {
            link.payment = Some(terms[k % terms.len()].clone().into());
        }
    }
    for reserve in t.reserves.values_mut() {
        reserve.carrying_cost_per_unit_year = Some(uniform(0.0, 1e4));
    }
    for project in t.projects.values_mut() {
        project.capital = Some(uniform(0.0, 1e9));
        project.premium_per_unit = Some(12.into());
    }
    t
}

#[test]
fn in_random_networks_money_is_conserved_and_both_engines_agree_to_the_bit() {
    let (mut answers, mut held) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    check(96, 11, &(network(), prop::collection::vec(terms(), 1..4)), |(network, terms)| {
        let model = compile(&with_money(network.tables(Shocks::InForce), &terms));
        let outcome = Ensemble::new(&model).trials(40).seed(1).threads(1).run().expect("runs");
        let by_party: Vec<Vec<f64>> = ["JP", "CN", "XX"].map(|p| contracts(&outcome, p)).to_vec();
        let response: Vec<Vec<f64>> = ["JP", "CN", "XX"]
            .map(|p| {
                outcome.component_values(&Subject::Party(p.into()), Component::Response).expect("a party")
            })
            .to_vec();
        let insurer = outcome.insurer();
        let paid = outcome.payments();
        let all = |of: fn(&PaymentMeans<'_>) -> f64| paid.iter().map(of).sum::<f64>();
        let scale = 1.0 + all(|p| p.prepaid + p.written_off + p.forfeited);
        for (trial, insurer) in insurer.iter().enumerate() {
            let sum: f64 = by_party.iter().map(|p| p[trial]).sum();
            prop_assert!((sum + insurer).abs() <= 1e-9 * 40.0 * scale, "trial {trial}: {sum} and {insurer}");
        }
        // What buyers write off and forfeit is what the sums say.
        let mean = insurer.iter().sum::<f64>() / 40.0;
        prop_assert!((mean - all(|p| p.insured - p.premium)).abs() <= 1e-9 * scale);
        for p in &paid {
            prop_assert!(p.collateral <= p.written_off && p.insured <= p.written_off + p.forfeited);
            let amounts = [p.prepaid, p.held_peak, p.refunded, p.forfeited, p.written_off, p.premium];
            prop_assert!(amounts.iter().all(|x| *x >= 0.0), "{p:?}");
        }
        for trial in [0, 13, 39] {
            let mut run = Trial::new(&model, 1, trial).expect("a baseline");
            run.run();
            let k = trial as usize;
            for party in 0..3 {
                prop_assert_eq!(run.contracts()[party].to_bits(), by_party[party][k].to_bits());
                prop_assert_eq!(run.response()[party].to_bits(), response[party][k].to_bits());
            }
            prop_assert_eq!(run.insurer().to_bits(), insurer[k].to_bits());
        }
        held.set(held.get() + u32::from(all(|p| p.held_peak) > 0.0));
        answers.set(answers.get() + u32::from(response.iter().flatten().any(|x| *x != 0.0)));
        Ok(())
    });
    assert!(*held.get_mut() > 30 && *answers.get_mut() > 60, "{held:?} {answers:?}");
}

#[test]
fn at_rest_only_premiums_are_paid() {
    check(48, 12, &(network(), prop::collection::vec(terms(), 1..4)), |(network, terms)| {
        let model = compile(&with_money(network.tables(Shocks::Never), &terms));
        let outcome = Ensemble::new(&model).trials(20).seed(1).threads(1).run().expect("runs");
        for p in outcome.payments() {
            let lost = [p.held_peak, p.refunded, p.forfeited, p.written_off];
            prop_assert!(lost.iter().all(|x| *x <= 1e-9 * (1.0 + p.prepaid)), "{p:?}");
        }
        Ok(())
    });
}
