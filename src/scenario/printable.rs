//! Text of files and names as it may stand on a terminal.

use std::borrow::Cow;

/// Whether a character does something other than being seen: moves, colours or clears the text of a terminal, ends a line, or
/// turns the order of the characters around it.
fn acts(c: char) -> bool {
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns(c)
}

fn escaped(text: &str, harms: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&harms) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if harms(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown.into()
}

/// A text of lines with every other character that acts written as `\u{1b}` is.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| acts(c) && !matches!(c, '\n' | '\t'))
}

/// The same of text within a line, such as an id, with line breaks written as `\n`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_written_out_and_all_else_stays() {
        let plain = "Ölmühle «α» 東京 🚗 | a>b:c";
        assert!(matches!(printable(plain), Cow::Borrowed(text) if text == plain));
        assert!(matches!(one_line(plain), Cow::Borrowed(text) if text == plain));
        for (text, shown) in [
            ("a\u{1b}[2Jb", r"a\u{1b}[2Jb"),
            ("a\u{9b}31mb", r"a\u{9b}31mb"),
            ("a\rb\u{7}\u{8}\u{7f}\0", r"a\rb\u{7}\u{8}\u{7f}\u{0}"),
            ("a\u{202e}b\u{2066}\u{200f}\u{61c}", r"a\u{202e}b\u{2066}\u{200f}\u{61c}"),
            ("a\u{2028}b", r"a\u{2028}b"),
        ] {
            assert_eq!((&*printable(text), &*one_line(text)), (shown, shown));
        }
        assert_eq!((&*printable("a\n\tb"), &*one_line("a\n\tb")), ("a\n\tb", r"a\n\tb"));
    }
}
