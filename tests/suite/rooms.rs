//! The folders of `src` are the way the data goes: each knows only those before it, and no two files know each other.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rooms in the way of the data, with the rooms before them that they may use. Errors and the reading of numbers are
/// no rooms: all use them.
const ROOMS: [(&str, &[&str]); 10] = [
    ("draw", &[]),
    ("stats", &["draw"]),
    ("scenario", &["draw"]),
    ("network", &["draw", "scenario"]),
    ("schedule", &["draw", "scenario", "network"]),
    ("step", &["draw", "scenario", "network", "schedule"]),
    ("run", &["draw", "stats", "scenario", "network", "schedule", "step"]),
    ("study", &["draw", "stats", "scenario", "network", "step", "run"]),
    ("files", &["draw", "stats", "scenario", "network", "step", "run"]),
    ("report", &["draw", "stats", "scenario", "network", "step", "run", "study", "files"]),
];

/// A source file: its tokens, and the names that it declares.
struct Source {
    module: Vec<String>,
    tokens: Vec<String>,
    declares: BTreeSet<String>,
}

const SRC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The tokens of a file in one list, without its unit tests.
fn flatten(stream: TokenStream, out: &mut Vec<String>) {
    let all: Vec<TokenTree> = stream.into_iter().collect();
    let mut k = 0;
    while k < all.len() {
        let text = |n: usize| all.get(n).map(ToString::to_string).unwrap_or_default();
        let attribute = text(k + 1).replace(' ', "");
        let is_test = text(k) == "#"
            && ["[cfg(test)]", "[cfg(all(test"].iter().any(|start| attribute.starts_with(start));
        if is_test && text(k + 2) == "mod" && text(k + 4).starts_with('{') {
            k += 5;
            continue;
        }
        match &all[k] {
            TokenTree::Group(group) => {
                out.push("{".to_owned());
                flatten(group.stream(), out);
                out.push("}".to_owned());
            }
            other => out.push(other.to_string()),
        }
        k += 1;
    }
}

fn sources() -> BTreeMap<String, Source> {
    let mut paths = Vec::new();
    files(Path::new(SRC), &mut paths);
    let mut all = BTreeMap::new();
    for path in paths {
        let name = path.strip_prefix(SRC).expect("below src").to_string_lossy().replace('\\', "/");
        let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        module.pop_if(|last| last == "mod" || last == "lib");
        let text = std::fs::read_to_string(&path).expect("text");
        let mut tokens = Vec::new();
        flatten(text.parse().expect("Rust"), &mut tokens);
        let declares = tokens.windows(2).filter(|pair| {
            ["struct", "enum", "fn", "trait", "type", "const", "static", "mod"].contains(&pair[0].as_str())
        });
        let declares = declares.map(|pair| pair[1].clone()).collect();
        all.insert(name, Source { module, tokens, declares });
    }
    assert!(all.len() > 50, "the sources are not where this test looks for them");
    all
}

/// The paths of a `use` tree, from the token behind a prefix on; where the tree ends.
fn use_tree(tokens: &[String], mut at: usize, prefix: &[String], out: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some(":") => at += 1,
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t != "}") {
                    at = use_tree(tokens, at, &path, out);
                    if tokens.get(at).is_some_and(|t| t == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some("as") => at += 2,
            None | Some(";" | "," | "}") => {
                out.push(path);
                return at;
            }
            Some(name) => {
                path.push(name.to_owned());
                at += 1;
            }
        }
    }
}

/// Every path of a file that leads into the crate.
fn paths(source: &Source) -> Vec<Vec<String>> {
    let (mut out, mut at) = (Vec::new(), 0);
    let tokens = &source.tokens;
    while at < tokens.len() {
        match tokens[at].as_str() {
            // The lifetimes that `use<'a>` captures are no path.
            "use" if tokens.get(at + 1).is_none_or(|t| t != "<") => {
                at = use_tree(tokens, at + 1, &[], &mut out)
            }
            "crate" | "super" if tokens.get(at + 1).is_some_and(|t| t == ":") => {
                let mut path = vec![tokens[at].clone()];
                at += 1;
                while tokens.get(at).is_some_and(|t| t == ":") {
                    at += 2;
                    path.extend(tokens.get(at).cloned());
                    at += 1;
                }
                out.push(path);
            }
            _ => at += 1,
        }
    }
    out
}

/// Which file each file uses: the one that declares the name, not the one that hands it on.
fn uses(all: &BTreeMap<String, Source>) -> BTreeSet<(&str, &str)> {
    let by_module: BTreeMap<&[String], &str> =
        all.iter().map(|(name, source)| (source.module.as_slice(), name.as_str())).collect();
    let mut uses = BTreeSet::new();
    for (name, source) in all {
        for path in paths(source) {
            let mut rest = path.as_slice();
            let mut base = match rest.first().map(String::as_str) {
                Some("crate") => Vec::new(),
                Some("self" | "super") => source.module.clone(),
                Some(first) => {
                    let child: Vec<String> =
                        source.module.iter().cloned().chain([first.to_owned()]).collect();
                    if !by_module.contains_key(child.as_slice()) {
                        continue;
                    }
                    source.module.clone()
                }
                None => continue,
            };
            while let Some(first @ ("crate" | "self" | "super")) = rest.first().map(String::as_str) {
                if first == "super" {
                    base.pop();
                }
                rest = &rest[1..];
            }
            while let Some(first) = rest.first() {
                base.push(first.clone());
                if !by_module.contains_key(base.as_slice()) {
                    base.pop();
                    break;
                }
                rest = &rest[1..];
            }
            let Some(mut target) = by_module.get(base.as_slice()).copied() else { continue };
            if let Some(item) = rest.first()
                && !all[target].declares.contains(item)
            {
                let declares =
                    |(_, s): &(&String, &Source)| s.module.starts_with(&base) && s.declares.contains(item);
                let found = all.iter().filter(declares).min_by_key(|(_, s)| s.module.len());
                target = found.map_or(target, |(name, _)| name);
            }
            if target != name {
                uses.insert((name.as_str(), target));
            }
        }
    }
    uses
}

#[test]
fn a_room_knows_only_the_rooms_before_it() {
    let all = sources();
    let room = |file: &str| file.split(['/', '.']).next().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for (from, to) in uses(&all) {
        let Some((_, before)) = ROOMS.iter().find(|(name, _)| *name == room(from)) else { continue };
        let to_room = room(to);
        if to_room != room(from)
            && !["error", "number"].contains(&to_room.as_str())
            && !before.contains(&to_room.as_str())
        {
            wrong.push(format!("{from} uses {to}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_files_know_each_other_but_a_parent_and_its_child() {
    let all = sources();
    let related = |a: &str, b: &str| {
        let (a, b) = (&all[a].module, &all[b].module);
        a.starts_with(b) || b.starts_with(a)
    };
    let graph: DiGraphMap<&str, ()> =
        uses(&all).into_iter().filter(|(a, b)| !related(a, b)).map(|(a, b)| (a, b, ())).collect();
    let circles: Vec<Vec<&str>> = tarjan_scc(&graph).into_iter().filter(|c| c.len() > 1).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}
