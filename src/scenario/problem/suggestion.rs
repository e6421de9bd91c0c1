//! What may have been meant by a word that is not known.

use std::cell::Cell;
use std::fmt;

/// What may have been meant by a word that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suggestion {
    /// A known word that is near enough for the other to be a slip of the pen.
    Nearest(String),
    /// One of a few known words.
    OneOf(Vec<String>),
    /// None of so many known words is close to it.
    NoneOf(usize),
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Suggestion::Nearest(word) => write!(f, "did you mean `{word}`?"),
            Suggestion::OneOf(words) => write!(f, "known here: {}", words.join(", ")),
            Suggestion::NoneOf(count) => write!(f, "none of the {count} known ids is close to it"),
        }
    }
}

/// Most unknown words for which something is looked for.
const SUGGESTED: u32 = 100;

/// Looks for known words near the first unknown words of a scenario. Each search walks all known words, of which
/// there can be as many, and nobody reads thousands of hints.
#[derive(Debug, Default)]
pub(crate) struct Suggestions(Cell<u32>);

impl Suggestions {
    /// The known word that an unknown `word` may stand for.
    pub(crate) fn suggest<'a, K: IntoIterator<Item = &'a str>>(
        &self,
        word: &str,
        known: impl FnOnce() -> K,
    ) -> Option<Suggestion> {
        self.take().then(|| suggest(word, known())).flatten()
    }

    /// The known word nearest to `word`, when it is near enough to be a slip of the pen.
    pub(crate) fn nearest<'a, K: IntoIterator<Item = &'a str>>(
        &self,
        word: &str,
        known: impl FnOnce() -> K,
    ) -> Option<Suggestion> {
        let near = self.take().then(|| nearest(word, known())).flatten();
        near.map(|word| Suggestion::Nearest(word.to_owned()))
    }

    fn take(&self) -> bool {
        self.0.replace(self.0.get().saturating_add(1)) < SUGGESTED
    }
}

/// Most known words that are listed.
const LISTED: usize = 24;

/// The known word nearest to `word`, when it is near enough to be a slip of the pen. Slips are looked for where people
/// write files.
#[cfg(feature = "files")]
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(word, k), k))
        .filter(|&(d, k)| d <= 1 + word.len().min(k.len()) / 4)
        .min_by_key(|&(d, _)| d)
        .map(|(_, k)| k)
}

#[cfg(not(feature = "files"))]
pub(crate) fn nearest<'a>(_: &str, _: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    None
}

/// The known word that an unknown `word` may stand for.
pub(crate) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Suggestion> {
    among(word, known.into_iter().collect())
}

fn among(word: &str, all: Vec<&str>) -> Option<Suggestion> {
    if let Some(k) = nearest(word, all.iter().copied()) {
        return Some(Suggestion::Nearest(k.to_owned()));
    }
    match all.len() {
        0 => None,
        1..=LISTED => Some(Suggestion::OneOf(all.into_iter().map(str::to_owned).collect())),
        count => Some(Suggestion::NoneOf(count)),
    }
}

/// The same in words.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    suggest(word, known).map(|s| s.to_string())
}
