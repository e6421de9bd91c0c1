//! The memory and time that a run needs, and its budgets.

use std::fmt;

/// The memory and time that a run needs, estimated from its model before it begins.
///
/// Memory is an upper estimate but for draws of unknown number in every trial, such as the times of outages, for which mean
/// values count. An operation is about the work of a lane in a step: a processor does some hundred million a second.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), supplyshock::Error> {
/// use supplyshock::{Ensemble, Scenario};
/// let model = Scenario::load("scenarios/japan_full_cut.toml")?.compile()?;
/// let takes = Ensemble::new(&model).trials(100_000).estimate()?;
/// assert!(takes.bytes() < 1 << 30 && takes.operations() > 6e9);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What takes memory, and how much \[bytes\].
    memory: Vec<(String, f64)>,
    operations: f64,
}

impl Estimate {
    pub(super) fn new(memory: Vec<(String, f64)>, operations: f64) -> Self {
        Estimate { memory, operations }
    }

    /// Memory \[bytes\].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.memory.iter().map(|(_, bytes)| bytes).sum::<f64>() as u64
    }

    /// Operations, over all trials.
    #[must_use]
    pub fn operations(&self) -> f64 {
        self.operations
    }

    /// What takes most of the memory, in words.
    #[must_use]
    pub fn cause(&self) -> &str {
        let most = self.memory.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        most.map_or("", |(what, _)| what)
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of memory, most of it for {}", Bytes(self.bytes()), self.cause())?;
        write!(f, ", and {:.1e} operations", self.operations)
    }
}

/// Bytes in a unit that is easy to read.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
        match units.into_iter().find(|(_, size)| self.0 as f64 >= *size) {
            Some((unit, size)) => write!(f, "{:.1} {unit}", self.0 as f64 / size),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

/// The most that a run may take.
///
/// # Examples
/// ```
/// use supplyshock::run::Budget;
/// assert_eq!("8GB".parse(), Ok(Budget::Memory(8_000_000_000)));
/// assert_eq!("1e15ops".parse(), Ok(Budget::Operations(1e15)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Budget {
    /// So much memory \[bytes\].
    Memory(u64),
    /// So many operations.
    Operations(f64),
}

impl Budget {
    /// Whether a run takes more.
    pub(super) fn is_exceeded_by(self, estimate: &Estimate) -> bool {
        match self {
            Budget::Memory(bytes) => estimate.bytes() > bytes,
            Budget::Operations(count) => estimate.operations() > count,
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::Memory(bytes) => write!(f, "{} of memory", Bytes(*bytes)),
            Budget::Operations(count) => write!(f, "{count:.1e} operations"),
        }
    }
}

/// A text that is no budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no limit: give memory, such as 8GB or 500MB, or operations, such as 1e15ops")]
pub struct NoBudget {
    /// The text.
    pub text: String,
}

impl std::str::FromStr for Budget {
    type Err = NoBudget;

    fn from_str(text: &str) -> Result<Self, NoBudget> {
        let units = [("ops", 0.0), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0)];
        let ends = |unit: &str| {
            let (number, end) = text.trim().split_at_checked(text.trim().len().checked_sub(unit.len())?)?;
            end.eq_ignore_ascii_case(unit).then_some(number)
        };
        let found = units.into_iter().find_map(|(unit, size)| Some((ends(unit)?, size)));
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x > 0.0);
        match found.and_then(|(text, size)| Some((number(text)?, size))) {
            Some((count, 0.0)) => Ok(Budget::Operations(count)),
            Some((count, size)) => Ok(Budget::Memory((count * size) as u64)),
            None => Err(NoBudget { text: text.to_owned() }),
        }
    }
}
