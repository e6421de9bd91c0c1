//! Entries that are either a word or a table: throttle, recovery, series, surge limit.

use super::document::{Node, Value};
use super::leaf::{Domain, Leaf, Origin};
use super::problem::did_you_mean;
use super::read::{LeafVisitor, Read, Reader, record};
use super::trail::Trail;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

/// When a low stock cuts output.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Throttle {
    /// When it cannot feed the step.
    Hard,
    /// As soon as it is below the share `ψ` of its target (ARIO).
    Threshold(Leaf),
}

impl Read for Throttle {
    fn expects() -> String {
        "`\"hard\"`, `\"threshold\"` (`ψ` = 0.8) or `{ threshold = ψ }`".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        const TAGS: [&str; 2] = ["hard", "threshold"];
        match &node.value {
            Value::Table(_) => tagged(node, reader, &["threshold"], |_, inner, r| {
                r.at("threshold", |r| Leaf::read(inner, r)).map(Throttle::Threshold)
            }),
            _ => match String::read(node, reader)?.as_str() {
                "hard" => Some(Throttle::Hard),
                "threshold" => Some(Throttle::Threshold(Leaf::number(0.8))),
                other => {
                    reader.problem(
                        node,
                        format!("`{other}` is not a choice here"),
                        did_you_mean(other, TAGS),
                    );
                    None
                }
            },
        }
    }
    fn leaves(&self, path: &mut Trail, _: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        if let Throttle::Threshold(psi) = self {
            path.push("threshold");
            psi.leaves(path, Domain::Share, origin, visit);
            path.pop();
        }
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        match (self, path.split_first()?) {
            (Throttle::Threshold(psi), (tag, rest)) if tag == "threshold" => psi.leaf_mut(rest),
            _ => None,
        }
    }
}

/// How the effect `g` of an event fades, with `u` the time since its end over the recovery time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Recovery {
    /// `1 − u`, then nothing.
    Linear(RecoveryTime),
    /// `e^(−u)`.
    Exponential(RecoveryTime),
    /// `2 / (1 + e^u)`.
    Logistic(RecoveryTime),
}

record! {
    /// The parameter of a recovery curve.
    RecoveryTime {
        /// Recovery time `τ` \[days\].
        required days: Leaf, in NonNegative;
    }
}

impl Recovery {
    /// The time scale of the curve.
    #[must_use]
    pub fn days(&self) -> &Leaf {
        match self {
            Recovery::Linear(t) | Recovery::Exponential(t) | Recovery::Logistic(t) => &t.days,
        }
    }

    fn tag(&self) -> &'static str {
        match self {
            Recovery::Linear(_) => "linear",
            Recovery::Exponential(_) => "exponential",
            Recovery::Logistic(_) => "logistic",
        }
    }
}

impl Read for Recovery {
    fn expects() -> String {
        "`{ linear = { days = … } }`, `{ exponential = { days = … } }` or `{ logistic = { days = … } }`"
            .into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        tagged(node, reader, &["linear", "exponential", "logistic"], |tag, inner, r| {
            let time = r.at(tag, |r| RecoveryTime::read(inner, r))?;
            Some(match tag {
                "linear" => Recovery::Linear(time),
                "exponential" => Recovery::Exponential(time),
                _ => Recovery::Logistic(time),
            })
        })
    }
    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        let (Recovery::Linear(t) | Recovery::Exponential(t) | Recovery::Logistic(t)) = self;
        path.push(self.tag());
        t.leaves(path, domain, origin, visit);
        path.pop();
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        let (first, rest) = path.split_first()?;
        if first != self.tag() {
            return None;
        }
        let (Recovery::Linear(t) | Recovery::Exponential(t) | Recovery::Logistic(t)) = self;
        t.leaf_mut(rest)
    }
}

/// Values given one a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Series(pub Vec<f64>);

record! {
    /// A column of a CSV file with a header row.
    CsvColumn {
        /// Path of the file, relative to the scenario.
        required csv: String;
        /// Header of the column.
        required column: String;
    }
}

impl Read for Series {
    fn expects() -> String {
        "list of numbers, or `{ csv = \"FILE\", column = \"HEADER\" }`".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if matches!(node.value, Value::Array(_)) {
            return Vec::<f64>::read(node, reader).map(Series);
        }
        let at = CsvColumn::read(node, reader)?;
        let path = reader.folder(node).join(&at.csv);
        // One file often holds the series of many events.
        let file = match reader.series.get(&path) {
            Some(file) => Ok(Rc::clone(file)),
            None => SeriesFile::read(&path).map(Rc::new),
        };
        let values = file.and_then(|file| {
            reader.series.insert(path.clone(), Rc::clone(&file));
            file.column(&path, &at.column)
        });
        match values {
            Ok(values) => Some(Series(values)),
            Err((message, help)) => {
                reader.problem(node, message, help);
                None
            }
        }
    }
}

/// What is wrong, and what would be right.
type Fault = (String, Option<String>);

/// A CSV file with a header row.
#[derive(Debug)]
pub(crate) struct SeriesFile {
    headers: csv::StringRecord,
    /// Number of each column; the first of those with the same header.
    columns: HashMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl SeriesFile {
    fn read(path: &Path) -> Result<Self, Fault> {
        let unreadable = |e: csv::Error| {
            (
                format!("cannot read `{}`: {e}", path.display()),
                Some("the path is relative to the scenario file".to_owned()),
            )
        };
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
        let headers = reader.headers().map_err(unreadable)?.clone();
        let records = reader.records().collect::<Result<_, _>>().map_err(unreadable)?;
        let mut columns = HashMap::new();
        for (k, header) in headers.iter().enumerate() {
            columns.entry(header.to_owned()).or_insert(k);
        }
        Ok(SeriesFile { headers, columns, records })
    }

    fn column(&self, path: &Path, column: &str) -> Result<Vec<f64>, Fault> {
        let name = path.display();
        let Some(&k) = self.columns.get(column) else {
            let known: Vec<&str> = self.headers.iter().collect();
            return Err((format!("`{name}` has no column `{column}`"), did_you_mean(column, known)));
        };
        let number = |record: &csv::StringRecord| {
            let line = record.position().map_or(0, csv::Position::line);
            let text = record.get(k).unwrap_or_default();
            text.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| {
                (format!("`{name}`, line {line}, column `{column}`: `{text}` is not a finite number"), None)
            })
        };
        self.records.iter().map(number).collect()
    }
}

/// The most a lane can carry.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SurgeLimit {
    /// Whatever is ordered.
    Unlimited,
    /// A multiple `m` of the baseline flow.
    Multiple(Leaf),
}

impl Read for SurgeLimit {
    fn expects() -> String {
        "leaf, 0 or more, or `\"unlimited\"`".into()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(word) if word.as_ref() == "unlimited" => Some(SurgeLimit::Unlimited),
            Value::Text(word) => {
                reader.problem(
                    node,
                    format!("`{word}` is not a choice here"),
                    Some("give a number or \"unlimited\"".into()),
                );
                None
            }
            _ => Leaf::read(node, reader).map(SurgeLimit::Multiple),
        }
    }
    fn leaves(&self, path: &mut Trail, _: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        if let SurgeLimit::Multiple(m) = self {
            m.leaves(path, Domain::NonNegative, origin, visit);
        }
    }
    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        match self {
            SurgeLimit::Multiple(m) => m.leaf_mut(path),
            SurgeLimit::Unlimited => None,
        }
    }
}

/// Reads a table with one key out of `tags`.
fn tagged<T>(
    node: &Node,
    reader: &mut Reader<'_>,
    tags: &[&'static str],
    read: impl FnOnce(&'static str, &Node, &mut Reader<'_>) -> Option<T>,
) -> Option<T> {
    let table = reader.table(node, &format!("a table with one of {}", tags.join(", ")))?;
    reader.unknown_keys(table, tags);
    let mut given = tags.iter().filter_map(|t| table.get(t).map(|e| (*t, e)));
    match (given.next(), given.next()) {
        (Some((tag, entry)), None) => read(tag, &entry.node, reader),
        _ => {
            reader.problem(node, format!("expected one of {}", tags.join(", ")), None);
            None
        }
    }
}
