//! Numbers as people write them: how arguments and texts are read, and how messages show them.

use std::fmt;

/// Digits of a number in a message: more of them are rounding.
const DIGITS: usize = 12;

/// Whole numbers up to here are told apart by an `f64`.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The unit behind an amount of money, and its power of ten.
const UNITS: [(&str, i32); 7] =
    [("trillion", 12), ("billion", 9), ("million", 6), ("tn", 12), ("bn", 9), ("mn", 6), ("m", 6)];

/// The kind of number that a text was to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Amount,
    Figure,
    Value,
    Count,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wanted::Amount => {
                "an amount of money: write it as 2.6e12, 2.6tn, 500bn, 10m (a million each) or 1_000_000"
            }
            Wanted::Figure => "a number: write it as 0.1, 10%, 1e-3 or 1_000",
            Wanted::Value => "a number: write it as 0.1, 10%, 2.6e12, 2.6tn, 500bn or 1_000_000",
            Wanted::Count => "a whole number: write it as 1000000, 1_000_000 or 1e6",
        })
    }
}

/// Why a text is not the number that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct NumberError {
    /// The text.
    text: String,
    wanted: Wanted,
}

impl NumberError {
    /// The text that was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Reads an amount of money \[in a currency\]: a finite number, with or without `m` or `mn` (a million), `bn` (10⁹) or
/// `tn` (10¹²) behind it.
///
/// # Errors
/// [`NumberError`] for any other text.
///
/// # Examples
/// ```
/// use supplyshock::number::amount;
/// for text in ["2.6e12", "2.6tn", "2.6 tn", "2_600bn", "2600000mn"] {
///     assert_eq!(amount(text), Ok(2.6e12));
/// }
/// assert!(amount("nan").is_err() && amount("5 yen").is_err());
/// ```
pub fn amount(text: &str) -> Result<f64, NumberError> {
    with_unit(text).ok_or_else(|| wrong(text, Wanted::Amount))
}

/// Reads a number or a percentage.
///
/// # Errors
/// [`NumberError`] for any other text.
///
/// # Examples
/// ```
/// use supplyshock::number::figure;
/// assert_eq!((figure("10%"), figure("0.1"), figure("1e-1")), (Ok(0.1), Ok(0.1), Ok(0.1)));
/// assert!(figure("inf").is_err());
/// ```
pub fn figure(text: &str) -> Result<f64, NumberError> {
    share_or_number(text).ok_or_else(|| wrong(text, Wanted::Figure))
}

/// Reads an amount of money, as [`amount`] does, or a number or a percentage, as [`figure`] does.
///
/// # Errors
/// [`NumberError`] for any other text.
pub fn value(text: &str) -> Result<f64, NumberError> {
    with_unit(text).or_else(|| share_or_number(text)).ok_or_else(|| wrong(text, Wanted::Value))
}

/// Reads how many there are of something.
///
/// # Errors
/// [`NumberError`] for a text that is no whole number, or one that is larger than the type.
///
/// # Examples
/// ```
/// use supplyshock::number::count;
/// assert_eq!((count("1e6"), count("1_000_000"), count::<u64>("1000000")), (Ok(1_000_000), Ok(1_000_000), Ok(1_000_000)));
/// assert!(count::<u64>("1.5").is_err() && count::<u32>("1e10").is_err());
/// ```
pub fn count<N: TryFrom<u64>>(text: &str) -> Result<N, NumberError> {
    whole(text).and_then(|n| N::try_from(n).ok()).ok_or_else(|| wrong(text, Wanted::Count))
}

fn wrong(text: &str, wanted: Wanted) -> NumberError {
    NumberError { text: text.to_owned(), wanted }
}

fn with_unit(text: &str) -> Option<f64> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let unit = UNITS.iter().find(|(unit, _)| lower.ends_with(unit));
    match unit {
        Some((unit, power)) => decimal(text.get(..text.len() - unit.len())?, *power),
        None => decimal(text, 0),
    }
}

fn share_or_number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.strip_suffix('%').map_or_else(|| decimal(text, 0), |percent| decimal(percent, -2))
}

fn whole(text: &str) -> Option<u64> {
    let digits = plain(text.trim())?;
    if let Ok(n) = digits.parse() {
        return Some(n);
    }
    let x: f64 = digits.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and small enough"
    )]
    (x.fract() == 0.0 && (0.0..=WHOLE).contains(&x)).then_some(x as u64)
}

/// A finite decimal number times a power of ten, rounded once.
fn decimal(text: &str, power: i32) -> Option<f64> {
    let digits = plain(text.trim())?;
    let (digits, own) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (digits.as_str(), 0),
    };
    let x: f64 = format!("{digits}e{}", own.checked_add(power)?).parse().ok()?;
    x.is_finite().then_some(x)
}

/// The text without the `_` between its digits, if it is a number in digits: no `inf` and no `nan`.
fn plain(text: &str) -> Option<String> {
    let between = |at: usize| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        digit(text[..at].chars().next_back()) && digit(text[at + 1..].chars().next())
    };
    let all = text.char_indices().all(|(at, c)| match c {
        '_' => between(at),
        _ => c.is_ascii_digit() || ".eE+-".contains(c),
    });
    all.then(|| text.replace('_', ""))
}

/// A number in a message: without the digits that are rounding, and with an exponent in place of many zeros.
pub(crate) fn shown(x: f64) -> String {
    let rounded = format!("{x:.*e}", DIGITS - 1).parse();
    exact(rounded.unwrap_or(x))
}

/// Two numbers in a message that says that one is greater: with all their digits where they differ by rounding.
pub(crate) fn apart(x: f64, y: f64) -> [String; 2] {
    let rounded = [x, y].map(shown);
    if rounded[0] == rounded[1] && x != y { [x, y].map(exact) } else { rounded }
}

/// A number with all its digits, to be read again to the bit, and with an exponent in place of many zeros.
pub(crate) fn exact(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, read) in [
            ("5e12", 5e12),
            ("5tn", 5e12),
            ("5 TN", 5e12),
            ("2.6 tn", 2.6e12),
            ("2.6 trillion", 2.6e12),
            ("500bn", 5e11),
            ("0.5 billion", 5e8),
            ("10mn", 1e7),
            ("10m", 1e7),
            ("10 million", 1e7),
            ("1_000_000", 1e6),
            ("1e3m", 1e9),
            ("-3bn", -3e9),
            (".5bn", 5e8),
            ("0", 0.0),
        ] {
            assert_eq!(amount(text), Ok(read), "{text}");
            assert_eq!(value(text), Ok(read), "{text}");
        }
        for text in [
            "nan", "inf", "-inf", "infinity", "", "tn", "5x", "5 yen", "1,000", "1__0", "_1", "1e400",
            "1e300tn", "5%", "1e", "--5", "1.2.3", "m5", "é",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_percentage_is_the_nearest_number_to_it() {
        for (text, read) in
            [("10%", 0.1), ("12.3 %", 0.123), ("0.7%", 0.007), ("1e1%", 0.1), ("7", 7.0), ("1e-3", 1e-3)]
        {
            assert_eq!(figure(text), Ok(read), "{text}");
        }
        assert_eq!(value("95%"), Ok(0.95));
        for text in ["%", "10%%", "nan", "inf", "10 percent", "1bn"] {
            assert!(figure(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_whole_and_fit_their_type() {
        for text in ["1e6", "1_000_000", "1000000", "1.0e6", "+1e6", " 1000000 "] {
            assert_eq!(count::<u64>(text), Ok(1_000_000), "{text}");
        }
        assert_eq!(count::<u64>("18446744073709551615"), Ok(u64::MAX));
        for text in ["1.5", "-1", "1e-3", "1e300", "18446744073709551616", "many", "nan", "", "1e6%", "5bn"] {
            assert!(count::<u64>(text).is_err(), "{text}");
        }
        assert!(count::<u32>("5e9").is_err() && count::<u32>("4e9").is_ok());
        let said = count::<u64>("a lot").unwrap_err().to_string();
        assert_eq!(said, "`a lot` is not a whole number: write it as 1000000, 1_000_000 or 1e6");
    }

    #[test]
    fn messages_show_numbers_without_rounding_and_without_rows_of_zeros() {
        for (x, text) in [
            (0.1 + 0.2, "0.3"),
            (1e20, "1e20"),
            (100_000.0, "100000"),
            (1e-6, "1e-6"),
            (0.001, "0.001"),
            (1.0 / 3.0, "0.333333333333"),
            (-0.0, "-0"),
            (5.5, "5.5"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::MAX, "1.79769313486e308"),
        ] {
            assert_eq!(shown(x), text);
        }
        assert_eq!(apart(0.1 + 0.2, 0.3), ["0.30000000000000004", "0.3"]);
        assert_eq!(apart(0.1 + 0.2, 1e20), ["0.3", "1e20"]);
        for x in [0.1 + 0.2, 1e20, f64::MAX, 5e-324, 609e12, -7.25] {
            assert_eq!(exact(x).parse::<f64>(), Ok(x));
        }
        assert_eq!(
            (exact(0.1 + 0.2).as_str(), exact(609e12).as_str(), exact(1e20).as_str()),
            ("0.30000000000000004", "609000000000000", "1e20")
        );
    }
}
