//! Calendar dates.

use std::fmt;

/// A date of the Gregorian calendar, as TOML writes it: `2026-01-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// The date of this year, month and day. Whether there is such a day is found when the scenario is checked.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Date { year, month, day }
    }

    /// Reads a date as TOML writes it; `None` for any other text. Whether there is such a day is found when the scenario is
    /// checked.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()))
        };
        let date =
            Date { year: part(4)?.parse().ok()?, month: part(2)?.parse().ok()?, day: part(2)?.parse().ok()? };
        parts.next().is_none().then_some(date)
    }

    /// Whether the calendar has such a day.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=days).contains(&self.day)
    }

    /// Days from `start` until this date \[days\]; negative where it lies before.
    ///
    /// # Examples
    /// ```
    /// use supplyshock::scenario::Date;
    /// assert_eq!(Date::new(2028, 3, 1).days_since(Date::new(2028, 2, 1)), 29);
    /// ```
    #[must_use]
    pub fn days_since(self, start: Date) -> i32 {
        self.number() - start.number()
    }

    /// Days since the first of March of the year 0, after which a leap day comes last in its year.
    fn number(self) -> i32 {
        let (year, month) = (i32::from(self.year), i32::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + i32::from(self.day)
            - 1
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        let mut day = Date::new(1999, 12, 31);
        let start = day;
        for count in 0..200_000 {
            assert!(day.is_valid(), "{day}");
            assert_eq!(day.days_since(start), count, "{day}");
            let next = Date { day: day.day + 1, ..day };
            day = if next.is_valid() {
                next
            } else if day.month < 12 {
                Date::new(day.year, day.month + 1, 1)
            } else {
                Date::new(day.year + 1, 1, 1)
            };
        }
        // A fact from outside: 400 years have 146,097 days.
        assert_eq!(Date::new(2400, 1, 1).days_since(Date::new(2000, 1, 1)), 146_097);
        assert!(!Date::new(2026, 2, 29).is_valid() && !Date::new(2026, 13, 1).is_valid());
        assert!(!Date::new(1900, 2, 29).is_valid() && Date::new(2000, 2, 29).is_valid());
    }
}
