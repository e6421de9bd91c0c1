//! Leaves: a number, a distribution or a reference to a named assumption, with its origin.

use super::document::{Node, Table, Value};
use super::read::{LeafVisitor, Read, Reader, choice};
use super::trail::Trail;
use crate::draw::{Bounds, Distribution, DistributionError, Sampler};

choice! {
    /// What a figure rests on.
    Basis {
        /// Read from a publication.
        Published = "published",
        /// Computed from published figures.
        Derived = "derived",
        /// From memory of the literature, unverified.
        Recalled = "recalled",
        /// Somebody's judgement.
        Judgement = "judgement",
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Publication, data set or reasoning.
    pub source: Option<String>,
    /// What it rests on.
    pub basis: Option<Basis>,
}

/// The origin that an entry gives itself: an [`Origin`], which takes no room where it is empty, as in most of the
/// millions of entries of a large network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnOrigin(Option<Box<Origin>>);

impl OwnOrigin {
    pub(crate) const NONE: Self = OwnOrigin(None);

    pub(crate) fn read_from(table: &Table, reader: &mut Reader<'_>) -> Option<Self> {
        let source = reader.optional(table, "source");
        let basis = reader.optional(table, "basis");
        Some(Origin { source: source?, basis: basis? }.into())
    }

    /// This origin, or where it is empty `outer`.
    pub(crate) fn or<'a>(&'a self, outer: &'a Origin) -> &'a Origin {
        self.0.as_deref().unwrap_or(outer)
    }
}

impl From<Origin> for OwnOrigin {
    fn from(origin: Origin) -> Self {
        OwnOrigin((origin != Origin::default()).then(|| Box::new(origin)))
    }
}

impl std::ops::Deref for OwnOrigin {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        static EMPTY: Origin = Origin { source: None, basis: None };
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

/// The values a leaf may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Any,
    NonNegative,
    Positive,
    Share,
    AtLeastOne,
    AtMostOne,
    Correlation,
}

impl Domain {
    pub(crate) fn contains(self, x: f64) -> bool {
        match self {
            Domain::Any => true,
            Domain::NonNegative => x >= 0.0,
            Domain::Positive => x > 0.0,
            Domain::Share => (0.0..=1.0).contains(&x),
            Domain::AtLeastOne => x >= 1.0,
            Domain::AtMostOne => x <= 1.0,
            Domain::Correlation => (-1.0..=1.0).contains(&x),
        }
    }

    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Domain::Any => None,
            Domain::NonNegative => Some("0 or more"),
            Domain::Positive => Some("over 0"),
            Domain::Share => Some("from 0 to 1"),
            Domain::AtLeastOne => Some("1 or more"),
            Domain::AtMostOne => Some("1 or less"),
            Domain::Correlation => Some("from −1 to 1"),
        }
    }
}

/// What a leaf holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LeafValue {
    /// A known number.
    Number(f64),
    /// Known only as a distribution: drawn once a trial, by the name of its path.
    Distribution(Box<Distribution>),
    /// A line in a named assumption.
    Assumption(Box<Reference>),
    /// Drawn by a sampler of the caller's, which no file can hold.
    Custom(Box<Sampler>),
}

/// `plus + times ·` the value of a named assumption, shared by all leaves that refer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Id under `assumptions`.
    pub id: String,
    /// Factor.
    pub times: f64,
    /// Summand.
    pub plus: f64,
}

/// A numeric entry of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Its value.
    pub value: LeafValue,
    /// Where it comes from.
    pub origin: OwnOrigin,
}

impl Leaf {
    /// A known number without a stated origin.
    #[must_use]
    pub const fn number(x: f64) -> Self {
        Leaf { value: LeafValue::Number(x), origin: OwnOrigin::NONE }
    }

    /// A figure that a sampler of the caller's draws, without a stated origin.
    #[must_use]
    pub fn sampler(sampler: Sampler) -> Self {
        Leaf { value: LeafValue::Custom(Box::new(sampler)), origin: OwnOrigin::NONE }
    }

    /// The number, where the leaf is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self.value {
            LeafValue::Number(x) => Some(x),
            _ => None,
        }
    }
}

impl std::fmt::Display for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            LeafValue::Number(x) => write!(f, "{x}"),
            LeafValue::Distribution(d) => write!(f, "{d}"),
            LeafValue::Custom(sampler) => write!(f, "{sampler}"),
            LeafValue::Assumption(of) => {
                let Reference { id, times, plus } = of.as_ref();
                if *plus != 0.0 {
                    write!(f, "{plus} + ")?;
                }
                if *times != 1.0 {
                    write!(f, "{times} * ")?;
                }
                write!(f, "{id}")
            }
        }
    }
}

/// The distributions and the parameters each takes; optional ones end in `?`.
pub(crate) const DISTRIBUTIONS: [(&str, &[&str], &str); 11] = [
    ("uniform", &["low", "high"], "any value between, equally likely"),
    ("triangular", &["low", "mode", "high"], "a range with a most likely value"),
    ("pert", &["low", "mode", "high"], "the same with thinner ends (a scaled beta with λ = 4)"),
    ("normal", &["mean", "sd", "low?", "high?"], "cut off at the bounds, where given"),
    (
        "log_normal",
        &["median", "sigma", "low?", "high?"],
        "`sigma` is the standard deviation of the natural logarithm; cut off at the bounds, where given",
    ),
    ("beta", &["alpha", "beta", "low?", "high?"], "scaled to `low`..`high` (0 and 1 unless given)"),
    ("gamma", &["shape", "scale"], "mean is shape times scale"),
    ("weibull", &["shape", "scale"], ""),
    ("exponential", &["mean"], ""),
    ("discrete", &["values", "weights"], "one of `values`, with chances in proportion to `weights`"),
    ("empirical", &["values"], "a sample: quantiles interpolate between its sorted values"),
];

impl Read for Leaf {
    fn expects() -> String {
        "leaf".into()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            if !matches!(node.value, Value::Integer(_) | Value::Float(_)) {
                reader.wrong_kind(node, "a number, a distribution, or a table with `value` or `assumption`");
                return None;
            }
            return Some(Leaf::number(f64::read(node, reader)?));
        };
        let forms = || ["value", "assumption"].into_iter().chain(DISTRIBUTIONS.iter().map(|d| d.0));
        let given: Vec<&str> = forms().filter(|f| table.contains_key(f)).collect();
        let origin = OwnOrigin::read_from(table, reader);
        let value = match given.as_slice() {
            [form] => {
                let mut known = vec!["source", "basis", *form];
                if *form == "assumption" {
                    known.extend(["times", "plus"]);
                }
                reader.unknown_keys(table, &known);
                read_value(form, table, reader)
            }
            [] => {
                let known: Vec<&str> = forms().chain(["source", "basis"]).collect();
                reader.unknown_keys(table, &known);
                reader.problem(node, "no value in it".into(), Some("give `value`, `assumption` or a distribution such as `uniform = { low = 1, high = 2 }`".into()));
                None
            }
            many => {
                reader.problem(
                    node,
                    format!("it has {} values: {}", many.len(), many.join(", ")),
                    Some("keep one of them".into()),
                );
                None
            }
        };
        Some(Leaf { value: value?, origin: origin? })
    }

    fn leaves(&self, path: &mut Trail, domain: Domain, origin: &Origin, visit: &mut LeafVisitor<'_>) {
        visit(path, self, domain, self.origin.or(origin));
    }

    fn leaf_mut(&mut self, path: &[String]) -> Option<&mut Leaf> {
        path.is_empty().then_some(self)
    }
}

fn read_value(form: &str, table: &Table, reader: &mut Reader<'_>) -> Option<LeafValue> {
    let node = &table.get(form)?.node;
    match form {
        "value" => reader.at("value", |r| f64::read(node, r)).map(LeafValue::Number),
        "assumption" => {
            let id = reader.at("assumption", |r| String::read(node, r));
            let times = reader.optional::<f64>(table, "times");
            let plus = reader.optional::<f64>(table, "plus");
            let (times, plus) = (times?.unwrap_or(1.0), plus?.unwrap_or(0.0));
            Some(LeafValue::Assumption(Box::new(Reference { id: id?, times, plus })))
        }
        _ => {
            let distribution = reader.at(form, |r| read_distribution(form, node, r));
            distribution.map(|d| LeafValue::Distribution(Box::new(d)))
        }
    }
}

fn read_distribution(form: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Distribution> {
    let (_, parameters, _) = DISTRIBUTIONS.iter().find(|d| d.0 == form)?;
    let table = reader.table(node, "a table with the parameters of the distribution")?;
    let keys: Vec<&str> = parameters.iter().map(|p| p.trim_end_matches('?')).collect();
    reader.unknown_keys(table, &keys);
    let whole = parameters
        .iter()
        .filter(|p| !p.ends_with('?') && !table.contains_key(p))
        .map(|p| {
            let help = format!("`{form}` takes {}", parameters.join(", "));
            reader.problem(node, format!("`{p}` is missing"), Some(help));
        })
        .count()
        == 0;
    let list = |reader: &mut Reader<'_>, key: &str| {
        reader.optional::<Vec<f64>>(table, key).map(Option::unwrap_or_default)
    };
    let made: Result<Distribution, DistributionError> = if matches!(form, "discrete" | "empirical") {
        let values = list(reader, "values");
        let weights = list(reader, "weights");
        match (whole, values?, weights?) {
            (false, ..) => return None,
            (true, values, weights) if form == "discrete" => Distribution::discrete(&values, &weights),
            (true, values, _) => Distribution::empirical(&values),
        }
    } else {
        let numbers: Vec<Option<Option<f64>>> =
            keys.iter().map(|k| reader.optional::<f64>(table, k)).collect();
        let numbers: Vec<Option<f64>> = numbers.into_iter().collect::<Option<_>>()?;
        if !whole {
            return None;
        }
        let of = |k: usize| numbers.get(k).copied().flatten();
        let number = |k: usize| of(k).unwrap_or(f64::NAN);
        let bounds = Bounds { low: of(2), high: of(3) };
        match form {
            "uniform" => Distribution::uniform(number(0), number(1)),
            "triangular" => Distribution::triangular(number(0), number(1), number(2)),
            "pert" => Distribution::pert(number(0), number(1), number(2)),
            "normal" => Distribution::normal(number(0), number(1), bounds),
            "log_normal" => Distribution::log_normal(number(0), number(1), bounds),
            "beta" => Distribution::beta(number(0), number(1), of(2).unwrap_or(0.0), of(3).unwrap_or(1.0)),
            "gamma" => Distribution::gamma(number(0), number(1)),
            "weibull" => Distribution::weibull(number(0), number(1)),
            _ => Distribution::exponential(number(0)),
        }
    };
    match made {
        Ok(distribution) => Some(distribution),
        Err(fault) => {
            reader.problem(node, fault.to_string(), None);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Leaf, LeafValue, Origin, OwnOrigin};

    #[test]
    fn a_leaf_is_small() {
        assert_eq!((size_of::<Leaf>(), size_of::<Option<Leaf>>()), (24, 24));
        assert!(size_of::<crate::scenario::Link>() <= 256, "{}", size_of::<crate::scenario::Link>());
    }

    #[test]
    fn an_origin_that_says_nothing_is_none() {
        let own = OwnOrigin::from(Origin::default());
        assert_eq!(own, OwnOrigin::NONE);
        assert_eq!(*own, Origin::default());
        let outer = Origin { source: Some("table".into()), basis: None };
        assert_eq!(own.or(&outer), &outer);
        let said = OwnOrigin::from(Origin { source: Some("own".into()), basis: None });
        assert_eq!(said.or(&outer).source.as_deref(), Some("own"));
        assert!(matches!(Leaf::number(1.0).value, LeafValue::Number(_)));
    }
}
