//! What a person assumes: the tables of a scenario, how they are made, changed and checked.
//!
//! Every table is a plain struct with a constructor that takes what is required. [`Scenario::new`] checks them against
//! each other and tells all that is wrong at once. A scenario can also be read from a file, as [`Scenario::load`] does;
//! either way [`Scenario::edit`] changes it without reading anything again.

mod chance;
mod check;
mod correlation;
mod couplings;
mod date;
mod edit;
mod entry;
mod forms;
mod ids;
mod inputs;
mod io_table;
mod leaf;
mod origin;
mod path;
mod printable;
mod problem;
mod record;
mod rule;
mod setting;
mod stage;
mod tree;
mod types;

pub use chance::{Contract, InStates, Licence, Licences, Outage, Reexport, Regime, State};
pub use correlation::Correlation;
pub use date::Date;
pub use edit::Draft;
pub use entry::ById;
pub use forms::{CsvColumn, FinalDemandClass, Recovery, RecoveryTime, Series, SurgeLimit, Throttle};
pub use ids::Ids;
pub use inputs::{InputFile, InputRole, Inputs};
pub use io_table::{InputOutput, IoTable, Suppliers};
pub use leaf::{Leaf, LeafValue, Reference};
pub use origin::{Basis, Change, Origin, OwnOrigin};
pub use problem::{
    CorrelationFault, DocumentFault, EntryFault, NetworkFault, Problem, ProblemKind, Problems, SheetFault,
    Suggestion, TableFault, TextFault,
};
pub use rule::Domain;
pub use setting::Setting;
pub use stage::Stage;
pub use types::{
    About, Commodity, Control, Event, Input, Link, Market, Ordering, Output, Overtime, Party, Payment, Phase,
    Project, Rationing, Rebuilding, Reserve, Role, Rules, Site, Tables, Target, Time, Weights,
};

pub(crate) use check::{check, default_role, final_demand_class};
pub(crate) use couplings::couplings;
pub(crate) use entry::{Entry, FORMS, Layer, ORIGIN, Read, Reader};
pub(crate) use inputs::hexadecimal;
pub(crate) use io_table::{Beside, Industries, Of, Remark, Rounding, Roundings, Sales, TableFiles};
pub(crate) use path::{Path, join_path, split_path};
pub(crate) use printable::{one_line, printable};
pub(crate) use problem::{Finding, Suggestions, did_you_mean, nearest, suggest};
pub(crate) use rule::{FieldDoc, Kind, LARGEST, Presence, RecordDoc, Shape};
pub(crate) use tree::{Gone, Keyed, Node, Place, Stated, Table, Value};
pub(crate) use types::{leads_to, split_link};

use crate::Error;
use entry::Found;
use rule::ANY;

/// A scenario that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    name: String,
    tables: Tables,
    inputs: Inputs,
    warnings: Vec<Problem>,
}

/// A numeric entry of a scenario: what is assumed, and on what grounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// Path of the entry.
    pub path: String,
    /// Its value.
    pub leaf: Leaf,
    /// Source and basis, from the entry or the table around it.
    pub origin: Origin,
}

impl Scenario {
    /// A scenario made in code, checked as a file is. The name stands for that of a file.
    ///
    /// # Errors
    /// All that is wrong, each with the path of its entry, as [`Error::Scenario`].
    ///
    /// # Examples
    /// ```
    /// use supplyshock::scenario::{
    ///     About, Commodity, Control, Date, Input, Link, Output, Party, Site, Stage, Tables, Time,
    /// };
    /// use supplyshock::{Ensemble, Scenario};
    /// # fn main() -> Result<(), supplyshock::Error> {
    /// let tables = Tables::new(About::new("one lane", "JPY"), Time::new(Date::new(2026, 1, 1), 365).step_days(1))
    ///     .party("JP", Party::new(600e12).countries(["JP", "AU"]))
    ///     .commodity("ore", Commodity::new("t"))
    ///     .commodity("lamp", Commodity::new("JPY"))
    ///     .site("mine", Site::new("AU", "mine").output("ore", Output::new()))
    ///     .site(
    ///         "plant",
    ///         Site::new("JP", Stage::SECTOR)
    ///             .value_added_per_unit(0.3)
    ///             .input("ore", Input::new(2e-6, 30.0))
    ///             .output("lamp", Output::new().final_demand_per_year(365e9)),
    ///     )
    ///     .link("mine>plant:ore", Link::new(7.0).surge_limit(1.0))
    ///     .control("ban", Control::new(["AU"], ["JP"]).onset_days(10.0).duration_days(90.0));
    /// let model = Scenario::new("one_lane", tables)?.compile()?;
    /// let loss = Ensemble::new(&model).trials(32).run()?.loss("JP")?;
    /// // The stock bridges 30 of the 90 days; each of the rest costs 0.3 of a billion.
    /// assert!((loss.mean() - 60.0 * 0.3e9).abs() < 1.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(name: impl Into<String>, tables: Tables) -> Result<Self, Error> {
        Draft::new(Self::unchecked(name.into(), tables, Inputs::default(), Vec::new())).finish()
    }

    /// A scenario that has been checked elsewhere, or will be.
    pub(crate) fn unchecked(name: String, tables: Tables, inputs: Inputs, warnings: Vec<Problem>) -> Self {
        Scenario { name, tables, inputs, warnings }
    }

    /// Begins to change it; the scenario itself stays as it is.
    #[must_use]
    pub fn edit(&self) -> Draft {
        Draft::new(self.clone())
    }

    /// Sets one entry, as [`Draft::set`] does, and checks the scenario. It stays as it was where that cannot be.
    ///
    /// # Errors
    /// All that is wrong then, as [`Error::Scenario`].
    pub fn set(&mut self, path: &str, value: impl Into<Setting>) -> Result<(), Error> {
        *self = self.edit().set(path, value).finish()?;
        Ok(())
    }

    /// What is doubtful in the scenario, but does not keep it from running.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    pub(crate) fn add_warnings(&mut self, warnings: Vec<Problem>) {
        self.warnings.extend(warnings);
    }

    /// Name of the scenario: the file's, without its ending.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Currency of all money in it.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.tables.scenario.currency
    }

    /// What was laid over the file: `PATH=VALUE`, in the order given.
    #[must_use]
    pub fn assignments(&self) -> &[String] {
        self.inputs.assignments()
    }

    /// The files that it was read from and the assignments laid over them, with their hashes.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Every numeric entry with its value, source and basis, in the order of the tables. Entries left
    /// at their defaults are among them.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Assumption> {
        let mut all = Vec::new();
        self.leaves(&mut |found| {
            let (leaf, origin) = (found.leaf.clone(), found.origin.clone());
            all.push(Assumption { path: found.path.join(), leaf, origin });
        });
        all
    }

    /// The numeric entry at a path, written as [`Scenario::assumptions`] writes it or without quotes.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is none.
    pub fn assumption(&self, path: &str) -> Result<Assumption, Error> {
        let keys = edit::resolve(&self.tables, &split_path(path));
        let mut found = None;
        self.leaves(&mut |at| {
            if keys.as_ref().is_some_and(|keys| at.path.is(keys)) {
                let (leaf, origin) = (at.leaf.clone(), at.origin.clone());
                found = Some(Assumption { path: at.path.join(), leaf, origin });
            }
        });
        found.ok_or_else(|| {
            let mut known = Vec::new();
            self.leaves(&mut |at| known.push(at.path.join()));
            let hint = did_you_mean(path, known.iter().map(String::as_str));
            Error::Unknown { what: "figure", name: path.to_owned(), hint }
        })
    }

    fn leaves(&self, visit: &mut dyn FnMut(Found<'_>)) {
        self.tables.leaves(&Path::ROOT, ANY, &Origin::default(), visit);
    }
}
