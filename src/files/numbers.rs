//! Numbers as tables write them: with a decimal point or comma, with marks for thousands, and to so many digits.

use crate::scenario::TextFault;
use std::borrow::Cow;

/// Digits from which on a number is taken for all that there is to know of it.
const WHOLE: i32 = 15;

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Notation {
    /// Decimals stand behind a comma, not a point.
    pub(super) comma: bool,
}

impl Notation {
    /// The finite number a cell holds, if any.
    pub(super) fn number(self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        if cell == "0" {
            return Some(0.0);
        }
        self.plain(cell)?.parse::<f64>().ok().filter(|x| x.is_finite())
    }

    /// A number as programs write it.
    fn plain(self, cell: &str) -> Option<Cow<'_, str>> {
        let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        if !self.comma && cell.chars().all(plain) {
            return Some(Cow::Borrowed(cell));
        }
        // Minus signs as they are set in print.
        let cell = cell.replace('\u{2212}', "-");
        let (decimal, thousands) = if self.comma { (',', '.') } else { ('.', ',') };
        let (whole, rest) = match cell.find([decimal, 'e', 'E']) {
            Some(end) => cell.split_at(end),
            None => (cell.as_str(), ""),
        };
        let sign = usize::from(whole.starts_with(['+', '-']));
        let (sign, digits) = whole.split_at(sign);
        let grouped = |c: char| c == thousands || is_space(c) || "'\u{2019}".contains(c);
        let mark = digits.chars().find(|c| grouped(*c));
        if mark.is_some_and(|mark| !groups_of_three(digits, mark)) {
            return None;
        }
        let digits: String = digits.chars().filter(|c| Some(*c) != mark).collect();
        let rest = rest.replacen(decimal, ".", 1);
        let number = format!("{sign}{digits}{rest}");
        number.chars().all(plain).then_some(Cow::Owned(number))
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Whether marks divide digits as they divide thousands.
fn groups_of_three(digits: &str, mark: char) -> bool {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    let all_digits = |g: &str| g.chars().all(|c| c.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && all_digits(first)
        && groups.all(|g| g.len() == 3 && all_digits(g))
}

/// The evidence in a file for how its numbers are written.
#[derive(Debug, Default)]
pub(super) struct Marks {
    comma: Option<String>,
    point: Option<String>,
    unclear: Option<String>,
}

impl Marks {
    /// Looks at a cell; text other than a number is no evidence.
    pub(super) fn see(&mut self, cell: &str) {
        let cell = cell.trim();
        let numeric = |c: char| c.is_ascii_digit() || "+-\u{2212}.,eE'\u{2019}".contains(c) || is_space(c);
        if !cell.contains([',', '.'])
            || !cell.contains(|c: char| c.is_ascii_digit())
            || !cell.chars().all(numeric)
        {
            return;
        }
        let unsigned = cell.trim_start_matches(['+', '-', '\u{2212}']);
        let (commas, points) = (cell.matches(',').count(), cell.matches('.').count());
        let of_thousands = |mark| groups_of_three(unsigned, mark);
        let says = match (commas, points) {
            (1, 0) if of_thousands(',') => &mut self.unclear,
            (0, 1) if of_thousands('.') => return,
            (1, 0) => &mut self.comma,
            (0, 1) => &mut self.point,
            (0, _) if of_thousands('.') => &mut self.comma,
            (_, 0) if of_thousands(',') => &mut self.point,
            (_, 1) if cell.rfind('.') > cell.rfind(',') => &mut self.point,
            (1, _) if cell.rfind(',') > cell.rfind('.') => &mut self.comma,
            _ => return,
        };
        says.get_or_insert_with(|| cell.to_owned());
    }

    /// The notation that all of them are in.
    pub(super) fn notation(self) -> Result<Notation, TextFault> {
        match (self.comma, self.point, self.unclear) {
            (Some(comma), Some(point), _) => Err(TextFault::Marks { comma, point }),
            (Some(_), None, _) => Ok(Notation { comma: true }),
            (None, None, Some(number)) => Err(TextFault::Mark { number }),
            (None, _, _) => Ok(Notation { comma: false }),
        }
    }
}

/// To how many digits the numbers of a file are given: all with as many decimals, or all with as many digits from the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Digits {
    decimals: i32,
    significant: i32,
}

impl Digits {
    /// Those of no number.
    pub(super) const NONE: Digits = Digits { decimals: i32::MIN, significant: 0 };

    /// Takes a number other than 0 into account.
    pub(super) fn see(&mut self, cell: &str, notation: Notation) {
        if self.significant >= WHOLE {
            return;
        }
        let decimal = if notation.comma { ',' } else { '.' };
        let (mut decimals, mut significant, mut behind) = (0, 0, false);
        let mut rest = cell.trim().chars();
        for c in rest.by_ref() {
            match c {
                '0'..='9' => {
                    decimals += i32::from(behind);
                    significant += i32::from(significant > 0 || c != '0');
                }
                'e' | 'E' => break,
                _ => behind |= c == decimal,
            }
        }
        let exponent = rest.as_str().parse::<i32>().unwrap_or(0);
        self.decimals = self.decimals.max(i32::saturating_sub(decimals, exponent));
        self.significant = self.significant.max(significant);
    }

    /// How far a number may be from the one that it was rounded from.
    pub(super) fn half(&self, x: f64) -> f64 {
        if self.significant >= WHOLE || self.significant == 0 {
            return 0.0;
        }
        let unit = 10_f64.powi(-self.decimals);
        // More digits before the point than any number has in all. Among numbers beneath all others the bound may be 0.
        if x == 0.0 || x.abs() < 10_f64.powi(self.significant - self.decimals) {
            return 0.5 * unit;
        }
        0.5 * unit.max(10_f64.powi(x.abs().log10().floor() as i32 + 1 - self.significant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(cells: &[&str]) -> Result<Notation, TextFault> {
        let mut marks = Marks::default();
        cells.iter().for_each(|cell| marks.see(cell));
        marks.notation()
    }

    #[test]
    fn numbers_are_read_by_the_marks_of_their_file() {
        let point = |cell| Notation { comma: false }.number(cell);
        let comma = |cell| Notation { comma: true }.number(cell);
        for (cell, value) in [
            ("1,234.5", 1234.5),
            ("-12,345,678", -12_345_678.0),
            ("1 234.5", 1234.5),
            ("1\u{a0}234", 1234.0),
            ("1\u{202f}234\u{202f}567.25", 1_234_567.25),
            ("1'234.5", 1234.5),
            ("\u{2212}3.5", -3.5),
            ("1.234", 1.234),
            ("1.5e3", 1500.0),
            (" 7 ", 7.0),
        ] {
            assert_eq!(point(cell), Some(value), "{cell}");
        }
        for (cell, value) in [
            ("1.234,5", 1234.5),
            ("1 234,5", 1234.5),
            ("0,25", 0.25),
            ("1.234", 1234.0),
            ("1,5E-2", 0.015),
            ("12", 12.0),
        ] {
            assert_eq!(comma(cell), Some(value), "{cell}");
        }
        for cell in
            ["1,23", "12,34,567", "1,234,56", "1 2", "", "n/a", "..", "nan", "inf", "1.2.3", "-", "0,123"]
        {
            assert_eq!(point(cell), None, "{cell}");
        }
        for cell in ["1.5", "1,2,3", "1.23,4"] {
            assert_eq!(comma(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_marks_of_a_file_are_found_from_all_its_numbers() {
        let is = |comma| Ok(Notation { comma });
        assert_eq!(marks(&["12", "1.5", "A,b 1"]), is(false));
        assert_eq!(marks(&["1.234", "12"]), is(false));
        assert_eq!(marks(&["1,234", "5.5"]), is(false));
        assert_eq!(marks(&["1,234", "1,234,567"]), is(false));
        assert_eq!(marks(&["1,234.5", "1.234"]), is(false));
        assert_eq!(marks(&["1,5", "1.234"]), is(true));
        assert_eq!(marks(&["0,123"]), is(true));
        assert_eq!(marks(&["1.234,5"]), is(true));
        assert_eq!(marks(&["1.234.567", "3"]), is(true));
        assert_eq!(marks(&["1 234,5"]), is(true));
        assert_eq!(marks(&["1,234", "987"]), Err(TextFault::Mark { number: "1,234".into() }));
        let both = TextFault::Marks { comma: "1,5".into(), point: "2.25".into() };
        assert_eq!(marks(&["1,5", "2.25"]), Err(both));
        // A date is no number.
        assert_eq!(marks(&["01.02.2026", "2.5"]), is(false));
    }

    #[test]
    fn digits_say_how_far_a_number_may_be_rounded() {
        let of = |cells: &[&str]| {
            let mut digits = Digits::NONE;
            cells.iter().for_each(|cell| digits.see(cell, Notation::default()));
            digits
        };
        // Fixed decimals: the same for all, whatever zeros at their ends were left out.
        let fixed = of(&["219.7", "3", "0.4", "1,204.5"]);
        for x in [219.7, 3.0, 0.0, 1204.5] {
            assert!((fixed.half(x) - 0.05).abs() < 1e-15, "{x}");
        }
        assert_eq!(of(&["1.50"]).half(7.0), 0.005);
        assert_eq!(of(&["12", "1000"]).half(5.0), 0.5);
        assert!(of(&["12", "1e-320"]).half(0.0) < 1e-300);
        // So many digits from the first: by the size of each.
        let floating = of(&["1.2346e+06", "0.0012346", "12.346"]);
        assert!((floating.half(1.2346e6) - 50.0).abs() < 1e-9, "{}", floating.half(1.2346e6));
        assert!((floating.half(12.346) - 0.0005).abs() < 1e-12, "{}", floating.half(12.346));
        assert!((of(&["1.5e3", "2.5e3"]).half(1500.0) - 50.0).abs() < 1e-12);
        // All that a number has.
        assert_eq!(of(&["0.1", "0.30000000000000004"]).half(1e6), 0.0);
        assert_eq!(Digits::NONE.half(1.0), 0.0);
    }
}
