//! Paths of entries: `sites.mill.inputs.ore.cover_days`.

/// The path of an entry: its key, and the path of the table around it. It stands on the stack while the tables are
/// walked, so that millions of entries take no memory for theirs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    up: Option<&'a Path<'a>>,
    key: &'a str,
    stream: &'a str,
}

impl Path<'static> {
    /// The whole scenario.
    pub(crate) const ROOT: Self = Path { up: None, key: "", stream: "" };
}

impl<'a> Path<'a> {
    /// The path of an entry below.
    pub(crate) fn then(&'a self, key: &'a str) -> Path<'a> {
        Path { up: Some(self), key, stream: key }
    }

    /// The same, where the name of its random stream is not that of its key.
    pub(crate) fn then_as(&'a self, key: &'a str, stream: &'a str) -> Path<'a> {
        Path { up: Some(self), key, stream }
    }

    fn collect(&self, of: impl Fn(&Path<'a>) -> &'a str) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut at = *self;
        while let Some(up) = at.up {
            names.push(of(&at));
            at = *up;
        }
        names.reverse();
        names
    }

    /// The keys from the root down to the entry.
    pub(crate) fn names(&self) -> Vec<&'a str> {
        self.collect(|p| p.key)
    }

    /// The same as texts of their own.
    pub(crate) fn to_vec(self) -> Vec<String> {
        self.names().into_iter().map(str::to_owned).collect()
    }

    /// Whether it is the path of these keys.
    pub(crate) fn is<S: AsRef<str>>(&self, keys: &[S]) -> bool {
        let mut at = *self;
        for key in keys.iter().rev() {
            match at.up {
                Some(up) if at.key == key.as_ref() => at = *up,
                _ => return false,
            }
        }
        at.up.is_none()
    }

    /// As it is written in TOML, with quotes where they are needed.
    pub(crate) fn join(&self) -> String {
        join_path(&self.names())
    }

    /// The same without any quotes.
    pub(crate) fn unquoted(&self) -> String {
        self.names().join(".")
    }

    /// Name of the random stream that the entry is drawn from. It outlives a change of keys.
    pub(crate) fn stream(&self) -> String {
        join_path(&self.collect(|p| p.stream))
    }
}

/// Whether `segment` can stand in a TOML path without quotes.
fn is_bare(segment: &str) -> bool {
    !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A path as it is written in TOML: segments that need it are quoted.
pub(crate) fn join_path<S: AsRef<str>>(path: &[S]) -> String {
    let mut joined = String::with_capacity(path.iter().map(|s| s.as_ref().len() + 3).sum());
    for segment in path.iter().map(S::as_ref) {
        if !joined.is_empty() {
            joined.push('.');
        }
        let quote = if is_bare(segment) { "" } else { "\"" };
        joined.extend([quote, segment, quote]);
    }
    joined
}

/// The segments of a path that is written with quotes or without.
pub(crate) fn split_path(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut quoted = None;
    for c in path.trim().chars() {
        match (quoted, c) {
            (Some(quote), c) if c == quote => quoted = None,
            (None, '"' | '\'') => quoted = Some(c),
            (None, '.') => segments.push(String::new()),
            (_, c) => segments.iter_mut().last().into_iter().for_each(|s| s.push(c)),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        let sites = Path::ROOT.then("sites");
        let site = sites.then("a.b c");
        let leaf = site.then_as("price_per_unit", "price_jpy_per_unit");
        assert_eq!(leaf.join(), "sites.\"a.b c\".price_per_unit");
        assert_eq!(leaf.stream(), "sites.\"a.b c\".price_jpy_per_unit");
        assert_eq!(split_path(&leaf.join()), leaf.names());
        assert!(leaf.is(&["sites", "a.b c", "price_per_unit"]));
        assert!(!leaf.is(&["a.b c", "price_per_unit"]) && !site.is(&leaf.names()));
        assert_eq!(split_path("links.mine>mill:ore.share"), ["links", "mine>mill:ore", "share"]);
        assert_eq!(split_path("links.'mine>mill:ore'.share"), ["links", "mine>mill:ore", "share"]);
    }
}
