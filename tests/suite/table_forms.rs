//! Files of tables in the separators, encodings, notations and orders that people save them in.

use crate::small::{Folder, listed};
use crate::tables::Table;
use crate::wild::{Files, near};
use std::fmt::Write as _;
use supplyshock::scenario::Series;

/// How a file is written.
#[derive(Clone, Copy)]
struct Form {
    separator: char,
    number: fn(f64) -> String,
    /// Two rows and columns of labels.
    apart: bool,
}

/// Two decimals, with marks for thousands and for decimals.
fn grouped(x: f64, thousands: &str, decimal: &str) -> String {
    let text = format!("{x:.2}");
    let (whole, decimals) = text.split_once('.').expect("decimals");
    let mut marked = String::new();
    for (k, digit) in whole.chars().enumerate() {
        if k > 0 && (whole.len() - k) % 3 == 0 && !marked.ends_with('-') {
            marked += thousands;
        }
        marked.push(digit);
    }
    format!("{marked}{decimal}{decimals}")
}

fn quoted(cell: &str, separator: char) -> String {
    if cell.contains(separator) { format!("\"{cell}\"") } else { cell.to_owned() }
}

/// Five industries with names that have separators and letters of all kinds in them.
struct Small {
    regions: [&'static str; 2],
    sectors: [&'static str; 3],
    z: Vec<Vec<f64>>,
    y: Vec<[f64; 2]>,
}

fn small() -> Small {
    let z = (0..6)
        .map(|i| (0..6).map(|j| ((i * 7 + j * 11) % 5) as f64 * 341.25 + (i + j) as f64 * 0.75).collect());
    let z: Vec<Vec<f64>> = z.collect();
    let bought = |j: usize| z.iter().map(|row| row[j]).sum::<f64>();
    let y = (0..6).map(|i| [bought(i) * 1.5, 1234.5 + 10.0 * i as f64]).collect();
    Small { regions: ["Österreich", "Côte d'Ivoire"], sectors: ["Möbel, Holz; neu", "Pêche", "10"], z, y }
}

impl Small {
    fn labels(&self) -> Vec<(&str, &str)> {
        self.regions.iter().flat_map(|r| self.sectors.iter().map(move |s| (*r, *s))).collect()
    }

    fn order(&self) -> Vec<usize> {
        (0..6).collect()
    }

    /// Flows with the rows and columns in some orders.
    fn flows(&self, form: Form, rows: &[usize], columns: &[usize]) -> String {
        let (labels, s) = (self.labels(), form.separator);
        let q = |text: &str| quoted(text, s);
        let mut text = String::new();
        let row = |cells: Vec<String>| cells.join(&s.to_string());
        if form.apart {
            for (name, of) in [("region", 0), ("sector", 1)] {
                let cell = |j: &usize| q(if of == 0 { labels[*j].0 } else { labels[*j].1 });
                let _ = writeln!(text, "{name}{s}{s}{}", row(columns.iter().map(cell).collect()));
            }
            let _ = writeln!(text, "region{s}sector{}", s.to_string().repeat(6));
        } else {
            let cell = |j: &usize| q(&format!("{}|{}", labels[*j].0, labels[*j].1));
            let _ = writeln!(text, "{s}{}", row(columns.iter().map(cell).collect()));
        }
        for &i in rows {
            let cells = columns.iter().map(|&j| q(&(form.number)(self.z[i][j]))).collect();
            let _ = writeln!(text, "{}{s}{}", self.label(i, form), row(cells));
        }
        text
    }

    fn label(&self, i: usize, form: Form) -> String {
        let (region, sector) = self.labels()[i];
        let q = |text: &str| quoted(text, form.separator);
        if form.apart {
            format!("{}{}{}", q(region), form.separator, q(sector))
        } else {
            q(&format!("{region}|{sector}"))
        }
    }

    fn demand(&self, form: Form, rows: &[usize]) -> String {
        let s = form.separator;
        let mut text =
            if form.apart { format!("region{s}sector{s}h{s}g\n") } else { format!("label{s}h{s}g\n") };
        for &i in rows {
            let [h, g] = self.y[i].map(|x| quoted(&(form.number)(x), s));
            let _ = writeln!(text, "{}{s}{h}{s}{g}", self.label(i, form));
        }
        text
    }

    fn outputs(&self) -> Vec<f64> {
        (0..6).map(|i| self.z[i].iter().sum::<f64>() + self.y[i].iter().sum::<f64>()).collect()
    }

    fn output(&self, form: Form, rows: &[usize]) -> String {
        let (s, x) = (form.separator, self.outputs());
        let mut text =
            if form.apart { format!("region{s}sector{s}indout\n") } else { format!("label{s}indout\n") };
        for &i in rows {
            let _ = writeln!(text, "{}{s}{}", self.label(i, form), quoted(&(form.number)(x[i]), s));
        }
        text
    }

    fn files(&self, form: Form) -> Files {
        let order = self.order();
        let mut files = Files::of(&self.flows(form, &order, &order), &self.demand(form, &order));
        files.set("x.csv", self.output(form, &order).as_bytes());
        files.regions = self.regions.map(str::to_owned).to_vec();
        files
    }
}

const PLAIN: Form = Form { separator: ',', number: |x| format!("{x:.2}"), apart: false };

/// The model that files make, by all that can move a result, and what is said of them.
fn made(files: &Files) -> (String, Vec<String>) {
    let scenario = files.load();
    let print = scenario.compile().unwrap_or_else(|e| panic!("{e}")).fingerprint();
    (format!("{print:?}"), files.said(&scenario))
}

/// The files with each of them written otherwise.
fn rewritten(files: &Files, write: impl Fn(&str) -> Vec<u8>) -> Files {
    let mut again = Files::of("", "");
    again.regions = files.regions.clone();
    for name in ["Z.csv", "Y.csv", "x.csv"] {
        again.set(name, &write(std::str::from_utf8(files.get(name)).expect("text")));
    }
    again
}

#[test]
fn separators_and_notations_are_found() {
    let small = small();
    let (plain, said) = made(&small.files(PLAIN));
    assert_eq!(said, [""; 0]);
    let forms: [fn(f64) -> String; 6] = [
        |x| format!("{x:.2}"),
        |x| grouped(x, ",", "."),
        |x| grouped(x, ".", ","),
        |x| grouped(x, " ", ","),
        |x| grouped(x, "\u{202f}", ","),
        |x| grouped(x, "'", "."),
    ];
    for separator in [',', ';', '\t'] {
        for number in forms {
            for apart in [false, true] {
                let (found, said) = made(&small.files(Form { separator, number, apart }));
                assert_eq!(said, [""; 0], "{separator:?} {}", number(1234.5));
                assert_eq!(found, plain, "{separator:?} {}", number(1234.5));
            }
        }
    }
}

#[test]
fn what_may_be_meant_in_two_ways_is_told() {
    // One table in which every number has three digits behind its comma.
    let z = "l;A|a;A|b\nA|a;1,234;2,345\nA|b;3,456;4,567\n";
    let y = "l;d\nA|a;5\nA|b;6\n";
    let found = listed(Files::of(z, y).try_load().expect_err("two meanings"));
    assert_eq!(found[0].message(), "the comma of `1,234` may stand before decimals or after thousands");
    assert!(found[0].help().expect("a remedy").contains("1234.5"));
    // Any other number tells.
    let files = Files::of(&z.replace("4,567", "4,5"), y);
    near(files.value_added(&files.load()), 11.0);
    let found = listed(
        Files::of(&z.replace("4,567", "4,5").replace("1,234", "1.5"), y).try_load().expect_err("both"),
    );
    assert_eq!(
        found[0].message(),
        "`2,3` has a decimal comma, and `1.5` a decimal point".replace("2,3", "4,5")
    );
    // Cells that both separators divide alike.
    let found = listed(Files::of("l,;A|a\nA|a,;1\n", y).try_load().expect_err("two separators"));
    assert_eq!(found[0].message(), "its cells may be separated by `,` or by `;`");
}

#[test]
fn every_encoding_gives_the_same_labels_or_is_named() {
    let small = small();
    let files = small.files(PLAIN);
    let (plain, _) = made(&files);
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once('\u{feff}')
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let marked = |text: &str| ["\u{feff}", text].concat().into_bytes();
    for write in [
        &marked as &dyn Fn(&str) -> Vec<u8>,
        &|text: &str| utf16(text, u16::to_le_bytes),
        &|text: &str| utf16(text, u16::to_be_bytes),
        &|text: &str| text.replace('\n', "\r\n").into_bytes(),
        // Accents as marks of their own.
        &|text: &str| {
            text.replace('Ö', "O\u{308}")
                .replace('ö', "o\u{308}")
                .replace('ô', "o\u{302}")
                .replace('ê', "e\u{302}")
                .into_bytes()
        },
    ] {
        assert_eq!(made(&rewritten(&files, write)), (plain.clone(), Vec::new()));
    }
    // Latin-1 says nowhere that it is: it is read, and that is told.
    let latin = rewritten(&files, |text| {
        text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect()
    });
    let (found, said) = made(&latin);
    assert_eq!(found, plain);
    assert_eq!(said, ["it is not UTF-8, and is read as windows-1252"; 3]);
    // One file of them in another form than the others.
    let mut mixed = rewritten(&files, |text| text.as_bytes().to_vec());
    mixed.set("Y.csv", latin.get("Y.csv"));
    assert_eq!(made(&mixed).0, plain);
    // What cannot be read is named.
    for (bytes, says) in [
        (b"\xef\xbb\xbfl,A|\xd6\nA|\xd6,1\n".to_vec(), "its bytes are not all UTF-8"),
        (b"\xff\xfel\x00,\x00\x00\xd8,\x00".to_vec(), "its bytes are not all UTF-16LE"),
        (b"l\x00,\x00A\x00|\x00a\x00\n\x00".to_vec(), "it holds bytes of zero"),
        (b"PK\x03\x04 and more".to_vec(), "it is no text of rows but a zip archive or an Excel workbook"),
        (b"\x1f\x8b and more".to_vec(), "it is no text of rows but a gzip archive"),
    ] {
        mixed.set("Y.csv", &bytes);
        let found = listed(mixed.try_load().expect_err(says));
        assert!(found.iter().any(|p| p.message().contains(says)), "{says}: {found:#?}");
    }
}

#[test]
fn labels_in_japanese_encodings_are_decoded() {
    // 日本|農業 and 日本|自動車, in Shift_JIS.
    let (farms, cars): (&[u8], &[u8]) =
        (b"\x93\xfa\x96\x7b|\x94\x5f\x8b\xc6", b"\x93\xfa\x96\x7b|\x8e\xa9\x93\xae\x8e\xd4");
    let z = [b"l,", farms, b",", cars, b"\n", farms, b",1,2\n", cars, b",3,4\n"].concat();
    let mut files = Files::of("", "");
    files.set("Z.csv", &z);
    files.set("Y.csv", "l,d\n日本|農業,10\n日本|自動車,20\n".as_bytes());
    files.regions = vec!["日本".to_owned()];
    let scenario = files.load();
    assert_eq!(scenario.tables().io_tables["world"].figures.labels(), ["日本|農業", "日本|自動車"]);
    assert_eq!(files.said(&scenario), ["it is not UTF-8, and is read as Shift_JIS"]);
}

#[test]
fn rows_and_columns_are_matched_by_their_labels() {
    let small = small();
    let (plain, _) = made(&small.files(PLAIN));
    let (there, back) = (small.order(), vec![3, 1, 5, 0, 4, 2]);
    for apart in [false, true] {
        let form = Form { apart, ..PLAIN };
        let mut files = small.files(form);
        files.set("Z.csv", small.flows(form, &back, &there).as_bytes());
        files.set("Y.csv", small.demand(form, &[5, 4, 3, 2, 1, 0]).as_bytes());
        files.set("x.csv", small.output(form, &[1, 0, 3, 2, 5, 4]).as_bytes());
        assert_eq!(made(&files), (plain.clone(), Vec::new()));
        // Columns in another order are other sites in order, with the same figures.
        files.set("Z.csv", small.flows(form, &there, &back).as_bytes());
        let scenario = files.load();
        let figures = &scenario.tables().io_tables["world"].figures;
        for (r, region) in small.regions.iter().enumerate() {
            let added: f64 = (3 * r..3 * r + 3)
                .map(|j| small.outputs()[j] - small.z.iter().map(|row| row[j]).sum::<f64>())
                .sum();
            near(figures.value_added(region), added);
        }
    }
}

#[test]
fn output_may_stand_in_a_row() {
    let small = small();
    let (plain, _) = made(&small.files(PLAIN));
    let labels = small.labels();
    let outputs: Vec<String> = small.outputs().iter().map(|x| format!("{x:.2}")).collect();
    let joined: Vec<String> = labels.iter().map(|(r, s)| format!("\"{r}|{s}\"")).collect();
    let (regions, sectors): (Vec<String>, Vec<String>) =
        labels.iter().map(|(r, s)| (format!("\"{r}\""), format!("\"{s}\""))).unzip();
    let mut files = small.files(PLAIN);
    for text in [
        format!("l,{}\nindout,{}\n", joined.join(","), outputs.join(",")),
        format!("region,{}\nsector,{}\nindout,{}\n", regions.join(","), sectors.join(","), outputs.join(",")),
        format!(
            "region,,{}\nsector,,{}\na,b{}\nx,indout,{}\n",
            regions.join(","),
            sectors.join(","),
            ",".repeat(6),
            outputs.join(",")
        ),
    ] {
        files.set("x.csv", text.as_bytes());
        assert_eq!(made(&files), (plain.clone(), Vec::new()), "{text}");
    }
    files.set("x.csv", format!("l,{}\nx,{1}\nmore,{1}\n", joined.join(","), outputs.join(",")).as_bytes());
    let found = listed(files.try_load().expect_err("two rows"));
    assert!(found[0].message().contains("it has 2 columns of numbers, not one"), "{}", found[0]);
}

#[test]
fn codes_of_digits_are_labels() {
    let numbers = ["\t\t1\t1\t2\n", "\t\t01\t02\t01\n", "region\tsector\t\t\t\n"].concat();
    let flat = "l,1|01,1|02,2|01\n";
    let rows = [("1", "01", "5\t2\t1"), ("1", "02", "0\t3\t1"), ("2", "01", "2\t2\t4")];
    let apart: String = rows.iter().map(|(r, s, z)| format!("{r}\t{s}\t{z}\n")).collect();
    let joined: String = rows.iter().map(|(r, s, z)| format!("{r}|{s},{}\n", z.replace('\t', ","))).collect();
    let y_apart = "\t\t1\t2\n\t\t3\t3\nregion\tsector\t\t\n1\t01\t7\t8\n1\t02\t9\t1\n2\t01\t4\t4\n";
    let y_flat = "l,1|3,2|3\n1|01,7,8\n1|02,9,1\n2|01,4,4\n";
    for (z, y) in [
        (numbers.clone() + &apart, y_apart),
        (numbers.replace("region\tsector\t\t\t\n", "") + &apart, y_apart),
        (flat.to_owned() + &joined, y_flat),
        (flat.to_owned() + &joined, y_apart),
    ] {
        let mut files = Files::of(&z, y);
        files.regions = vec!["1".to_owned(), "2".to_owned()];
        let scenario = files.load();
        assert_eq!(scenario.tables().io_tables["world"].figures.labels(), ["1|01", "1|02", "2|01"]);
        near(files.value_added(&scenario), 33.0);
    }
}

#[test]
fn cells_without_a_figure_are_told() {
    let z = "l,A|a,A|b\nA|a,1,2\nA|b,3,4\n";
    for gap in ["", "NaN", "n/a", "..", "-", "#N/A", ":", "NULL"] {
        let found = listed(
            Files::of(&z.replace(",3,", &format!(",{gap},")), "l,d\nA|a,9\nA|b,9\n")
                .try_load()
                .expect_err(gap),
        );
        assert_eq!((found.len(), found[0].line), (1, 3), "{found:#?}");
        let help = found[0].help().expect("a remedy");
        assert!(help.starts_with("give 0 where there is nothing"), "{gap}: {help}");
    }
    // Empty cells at the ends of all rows are none.
    let files = Files::of("l,A|a,A|b,,\nA|a,1,2,,\nA|b,3,4,,\n,,,,\n", "l,d,\nA|a,9,\nA|b,9,\n");
    near(files.value_added(&files.load()), 18.0);
}

#[test]
fn every_label_that_comes_twice_is_told() {
    let found = listed(
        Files::of("l,A|a,A|b,A|a,A|b\nA|a,1,2,3,4\n", "l,d\nA|a,1\n").try_load().expect_err("columns"),
    );
    let twice: Vec<String> = found.iter().map(|p| p.message()).collect();
    assert_eq!(twice, ["two columns are labelled `A|a`", "two columns are labelled `A|b`"]);
    // Alike once accents are composed.
    let found = listed(Files::of("l,A|Möbel,A|Mo\u{308}bel\n", "l,d\n").try_load().expect_err("columns"));
    assert_eq!(found[0].message(), "two columns are labelled `A|Möbel`");
    let z = "l,A|a,A|b\nA|a,1,2\nA|b,3,4\n";
    let found = listed(Files::of(z, "l,d\nA|a,1\nA|b,1\nA|a,1\n").try_load().expect_err("rows"));
    assert_eq!((found[0].message().as_str(), found[0].line), ("two rows are labelled `A|a`", 4));
}

#[test]
fn sectors_and_regions_of_nothing_are_kept_with_a_warning() {
    let files = Files::of(
        "l,A|a,A|b,B|a,B|b\nA|a,1,2,0,0\nA|b,3,4,0,0\nB|a,0,0,0,0\nB|b,0,0,0,0\n",
        "l,d\nA|a,9\nA|b,9\nB|a,0\nB|b,0\n",
    );
    let scenario = files.load();
    assert_eq!(files.said(&scenario), ["`B|a`, `B|b` make and use nothing", "region `B` adds no value: 0"]);
    assert_eq!(scenario.compile().expect("it compiles").sites().count(), 4);
}

#[test]
fn value_added_may_be_given() {
    let z = "l,A|a,A|b\nA|a,1,20\nA|b,3,4\n";
    let mut files = Files::of(z, "l,d\nA|a,9\nA|b,49\n");
    near(files.value_added(&files.load()), 58.0);
    // Of an output of 30 and 56 other countries send 20 and 10, which the table does not show.
    for v in [
        "l,pay,profit\nA|a,4,2\nA|b,12,10\n",
        "l,pay,profit,total\nA|a,4,2,6\nA|b,12,10,22\n",
        "l;A|a;A|b\npay;4;12\nprofit;2,0;10,0\n",
        "region,A,A\nsector,a,b\nVA,6,22\n",
    ] {
        files.set("V.csv", v.as_bytes());
        let scenario = files.load();
        near(files.value_added(&scenario), 28.0);
        let said = files.said(&scenario);
        assert_eq!(said.len(), usize::from(v.contains("total")), "{said:?}");
    }
    let text = files.load().to_toml().expect("text");
    assert!(text.contains("value_added = \""), "{text}");
    // More than is left is told, more than all of it refused, and less than nothing told.
    files.set("V.csv", b"l,v\nA|a,29.5\nA|b,-3\n");
    let scenario = files.load();
    let said = files.said(&scenario);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("column `A|b`: its value added is negative, -3"), "{said:?}");
    assert!(said[1].contains("in 1 rows, most in `A|a`: 29.5 in place of 26"), "{said:?}");
    files.set("V.csv", b"l,v\nA|a,60\nA|b,22\n");
    let found = listed(files.try_load().expect_err("too much"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].message(), "row `A|a`: the value added 60 is more than the output 30");
    assert!(
        found[0].file.as_deref().is_some_and(|f| f.ends_with("V.csv")) && found[0].line == 2,
        "{}",
        found[0]
    );
    // The same industry with and without it has other value added a unit, and the same flows.
    files.set("V.csv", b"l,v\nA|a,4\nA|b,22\n");
    files.load().compile().expect("it compiles");
}

#[test]
fn series_are_read_from_files_of_every_form() {
    let values = [1.0, 0.25, 0.5];
    let latin: Vec<u8> = "Tag;A|Möbel\n1;1\n2;0,25\n3;0,50\n".chars().map(|c| c as u32 as u8).collect();
    for bytes in [
        b"day,A|M\xc3\xb6bel\n1,1\n2,0.25\n3,0.50\n".to_vec(),
        b"\xef\xbb\xbfday\tA|M\xc3\xb6bel\n1\t1\n2\t0.25\n3\t0.50\n".to_vec(),
        b"A|Mo\xcc\x88bel;day;\n1,0;1;\n0,25;2;\n0,5;3;\n".to_vec(),
        latin,
    ] {
        let folder = Folder::with(&[]);
        folder.write("a.csv", &bytes);
        for column in ["A|Möbel", "A|Mo\u{308}bel"] {
            let series = Series::load(&folder.path("a.csv"), column).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(series.values, values);
        }
    }
    let folder = Folder::with(&[("a.csv", "A|a;B|b\n1;2\n3\n")]);
    let found = listed(Series::load(&folder.path("a.csv"), "A|a").expect_err("a short row"));
    assert!(found[0].message().contains("line 3 has 1 cells, and there are 2 columns"), "{}", found[0]);
}

#[test]
fn large_tables_are_read_as_they_were() {
    let table = Table::random(4, 6, 21);
    let mut files = Files::of("", "");
    for (name, text) in table.flat() {
        files.set(name, text.as_bytes());
    }
    files.regions = (0..4).map(|r| format!("R{r}")).collect();
    let scenario = files.load();
    let expected: f64 = table.y.iter().flatten().sum();
    near(files.value_added(&scenario), expected);
    assert_eq!(files.said(&scenario), [""; 0]);
}
