//! Leaves: a number, a distribution, a date, a sampler or a reference to a named assumption, with its origin.

use super::date::Date;
use super::origin::{Basis, Change, Origin, OwnOrigin};
use super::problem::EntryFault;
use super::rule::Form;
use super::tree::{Table, Value};
use crate::draw::{Argument, Distribution, Sampler};
use crate::number::exact;
use std::fmt;

/// What a leaf holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LeafValue {
    /// A known number.
    Number(f64),
    /// Known only as a distribution: drawn once a trial, from the stream of its path.
    Distribution(Box<Distribution>),
    /// A line in a named assumption.
    Assumption(Box<Reference>),
    /// A day of the calendar, where days are counted from the start.
    Date(Date),
    /// Drawn by a sampler of the caller's, which no file can hold.
    Custom(Box<Sampler>),
}

/// `plus + times ·` the value of a named assumption, shared by all leaves that refer to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reference {
    /// Id under `assumptions`.
    pub id: String,
    /// Factor.
    pub times: f64,
    /// Summand.
    pub plus: f64,
}

impl Reference {
    /// The value of an assumption as it is.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Reference { id: id.into(), times: 1.0, plus: 0.0 }
    }

    /// Multiplies it by a factor.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.times = factor;
        self
    }

    /// Adds a number, after the factor.
    #[must_use]
    pub fn plus(mut self, summand: f64) -> Self {
        self.plus = summand;
        self
    }
}

/// A numeric entry of a scenario.
///
/// # Examples
/// ```
/// use supplyshock::draw::Distribution;
/// use supplyshock::scenario::{Basis, Leaf, Reference};
/// # fn main() -> Result<(), supplyshock::draw::DistributionError> {
/// let known = Leaf::from(30.0).source("stocks at the end of 2024").basis(Basis::Published);
/// let drawn = Leaf::from(Distribution::uniform(20.0, 45.0)?).basis(Basis::Judgement);
/// let shared = Leaf::from(Reference::new("cover").times(1.5));
/// assert_eq!(known.as_number(), Some(30.0));
/// assert_eq!(format!("{drawn}, {shared}"), "uniform(20, 45), 1.5 * cover");
/// # Ok(())
/// # }
/// ```
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

    /// What the assumption of this id comes to.
    #[must_use]
    pub fn assumption(id: impl Into<String>) -> Self {
        Reference::new(id).into()
    }

    /// The number, where the leaf is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self.value {
            LeafValue::Number(x) => Some(x),
            _ => None,
        }
    }

    /// The lowest and the highest value that it can take by itself; `None` where that hangs on something else.
    pub(crate) fn support(&self) -> Option<(f64, f64)> {
        match &self.value {
            LeafValue::Number(x) => Some((*x, *x)),
            LeafValue::Distribution(d) => Some(d.support()),
            LeafValue::Custom(sampler) => Some(sampler.support()),
            LeafValue::Assumption(_) | LeafValue::Date(_) => None,
        }
    }

    /// States where it comes from: a publication, a data set or reasoning.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.origin.state(|origin| origin.source = Some(source.into()));
        self
    }

    /// States what it rests on.
    #[must_use]
    pub fn basis(mut self, basis: Basis) -> Self {
        self.origin.state(|origin| origin.basis = Some(basis));
        self
    }

    /// The leaf multiplied by `factor`: its number, every value of its distribution, or what it makes of the
    /// assumption it refers to.
    ///
    /// # Errors
    /// `factor` must be finite and at least 0, a distribution's parameters must stay in the range of `f64`, and a date
    /// cannot be multiplied.
    pub fn scaled(&self, factor: f64) -> Result<Self, EntryFault> {
        let value = match &self.value {
            LeafValue::Distribution(d) => LeafValue::Distribution(Box::new(d.scaled(factor)?)),
            // As of a distribution, nothing is left of it.
            LeafValue::Custom(_) if factor == 0.0 => LeafValue::Number(0.0),
            LeafValue::Custom(sampler) => LeafValue::Custom(Box::new(sampler.scaled(factor)?)),
            LeafValue::Date(date) => return Err(EntryFault::DateTimes { date: *date }),
            _ if !(factor >= 0.0 && factor.is_finite()) => return Err(EntryFault::BadFactor { factor }),
            LeafValue::Number(x) => LeafValue::Number(x * factor),
            LeafValue::Assumption(of) => LeafValue::Assumption(Box::new(Reference {
                id: of.id.clone(),
                times: of.times * factor,
                plus: of.plus * factor,
            })),
        };
        Ok(Leaf { value, origin: self.origin.clone() })
    }

    /// What stands for it in a file.
    pub(crate) fn written(&self) -> Value {
        let mut table = Table::new(u32::MAX);
        let bare = *self.origin == Origin::default();
        match &self.value {
            LeafValue::Number(x) if bare => return Value::number(*x),
            LeafValue::Date(date) if bare => return Value::Date(*date),
            LeafValue::Number(x) => table.put("value", Value::number(*x)),
            LeafValue::Date(date) => table.put("value", Value::Date(*date)),
            LeafValue::Custom(sampler) => table.put("value", Value::Sampler(sampler.to_string())),
            LeafValue::Distribution(d) => {
                let (form, parameters) = written(d);
                table.put(form, parameters);
            }
            LeafValue::Assumption(of) => {
                table.put("assumption", Value::Text(of.id.clone()));
                for (key, x, usual) in [("times", of.times, 1.0), ("plus", of.plus, 0.0)] {
                    if x != usual {
                        table.put(key, Value::number(x));
                    }
                }
            }
        }
        self.origin.write_into(&mut table);
        Value::Table(table)
    }

    /// The leaf in days, where it is a time that was given in another unit.
    pub(crate) fn in_days(&self, form: Form) -> Result<Self, EntryFault> {
        match form {
            Form::Plain | Form::Date => Ok(self.clone()),
            // A day of the calendar is one under any key.
            Form::Months | Form::Years if matches!(self.value, LeafValue::Date(_)) => Ok(self.clone()),
            Form::Months | Form::Years => self.scaled(form.days()),
        }
    }

    /// Says that it was put here by an edit, unless it states a source.
    pub(crate) fn edited(mut self) -> Self {
        if self.origin.source.is_none() {
            self.origin.state(|origin| origin.changed = Some(Change::Edit));
        }
        self
    }
}

impl From<LeafValue> for Leaf {
    fn from(value: LeafValue) -> Self {
        Leaf { value, origin: OwnOrigin::NONE }
    }
}

impl From<f64> for Leaf {
    fn from(x: f64) -> Self {
        Leaf::number(x)
    }
}

impl From<i32> for Leaf {
    fn from(n: i32) -> Self {
        Leaf::number(n.into())
    }
}

impl From<u32> for Leaf {
    fn from(n: u32) -> Self {
        Leaf::number(n.into())
    }
}

impl From<Distribution> for Leaf {
    fn from(distribution: Distribution) -> Self {
        LeafValue::Distribution(Box::new(distribution)).into()
    }
}

impl From<Sampler> for Leaf {
    fn from(sampler: Sampler) -> Self {
        LeafValue::Custom(Box::new(sampler)).into()
    }
}

impl From<Reference> for Leaf {
    fn from(reference: Reference) -> Self {
        LeafValue::Assumption(Box::new(reference)).into()
    }
}

impl From<Date> for Leaf {
    fn from(date: Date) -> Self {
        LeafValue::Date(date).into()
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            LeafValue::Number(x) => f.write_str(&exact(*x)),
            LeafValue::Distribution(d) => write!(f, "{d}"),
            LeafValue::Custom(sampler) => write!(f, "{sampler}"),
            LeafValue::Assumption(of) => {
                let Reference { id, times, plus } = of.as_ref();
                if *plus != 0.0 {
                    write!(f, "{} + ", exact(*plus))?;
                }
                if *times != 1.0 {
                    write!(f, "{} * ", exact(*times))?;
                }
                write!(f, "{id}")
            }
            LeafValue::Date(date) => write!(f, "{date}"),
        }
    }
}

/// The name of a distribution and the table of its parameters.
pub(super) fn written(distribution: &Distribution) -> (&'static str, Value) {
    let (form, parameters) = match distribution.arguments().as_slice() {
        // A constant is a range of no width.
        [("value", value)] => ("uniform", vec![("low", value.clone()), ("high", value.clone())]),
        parameters => (distribution.family(), parameters.to_vec()),
    };
    let value = |parameter| match parameter {
        Argument::Number(x) => Value::number(x),
        Argument::List(list) => Value::list(list.into_iter().map(Value::number)),
    };
    (form, Value::Table(Table::of(parameters.into_iter().map(|(key, p)| (key, value(p))))))
}

#[cfg(test)]
mod tests {
    use super::{Leaf, LeafValue};

    #[test]
    fn a_leaf_is_small() {
        assert_eq!((size_of::<Leaf>(), size_of::<Option<Leaf>>()), (24, 24));
        assert!(size_of::<crate::scenario::Link>() <= 256, "{}", size_of::<crate::scenario::Link>());
        assert!(matches!(Leaf::number(1.0).value, LeafValue::Number(_)));
    }
}
