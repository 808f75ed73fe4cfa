//! Whether two measurements are one.

use super::schema::{Measurement, TestRun};

/// Whether two measurements are one run: the same day and the same figures, to what either is
/// rounded to. Texts may differ.
#[must_use]
pub fn same_run(a: &Measurement, b: &Measurement) -> bool {
    let near = |x: Option<f64>, y: Option<f64>| match (x, y) {
        (Some(x), Some(y)) => (x - y).abs() <= 0.0011_f64.max(x.abs() * 1e-5),
        (None, None) => true,
        _ => false,
    };
    let tests_alike = a.tests.len() == b.tests.len()
        && a.tests.iter().zip(&b.tests).all(|(x, y)| {
            x.name == y.name
                && x.passed == y.passed
                && x.completion_tokens == y.completion_tokens
                && near(x.seconds, y.seconds)
        });
    let timed = |t: &TestRun| t.seconds.is_some();
    // Where no request has a time, the load is what tells runs apart.
    let told_apart = a.tests.iter().any(timed)
        || a.decode_tokens_per_second.is_some()
        || a.prefill_tokens_per_second.is_some()
        || near(a.load_seconds, b.load_seconds) && a.load_seconds.is_some();
    let shape = a.depth_tokens.unwrap_or(0) == b.depth_tokens.unwrap_or(0)
        && a.concurrency == b.concurrency
        && a.date == b.date
        // Without a day, only the same file is the same run.
        && (a.date.is_some() || a.source == b.source);
    shape
        && told_apart
        && tests_alike
        && near(a.decode_tokens_per_second, b.decode_tokens_per_second)
        && near(a.prefill_tokens_per_second, b.prefill_tokens_per_second)
}
