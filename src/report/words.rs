//! Figures in words that several answers use.

/// Points below this are no difference that anybody could tell.
const SAME: f64 = 0.05;

/// `+2.1 points of quality`, or `the same quality`.
pub(super) fn points(difference: f64) -> String {
    if difference.abs() < SAME {
        "the same quality".to_owned()
    } else {
        format!("{difference:+.1} points of quality")
    }
}

/// `a, b and c`.
pub(super) fn join(all: &[String]) -> String {
    match all {
        [head @ .., last] if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        _ => all.join(""),
    }
}
