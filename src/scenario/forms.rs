//! Entries that are either a word or a table: throttle, recovery, series, surge limit.

use super::document::{Node, Value};
use super::leaf::{Domain, Leaf, Origin};
use super::problem::did_you_mean;
use super::read::{LeafVisitor, Read, Reader, record};
use std::path::Path;

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
    fn leaves(&self, path: &mut Vec<String>, _: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        if let Throttle::Threshold(psi) = self {
            path.push("threshold".into());
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
    fn leaves(&self, path: &mut Vec<String>, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        let (Recovery::Linear(t) | Recovery::Exponential(t) | Recovery::Logistic(t)) = self;
        path.push(self.tag().into());
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
        match read_column(&path, &at.column) {
            Ok(values) => Some(Series(values)),
            Err((message, help)) => {
                reader.problem(node, message, help);
                None
            }
        }
    }
}

fn read_column(path: &Path, column: &str) -> Result<Vec<f64>, (String, Option<String>)> {
    let name = path.display();
    let unreadable = |e: csv::Error| {
        (format!("cannot read `{name}`: {e}"), Some("the path is relative to the scenario file".to_owned()))
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let Some(k) = headers.iter().position(|h| h == column) else {
        let known: Vec<&str> = headers.iter().collect();
        return Err((format!("`{name}` has no column `{column}`"), did_you_mean(column, known)));
    };
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.get(k).unwrap_or_default();
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() => values.push(x),
            _ => {
                return Err((
                    format!("`{name}`, line {line}, column `{column}`: `{text}` is not a finite number"),
                    None,
                ));
            }
        }
    }
    Ok(values)
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
            Value::Text(word) if word == "unlimited" => Some(SurgeLimit::Unlimited),
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
    fn leaves(&self, path: &mut Vec<String>, _: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
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
    let mut given = tags.iter().filter_map(|t| table.get(*t).map(|e| (*t, e)));
    match (given.next(), given.next()) {
        (Some((tag, entry)), None) => read(tag, &entry.node, reader),
        _ => {
            reader.problem(node, format!("expected one of {}", tags.join(", ")), None);
            None
        }
    }
}
