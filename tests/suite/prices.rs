//! What scarcity does to prices, and prices to the bills of those who import.

use crate::chains::same;
use crate::common::compile;
use crate::parts::{Build, control, maker, sector, uniform};
use supplyshock::run::{Component, Subject};
use supplyshock::scenario::{About, Date, Link, Market, Party, Tables, Time};
use supplyshock::{Ensemble, Outcome};

/// A plant of Japan that uses a unit of ore from China a day; the lane is cut to a part for a time, from day 56 on.
#[derive(Debug, Clone, Copy)]
struct Plant {
    step: u32,
    cover: f64,
    horizon: u32,
    /// Share that passes, for so many days.
    passes: f64,
    days: f64,
    /// Of the commodity, at a contract price of 50.
    elasticity: f64,
    cap: f64,
    spot_share: f64,
}

impl Default for Plant {
    fn default() -> Self {
        Plant {
            step: 1,
            cover: 0.0,
            horizon: 1400,
            passes: 0.5,
            days: 1e6,
            elasticity: 0.5,
            cap: 1e6,
            spot_share: 0.2,
        }
    }
}

const CONTRACT: f64 = 50.0;

impl Plant {
    fn tables(&self, market: impl FnOnce(Market) -> Market) -> Tables {
        let time = Time::new(Date::new(2026, 1, 1), self.horizon).step_days(self.step);
        let own = Market::new(CONTRACT, self.spot_share, self.elasticity, self.elasticity, self.cap);
        let mut tables = Tables::new(About::new("prices", "JPY"), time)
            .party("JP", Party::new(1e12))
            .party("CN", Party::new(1e12))
            .goods(["ore", "good"])
            .site("mine", maker("CN", "ore").spare_capacity(0.2))
            .site("plant", sector("ore", self.cover, "good", 1.0))
            .link("mine>plant:ore", Link::new(self.step).surge_limit(1))
            .control("cut", control(56.0, self.days, 1.0 - self.passes));
        tables.commodities["ore"].market = Some(market(own));
        tables
    }

    fn outcome(&self, market: impl FnOnce(Market) -> Market) -> Outcome {
        let model = compile(&self.tables(market));
        Ensemble::new(&model).trials(1).seed(1).threads(1).run().expect("runs")
    }

    /// What is sent in each step, and the price where stocks do not count.
    fn sent_and_price(&self) -> Vec<(f64, f64)> {
        let step = f64::from(self.step);
        let mut availability = 1.0_f64;
        let day = |t: u32| f64::from(t * self.step);
        (0..self.horizon.div_ceil(self.step))
            .map(|t| {
                let barred = (56.0..56.0 + self.days).contains(&day(t));
                let sent = if barred { self.passes } else { 1.0 };
                availability += (sent - availability) * (step / 28.0).min(1.0);
                let scarce = availability < 1.0 - 1e-12;
                let price =
                    if scarce { availability.powf(-1.0 / self.elasticity).min(self.cap) } else { 1.0 };
                (sent * step, price)
            })
            .collect()
    }
}

fn bill(outcome: &Outcome, party: &str) -> f64 {
    outcome.component_values(&Subject::Party(party.into()), Component::Price).expect("a party")[0]
}

#[test]
fn at_a_price_that_lasts_contracts_come_up_to_it_in_a_geometric_row() {
    // At so small an elasticity the price is at its cap from the first scarce step to the last.
    for (step, delay) in [(1, 0.0), (1, 1.0), (1, 30.0), (1, 400.0), (7, 0.0), (7, 5.0), (7, 90.0)] {
        for (spot_share, pass_through) in [(0.0, 1.0), (0.2, 0.7), (0.05, 1.0), (1.0, 0.5)] {
            let plant = Plant { step, elasticity: 1e-3, cap: 3.0, spot_share, ..Plant::default() };
            let outcome =
                plant.outcome(|market| market.contract_pass_through(pass_through).contract_delay_days(delay));
            let steps = f64::from((plant.horizon - 56) / step);
            let gain = if delay > 0.0 { (f64::from(step) / delay).min(1.0) } else { 1.0 };
            let late = (1.0 - gain) * (1.0 - (1.0 - gain).powf(steps)) / gain;
            let at_once = CONTRACT * (plant.cap - 1.0) * 0.5 * f64::from(step);
            let expected =
                at_once * (spot_share * steps + (1.0 - spot_share) * pass_through * (steps - late));
            let place = format!("{step} days, delay {delay}, spot {spot_share}, passed {pass_through}");
            same(bill(&outcome, "JP") / expected, 1.0, &place);
            same(bill(&outcome, "CN"), -bill(&outcome, "JP"), &place);
        }
    }
}

#[test]
fn contracts_that_follow_at_once_and_in_full_are_as_dear_as_the_spot_market() {
    let plant = Plant { days: 90.0, ..Plant::default() };
    let spot = Plant { spot_share: 1.0, ..plant }.outcome(|market| market);
    for spot_share in [0.0, 0.03, 0.5, 1.0] {
        let outcome = Plant { spot_share, ..plant }
            .outcome(|market| market.contract_pass_through(1).contract_delay_days(0));
        same(bill(&outcome, "JP") / bill(&spot, "JP"), 1.0, &format!("spot share {spot_share}"));
    }
}

#[test]
fn contracts_stay_dear_for_a_while_when_the_price_is_down_again() {
    for (step, delay, horizon) in [(1, 30.0, 400), (7, 90.0, 700), (1, 2000.0, 1400)] {
        let plant = Plant { step, horizon, days: 42.0, ..Plant::default() };
        let (pass_through, gain) = (0.6, f64::from(step) / delay);
        let (mut followed, mut expected, mut later) = (1.0, 0.0, 0.0);
        for (sent, price) in plant.sent_and_price() {
            followed += (price - followed) * gain;
            let more = plant.spot_share * (price - 1.0) + 0.8 * pass_through * (followed - 1.0);
            expected += CONTRACT * sent * more;
            later += if price == 1.0 { CONTRACT * sent * more } else { 0.0 };
        }
        let outcome =
            plant.outcome(|market| market.contract_pass_through(pass_through).contract_delay_days(delay));
        let place = format!("{step} days, delay {delay}");
        same(bill(&outcome, "JP") / expected, 1.0, &place);
        // By then the spot price is its old self, and contracts alone are dear.
        assert!(delay < 2000.0 || later > 0.01 * expected, "{place}: {later} of {expected}");
    }
}

#[test]
fn where_contracts_take_nothing_over_the_bill_is_that_of_the_spot_share_to_the_bit() {
    let plant = Plant { days: 90.0, ..Plant::default() };
    let bits = |outcome: &Outcome| bill(outcome, "JP").to_bits();
    let without = plant.outcome(|market| market);
    let expected: f64 =
        plant.sent_and_price().iter().map(|(sent, p)| 0.2 * CONTRACT * (p - 1.0) * sent).sum();
    same(bill(&without, "JP"), expected, "the spot share alone");
    for delay in [0.0, 30.0] {
        let none = plant.outcome(|m| m.contract_pass_through(0).contract_delay_days(delay));
        assert_eq!(bits(&none), bits(&without));
        let drawn = plant.outcome(|m| m.contract_pass_through(uniform(0.0, 0.0)).contract_delay_days(delay));
        assert_eq!(bits(&drawn), bits(&without));
    }
}

/// Highest price and that of the last step.
fn prices(outcome: &Outcome) -> [f64; 2] {
    let markets = outcome.markets();
    let market = markets.iter().find(|m| m.country == "JP").expect("it imports");
    [market.peak_price, market.end_price]
}

/// Fails where two prices differ by more than sums over trials are rounded by, or by `1e-9` of themselves.
#[track_caller]
fn same_price(found: f64, expected: f64, place: &str) {
    assert!((found - expected).abs() <= 1e-6 + 1e-9 * expected, "{place}: {found}, expected {expected}");
}

#[test]
fn the_price_at_the_end_is_that_of_the_last_step() {
    for (step, days, horizon) in [
        (1, 1e6, 250),
        (1, 90.0, 250),
        (7, 1e6, 250),
        (7, 91.0, 250),
        (1, 0.0, 250),
        (7, 42.0, 1400),
        // Availability is that of the step, so that the price falls back at once.
        (28, 84.0, 1400),
    ] {
        let plant = Plant { step, days, horizon, ..Plant::default() };
        let course: Vec<f64> = plant.sent_and_price().iter().map(|(_, price)| *price).collect();
        let [peak, end] = prices(&plant.outcome(|market| market));
        let place = format!("steps of {step} days, a cut of {days}");
        same_price(peak, course.iter().copied().fold(1.0, f64::max), &place);
        same_price(end, course[course.len() - 1], &place);
        // Half a year after a cut the price is on its way down, and in the end it is down to the bit.
        let down = if horizon == 250 { end < peak && end > 1.0 } else { end == 1.0 };
        assert!(days > 1e5 || days == 0.0 || down, "{place}: {end} after {peak}");
    }
}

#[test]
fn stocks_that_last_longer_than_the_cut_by_the_look_ahead_keep_the_price_down() {
    for (cover, look_ahead) in [(90.0, 30.0), (60.0, 0.0), (60.0, 1.0), (45.0, 44.0)] {
        // On the last of so many days the stock still covers the time that users look ahead.
        let days = cover + 1.0 - f64::max(look_ahead, 1.0);
        let plant = Plant { passes: 0.0, cover, days, cap: 20.0, ..Plant::default() };
        let today = plant.outcome(|market| market);
        assert!(days < 30.0 || prices(&today)[0] == 20.0, "at its cap: {:?}", prices(&today));
        let place = format!("cover {cover}, look-ahead {look_ahead}");
        let calm = plant.outcome(|market| market.look_ahead_days(look_ahead));
        assert_eq!((prices(&calm), bill(&calm, "JP")), ([1.0; 2], 0.0), "{place}");
        let longer = Plant { days: days + 1.0, ..plant }.outcome(|market| market.look_ahead_days(look_ahead));
        assert!(prices(&longer)[0] > 1.0 && bill(&longer, "JP") > 0.0, "{place}: {:?}", prices(&longer));
    }
}

#[test]
fn without_stocks_and_with_a_look_ahead_without_end_the_price_is_that_of_what_is_sent() {
    for step in [1, 7] {
        for passes in [0.0, 0.3, 0.8] {
            let bare = Plant { step, passes, days: 280.0, cap: 30.0, ..Plant::default() };
            let far = Plant { cover: 50.0, ..bare };
            for (plant, look_ahead, close) in [(bare, 0.0, 1e-9), (bare, 60.0, 1e-9), (far, 1e7, 1e-3)] {
                let [with, without] = [
                    plant.outcome(|market| market.look_ahead_days(look_ahead)),
                    plant.outcome(|market| market),
                ];
                let place = format!("{plant:?}, look-ahead {look_ahead}");
                let off = (bill(&with, "JP") / bill(&without, "JP") - 1.0).abs();
                assert!(off <= close, "{place}: {off}");
                let [peak, expected] = [&with, &without].map(|outcome| prices(outcome)[0]);
                assert!(
                    (peak / expected - 1.0).abs() <= f64::max(close, 1e-6),
                    "{place}: {peak}, {expected}"
                );
            }
        }
    }
}

#[test]
fn a_cut_that_outlasts_the_stocks_takes_the_price_where_it_goes_without_them() {
    for (step, cap) in [(1, 1e6), (7, 1e6), (1, 3.0)] {
        for look_ahead in [0.0, 45.0] {
            let plant = Plant { step, cover: 60.0, cap, ..Plant::default() };
            let [peak, end] = prices(&plant.outcome(|market| market.look_ahead_days(look_ahead)));
            let place = format!("steps of {step} days, cap {cap}, look-ahead {look_ahead}");
            same_price(peak, f64::min(0.5_f64.powi(-2), cap), &place);
            same_price(end, peak, &place);
        }
    }
}

#[test]
fn the_price_rises_as_the_stocks_of_a_plain_recursion_run_down() {
    for (step, cover, look_ahead) in [(1, 40.0, 30.0), (1, 40.0, 60.0), (7, 42.0, 28.0), (7, 35.0, 3.0)] {
        let plant = Plant { step, cover, passes: 0.3, days: 210.0, horizon: 266, ..Plant::default() };
        let (length, gain) = (f64::from(step), |days: f64| (f64::from(step) / days).min(1.0));
        let (mut stock, mut arrives, mut availability) = (cover, length, 1.0_f64);
        let (mut expected, mut peak) = (0.0, 1.0_f64);
        for (sent, _) in plant.sent_and_price() {
            stock += arrives - f64::min(stock + arrives, length);
            arrives = sent;
            let covered = sent + f64::min(stock * gain(look_ahead), length);
            availability += (f64::min(covered / length, 1.0) - availability) * gain(28.0);
            let scarce = availability < 1.0 - 1e-12;
            let price = if scarce { availability.powf(-2.0) } else { 1.0 };
            expected += plant.spot_share * CONTRACT * (price - 1.0) * sent;
            peak = peak.max(price);
        }
        let outcome = plant.outcome(|market| market.look_ahead_days(look_ahead));
        let place = format!("steps of {step} days, cover {cover}, look-ahead {look_ahead}");
        same(bill(&outcome, "JP") / expected, 1.0, &place);
        same_price(prices(&outcome)[0], peak, &place);
        // Stocks put the rise off and do not make it higher.
        assert!(bill(&outcome, "JP") < bill(&plant.outcome(|market| market), "JP"), "{place}");
    }
}

#[test]
fn steps_at_rest_count_stocks_as_those_that_are_walked_do() {
    for (step, look_ahead) in [(1, 0.0), (1, 30.0), (7, 0.0), (7, 30.0)] {
        let plant = Plant { step, cover: 60.0, ..Plant::default() };
        let model = compile(&plant.tables(|market| market.look_ahead_days(look_ahead)));
        let some = Ensemble::new(&model).trials(1).seed(1);
        let [some, every] = [some.clone(), some.every_step()].map(|ensemble| ensemble.run().expect("runs"));
        assert_eq!(bill(&some, "JP").to_bits(), bill(&every, "JP").to_bits());
        assert!(bill(&some, "JP") > 0.0);
    }
}

#[test]
fn what_one_user_holds_beyond_its_need_does_not_feed_another() {
    let plant = Plant { passes: 0.0, cover: 2000.0, horizon: 700, ..Plant::default() };
    let tables = plant
        .tables(|market| market.look_ahead_days(30))
        .goods(["ware"])
        .site("mill", sector("ore", 0.0, "ware", 1.0))
        .link("mine>mill:ore", Link::new(1).surge_limit(1));
    let model = compile(&tables);
    let outcome = Ensemble::new(&model).trials(1).seed(1).threads(1).run().expect("runs");
    // Half of the need has all that it looks ahead for.
    same_price(prices(&outcome)[1], 0.5_f64.powi(-2), "two users");
}
