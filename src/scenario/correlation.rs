//! Which drawn leaves hang together: the entries of `correlations`, joined where they share leaves.

use super::Leaf;
use super::document::join_path;
use super::leaf::{Domain, LeafValue, Origin};
use super::problem::did_you_mean;
use super::read::{Read, record};
use super::trail::Trail;
use super::types::Tables;
use crate::draw::{DistributionError, Square, factor, nearest, pearson, smallest_eigenvalue, spearman};
use indexmap::{IndexMap, IndexSet};
use std::collections::{HashMap, HashSet};

/// Most leaves that may hang together: the search for the nearest matrix takes the cube of it many times.
const LIMIT: usize = 200;
/// How far the two halves of a matrix may differ.
const SYMMETRY: f64 = 1e-9;

record! {
    /// `[correlations.ID]`: leaves that are drawn together, by Spearman's rank correlation. Give `rank` or `matrix`.
    /// Entries that share leaves are joined; pairs that none names are uncorrelated. The draws are joined by a
    /// Gaussian copula, so each keeps its distribution, and that of the leaf named first is what it would be alone.
    /// Ties in discrete distributions lower the correlation. A leaf that is a number has no part in it, with a
    /// warning, and the others keep their luck. A leaf that refers to an assumption stands for its draw.
    Correlation {
        /// Paths of two or more leaves, such as `assumptions.ID`; `projects.ID.outcome` is the luck of a project.
        required between: Vec<String>;
        /// Rank correlation of each pair, a number.
        optional rank: Leaf, in Correlation;
        /// Rank correlations row by row, in the order of `between`.
        optional matrix: Vec<Vec<f64>>;
        /// Whether correlations that cannot hold together give way to the nearest that can (Higham 2002), with a warning.
        default nearest: bool = false;
    }
}

/// Draws that hang together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coupling {
    /// Names of the draws, those of leaves that are numbers at present among them.
    pub(crate) names: Vec<String>,
    /// Factor of their correlation matrix: lower triangle, row by row.
    pub(crate) factor: Square,
}

/// Something to say about an entry: its path, what is wrong, and what would be right.
pub(crate) type Remark = (Vec<String>, String, Option<String>);

/// What the entries come to.
#[derive(Debug, Default)]
pub(crate) struct Couplings {
    pub(crate) found: Vec<Coupling>,
    pub(crate) problems: Vec<Remark>,
    pub(crate) warnings: Vec<Remark>,
}

/// The draw behind a leaf.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    /// −1 where the leaf falls as the draw rises.
    sign: f64,
    drawn: bool,
    /// Why it cannot be correlated.
    fault: Option<DistributionError>,
}

/// A correlation of two draws, and the entry that gives it.
struct Pair<'a> {
    r: f64,
    entry: &'a str,
}

/// Joins the entries of a scenario, and finds what is wrong with them.
pub(crate) fn couplings(tables: &Tables) -> Couplings {
    let mut out = Couplings::default();
    if tables.correlations.is_empty() {
        return out;
    }
    let named: HashSet<&str> =
        tables.correlations.values().flat_map(|entry| &entry.between).map(String::as_str).collect();
    let sources = sources(tables, &named);
    // Draws in the order they are named, with the entries that name them.
    let mut draws: IndexMap<String, Vec<usize>> = IndexMap::new();
    let mut pairs: HashMap<(usize, usize), Pair<'_>> = HashMap::new();
    for (number, (id, entry)) in tables.correlations.iter().enumerate() {
        let at = |rest: &[&str]| path(id, rest);
        let before = out.problems.len();
        let members = members(id, entry, tables, &sources, &mut out);
        let ranks = ranks(id, entry, &mut out);
        let (Some(ranks), true) = (ranks, out.problems.len() == before) else { continue };
        let places: Vec<usize> = members
            .iter()
            .map(|source| {
                let of = draws.entry(source.name.clone());
                let place = of.index();
                of.or_default().push(number);
                place
            })
            .collect();
        for i in 0..members.len() {
            for j in 0..i {
                let r = pearson(ranks[i][j]) * members[i].sign * members[j].sign;
                let key = (places[i].min(places[j]), places[i].max(places[j]));
                let other = pairs.entry(key).or_insert(Pair { r, entry: id });
                if other.r != r {
                    let message = format!(
                        "the correlation of `{}` and `{}` is another in `correlations.{}`",
                        entry.between[j], entry.between[i], other.entry
                    );
                    out.problems.push((at(&[]), message, Some("give it once".into())));
                }
            }
        }
    }
    if out.problems.is_empty() {
        for group in groups(&draws, tables.correlations.len()) {
            couple(tables, &draws, &group, &pairs, &mut out);
        }
    }
    out
}

fn path(id: &str, rest: &[&str]) -> Vec<String> {
    ["correlations", id].iter().chain(rest).map(|&s| s.to_owned()).collect()
}

/// The draw behind each of the named leaves, by its path with or without quotes.
fn sources(tables: &Tables, named: &HashSet<&str>) -> HashMap<String, Source> {
    let mut all = HashMap::new();
    let mut add = |paths: [String; 2], source: &dyn Fn() -> Source| {
        for path in paths.into_iter().filter(|path| named.contains(path.as_str())) {
            all.insert(path, source());
        }
    };
    let is_drawn = |leaf: &Leaf| matches!(leaf.value, LeafValue::Distribution(_) | LeafValue::Custom(_));
    let fault = |leaf: &Leaf| match &leaf.value {
        LeafValue::Custom(sampler) => sampler.quantile(0.5).err(),
        _ => None,
    };
    tables.leaves(&mut Trail::default(), Domain::Any, &Origin::default(), &mut |path, leaf, _, _| {
        add([path.unquoted(), path.join()], &|| match &leaf.value {
            LeafValue::Assumption(of) if of.times != 0.0 => Source {
                name: join_path(&["assumptions", &of.id]),
                sign: of.times.signum(),
                drawn: tables.assumptions.get(&of.id).is_some_and(is_drawn),
                fault: tables.assumptions.get(&of.id).and_then(fault),
            },
            _ => Source { name: path.join(), sign: 1.0, drawn: is_drawn(leaf), fault: fault(leaf) },
        });
    });
    for (id, project) in &tables.projects {
        let path = outcome(id);
        let drawn = project.success.as_number() != Some(1.0);
        add([path.join("."), join_path(&path)], &|| Source {
            name: join_path(&path),
            sign: 1.0,
            drawn,
            fault: None,
        });
    }
    all
}

/// Path of the luck of a project.
fn outcome(id: &str) -> [&str; 3] {
    ["projects", id, "outcome"]
}

/// The paths of all that could be named, with and without quotes.
fn known(tables: &Tables) -> IndexSet<String> {
    let mut all = IndexSet::new();
    tables.leaves(&mut Trail::default(), Domain::Any, &Origin::default(), &mut |path, _, _, _| {
        all.extend([path.unquoted(), path.join()]);
    });
    for path in tables.projects.keys().map(|id| outcome(id)) {
        all.extend([path.join("."), join_path(&path)]);
    }
    all
}

/// The draws that an entry names.
fn members<'a>(
    id: &str,
    entry: &Correlation,
    tables: &Tables,
    sources: &'a HashMap<String, Source>,
    out: &mut Couplings,
) -> Vec<&'a Source> {
    if entry.between.len() < 2 {
        let message = format!("it names {} leaves", entry.between.len());
        out.problems.push((path(id, &["between"]), message, Some("name two or more".into())));
    }
    let mut members: Vec<&Source> = Vec::new();
    for (k, leaf) in entry.between.iter().enumerate() {
        let at = path(id, &["between", &k.to_string()]);
        let Some(source) = sources.get(leaf.as_str()) else {
            let known = known(tables);
            let help = did_you_mean(leaf, known.iter().map(String::as_str));
            out.problems.push((at, format!("there is no figure `{leaf}`"), help));
            continue;
        };
        if members.iter().any(|m| m.name == source.name) {
            let message = format!("`{leaf}` is drawn by `{}`, which is named before", source.name);
            out.problems.push((at, message, Some("name each draw once".into())));
        } else if !source.drawn {
            let message = format!("`{leaf}` is not drawn, so nothing goes with it");
            let help = Some("give it a distribution, or leave it out".into());
            out.warnings.push((at, message, help));
        } else if let Some(fault) = &source.fault {
            out.problems.push((at, format!("`{leaf}` cannot be correlated: {fault}"), None));
        } else if source.name == *leaf && drawn_anew(leaf) {
            let message = format!("`{leaf}` is drawn anew each time, so it has no rank in a trial");
            out.problems.push((
                at,
                message,
                Some("let it refer to an assumption, which is drawn once".into()),
            ));
        }
        members.push(source);
    }
    members
}

/// Whether a leaf of this path is drawn each time it is needed, and not once a trial.
fn drawn_anew(path: &str) -> bool {
    let Some((rest, key)) = path.rsplit_once('.') else { return false };
    match key {
        "up_days" | "down_days" | "severity" => rest.starts_with("outages."),
        "holding_days" => rest.starts_with("regimes."),
        "remaining_days" | "review_days" => rest.ends_with(".contract"),
        "processing_days" => rest.contains(".licences."),
        _ => false,
    }
}

/// The rank correlations of an entry, `None` where something is wrong with them.
#[expect(clippy::needless_range_loop, reason = "rows and columns of a matrix by their numbers")]
fn ranks(id: &str, entry: &Correlation, out: &mut Couplings) -> Option<Square> {
    let n = entry.between.len();
    let mut fault = |rest: &[&str], message: String, help: &str| {
        out.problems.push((path(id, rest), message, Some(help.to_owned())));
    };
    let matrix = match (&entry.rank, &entry.matrix) {
        (Some(rank), None) => {
            let Some(rank) = rank.as_number() else {
                fault(&["rank"], "a rank correlation is not drawn".into(), "give a number, from −1 to 1");
                return None;
            };
            // Told with the other leaves.
            if !Domain::Correlation.contains(rank) {
                return None;
            }
            return Some((0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { rank }).collect()).collect());
        }
        (None, Some(matrix)) => matrix,
        (None, None) => {
            fault(&[], "`rank` is missing".into(), "give `rank`, or a `matrix` for more than two leaves");
            return None;
        }
        (Some(_), Some(_)) => {
            fault(&["matrix"], "there is a `rank` too".into(), "keep one of them");
            return None;
        }
    };
    if matrix.len() != n || matrix.iter().any(|row| row.len() != n) {
        let rows: Vec<String> = matrix.iter().map(|row| row.len().to_string()).collect();
        let message = format!("{} rows of {} entries for {n} leaves", matrix.len(), rows.join(", "));
        fault(&["matrix"], message, "give a row and a column for each leaf, in the order of `between`");
        return None;
    }
    let mut whole = true;
    for i in 0..n {
        for j in 0..=i {
            let (x, mirrored) = (matrix[i][j], matrix[j][i]);
            let (message, help) = if !(-1.0..=1.0).contains(&x) {
                (format!("{x} is out of range"), "give a number, from −1 to 1".to_owned())
            } else if i == j && x != 1.0 {
                (format!("{x} stands on the diagonal"), "a leaf goes with itself: give 1".to_owned())
            } else if (x - mirrored).abs() > SYMMETRY {
                let help = format!("give the same in row {}, column {}", j + 1, i + 1);
                (format!("{x} below the diagonal and {mirrored} above it"), help)
            } else {
                continue;
            };
            fault(&["matrix", &i.to_string(), &j.to_string()], message, &help);
            whole = false;
        }
    }
    whole.then(|| matrix.clone())
}

/// Draws that entries tie together, directly or by way of others, in the order they are named.
fn groups(draws: &IndexMap<String, Vec<usize>>, entries: usize) -> Vec<Vec<usize>> {
    // The first entry of the group of each.
    let mut first: Vec<usize> = (0..entries).collect();
    let root = |first: &[usize], mut e: usize| {
        while first[e] != e {
            e = first[e];
        }
        e
    };
    for of in draws.values() {
        for &e in of {
            let (a, b) = (root(&first, of[0]), root(&first, e));
            first[a.max(b)] = a.min(b);
        }
    }
    let mut groups: IndexMap<usize, Vec<usize>> = IndexMap::new();
    for (place, of) in draws.values().enumerate() {
        groups.entry(root(&first, of[0])).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Factors the matrix of a group.
fn couple(
    tables: &Tables,
    draws: &IndexMap<String, Vec<usize>>,
    group: &[usize],
    pairs: &HashMap<(usize, usize), Pair<'_>>,
    out: &mut Couplings,
) {
    let names: Vec<String> =
        group.iter().filter_map(|&g| draws.get_index(g)).map(|(name, _)| name.clone()).collect();
    let entries = || group.iter().filter_map(|&g| draws.get_index(g)).flat_map(|(_, of)| of.iter().copied());
    let first = entries().min().and_then(|e| tables.correlations.get_index(e)).map_or("", |(id, _)| id);
    if group.len() > LIMIT {
        let help = format!("correlate at most {LIMIT}; let the others refer to an assumption");
        out.problems.push((path(first, &[]), format!("{} leaves hang together", group.len()), Some(help)));
        return;
    }
    let entry = |i: usize, j: usize| {
        let pair = pairs.get(&(group[i].min(group[j]), group[i].max(group[j])));
        if i == j { 1.0 } else { pair.map_or(0.0, |pair| pair.r) }
    };
    let n = group.len();
    let asked: Square = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
    let wanted = || entries().filter_map(|e| tables.correlations.get_index(e)).any(|(_, c)| c.nearest);
    let mut factored = factor(&asked);
    if factored.is_none() && wanted() {
        let near = nearest(&asked);
        let moves = asked.iter().flatten().zip(near.iter().flatten());
        let most = moves.fold(0.0, |most, (a, b)| f64::max(most, (spearman(*a) - spearman(*b)).abs()));
        let message = format!(
            "the correlations cannot all hold: they give way to the nearest that can, by at most {most:.4}"
        );
        out.warnings.push((path(first, &["nearest"]), message, None));
        factored = factor(&near);
    }
    match factored {
        Some(factor) => out.found.push(Coupling { names, factor }),
        None => {
            let message = format!(
                "the correlations of {} cannot all hold: their matrix has an eigenvalue of {:.4}",
                names.join(", "),
                smallest_eigenvalue(&asked)
            );
            let help = "move them towards 0, or set `nearest = true` for the nearest that can";
            out.problems.push((path(first, &[]), message, Some(help.into())));
        }
    }
}
