//! From the files of an input-output table to a scenario that rests on them.

use super::Reading;
use super::access::Access;
use super::series::Sheet;
use super::whole::{folder_of, refuse_input};
use crate::scenario::{
    About, Basis, Date, DocumentFault, Event, InputOutput, IoTable, Party, Problem, Problems, Suggestions,
    Suppliers, TableFault, Tables, Time,
};
use crate::{Error, Scenario};
use std::path::{Path, PathBuf};

/// What a scenario is made from: files of a table and the parameters of ARIO.
///
#[doc = include_str!("../../scenarios/TABLES.md")]
#[derive(Debug, Clone, PartialEq)]
pub struct TableImport {
    /// Flows between industries.
    pub flows: PathBuf,
    /// Final demand.
    pub demand: PathBuf,
    /// Output, which the other two are checked against.
    pub output: Option<PathBuf>,
    /// Value added, in the place of output less purchases.
    pub value_added: Option<PathBuf>,
    /// Share of capacity that is available, a column for each `region|sector` it names and a row a step.
    pub availability: Option<PathBuf>,
    /// Target of stocks before use \[days of use\].
    pub inventory_days: f64,
    /// Share of the target below which a stock cuts output.
    pub psi: f64,
    /// Time over which a gap in stock is closed \[days\].
    pub restoration_days: f64,
    /// Ceiling of overtime [multiple of capacity].
    pub overtime_max: f64,
    /// Time to reach it \[days\].
    pub overtime_days: f64,
    /// How buyers weigh suppliers.
    pub suppliers: Suppliers,
    /// Currency of the scenario.
    pub currency: String,
    /// What a unit of the table is worth [in that currency].
    pub value_per_unit: f64,
    /// Steps of a day.
    pub steps: u32,
}

/// Does what [`Reading::import_table`] does where no folder is allowed besides that of the scenario.
///
/// # Errors
/// As [`Reading::import_table`].
pub fn import_table(import: &TableImport, path: &Path) -> Result<Scenario, Error> {
    Reading::new().import_table(import, path)
}

impl Reading {
    /// Checks the files of a table and writes a scenario to `path` that refers to them: steps of a day, and a party for
    /// each region with its value added as GDP, or a unit of the table where it has none. Gives the scenario as it was written, with a warning for each file that it will
    /// not be let read as it stands: one outside of its folder and of those that are allowed.
    ///
    /// # Errors
    /// [`Error::Scenario`] with all that is wrong in the files or the parameters, [`Error::Output`] when the scenario
    /// cannot be written.
    pub fn import_table(&self, import: &TableImport, path: &Path) -> Result<Scenario, Error> {
        let read = [
            Some(&import.flows),
            Some(&import.demand),
            import.output.as_ref(),
            import.value_added.as_ref(),
            import.availability.as_ref(),
        ];
        refuse_input(path, read.into_iter().flatten().map(PathBuf::as_path))?;
        let (output, value_added) = (import.output.as_deref(), import.value_added.as_deref());
        let figures = InputOutput::load_with(&import.flows, &import.demand, output, value_added)?;
        let title = import.flows.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (industries, regions) = (figures.labels().len(), figures.regions().len());
        let title = format!("{industries} industries of {regions} regions, from {title}");
        let first = figures.labels().first().cloned();
        let parties: Vec<(String, f64)> =
            figures.regions().iter().map(|region| (region.clone(), figures.value_added(region))).collect();
        let table = IoTable::new(figures)
            .inventory_days(import.inventory_days)
            .psi(import.psi)
            .restoration_days(import.restoration_days)
            .overtime_max(import.overtime_max)
            .overtime_days(import.overtime_days)
            .suppliers(import.suppliers)
            .value_per_unit(import.value_per_unit);
        let time = Time::new(Date::new(2026, 1, 1), import.steps).step_days(1);
        let mut tables =
            Tables::new(About::new(title, import.currency.as_str()), time).io_table("world", table);
        for (region, added) in parties {
            // A party has some product, and a region that adds no value is told of as such.
            let (units, source) = match added > 0.0 {
                true => (added, "value added of the table"),
                false => (1.0, "a unit of the table, which has no value added of it"),
            };
            let party = Party::new(units * import.value_per_unit);
            tables = tables.party(region, party.source(source).basis(Basis::Derived));
        }
        if let Some(file) = &import.availability {
            tables = availability(tables, file, first, import.steps)?;
        }
        let mut scenario = Scenario::new(super::name(path), tables)?;
        scenario.write(path)?;
        scenario.add_warnings(self.out_of_reach(import, path));
        Ok(scenario)
    }

    /// A warning for each file that a scenario at a path could not read.
    fn out_of_reach(&self, import: &TableImport, path: &Path) -> Vec<Problem> {
        let access = self.access(folder_of(path));
        let named = [
            ("flows", Some(&import.flows)),
            ("demand", Some(&import.demand)),
            ("output", import.output.as_ref()),
            ("value_added", import.value_added.as_ref()),
            ("availability", import.availability.as_ref()),
        ];
        let outside = named.into_iter().filter_map(|(key, file)| Some((key, access.check(file?).err()?)));
        outside
            .map(|(key, refused)| {
                let kind = DocumentFault::OutOfReach { message: refused.to_string() }.into();
                Problem {
                    file: Some(path.display().to_string()),
                    line: 0,
                    column: 0,
                    path: key.to_owned(),
                    kind,
                }
            })
            .collect()
    }
}

/// Adds an event for each industry that has a column in a file.
fn availability(mut tables: Tables, file: &Path, first: Option<String>, steps: u32) -> Result<Tables, Error> {
    let problem = |kind| {
        let (file, path) = (Some(file.display().to_string()), "availability".to_owned());
        Error::Scenario(Problems(vec![Problem { file, line: 0, column: 0, path, kind }]))
    };
    let sheet = Sheet::read(file, &Access::to_named()).map_err(|fault| problem(fault.into()))?;
    let mut labels: Vec<&str> =
        sheet.headers.iter().map(String::as_str).filter(|l| l.contains('|')).collect();
    // Without any column, that of some industry is missing.
    labels.extend(first.as_deref().filter(|_| labels.is_empty()));
    for label in labels {
        let series =
            sheet.column(file, label, &Suggestions::default()).map_err(|fault| problem(fault.into()))?;
        let rows = series.values.len();
        if rows != steps as usize {
            return Err(problem(TableFault::Availability { rows, steps }.into()));
        }
        let event = Event::new([label]).series(series);
        tables = tables.event(label, event);
    }
    Ok(tables)
}
