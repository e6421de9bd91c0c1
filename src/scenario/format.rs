//! The reference of the file format, written from the types themselves.

use super::chance::{Contract, InStates, Licence, Licences, Outage, Reexport, Regime, State};
use super::correlation::Correlation;
use super::forms::{CsvColumn, RecoveryTime};
use super::io_table::IoTable;
use super::leaf::DISTRIBUTIONS;
use super::read::FieldDoc;
use super::types::{
    About, Commodity, Control, Event, Input, Link, Market, Output, Party, Payment, Phase, Project, Reserve,
    Rules, Site, Tables, Time,
};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# The scenario file

A scenario is one TOML file, at most 64 MiB. Quantities are in the unit of their commodity, money in
JPY, and every other unit stands in the key. This page is written from the types that read the file.

## Leaves

A *leaf* is a numeric entry. It is a number, a distribution, or a reference to a named assumption, and
may say where it comes from:

```toml
capacity_per_year = 5000
capacity_per_year = { value = 5000, source = \"USGS 2025\", basis = \"published\" }
criticality = { uniform = { low = 0.05, high = 0.45 }, source = \"spread of estimates\", basis = \"judgement\" }
criticality = { assumption = \"gamma_vehicles\", times = 0.4 }   # plus + times * the value drawn for it
```

`basis` is `published`, `derived`, `recalled` (from memory of the literature) or `judgement`. A table's own
`source` and `basis` hold for the leaves in it that give neither. A distribution is drawn once a trial,
from the seed, the path of the leaf, and the trial, so that it has the same luck in every variant of a
scenario. Leaves that refer to the same assumption share its draw; others are independent but for `correlations`.

| distribution | parameters | |
| --- | --- | --- |
";

const EXTENDS: &str = "
## Variants

`extends = \"base.toml\"` lays this file over another one: entries change by id and field by field, new
ids are added, and `remove = [\"site:x\", \"link:a>b:c\"]` takes entries away first (kinds: `site`, `link`,
`commodity`, `control`, `event`, `reserve`, `project`, `regime`, `outage`, `reexport`, `party`, `assumption`, `correlation`,
`io_table`, `input:SITE/COMMODITY`, `output:SITE/COMMODITY`; a site, a reserve or a commodity takes its links along). A leaf, list or
word is replaced whole.
`--set PATH=VALUE` on the command line does the same for one entry. Paths in a file are relative to it.
";

/// The reference as Markdown.
pub(crate) fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    for (name, parameters, doc) in DISTRIBUTIONS {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|p| match p.strip_suffix('?') {
                Some(p) => format!("[`{p}`]"),
                None => format!("`{p}`"),
            })
            .collect();
        let _ = writeln!(page, "| `{name}` | {} | {doc} |", parameters.join(", "));
    }
    page.push_str(EXTENDS);
    for (name, (doc, fields)) in [
        ("Tables", Tables::reference()),
        ("About", About::reference()),
        ("Time", Time::reference()),
        ("Rules", Rules::reference()),
        ("Party", Party::reference()),
        ("Commodity", Commodity::reference()),
        ("Market", Market::reference()),
        ("Correlation", Correlation::reference()),
        ("Site", Site::reference()),
        ("Input", Input::reference()),
        ("Output", Output::reference()),
        ("IoTable", IoTable::reference()),
        ("Link", Link::reference()),
        ("Contract", Contract::reference()),
        ("Payment", Payment::reference()),
        ("Control", Control::reference()),
        ("Phase", Phase::reference()),
        ("Licences", Licences::reference()),
        ("Licence", Licence::reference()),
        ("Reexport", Reexport::reference()),
        ("Regime", Regime::reference()),
        ("State", State::reference()),
        ("InStates", InStates::reference()),
        ("Event", Event::reference()),
        ("RecoveryTime", RecoveryTime::reference()),
        ("CsvColumn", CsvColumn::reference()),
        ("Outage", Outage::reference()),
        ("Reserve", Reserve::reference()),
        ("Project", Project::reference()),
    ] {
        table(&mut page, name, doc, &fields);
    }
    // Units are escaped in the sources, where a bracket would be a link.
    page.replace("\\[", "[").replace("\\]", "]")
}

fn table(page: &mut String, name: &str, doc: &str, fields: &[FieldDoc]) {
    let doc: Vec<&str> = doc.lines().map(str::trim).collect();
    let _ = writeln!(
        page,
        "\n## {name}\n\n{}\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |",
        doc.join("\n")
    );
    for field in fields {
        let _ =
            writeln!(page, "| `{}` | {} | {} | {} |", field.key, field.expects, field.presence, field.doc);
    }
}

/// How a default expression reads in the reference.
pub(crate) fn shown_default(expression: &str) -> String {
    let text: String = expression.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(number) = text.strip_prefix("Leaf::number(").and_then(|t| t.strip_suffix(')')) {
        return number.trim_end_matches(".0").to_owned();
    }
    match text.as_str() {
        "Rules::default()" => "as below".to_owned(),
        "ById::default()" | "Vec::new()" => "none".to_owned(),
        _ => match text.split_once("::") {
            Some((_, variant)) => format!("`\"{}\"`", snake(variant)),
            None => text,
        },
    }
}

fn snake(variant: &str) -> String {
    let mut out = String::new();
    for c in variant.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
