//! From the files of an input-output table to a scenario that rests on them, and warnings.

use super::files::write_whole;
use crate::scenario::{Industries, Problem, Problems, Suppliers, read_tables};
use crate::{Error, Scenario};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use toml::Value;

/// The makings of a scenario: files of a table and the parameters of ARIO.
#[derive(Debug, Clone, PartialEq)]
pub struct TableImport {
    /// Flows between industries.
    pub flows: PathBuf,
    /// Final demand.
    pub demand: PathBuf,
    /// Output, which the other two are checked against.
    pub output: Option<PathBuf>,
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
    /// Worth of a unit of the table \[JPY\].
    pub jpy_per_unit: f64,
    /// Steps of a day.
    pub steps: u32,
}

/// Checks the files of a table and writes a scenario to `path` that refers to them: steps of a day, and a party for
/// each region with its value added as GDP. Gives the scenario as it was written.
///
/// # Errors
/// [`Error::Scenario`] with all that is wrong in the files or the parameters, [`Error::Output`] when the scenario
/// cannot be written.
pub fn import_table(import: &TableImport, path: &Path) -> Result<Scenario, Error> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let industries = read_tables(&import.flows, &import.demand, import.output.as_deref())?;
    let text = text(import, &industries, folder);
    let name = path.file_stem().map_or_else(|| "scenario".to_owned(), |s| s.to_string_lossy().into_owned());
    let scenario = Scenario::parse_in(&name, &path.display().to_string(), &text, folder)?;
    if let Some(file) = &import.availability {
        let mut series = scenario.tables().events.values().filter_map(|e| e.series.as_ref());
        if let Some(rows) = series.next().map(|s| s.0.len()).filter(|rows| *rows != import.steps as usize) {
            return Err(Error::Scenario(Problems(vec![Problem {
                file: Some(file.display().to_string()),
                line: 0,
                column: 0,
                path: "availability".to_owned(),
                message: format!("it has {rows} rows, and there are {} steps", import.steps),
                help: Some("give a row for each step".to_owned()),
            }])));
        }
    }
    write_whole(path, |out| out.write_all(text.as_bytes()))?;
    Ok(scenario)
}

fn text(import: &TableImport, industries: &Industries, folder: &Path) -> String {
    let quoted = |s: &str| Value::from(s).to_string();
    let file = |path: &Path| quoted(&relative(path, folder));
    let title = import.flows.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "[scenario]\ntitle = {}\n\n[time]\nstart = 2026-01-01\nstep_days = 1\nhorizon_days = {}\n\n[io_tables.world]",
        quoted(&format!(
            "{} industries of {} regions, from {title}",
            industries.len(),
            industries.regions.len()
        )),
        import.steps,
    );
    let _ = writeln!(text, "flows = {}\ndemand = {}", file(&import.flows), file(&import.demand));
    if let Some(output) = &import.output {
        let _ = writeln!(text, "output = {}", file(output));
    }
    for (key, value) in [
        ("inventory_days", import.inventory_days),
        ("psi", import.psi),
        ("restoration_days", import.restoration_days),
        ("overtime_max", import.overtime_max),
        ("overtime_days", import.overtime_days),
        ("jpy_per_unit", import.jpy_per_unit),
    ] {
        let _ = writeln!(text, "{key} = {}", number(value));
    }
    let _ = writeln!(text, "suppliers = {}", quoted(import.suppliers.word()));
    for (r, region) in industries.regions.iter().enumerate() {
        let own = (0..industries.len()).filter(|&j| industries.region[j] as usize == r);
        let added: f64 = own.map(|j| industries.value_added(j)).sum();
        let _ = writeln!(
            text,
            "\n[parties.{}]\ngdp_jpy_per_year = {}\nsource = \"value added of the table\"\nbasis = \"derived\"",
            quoted(region),
            number(added * import.jpy_per_unit),
        );
    }
    if let Some(availability) = &import.availability {
        // A file that cannot be read has no columns; the scenario that names it tells why.
        let mut columns: Vec<String> = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(availability)
            .and_then(|mut r| r.headers().map(|h| h.iter().map(str::to_owned).collect()))
            .unwrap_or_default();
        columns.retain(|c| c.contains('|'));
        if columns.is_empty() {
            columns.push(industries.labels.first().cloned().unwrap_or_default());
        }
        for column in columns.iter().map(|c| quoted(c)) {
            let _ = writeln!(
                text,
                "\n[events.{column}]\nsites = [{column}]\nseries = {{ csv = {}, column = {column} }}",
                file(availability)
            );
        }
    }
    text
}

/// A number as TOML writes it.
fn number(x: f64) -> String {
    Value::from(x).to_string()
}

/// A path from a folder, or the whole path where there is none.
fn relative(path: &Path, folder: &Path) -> String {
    let whole = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let (path, folder) = (whole(path), whole(folder));
    let (to, from): (Vec<_>, Vec<_>) = (path.components().collect(), folder.components().collect());
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path.to_string_lossy().into_owned();
    }
    let up = std::iter::repeat_n("..".into(), from.len() - common);
    let down = to[common..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}

/// Writes the warnings of a scenario to standard error.
pub fn warn(scenario: &Scenario) {
    for warning in scenario.warnings() {
        // Where nobody can be told, the run is none the worse.
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
}
