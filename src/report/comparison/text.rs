//! A comparison as tables: the worth of an answer to the headline party, to the others, and to sectors.

use super::headline_loss;
use crate::number::shown;
use crate::report::format::{
    NONE, day_of_all, grouped, over, percent, plus_minus, share, table, three_digits, unit,
};
use crate::run::Component;
use crate::scenario::one_line;
use crate::stats::LossDistribution;
use crate::study::{Compared, Comparison, Estimate, LEVEL, Measure, Part};
use std::fmt::Write as _;

/// Components of the headline party that stand in the main table.
const MAIN: [Component; 2] = [Component::Output, Component::Total];

impl Comparison<'_> {
    /// The comparison as text.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = String::new();
        let Some(reference) = self.scenarios().first() else { return text };
        // An assignment that was laid over all of them is told once.
        let for_all = self.scenarios().iter().all(|s| s.assignments == reference.assignments);
        let changed = |text: &mut String, assignments: &[String]| {
            for assignment in assignments {
                let _ = writeln!(text, "changed for this run: {}", one_line(assignment));
            }
        };
        for scenario in self.scenarios() {
            let _ = writeln!(text, "{}: {}", one_line(&scenario.label), one_line(&scenario.title));
            changed(&mut text, if for_all { &[] } else { &scenario.assignments });
        }
        changed(&mut text, if for_all { &reference.assignments } else { &[] });
        let _ = writeln!(
            text,
            "{} trials from seed {}, each with the same luck in every scenario",
            grouped(self.reference().trials() as f64),
            self.reference().seed()
        );
        for other in self.scenarios().iter().filter(|s| s.frame != reference.frame) {
            let frame = |s: &Compared| {
                let below = shown(100.0 * s.frame.stopped_below);
                format!("{} days from {}, stopped below {below}%", s.frame.days, s.frame.start)
            };
            let _ = writeln!(
                text,
                "note: {} covers {}; {} {}",
                one_line(&other.label),
                frame(other),
                one_line(&reference.label),
                frame(reference)
            );
        }
        self.main(&mut text, reference);
        self.exceedance(&mut text);
        self.components(&mut text, reference);
        self.first_stops(&mut text, reference);
        text
    }

    /// The headline party's output and total.
    fn main(&self, text: &mut String, reference: &Compared) {
        let labels = self.reference().labels();
        let headline = labels.headline();
        let (unit, name) = self.unit_of(headline, &MAIN);
        let _ = writeln!(
            text,
            "\nWhat {} loses, {name}, and how that differs from {} (with {:.0}% intervals; helps, hurts: trials that lose less, more):",
            one_line(&labels.parties()[headline].name),
            one_line(&reference.label),
            100.0 * LEVEL
        );
        let mut rows = table(&["", "", "mean", "difference", "share", "helps", "hurts", "p05", "p50", "p95"]);
        for component in MAIN {
            for (k, scenario) in self.scenarios().iter().enumerate() {
                let part = scenario.parties[headline].part(component);
                let words = [scenario.label.clone(), component.word().to_owned()];
                let mean = mean_of(&part.loss, unit);
                let figures = if k == 0 { vec![NONE.to_owned(); 7] } else { difference(part, unit) };
                rows.add_row(words.into_iter().chain([mean]).chain(figures));
            }
        }
        let _ = writeln!(text, "{rows}");
    }

    fn exceedance(&self, text: &mut String) {
        let labels = self.reference().labels();
        let (unit, name) = self.unit_of(labels.headline(), &MAIN);
        for &amount in self.amounts() {
            for scenario in self.scenarios() {
                let loss = headline_loss(self, scenario);
                let _ = writeln!(
                    text,
                    "{} loses over {} {name} in {} of trials of {}.",
                    one_line(labels.headline_id()),
                    shown(amount / unit),
                    over(Measure::Over { amount }.of(loss)),
                    one_line(&scenario.label)
                );
            }
        }
    }

    /// The differences by party and component.
    fn components(&self, text: &mut String, reference: &Compared) {
        let labels = self.reference().labels();
        let mut rows = table(&[
            "",
            "",
            "",
            "reference",
            "mean",
            "difference",
            "share",
            "less",
            "more",
            "p05",
            "p50",
            "p95",
        ]);
        for (q, party) in labels.parties().iter().enumerate() {
            let money = Component::ALL.into_iter().filter(|component| component.is_money());
            let (unit, name) = self.unit_of(q, &money.collect::<Vec<_>>());
            for component in Component::ALL {
                let (unit, name) = if component.is_money() { (unit, &*name) } else { (1e3, "thousand") };
                if q == labels.headline() && MAIN.contains(&component) {
                    continue;
                }
                for other in self.scenarios().iter().skip(1) {
                    let [of_reference, part] = [reference, other].map(|s| s.parties[q].part(component));
                    let by_trial = part.difference.by_trial();
                    let nothing = [by_trial.min(), by_trial.max()]
                        .iter()
                        .all(|difference| three_digits(difference / unit) == "0.000");
                    // Without a price, the total is the output; without a direct loss, the indirect one is.
                    let output = other.parties[q].part(Component::Output);
                    let said = component != Component::Output
                        && part.loss == output.loss
                        && part.difference == output.difference;
                    if !nothing && !said {
                        let words = [
                            format!("{}, {name}", party.name),
                            component.word().to_owned(),
                            other.label.clone(),
                            three_digits(of_reference.loss.mean() / unit),
                            three_digits(part.loss.mean() / unit),
                        ];
                        rows.add_row(words.into_iter().chain(difference(part, unit)));
                    }
                }
            }
        }
        if rows.row_count() > 0 {
            let _ = writeln!(
                text,
                "\nWhat differs by party and component, and in how many trials it is less or more than in {}:\n{rows}",
                one_line(&reference.label)
            );
        }
    }

    /// Share of trials in which each sector of the headline party stopped, and when; without those that never did.
    fn first_stops(&self, text: &mut String, reference: &Compared) {
        let header: Vec<&str> = std::iter::once("").chain(self.labels()).collect();
        let mut rows = table(&header);
        let stopped = |k: usize| {
            self.scenarios().iter().any(|s| s.first_stops[k].as_ref().is_some_and(|f| f.share > 0.0))
        };
        for (k, sector) in self.sectors().enumerate().filter(|(k, _)| stopped(*k)) {
            let stops = self.scenarios().iter().map(|s| match &s.first_stops[k] {
                None => NONE.to_owned(),
                Some(stop) => {
                    let trials = self.reference().trials();
                    format!(
                        "{} {:>5}",
                        share(Estimate::share(stop.share, trials)),
                        day_of_all(stop, 0.5, trials)
                    )
                }
            });
            rows.add_row(std::iter::once(sector.name.clone()).chain(stops));
        }
        if rows.row_count() > 0 {
            let _ = writeln!(
                text,
                "\nSectors of {}: trials below {:.0}% of baseline, and the median over all trials of the day of the first stop, from the onset:\n{rows}",
                one_line(&self.reference().labels().parties()[self.reference().labels().headline()].name),
                100.0 * reference.frame.stopped_below
            );
        }
    }

    /// A unit that fits these components of a party's loss in every scenario.
    fn unit_of(&self, party: usize, components: &[Component]) -> (f64, String) {
        let losses = self
            .scenarios()
            .iter()
            .flat_map(|s| components.iter().map(move |&c| &s.parties[party].part(c).loss));
        let largest = losses.map(|loss| loss.max().abs().max(loss.min().abs())).fold(0.0, f64::max);
        unit(self.reference().labels().currency(), largest)
    }
}

/// The cells that say how a component differs from the reference.
fn difference(part: &Part, unit: f64) -> Vec<String> {
    let d = &part.difference;
    let relative = part.share.map_or(NONE.to_owned(), |share| {
        let half = plus_minus(share.interval(LEVEL), |x| percent(x, 2));
        format!("{} {half}", percent(share.value(), 2))
    });
    let quantiles = [0.05, 0.5, 0.95].map(|q| three_digits(d.by_trial().quantile(q) / unit));
    let mean = mean_of(d.by_trial(), unit);
    let trials = d.by_trial().trials() as u64;
    let [less, more] = [d.p_less(), d.p_more()].map(|p| share(Estimate::share(p, trials)));
    [mean, relative, less, more].into_iter().chain(quantiles).collect()
}

fn mean_of(loss: &LossDistribution, unit: f64) -> String {
    let amount = |x: f64| three_digits(x / unit);
    format!("{} {}", amount(loss.mean()), plus_minus(loss.mean_ci(LEVEL), amount))
}
