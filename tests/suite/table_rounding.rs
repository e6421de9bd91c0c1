//! Tables whose numbers were rounded before they were published.

use crate::small::listed;
use crate::wild::{Files, near};
use supplyshock::step::reference::Trial;

/// Fifty industries of one region; the first sells 219.7 to them, and its demand in nine columns is -220.3.
fn belgium(digits: usize, first: f64, demand: f64) -> Files {
    let labels: Vec<String> = (0..50).map(|k| format!("A|{k:02}")).collect();
    let number = |x: f64| format!("{x:.digits$}");
    let row = |cells: Vec<f64>| cells.into_iter().map(number).collect::<Vec<_>>().join(",");
    let flow = |i: usize, j: usize| match (i, j) {
        (0, 0) => first - 196.0,
        (0, _) => 4.0,
        _ => 0.5 + ((7 * i + 3 * j) % 11) as f64 / 10.0,
    };
    let mut z = format!(",{}\n", labels.join(","));
    let mut y = format!("label,{}\n", (0..9).map(|k| format!("f{k}")).collect::<Vec<_>>().join(","));
    for (i, label) in labels.iter().enumerate() {
        z += &format!("{label},{}\n", row((0..50).map(|j| flow(i, j)).collect()));
        let own = (0..9).map(|k| match (i, k) {
            (0, 0) => demand - 3.0,
            (0, 1) => 3.0,
            (0, _) => 0.0,
            _ => 20.0 + ((5 * i + k * k) % 13) as f64,
        });
        y += &format!("{label},{}\n", row(own.collect()));
    }
    Files::of(&z, &y)
}

#[test]
fn a_negative_sum_within_the_rounding_of_its_cells_is_moved_and_told() {
    let files = belgium(1, 219.7, -220.3);
    let scenario = files.load();
    assert_eq!(
        files.said(&scenario),
        [
            "row `A|00`: flows of 219.7 and a demand of -220.3 sum to -0.6, within the rounding of 59 cells (2.95): the \
          demand counts as 0 and the output as 219.7, 220.3 more than what is given"
        ]
    );
    let model = scenario.compile().expect("it compiles");
    let mut trial = Trial::new(&model, 0, 0).expect("a baseline");
    trial.step();
    near(trial.activities().next().expect("one").activity * 365.0, 219.7);
    // Just within, and just beyond.
    assert_eq!(
        belgium(1, 219.7, -222.6).load().warnings().iter().filter(|w| w.path.contains("demand")).count(),
        1
    );
    let found = listed(belgium(1, 219.7, -222.7).try_load().expect_err("more than rounding can do"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].message().contains("flows of 219.7 and a demand of -222.7 make a negative output"),
        "{}",
        found[0]
    );
    // The same numbers with two decimals allow a tenth of it.
    let found = listed(belgium(2, 219.7, -220.3).try_load().expect_err("two decimals"));
    assert!(found[0].message().contains("make a negative output"), "{}", found[0]);
    // With all their digits they allow nothing.
    let found = listed(belgium(13, 219.7, -220.3).try_load().expect_err("all digits"));
    assert!(found[0].message().contains("make a negative output"), "{}", found[0]);
}

/// Three industries with demand and output as they are given.
fn three(y: [&str; 3], x: [&str; 3]) -> Files {
    let z = "l,A|a,A|b,A|c\nA|a,1.5,2.5,0\nA|b,0.5,1.5,2.5\nA|c,3.5,0.5,1.5\n";
    let rows = |v: [&str; 3]| format!("l,v\nA|a,{}\nA|b,{}\nA|c,{}\n", v[0], v[1], v[2]);
    let mut files = Files::of(z, &rows(y));
    files.set("x.csv", rows(x).as_bytes());
    files
}

#[test]
fn an_output_may_differ_by_the_rounding_of_all_that_it_is_compared_with() {
    // Four flows and demand of one decimal, and an output of none: 4 × 0.05 + 0.5.
    let files = three(["6.5", "5.5", "4.5"], ["11", "10", "10"]);
    let said = files.said(&files.load());
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(
        said[0],
        "row `A|a`: the output 11 is not the 10.5 that flows and demand sum to, but within the rounding of 5 cells (0.7): \
         the sum is used"
    );
    near(files.value_added(&files.load()), 16.5);
    let found = listed(three(["6.5", "5.5", "4.5"], ["12", "10", "10"]).try_load().expect_err("too far"));
    assert!(found[0].message().contains("the output 12 is not the 10.5"), "{}", found[0]);
    // One decimal: 5 × 0.05.
    let found =
        listed(three(["6.5", "5.5", "4.5"], ["11.0", "10.0", "10.0"]).try_load().expect_err("too far"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(files.said(&three(["6.5", "5.5", "4.5"], ["10.7", "10.0", "10.0"]).load()).len(), 1);
    // In scientific notation the last digit of 1.1e1 is a unit, with zeros at its end a hundredth.
    assert_eq!(files.said(&three(["6.5", "5.5", "4.5"], ["1.1e1", "1.0e1", "1.0e1"]).load()).len(), 1);
    let exact = three(["6.5", "5.5", "4.5"], ["1.100e1", "1.000e1", "1.000e1"]);
    listed(exact.try_load().expect_err("given to the hundredth"));
    // Digits are counted in whatever notation.
    let mut marked = three(["6.5", "5.5", "4.5"], ["11", "10", "10"]);
    marked.set("x.csv", b"l;v\nA|a;1.011,00\nA|b;10,00\nA|c;10,00\n");
    let found = listed(marked.try_load().expect_err("a thousand more"));
    assert!(found[0].message().contains("the output 1011 is not the 10.5"), "{}", found[0]);
}

#[test]
fn what_an_industry_without_output_seems_to_buy_counts_as_demand() {
    let files = |bought: &str| {
        let z = format!("l,A|a,A|b,A|c\nA|a,1.5,2.5,{bought}\nA|b,0.5,1.5,0.0\nA|c,0.0,0.0,0.0\n");
        Files::of(&z, "l,v\nA|a,6.5\nA|b,5.5\nA|c,0.0\n")
    };
    let rounded = files("0.1");
    let scenario = rounded.load();
    assert_eq!(
        rounded.said(&scenario),
        [
            "column `A|c`: it uses 0.1 and makes nothing, within the rounding of 3 cells (0.15): what it uses counts as final \
          demand for those who sell it"
        ]
    );
    near(rounded.value_added(&scenario), 10.6 + 7.5 - 6.0);
    scenario.compile().expect("it runs");
    let found = listed(files("0.2").try_load().expect_err("more than rounding"));
    assert!(found[0].message().contains("column `A|c`: it uses 0.2 and makes nothing"), "{}", found[0]);
}
