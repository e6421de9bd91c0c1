//! Columns and rows of published tables that sum up others.

use crate::small::{Folder, listed};
use crate::wild::{Files, near};
use supplyshock::Scenario;

const Z: &str =
    ",A|ore,A|car,B|ore,B|car\nA|ore,1,20.5,0,4\nA|car,2,5,1,6\nB|ore,3,8,2,30\nB|car,0.5,2,1,9\n";
/// Demand of 77.3 for goods of A, of 118.9 for those of B.
const Y: [[f64; 4]; 4] =
    [[10.2, 5.1, 0.0, 2.0], [40.3, 12.4, 3.1, 4.2], [6.6, 3.0, 2.5, 0.3], [60.7, 22.2, 8.4, 15.2]];
/// Value added of both regions: demand less nothing, as all flows are among them.
const GDP: f64 = 77.3 + 118.9;

fn with(header: &str, row: impl Fn(usize, &[f64; 4]) -> String) -> Files {
    let labels = ["A|ore", "A|car", "B|ore", "B|car"];
    let rows: Vec<String> =
        labels.iter().enumerate().map(|(i, label)| format!("{label},{}", row(i, &Y[i]))).collect();
    Files::of(Z, &format!("label,{header}\n{}\n", rows.join("\n")))
}

fn cells(values: &[f64]) -> String {
    values.iter().map(|x| format!("{x:.1}")).collect::<Vec<_>>().join(",")
}

/// The value added of a table and what is said of its totals.
fn gdp(files: &Files) -> (f64, Vec<String>) {
    let scenario = files.load();
    (files.value_added(&scenario), files.said(&scenario))
}

#[test]
fn a_column_that_is_the_total_of_all_is_left_out() {
    let sum = |y: &[f64; 4]| y.iter().sum::<f64>();
    let (plain, said) = gdp(&with("h,g,k,s", |_, y| cells(y)));
    near(plain, GDP);
    assert_eq!(said, [""; 0]);
    for (header, at) in [("h,g,k,s,Total", 4), ("Total,h,g,k,s", 0), ("h,g,Final demand,k,s", 2)] {
        let files = with(header, |_, y| {
            let mut row = y.to_vec();
            row.insert(at, sum(y));
            cells(&row)
        });
        let (total, said) = gdp(&files);
        near(total, GDP);
        let label = header.split(',').nth(at).expect("a label");
        assert_eq!(said, [format!("column `{label}` is the sum of the others: it is left out")]);
    }
    // Rounded as published totals are: not the sum of the rounded, by a unit of the last digit.
    let files =
        with("h,g,k,s,all", |i, y| cells(&[y[0], y[1], y[2], y[3], sum(y) + [0.1, -0.1, 0.0, 0.1][i]]));
    let (total, said) = gdp(&files);
    near(total, GDP);
    assert_eq!(said.len(), 1, "{said:?}");
    // A column that is no sum.
    let files =
        with("h,g,k,s,more", |i, y| cells(&[y[0], y[1], y[2], y[3], sum(y) + [3.0, 0.0, 0.0, 0.0][i]]));
    let (total, said) = gdp(&files);
    near(total, 2.0 * GDP + 3.0);
    assert_eq!(said, [""; 0]);
}

#[test]
fn totals_of_regions_and_of_parts_are_left_out_and_totals_of_totals() {
    let r = |y: &[f64; 4]| {
        let (a, b) = (y[0] + y[1], y[2] + y[3]);
        cells(&[y[0], y[1], a, y[2], y[3], b, a + b])
    };
    let files = with("A|h,A|g,A|Total,B|h,B|g,B|Total,World|Total", |_, y| r(y));
    let (total, said) = gdp(&files);
    near(total, GDP);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("column `A|Total` is the sum of the others of `A`"), "{said:?}");
    assert!(said[2].starts_with("column `World|Total` is the sum of the others"), "{said:?}");
    // By any name: consumption of two kinds, its sum, capital, stocks, and the sum of all.
    let parts = |y: &[f64; 4]| cells(&[y[0], y[1], y[0] + y[1], y[2], y[3], y.iter().sum()]);
    let (total, said) = gdp(&with("h,g,P3,k,s,FD", |_, y| parts(y)));
    near(total, GDP);
    assert_eq!(said[0], "column `P3` is the sum of `h` to `g`: it is left out");
    assert_eq!(said[1], "column `FD` is the sum of the others: it is left out");
    // The sum of all regions, category by category.
    let sums = |y: &[f64; 4]| cells(&[y[0], y[1], y[2], y[3], y[0] + y[2], y[1] + y[3]]);
    let (total, said) = gdp(&with("A|h,A|g,B|h,B|g,World|h,World|g", |_, y| sums(y)));
    near(total, GDP);
    assert_eq!(said[0], "column `World|h` is the sum of the others of `h`: it is left out");
    // As `pymrio` saves them, in two rows of headers.
    let scattered =
        "\t\tA\tA\tA\tB\tB\tB\ncategory\t\th\tg\tTotal\th\tg\tTotal\nregion\tsector\t\t\t\t\t\t\n";
    let rows: Vec<String> = [("A", "ore"), ("A", "car"), ("B", "ore"), ("B", "car")]
        .iter()
        .zip(&Y)
        .map(|((region, sector), y)| {
            let row = cells(&[y[0], y[1], y[0] + y[1], y[2], y[3], y[2] + y[3]]).replace(',', "\t");
            format!("{region}\t{sector}\t{row}\n")
        })
        .collect();
    let (total, said) = gdp(&Files::of(Z, &(scattered.to_owned() + &rows.concat())));
    near(total, GDP);
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn what_is_no_total_stays() {
    let all: f64 = GDP;
    for (header, row, total) in [
        // One column alone, by whatever name.
        ("Total", (|y: &[f64; 4]| vec![y[0] + y[1] + y[2] + y[3]]) as fn(&[f64; 4]) -> Vec<f64>, all),
        // One of each region.
        ("A|Total,B|Total", |y| vec![y[0] + y[1], y[2] + y[3]], all),
        // Two alike, and one of nothing.
        ("h,g", |y| vec![y[0], y[0]], 2.0 * 117.8),
        ("h,g", |y| vec![y[0], 0.0], 117.8),
        ("h,g,k", |y| vec![y[0], 0.0, y[0]], 2.0 * 117.8),
        ("Total,g", |y| vec![0.0, y[0]], 117.8),
        // What one region demands may be what two others do.
        ("A,B,C", |y| vec![y[0], y[1], y[0] + y[1]], 0.0),
    ] {
        let header = header.to_owned();
        let z = if header.ends_with('C') { Z.replace("B|ore", "C|ore") } else { Z.to_owned() };
        let mut files = with(&header, |_, y| cells(&row(y)));
        if header.ends_with('C') {
            files.set("Z.csv", z.as_bytes());
            let y = String::from_utf8(files.get("Y.csv").to_vec()).expect("text");
            files.set("Y.csv", y.replace("B|ore", "C|ore").as_bytes());
        }
        let (found, said) = gdp(&files);
        near(found, if total > 0.0 { total } else { 2.0 * (117.8 + 42.7) });
        assert_eq!(said, [""; 0], "{header}");
    }
    // Two alike of which one says that it is a total.
    let (found, said) = gdp(&with("h,total", |_, y| cells(&[y[0], y[0]])));
    near(found, 117.8);
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn what_two_rows_cannot_tell_is_told_and_kept() {
    let z = ",A|a,A|b\nA|a,1,2\nA|b,3,1\n";
    let (kept, said) = gdp(&Files::of(z, "label,h,g,k\nA|a,3,1,4\nA|b,2,4,6\n"));
    near(kept, 20.0);
    assert_eq!(said, ["column `k` may be the sum of the others, which it equals: it is not left out"]);
    let (left, said) = gdp(&Files::of(z, "label,h,g,total\nA|a,3,1,4\nA|b,2,4,6\n"));
    near(left, 10.0);
    assert_eq!(said, ["column `total` is the sum of the others: it is left out"]);
}

#[test]
fn totals_of_flows_are_no_industries() {
    let plain = with("h,g,k,s", |_, y| cells(y));
    let (y, x) =
        (plain.get("Y.csv").to_vec(), b"l,x\nA|ore,42.8\nA|car,74\nB|ore,55.4\nB|car,119\n".to_vec());
    let labels = |files: &Files| files.load().tables().io_tables["world"].figures.labels().to_vec();
    let usual = labels(&plain);
    let column = Z
        .lines()
        .zip(["Total intermediate", "25.5", "14", "43", "12.5"])
        .map(|(row, sum)| format!("{row},{sum}\n"))
        .collect::<String>();
    let total_row = |text: &str, label: &str, sums: &str| format!("{text}{label},{sums}\n");
    let row = total_row(Z, "Sum of purchases", "6.5,35.5,4,49");
    let both = total_row(&column.replace("Total intermediate", "T|all"), "T|all", "6.5,35.5,4,49,95");
    let pseudo = total_row(&column.replace("Total intermediate", "Total"), "Total", "6.5,35.5,4,49,95");
    for (z, what) in [
        (&column, "column `Total intermediate`"),
        (&row, "row `Sum of purchases`"),
        (&both, "row and column `T|all`"),
        (&pseudo, "row and column `Total`"),
    ] {
        let mut files = Files::of(z, std::str::from_utf8(&y).expect("text"));
        files.set("x.csv", &x);
        let (total, said) = gdp(&files);
        near(total, GDP);
        assert_eq!(said, [format!("{what} is the sum of the others: it is left out")]);
        assert_eq!(labels(&files), usual);
    }
    // By region, between the sectors of each, as the columns of a spreadsheet may be.
    let by_region = ",A|ore,A|car,A|Total,B|ore,B|car,B|Total\nA|ore,1,20.5,21.5,0,4,4\nA|car,2,5,7,1,6,7\nB|ore,3,8,11,2,30,32\nB|car,0.5,2,2.5,1,9,10\n";
    let (total, said) = gdp(&Files::of(by_region, std::str::from_utf8(&y).expect("text")));
    near(total, GDP);
    assert_eq!(said.len(), 2, "{said:?}");
    // A row that says it is a total, beside a column of its label that is none, is no industry and no total.
    let half = total_row(&column.replace("Total intermediate", "T|total"), "T|total", "6.5,35.5,4,70,116");
    let found =
        listed(Files::of(&half, std::str::from_utf8(&y).expect("text")).try_load().expect_err("half"));
    let told = found.iter().any(|p| {
        p.message() == "column `T|total` is the sum of the others, but row `T|total` is not: both are kept"
    });
    assert!(told, "{found:#?}");
}

#[test]
fn total_rows_of_demand_and_output_are_left_out() {
    let mut files = with("h,g,k,s", |_, y| cells(y));
    let y = String::from_utf8(files.get("Y.csv").to_vec()).expect("text");
    files.set("Y.csv", format!("{y}All products,117.8,42.7,14.0,21.7\n").as_bytes());
    files.set("x.csv", b"l,x\nA|ore,42.8\nA|car,74\nB|ore,55.4\nB|car,119\nTotal,291.2\n");
    let (total, said) = gdp(&files);
    near(total, GDP);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("row `All products` is the sum of the others"), "{said:?}");
    // A row that is none is told as before.
    files.set("Y.csv", format!("{y}Imports,117.8,42.7,14.0,25\n").as_bytes());
    let found = listed(files.try_load().expect_err("a row too many"));
    assert!(found.iter().any(|p| p.message().contains("row `Imports` has no row or column")), "{found:#?}");
}

#[test]
fn a_total_that_is_left_out_does_not_change_a_run() {
    let total = with("h,g,k,s,total", |_, y| cells(&[y[0], y[1], y[2], y[3], y.iter().sum()]));
    let plain = with("h,g,k,s", |_, y| cells(y));
    let print = |files: &Files| files.load().compile().expect("it compiles").fingerprint();
    assert_eq!(print(&total), print(&plain));
    // The scenario refers to the files as they are, and comes back with the same warning.
    let folder: &Folder = total.folder();
    let again = Scenario::load(folder.path("s.toml")).expect("it reads");
    assert_eq!(total.said(&again).len(), 1);
}
