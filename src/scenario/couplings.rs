//! Which drawn leaves hang together: the entries of `correlations`, joined where they share leaves.

use super::correlation::Correlation;
use super::entry::{Entry, Found};
use super::leaf::{Leaf, LeafValue};
use super::origin::Origin;
use super::path::{Path, join_path};
use super::problem::{CorrelationFault, Finding, Suggestions};
use super::rule::{ANY, Domain};
use super::types::Tables;
use crate::draw::{DistributionError, Square, factor, nearest, pearson, smallest_eigenvalue, spearman};
use indexmap::{IndexMap, IndexSet};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// Most leaves that may hang together: the search for the nearest matrix takes the cube of it many times.
const LIMIT: usize = 200;
/// How far the two halves of a matrix may differ.
const SYMMETRY: f64 = 1e-9;

/// Draws that hang together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coupling {
    /// Streams of the draws, those of leaves that are numbers at present among them.
    pub(crate) streams: Vec<String>,
    /// Factor of their correlation matrix: lower triangle, row by row.
    pub(crate) factor: Square,
}

/// What the entries come to.
#[derive(Debug, Default)]
pub(crate) struct Couplings {
    pub(crate) found: Vec<Coupling>,
    pub(crate) problems: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
}

/// The draw behind a leaf.
#[derive(Debug, Clone)]
struct Source {
    /// Name of its stream.
    stream: String,
    /// Path of what is drawn.
    path: String,
    /// −1 where the leaf falls as the draw rises.
    sign: f64,
    drawn: bool,
    /// Whether it is drawn each time it is needed, and not once a trial.
    anew: bool,
    /// Why it cannot be correlated.
    fault: Option<DistributionError>,
}

/// By the names of their streams: the paths of draws, and the numbers of the entries that name them.
type Draws = IndexMap<String, (String, Vec<usize>)>;

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
    let (sources, suggestions) = (sources(tables, &named), Suggestions::default());
    // Draws in the order they are named, with the entries that name them.
    let mut draws: Draws = IndexMap::new();
    let mut pairs: HashMap<(usize, usize), Pair<'_>> = HashMap::new();
    for (number, (id, entry)) in tables.correlations.iter().enumerate() {
        let before = out.problems.len();
        let members = members(id, entry, (tables, &suggestions), &sources, &mut out);
        let ranks = ranks(id, entry, &mut out);
        let (Some(ranks), true) = (ranks, out.problems.len() == before) else { continue };
        let places: Vec<usize> = members
            .iter()
            .map(|source| {
                let of = draws.entry(source.stream.clone());
                let place = of.index();
                of.or_insert_with(|| (source.path.clone(), Vec::new())).1.push(number);
                place
            })
            .collect();
        for i in 0..members.len() {
            for j in 0..i {
                let r = pearson(ranks[i][j]) * members[i].sign * members[j].sign;
                let key = (places[i].min(places[j]), places[i].max(places[j]));
                let other = pairs.entry(key).or_insert(Pair { r, entry: id });
                if other.r != r {
                    let pair = [entry.between[j].clone(), entry.between[i].clone()];
                    let fault = CorrelationFault::GivenTwice { pair, other: other.entry.to_owned() };
                    out.problems.push(finding(id, &[], fault));
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

fn finding(id: &str, rest: &[&str], fault: CorrelationFault) -> Finding {
    let path: Vec<&str> = ["correlations", id].into_iter().chain(rest.iter().copied()).collect();
    Finding::new(&path, fault)
}

/// The draw behind each of the named leaves, by its path with or without quotes.
fn sources(tables: &Tables, named: &HashSet<&str>) -> HashMap<String, Source> {
    let mut all = HashMap::new();
    let mut add = |paths: &[String], source: &dyn Fn() -> Source| {
        for path in paths.iter().filter(|path| named.contains(path.as_str())) {
            all.insert(path.clone(), source());
        }
    };
    let is_drawn = |leaf: &Leaf| matches!(leaf.value, LeafValue::Distribution(_) | LeafValue::Custom(_));
    let fault = |leaf: &Leaf| match &leaf.value {
        LeafValue::Custom(sampler) => sampler.quantile(0.5).err(),
        _ => None,
    };
    walk(tables, &mut |Found { path, leaf, rule, .. }| {
        let mut names = vec![path.unquoted(), path.join()];
        if let LeafValue::Date(_) = leaf.value {
            // A day can be named as it is when it is not given as a date.
            names.push(path.stream());
        }
        add(&names, &|| match &leaf.value {
            LeafValue::Assumption(of) if of.times != 0.0 => {
                let name = join_path(&["assumptions", &of.id]);
                let named = tables.assumptions.get(&of.id);
                Source {
                    stream: name.clone(),
                    path: name,
                    sign: of.times.signum(),
                    drawn: named.is_some_and(is_drawn),
                    anew: false,
                    fault: named.and_then(fault),
                }
            }
            _ => Source {
                stream: path.stream(),
                path: path.join(),
                sign: 1.0,
                drawn: is_drawn(leaf),
                anew: rule.anew,
                fault: fault(leaf),
            },
        });
    });
    for (id, project) in &tables.projects {
        let path = outcome(id);
        let drawn = project.success.as_number() != Some(1.0);
        add(&[path.join("."), join_path(&path)], &|| {
            let name = join_path(&path);
            Source { stream: name.clone(), path: name, sign: 1.0, drawn, anew: false, fault: None }
        });
    }
    all
}

/// Shows every leaf of the tables.
fn walk(tables: &Tables, visit: &mut dyn FnMut(Found<'_>)) {
    tables.leaves(&Path::ROOT, ANY, &Origin::default(), visit);
}

/// Path of the luck of a project.
fn outcome(id: &str) -> [&str; 3] {
    ["projects", id, "outcome"]
}

/// The paths of all that could be named, with and without quotes.
fn known_paths(tables: &Tables) -> IndexSet<String> {
    let mut all = IndexSet::new();
    walk(tables, &mut |found| all.extend([found.path.unquoted(), found.path.join()]));
    for path in tables.projects.keys().map(|id| outcome(id)) {
        all.extend([path.join("."), join_path(&path)]);
    }
    all
}

/// The draws that an entry names.
fn members<'a>(
    id: &str,
    entry: &Correlation,
    (tables, suggestions): (&Tables, &Suggestions),
    sources: &'a HashMap<String, Source>,
    out: &mut Couplings,
) -> Vec<&'a Source> {
    if entry.between.len() < 2 {
        let fault = CorrelationFault::TooFew { count: entry.between.len() };
        out.problems.push(finding(id, &["between"], fault));
    }
    let mut members: Vec<&Source> = Vec::new();
    for (k, leaf) in entry.between.iter().enumerate() {
        let at = |fault| finding(id, &["between", &k.to_string()], fault);
        let leaf = leaf.clone();
        let Some(source) = sources.get(&leaf) else {
            let known = OnceCell::new();
            let all = || known.get_or_init(|| known_paths(tables)).iter().map(String::as_str);
            let suggestion = suggestions.suggest(&leaf, all);
            out.problems.push(at(CorrelationFault::NoFigure { leaf, suggestion }));
            continue;
        };
        if members.iter().any(|m| m.stream == source.stream) {
            out.problems.push(at(CorrelationFault::SameDraw { leaf, draw: source.path.clone() }));
        } else if !source.drawn {
            out.warnings.push(at(CorrelationFault::NotDrawn { leaf }));
        } else if let Some(fault) = source.fault.clone() {
            out.problems.push(at(CorrelationFault::NoQuantile { leaf, fault }));
        } else if source.anew {
            out.problems.push(at(CorrelationFault::DrawnAnew { leaf }));
        }
        members.push(source);
    }
    members
}

/// The rank correlations of an entry, `None` where something is wrong with them.
#[expect(clippy::needless_range_loop, reason = "rows and columns of a matrix by their numbers")]
fn ranks(id: &str, entry: &Correlation, out: &mut Couplings) -> Option<Square> {
    let n = entry.between.len();
    let mut fault = |rest: &[&str], fault| out.problems.push(finding(id, rest, fault));
    let matrix = match (&entry.rank, &entry.matrix) {
        (Some(rank), None) => {
            let Some(rank) = rank.as_number() else {
                fault(&["rank"], CorrelationFault::RankDrawn);
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
            fault(&[], CorrelationFault::NoRank);
            return None;
        }
        (Some(_), Some(_)) => {
            fault(&["matrix"], CorrelationFault::RankToo);
            return None;
        }
    };
    if matrix.len() != n || matrix.iter().any(|row| row.len() != n) {
        let rows = matrix.iter().map(Vec::len).collect();
        fault(&["matrix"], CorrelationFault::Shape { rows, leaves: n });
        return None;
    }
    let mut whole = true;
    for i in 0..n {
        for j in 0..=i {
            let (x, mirrored) = (matrix[i][j], matrix[j][i]);
            let wrong = if !(-1.0..=1.0).contains(&x) {
                CorrelationFault::OutOfRange { value: x }
            } else if i == j && x != 1.0 {
                CorrelationFault::Diagonal { value: x }
            } else if (x - mirrored).abs() > SYMMETRY {
                CorrelationFault::NotSymmetric { below: x, above: mirrored, row: j + 1, column: i + 1 }
            } else {
                continue;
            };
            fault(&["matrix", &i.to_string(), &j.to_string()], wrong);
            whole = false;
        }
    }
    whole.then(|| matrix.clone())
}

/// Draws that entries tie together, directly or by way of others, in the order they are named.
fn groups(draws: &Draws, entries: usize) -> Vec<Vec<usize>> {
    // The first entry of the group of each.
    let mut first: Vec<usize> = (0..entries).collect();
    let root = |first: &[usize], mut e: usize| {
        while first[e] != e {
            e = first[e];
        }
        e
    };
    for (_, of) in draws.values() {
        for &e in of {
            let (a, b) = (root(&first, of[0]), root(&first, e));
            first[a.max(b)] = a.min(b);
        }
    }
    let mut groups: IndexMap<usize, Vec<usize>> = IndexMap::new();
    for (place, (_, of)) in draws.values().enumerate() {
        groups.entry(root(&first, of[0])).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Factors the matrix of a group.
fn couple(
    tables: &Tables,
    draws: &Draws,
    group: &[usize],
    pairs: &HashMap<(usize, usize), Pair<'_>>,
    out: &mut Couplings,
) {
    let members = || group.iter().filter_map(|&g| draws.get_index(g));
    let entries = || members().flat_map(|(_, (_, of))| of.iter().copied());
    let first = entries().min().and_then(|e| tables.correlations.get_index(e)).map_or("", |(id, _)| id);
    if group.len() > LIMIT {
        let fault = CorrelationFault::TooMany { count: group.len(), limit: LIMIT };
        out.problems.push(finding(first, &[], fault));
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
        out.warnings.push(finding(first, &["nearest"], CorrelationFault::GiveWay { most }));
        factored = factor(&near);
    }
    match factored {
        Some(factor) => {
            let streams = members().map(|(stream, _)| stream.clone()).collect();
            out.found.push(Coupling { streams, factor });
        }
        None => {
            let draws = members().map(|(_, (path, _))| path.clone()).collect();
            let eigenvalue = smallest_eigenvalue(&asked);
            out.problems.push(finding(first, &[], CorrelationFault::CannotHold { draws, eigenvalue }));
        }
    }
}
