//! What happens: regimes, controls, events, outages, ways round; and what follows them.

use super::bytes::Bytes;
use super::{COUNTRIES, Made, contract, good_of};
use supplyshock::scenario::{
    Control, Event, InStates, Leaf, Licence, Licences, Outage, Phase, Rebuilding, Recovery, RecoveryTime,
    Reexport, Regime, State, Tables, Target,
};

const STATES: [&str; 3] = ["calm", "tense", "closed"];

/// Adds what happens.
pub fn add(b: &mut Bytes<'_>, t: &mut Tables, made: &Made) {
    let has_regime = b.one_in(3);
    if has_regime {
        let regime =
            STATES.iter().fold(Regime::new("calm"), |regime, name| regime.state(*name, state(b, name)));
        t.regimes.insert("policy".into(), regime);
    }
    let has_sites = |country: &&str| t.sites.values().any(|site| site.country == **country);
    let homes: Vec<&str> = COUNTRIES.into_iter().filter(has_sites).collect();
    // What others follow.
    let mut onsets: Vec<String> = Vec::new();
    for k in 0..b.between(0, 3) {
        let (id, during) = (format!("c{k}"), has_regime && b.one_in(3));
        let control = control(b, made, &homes, &onsets, during);
        t.controls.insert(id.clone(), control);
        if b.one_in(3) {
            let way = Reexport::new(id.as_str(), b.one_of(COUNTRIES), b.number(0.0, 30.0), b.leaf(0.0, 1.0))
                .setup_days(b.leaf(0.0, 60.0))
                .premium_share(b.leaf(0.0, 1.0))
                .discovery_per_year(b.leaf(0.0, 4.0));
            t.reexports.insert(format!("w{k}"), way);
            onsets.push(format!("w{k}"));
        }
        onsets.push(id);
    }
    for k in 0..b.between(0, 3) {
        let during = has_regime && b.one_in(4);
        let event = event(b, made, &onsets, during);
        // A series has no onset that others could follow.
        let is_followed = event.series.is_none();
        t.events.insert(format!("e{k}"), event);
        if is_followed {
            onsets.push(format!("e{k}"));
        }
    }
    if b.one_in(3) {
        let outage = Outage::new([site(b, made).as_str()], b.leaf(5.0, 90.0), b.leaf(1.0, 60.0));
        let outage = outage.severity(b.leaf(0.0, 1.0));
        t.outages.insert("failure".into(), outage.recovery(recovery(b)));
    }
    for link in t.links.values_mut().filter(|link| link.contingent_volume_per_year.is_some()) {
        link.after = follow(b, &onsets);
    }
    for project in t.projects.values_mut() {
        project.after = follow(b, &onsets);
    }
    for reserve in t.reserves.values_mut() {
        reserve.after = follow(b, &onsets);
        if has_regime && b.one_in(3) {
            reserve.during = Some(in_states(b));
        }
    }
}

/// Takes all of it away.
pub fn remove(t: &mut Tables) {
    t.regimes.clear();
    t.controls.clear();
    t.events.clear();
    t.outages.clear();
    t.reexports.clear();
    t.links.values_mut().for_each(|link| link.after = None);
    t.projects.values_mut().for_each(|project| project.after = None);
    t.reserves.values_mut().for_each(|reserve| (reserve.after, reserve.during) = (None, None));
    for site in t.sites.values_mut() {
        if site.demand_smoothing_days.as_ref().and_then(Leaf::as_number).is_some_and(|days| days < 14.0) {
            site.demand_smoothing_days = Some(14.into());
        }
    }
}

fn state(b: &mut Bytes<'_>, name: &str) -> State {
    let mut state = State::new();
    // The first is left sooner or later.
    if name == "calm" || !b.one_in(3) {
        state = state.holding_days(b.leaf(5.0, 90.0));
        for next in STATES.iter().filter(|next| **next != name) {
            state = state.next(*next, b.leaf(0.1, 1.0));
        }
    }
    state
}

fn in_states(b: &mut Bytes<'_>) -> InStates {
    InStates::new("policy", [b.one_of(STATES)])
}

fn follow(b: &mut Bytes<'_>, onsets: &[String]) -> Option<String> {
    if onsets.is_empty() || b.one_in(2) {
        return None;
    }
    Some(onsets[b.between(0, onsets.len() as u32 - 1) as usize].clone())
}

fn site(b: &mut Bytes<'_>, made: &Made) -> String {
    made.makers[b.between(0, made.makers.len() as u32 - 1) as usize].site.clone()
}

/// One to three countries of those that have sites.
fn countries(b: &mut Bytes<'_>, homes: &[&'static str]) -> Vec<&'static str> {
    let (first, count) = (b.between(0, 2) as usize, b.between(1, 3) as usize);
    homes.iter().cycle().skip(first).take(count.min(homes.len())).copied().collect()
}

fn control(
    b: &mut Bytes<'_>,
    made: &Made,
    homes: &[&'static str],
    onsets: &[String],
    during: bool,
) -> Control {
    let mut control = Control::new(countries(b, homes), countries(b, homes)).leakage(b.leaf(0.0, 0.5));
    if during {
        control = control.during(in_states(b));
    } else {
        control =
            control.onset_days(b.leaf(0.0, 0.7 * made.horizon)).duration_days(b.leaf(0.0, made.horizon));
        control.after = follow(b, onsets);
    }
    if b.one_in(2) {
        control = control.commodities([good_of(b.between(0, 1))]);
    }
    if b.one_in(3) {
        let day = b.number(1.0, 60.0);
        control = control.phases([
            Phase::new(0, b.leaf(0.0, 1.0)),
            Phase::new(day, b.leaf(0.0, 1.0)),
            Phase::new(90.0 + b.number(0.0, 30.0), b.leaf(0.0, 1.0)),
        ]);
    } else {
        let part = b.leaf(0.0, 1.0);
        control = control.severity(b.one_of([1.into(), part]));
    }
    if b.one_in(3) {
        control = control.contract(contract(b));
    }
    if b.one_in(3) {
        let mut licences = Licences::new().civil(licence(b));
        if b.one_in(2) {
            licences = licences.military(licence(b));
        }
        control = control.licences(licences);
    }
    control
}

fn licence(b: &mut Bytes<'_>) -> Licence {
    Licence::new(b.leaf(0.0, 1.0))
        .processing_days(b.leaf(0.0, 60.0))
        .monthly_growth(b.leaf(0.0, 0.2))
        .quota(b.leaf(0.0, 1.0))
}

fn event(b: &mut Bytes<'_>, made: &Made, onsets: &[String], during: bool) -> Event {
    let target = b.one_of([Target::Capacity, Target::FinalDemand, Target::Use]);
    // Capacities only fall; demands and uses may rise as well.
    let low = if target == Target::Capacity { 0.0 } else { -0.5 };
    let event = Event::new([site(b, made)]).target(target);
    if b.one_in(4) {
        return event.series((0..b.between(1, 20)).map(|_| b.number(0.0, 1.0 - low)).collect::<Vec<_>>());
    }
    let mut event = event.severity(b.leaf(low, 1.0));
    if during {
        event = event.during(in_states(b));
    } else {
        event = event.start_days(b.leaf(0.0, 0.7 * made.horizon)).duration_days(b.leaf(0.0, 90.0));
        event.after = follow(b, onsets);
    }
    if b.one_in(3) {
        event = event.growth_days(b.leaf(0.0, 60.0));
    } else if !during && target == Target::Capacity && b.one_in(3) {
        let mut rebuilding = Rebuilding::new(b.leaf(0.0, 200.0));
        for _ in 0..b.between(1, 3) {
            rebuilding = rebuilding.amount(site(b, made), b.leaf(0.0, 2000.0));
        }
        event = event.rebuilding(rebuilding);
    }
    if b.one_in(2) { event.recovery(recovery(b)) } else { event }
}

fn recovery(b: &mut Bytes<'_>) -> Recovery {
    let days = RecoveryTime::new(b.leaf(0.0, 40.0));
    b.one_of([Recovery::Linear, Recovery::Exponential, Recovery::Logistic])(days)
}
