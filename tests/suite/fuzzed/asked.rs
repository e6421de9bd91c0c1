//! Questions that an outcome answers, whatever is in it, and what holds for the answers of a run.

use std::hint::black_box;
use supplyshock::run::{Component, Subject};
use supplyshock::stats::LossDistribution;
use supplyshock::study::Statistic;
use supplyshock::{Outcome, report, study};

/// Asks for all there is.
pub fn everything(outcome: &Outcome) {
    for subject in outcome.subjects() {
        for component in Component::ALL {
            if let Ok(loss) = outcome.component(subject, component) {
                of_losses(&loss);
            }
            let _ = black_box(outcome.column(subject, component));
        }
    }
    for party in outcome.labels().parties() {
        let _ = black_box((outcome.path(&party.id), outcome.mean_gdp_share(&party.id)));
        let _ = black_box(outcome.ratio(&party.id, outcome.labels().headline_id(), Component::Output, 0.9));
        let _ = black_box((outcome.negligible(&party.id), study::drivers(outcome, &party.id)));
    }
    for sector in outcome.sectors() {
        let _ = black_box((outcome.stop_days(sector), outcome.stops(sector)));
    }
    for site in outcome.labels().sites() {
        let _ = black_box(outcome.values(&Subject::Site(site.id.clone())));
    }
    let _ = black_box((outcome.limits(), outcome.markets(), outcome.payments()));
    let _ = black_box((outcome.insurer(), outcome.insurer_loss(), outcome.site_means().count()));
    let _ = black_box((outcome.losses(), outcome.loss_columns().count(), outcome.site_losses()));
    let _ = black_box((outcome.first_stop_days(), outcome.stopped_days(), outcome.recovery_days()));
    let _ = black_box((outcome.paths(), outcome.sector_paths(), outcome.paths_of_trials()));
    let _ = black_box((outcome.draws(), outcome.path_of(0), outcome.path_of(u64::MAX)));
    let _ = black_box((outcome.recovered_share(), outcome.unsettled_share(), outcome.digest()));
    let _ = black_box((outcome.ranges(), outcome.missing(), outcome.asked(), outcome.is_cancelled()));
    let _ = black_box((outcome.fingerprint(), outcome.sampling(), outcome.version(), outcome.elapsed()));
    for statistic in outcome.statistics() {
        let text = statistic.to_string();
        let again: Result<Statistic, _> = text.parse();
        assert!(again.as_ref().is_ok_and(|again| *again == statistic), "{text} names {again:?}");
        let _ = black_box(outcome.statistic(&statistic));
    }
    let _ = black_box(report::summary(outcome));
    outcome.check_merge(outcome).expect_err("no trial is counted twice");
}

/// Asks a distribution for all there is.
pub fn of_losses(loss: &LossDistribution) {
    for x in [0.0, 0.05, 0.5, 0.95, 1.0] {
        let _ = black_box((loss.quantile(x), loss.tvar(x), loss.quantile_ci(x, 0.9), loss.mean_ci(x)));
        let _ = black_box((loss.p_exceeds(x), loss.p_exceeds_ci(x, 0.95)));
    }
    let _ = black_box((loss.mean(), loss.std_dev(), loss.std_error(), loss.p_no_loss()));
    let _ = black_box((loss.exceedance_curve(20), loss.values_sorted().len()));
    assert!(
        loss.min().partial_cmp(&loss.max()) != Some(std::cmp::Ordering::Greater),
        "from {} to {}",
        loss.min(),
        loss.max()
    );
}

/// Holds what a run yields to what can be trusted: goods are neither made nor lost, and money is finite.
pub fn sound(outcome: &Outcome) {
    let residual = outcome.mass_balance_residual();
    assert!(residual <= 1e-9, "a residual of {residual}");
    if let Ok(losses) = outcome.losses() {
        assert!(losses.iter().all(|loss| loss.is_finite()), "losses {losses}");
    }
    let paths = outcome.paths();
    assert!(paths.iter().all(|loss| loss.is_finite()), "courses {paths}");
    for (site, mean) in outcome.site_means() {
        assert!(mean.is_finite(), "{site} loses {mean}");
    }
    for party in outcome.labels().parties() {
        let loss = outcome.loss(&party.id).expect("losses");
        assert!(loss.mean().is_finite() && loss.std_dev().is_finite(), "{loss:?}");
    }
    assert!(outcome.insurer().iter().all(|loss| loss.is_finite()), "{:?}", outcome.insurer());
}
