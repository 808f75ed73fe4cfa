//! The speed that was measured: what one run says, and which count.

use super::statistics::{line_slope, median};
use crate::catalog::schema::{Measurement, Method, Model, TestRun, Variant};
use crate::machine::ChipFigures;

/// Requests shorter than this say little about steady decoding: page-in and prompt dominate.
const STEADY_TOKENS: u32 = 200;

/// Which measurements may be used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only this campaign's.
    pub campaign: Option<&'a str>,
}

/// How often requests passed, and how long loading took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reliability {
    /// Passed over tried requests, where any were recorded.
    pub pass_rate: Option<f64>,
    /// Median load time in seconds, where recorded.
    pub load_seconds: Option<f64>,
    /// Nobody reported that its engine loads the model's architecture in LM Studio.
    pub unreported: bool,
}

/// The measurements of a variant that count on this chip: made with the variant's own engine, one
/// request at a time, not suspect, on the same chip with the same bandwidth.
pub fn usable<'a>(
    model: &'a Model,
    variant: &'a Variant,
    chip: &'a ChipFigures,
    filter: Filter<'a>,
) -> impl Iterator<Item = &'a Measurement> {
    model.measurements_of(variant).filter(move |m| {
        m.engine == variant.engine
            && m.concurrency == 1
            && m.suspect.is_none()
            && filter
                .campaign
                .is_none_or(|c| m.campaign.as_deref() == Some(c))
            && same_class(m, chip)
    })
}

fn same_class(m: &Measurement, chip: &ChipFigures) -> bool {
    m.chip == chip.id
        && (chip.one_bandwidth || (m.gpu_cores.is_some() && m.gpu_cores == chip.gpu_cores))
}

/// Whether LM Studio ran it.
#[must_use]
pub fn in_lm_studio(m: &Measurement) -> bool {
    m.app.as_deref().is_some_and(|a| a.contains("LM Studio"))
}

/// The decode speed of one measurement: stated, else from its requests.
#[must_use]
pub fn run_decode(m: &Measurement) -> Option<f64> {
    match m.method {
        // A rate over the whole request is no decode rate; only its requests can give one.
        Method::WallClock => steady_slope(&m.tests),
        Method::Decode | Method::Unstated => m
            .decode_tokens_per_second
            .or_else(|| after_first_token(&m.tests)),
    }
}

/// Steady decode speed: the least-squares slope of tokens over time, which leaves out what every
/// request pays once (prompt, page-in).
fn steady_slope(tests: &[TestRun]) -> Option<f64> {
    let points: Vec<(f64, f64)> = steady(tests)
        .map(|(_, tokens, seconds)| (tokens, seconds))
        .collect();
    line_slope(&points)
        .filter(|seconds_per_token| *seconds_per_token > 0.0)
        .map(f64::recip)
}

/// Tokens after the first over the time after the first, all steady requests together.
fn after_first_token(tests: &[TestRun]) -> Option<f64> {
    let (mut tokens, mut seconds) = (0.0, 0.0);
    for (test, n, whole) in steady(tests) {
        tokens += n - 1.0;
        seconds += whole - test.time_to_first_token_seconds?;
    }
    (seconds > 0.0).then(|| tokens / seconds)
}

/// Passed requests long enough to be steady, with tokens and seconds.
fn steady(tests: &[TestRun]) -> impl Iterator<Item = (&TestRun, f64, f64)> {
    tests
        .iter()
        .filter_map(|t| match (t.passed, t.completion_tokens, t.seconds) {
            (true, Some(tokens), Some(seconds)) if tokens >= STEADY_TOKENS => {
                Some((t, f64::from(tokens), seconds))
            }
            _ => None,
        })
}

/// Mean over passed requests of tokens by whole time: the method of the first study.
#[must_use]
pub fn wall_clock_mean(m: &Measurement) -> Option<f64> {
    let rates: Vec<f64> = m
        .tests
        .iter()
        .filter_map(|t| match (t.passed, t.completion_tokens, t.seconds) {
            (true, Some(tokens), Some(seconds)) if seconds > 0.0 => {
                Some(f64::from(tokens) / seconds)
            }
            _ => None,
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of requests")]
    let n = rates.len() as f64;
    (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / n)
}

/// Pass rate and load time over the usable measurements.
#[must_use]
pub fn reliability(
    model: &Model,
    variant: &Variant,
    chip: &ChipFigures,
    filter: Filter<'_>,
) -> Reliability {
    let (mut passed, mut tried) = (0_u32, 0_u32);
    let mut loads = Vec::new();
    for m in usable(model, variant, chip, filter) {
        tried += u32::try_from(m.tests.len()).unwrap_or(u32::MAX);
        passed += u32::try_from(m.tests.iter().filter(|t| t.passed).count()).unwrap_or(u32::MAX);
        loads.extend(m.load_seconds);
    }
    Reliability {
        pass_rate: (tried > 0).then(|| f64::from(passed) / f64::from(tried)),
        load_seconds: median(loads),
        unreported: false,
    }
}
