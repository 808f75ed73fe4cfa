//! Measured variants: their runs, and the figures over them.

use super::document::{MeasuredVariant, Request, Run, Spread, TestSummary};
use crate::audit::place;
use crate::catalog::schema::{Measurement, Method, Model, TestRun, Variant};
use crate::memory::Engine;
use crate::speed::{SHALLOW_DEPTH, measured};

/// Everything measured with one variant in one engine. `runs` are not empty.
pub(super) fn summarize(
    model: &Model,
    variant: &Variant,
    (engine, in_lm_studio): (&str, bool),
    runs: &[&Measurement],
) -> MeasuredVariant {
    let usable: Vec<&Measurement> = runs
        .iter()
        .copied()
        .filter(|m| m.suspect.is_none())
        .collect();
    let suspect = usable.is_empty();
    let single = |m: &&&Measurement| m.concurrency == 1;
    let shallow = |m: &&&Measurement| m.depth_tokens.unwrap_or(0) <= SHALLOW_DEPTH;
    let plain: Vec<&Measurement> = usable
        .iter()
        .filter(single)
        .filter(shallow)
        .copied()
        .collect();
    let decode = spread(plain.iter().filter_map(|m| measured::run_decode(m)));
    let whole_request = spread(plain.iter().filter_map(|m| whole(m)));
    let gb = variant.weights_bytes.gb();
    let shown = if suspect { runs } else { &usable[..] };
    let tests = tests_of(shown);
    MeasuredVariant {
        model: model.id.clone(),
        name: model.name.clone(),
        variant: variant.id.clone(),
        files_engine: variant.engine.clone(),
        engine: engine.to_owned(),
        in_lm_studio,
        engine_of_lm_studio: engine == variant.engine && Engine::from_id(engine).is_some(),
        quantization: variant.quantization.clone(),
        weights_bytes: variant.weights_bytes,
        bits_per_weight: model.bits_per_weight(variant),
        decode_tokens_per_second_per_gb: decode.map(|s| s.median / gb),
        whole_request_tokens_per_second_per_gb: whole_request.map(|s| s.median / gb),
        prefill: spread(plain.iter().filter_map(|m| m.prefill_tokens_per_second)),
        decode,
        whole_request,
        passed: tests.iter().map(|t| t.passed).sum(),
        tried: tests.iter().map(|t| t.tried).sum(),
        load_seconds: spread(shown.iter().filter_map(|m| m.load_seconds)).map(|s| s.median),
        suspect,
        tests,
        runs: runs.iter().map(|m| run(m)).collect(),
    }
}

/// Speed over whole requests: from the requests, else as stated for them.
fn whole(m: &Measurement) -> Option<f64> {
    let stated = m
        .decode_tokens_per_second
        .filter(|_| m.method == Method::WallClock);
    measured::wall_clock_mean(m).or(stated)
}

fn run(m: &Measurement) -> Run {
    Run {
        id: place(&m.source).trim_end_matches(".json").to_owned(),
        app: m.app.clone(),
        date: m.date.clone(),
        campaign: m.campaign.clone(),
        depth_tokens: m.depth_tokens,
        concurrency: m.concurrency,
        decode_tokens_per_second: measured::run_decode(m),
        whole_request_tokens_per_second: whole(m),
        reported_mean_tokens_per_second: m.reported_mean_tokens_per_second,
        requests: m.tests.iter().map(request).collect(),
        suspect: m.suspect.clone(),
        source: m.source.clone(),
        notes: m.notes.clone(),
    }
}

fn request(t: &TestRun) -> Request {
    Request {
        name: t.name.clone(),
        passed: t.passed,
        completion_tokens: t.completion_tokens,
        seconds: t.seconds,
        tokens_per_second: rate(t),
        error: t.error.clone(),
    }
}

fn rate(t: &TestRun) -> Option<f64> {
    match (t.completion_tokens, t.seconds) {
        (Some(tokens), Some(seconds)) if seconds > 0.0 => Some(f64::from(tokens) / seconds),
        _ => None,
    }
}

/// Every test by name, in the order of the first run that has it.
fn tests_of(runs: &[&Measurement]) -> Vec<TestSummary> {
    let mut names: Vec<&str> = Vec::new();
    for test in runs.iter().flat_map(|m| &m.tests) {
        if !names.contains(&test.name.as_str()) {
            names.push(&test.name);
        }
    }
    names.iter().map(|name| test_of(name, runs)).collect()
}

fn test_of(name: &str, runs: &[&Measurement]) -> TestSummary {
    let all: Vec<&TestRun> = runs
        .iter()
        .flat_map(|m| &m.tests)
        .filter(|t| t.name == name)
        .collect();
    let passed = || all.iter().filter(|t| t.passed);
    TestSummary {
        name: name.to_owned(),
        completion_tokens: spread(passed().filter_map(|t| t.completion_tokens.map(f64::from))),
        seconds: spread(passed().filter_map(|t| t.seconds)),
        tokens_per_second: spread(passed().filter_map(|t| rate(t))),
        passed: passed().count(),
        tried: all.len(),
    }
}

/// Median, least and most; nothing where there is nothing.
pub(super) fn spread(figures: impl Iterator<Item = f64>) -> Option<Spread> {
    let figures: Vec<f64> = figures.collect();
    let runs = figures.len();
    let low = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let high = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    crate::speed::median(figures).map(|median| Spread {
        median,
        low,
        high,
        runs,
    })
}
