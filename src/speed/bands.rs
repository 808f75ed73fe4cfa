//! How wide a predicted figure's range is.

use std::collections::BTreeMap;

/// Beyond this depth few rows are, and they are missed by more.
const DEEP: f64 = 32_768.0;
/// By how much, as a factor of the logarithm.
const DEEPER: f64 = 1.33;

/// Half-width of a class's band at a depth, as a logarithm.
pub(super) fn width(bands: &BTreeMap<String, f64>, class: &str, depth: f64) -> f64 {
    let own = bands.get(class).or_else(|| bands.get("all")).copied();
    let factor = if depth > DEEP { DEEPER } else { 1.0 };
    own.unwrap_or(0.3) * factor
}
