//! The reference of the file format, written from the declarations of the tables.

use super::write::inline;
use crate::scenario::{FORMS, FieldDoc, Kind, Presence, Read, RecordDoc, Tables, Value};
use indexmap::IndexMap;
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# The scenario file

A scenario is one TOML file, at most 64 MiB. Quantities are in the unit of their commodity, money in
the `currency` of `[scenario]`, and every other unit stands in the key. Means over trials by site, by market and by step
are added up in steps of 2⁻²⁰ (a millionth) of the currency: choose one in which losses are large. This page is
written from the declarations of the tables.

## Leaves

A *leaf* is a numeric entry. It is a number, a distribution, or a reference to a named assumption, and
may say where it comes from:

```toml
capacity_per_year = 5000
capacity_per_year = { value = 5000, source = \"USGS 2025\", basis = \"published\" }
criticality = { uniform = { low = 0.05, high = 0.45 }, source = \"spread of estimates\", basis = \"judgement\" }
criticality = { assumption = \"gamma_vehicles\", times = 0.4 }   # plus + times * the value drawn for it
```

It may be a text too, as reports print it:

```toml
criticality = \"10%\"                              # or 0.1
criticality = \"uniform(0.05, 0.45)\"              # parameters in the order of the table below
criticality = \"discrete(0: 0.4, 0.5: 0.3, 1: 0.3)\" # values and weights; empirical(1, 2, 4) is a sample
cover_days = \"normal(40, 10) within [0, inf]\"    # cut off at bounds
criticality = \"0.1 + 1.5 * gamma_vehicles\"       # plus + times * an assumption
```

`basis` is `published`, `derived`, `recalled` (from memory of the literature) or `judgement`. A table's own
`source` and `basis` hold for the leaves in it that give neither. A distribution is drawn once a trial,
from the seed, the path of the leaf, and the trial, so that it has the same luck in every variant of a
scenario. Leaves that refer to the same assumption share its draw; others are independent but for `correlations`.

| distribution | parameters | |
| --- | --- | --- |
";

/// What stands after the distributions; the kinds that can be removed are put in.
const REST: &str = "
## Sizes

Numbers are at most 1e24 in size, and at least 1e-24 where they must be over 0; times are at most 1e7 days, and multiples and elasticities, such as `surge_limit`, 1e9, so that nothing in a
step exceeds what numbers can hold. Where amounts or money are greater, give them in larger units. Of a distribution
without bounds the values that one draw in a thousand exceeds count. A trial whose baseline activity is greater, whose loss
is 2⁶⁴ or more, or whose mass balance is off by more than 1e-9 is an error.

## Times

A key that ends in `days` may end in `months` or `years` instead, `duration_months = 6` for one: a year has 365 days and
a month a twelfth of that. A day that is counted from the start can be given as a date, under the key shown beside it:
`onset = 2026-07-01`; under its other keys a date is read as one too. Whatever it is given in, a time is a number of days, and its draws are the same.

## Tables of entries

Entries by id can stand in a CSV file beside the scenario, separated by commas, semicolons or tabs, a row for each. That is how networks
of hundreds of thousands of sites and links are given:

```toml
[sites]
table = \"sites.csv\"
[links]
table = \"links.csv\"
```

A column is named as a key, with dots before a key further in: `value_added_per_unit`, `outputs.ore.final_demand_per_year`,
`capacity_per_year.uniform.low`. The column `id` gives the id; that of a link can be given by `from`, `to` and `commodity`.
An empty cell says nothing. Where an entry holds others by id, a column may name one of them in each row, and the rows of
an entry then follow each other:

```csv
id,country,stage,input,input.use_per_unit,input.cover_days,output
mill,JP,metal,ore,2.5,30,metal
mill,,,coal,0.5,10,
mine,MM,mine,,,,ore
```

Lists cannot stand in a cell. Entries of the file come first, then those of the scenario, which must have other ids; a file
that extends the scenario changes and removes both alike.

## Variants

`extends = \"base.toml\"` lays this file over another one: entries change by id and field by field, new
ids are added, and `remove = [\"site:x\", \"link:a>b:c\"]` takes entries away first (kinds: KINDS; a site, a reserve or
a commodity takes its links along). A leaf, list or word is replaced whole.
`--set PATH=VALUE` on the command line does the same for one entry. A value that is not TOML is a text, so that no quotes
are needed: `--set controls.ban.severity=10%`, `--set controls.ban.leakage=uniform(0,0.2)`. Paths in a file are relative
to it.

The `source` and `basis` of a table hold for the figures that the same file gives in it. A figure that a file changes
without a source is no longer credited with that of the figure it replaced: it is shown as changed by that file, and
written with `changed_by` in the place of a source.

## Files that a scenario may read

What it extends and the tables that it names lie beneath the folder of the scenario that is run, or beneath one that is
allowed with `--allow-read DIR`; links and `..` are followed before that is decided. Only regular files are read, no pipes
and no devices: scenario files of at most 64 MiB, and tables of at most 4 GiB, into which flows between 15,000 industries
fit with all their digits.
";

/// The reference as Markdown.
pub(crate) fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    for (name, parameters, doc) in FORMS {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|p| match p.strip_suffix('?') {
                Some(p) => format!("[`{p}`]"),
                None => format!("`{p}`"),
            })
            .collect();
        let _ = writeln!(page, "| `{name}` | {} | {doc} |", parameters.join(", "));
    }
    let mut kinds = Vec::new();
    list_kinds(Tables::KINDS, "", &mut kinds);
    page.push_str(&REST.replace("KINDS", &kinds.join(", ")));
    let mut tables = IndexMap::new();
    Tables::document(&mut tables);
    for (name, record) in &tables {
        table(&mut page, name, record);
    }
    // Units are escaped in the sources, where a bracket would be a link.
    page.replace("\\[", "[").replace("\\]", "]")
}

/// The kinds of entries that can be removed, as they are written.
fn list_kinds(kinds: &'static [Kind], above: &str, all: &mut Vec<String>) {
    for kind in kinds {
        all.push(if above.is_empty() {
            format!("`{}`", kind.noun)
        } else {
            format!("`{}:{above}/ID`", kind.noun)
        });
    }
    for kind in kinds {
        let own = if above.is_empty() { "ID".to_owned() } else { format!("{above}/ID") };
        list_kinds(kind.below, &own, all);
    }
}

fn table(page: &mut String, name: &str, record: &RecordDoc) {
    let doc: Vec<&str> = record.doc.lines().map(str::trim).collect();
    let _ = writeln!(
        page,
        "\n## {name}\n\n{}\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |",
        doc.join("\n")
    );
    for field in &record.fields {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            keys(field),
            field.expects,
            presence(&field.presence),
            field.doc
        );
    }
}

/// The keys of a field: its own, and that for dates.
fn keys(field: &FieldDoc) -> String {
    match field.rule.date_key() {
        Some(date) => format!("`{}` or `{date}`", field.field),
        None => format!("`{}`", field.field),
    }
}

fn presence(presence: &Presence) -> String {
    match presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(None) => "none".to_owned(),
        Presence::Default(Some(Value::Table(_))) => "as below".to_owned(),
        Presence::Default(Some(Value::List(_))) => "none".to_owned(),
        Presence::Default(Some(Value::Text(word))) => format!("`\"{word}\"`"),
        Presence::Default(Some(value)) => inline(value),
    }
}
