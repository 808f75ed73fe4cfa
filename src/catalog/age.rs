//! How old a catalog is.

use jiff::civil::Date;

/// Models appear by the week: a catalog older than this misses some that matter.
const OLD_DAYS: i32 = 60;

/// The days from one to another, each written as `2026-11-29` at its beginning; none where one is
/// not.
#[must_use]
pub fn days(then: &str, now: &str) -> Option<i32> {
    let day = |text: &str| text.get(..10)?.parse::<Date>().ok();
    let (then, now) = (day(then)?, day(now)?);
    Some((now - then).get_days())
}

/// Whether that is too old for what it answers to be told without saying so.
#[must_use]
pub const fn is_old(days: i32) -> bool {
    days > OLD_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_years() {
        assert_eq!(days("2026-11-29", "2026-11-29T08:00:00Z"), Some(0));
        assert_eq!(days("2026-12-31", "2027-03-01"), Some(60));
        assert!(!is_old(60) && is_old(61));
        assert_eq!(days("2026", "2027-03-01"), None);
    }
}
