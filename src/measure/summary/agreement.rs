//! How the figures that a server gives of itself compare with ours.

use super::super::request::{Outcome, Request, Series};
use super::super::statistics::{Spread, round};
use super::figures::{decodes, first_tokens};
use super::rows::Agreement;

/// Figures further apart than this disagree.
const DISAGREEMENT_PERCENT: f64 = 5.0;
/// Times to the first token this close agree, whatever their share: a server's own time leaves out
/// the connection, the reading of the request and the prompt's template.
const AGREEING_SECONDS: f64 = 0.020;
/// Speeds over fewer tokens than this are mostly noise: a server's own figure of them is not held
/// against ours.
const COMPARED_TOKENS_MIN: u32 = 50;

/// Our figures over the server's own, request by request; a request through the server's own
/// interface has no decode speed of ours, and is held against the same test's.
pub(super) fn agreements(requests: &[&Request]) -> Vec<Agreement> {
    let mut pairs: Vec<(&str, &str, f64, f64)> = Vec::new();
    for r in requests.iter().filter(|r| r.outcome == Outcome::Measured) {
        let Some(server) = &r.figures.server else {
            continue;
        };
        let long = r.figures.completion_tokens >= Some(COMPARED_TOKENS_MIN);
        let ours = match r.series {
            Series::CrossCheck => same_test(requests, r),
            _ => (
                r.figures.decode_tokens_per_second,
                r.figures.time_to_first_token_seconds,
            ),
        };
        if let (Some(a), Some(b), true) = (ours.0, server.decode_tokens_per_second, long) {
            pairs.push(("decode_tokens_per_second", &server.source, a, b));
        }
        if let (Some(a), Some(b)) = (ours.1, server.time_to_first_token_seconds) {
            pairs.push(("time_to_first_token_seconds", &server.source, a, b));
        }
    }
    let mut keys: Vec<(&str, &str)> = pairs.iter().map(|p| (p.0, p.1)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter_map(|(figure, source)| {
            let of = || pairs.iter().filter(|p| (p.0, p.1) == (figure, source));
            let spread = Spread::of(of().map(|p| p.2 / p.3).filter(|r| r.is_finite()))?;
            let difference = round((spread.median - 1.0) * 100.0, 2);
            let apart = Spread::of(of().map(|p| (p.2 - p.3).abs()))?.median;
            let close = figure.starts_with("time") && apart <= AGREEING_SECONDS;
            Some(Agreement {
                figure: figure.to_owned(),
                source: source.to_owned(),
                difference_percent: difference,
                requests: spread.count,
                agrees: close || difference.abs() <= DISAGREEMENT_PERCENT,
            })
        })
        .collect()
}

/// Decode speed and time to first token of a test's standard runs.
fn same_test(requests: &[&Request], of: &Request) -> (Option<f64>, Option<f64>) {
    let same: Vec<&Request> = requests
        .iter()
        .filter(|r| r.series == Series::Standard && r.test == of.test)
        .copied()
        .collect();
    (
        Spread::of(decodes(&same)).map(|s| s.median),
        Spread::of(first_tokens(&same)).map(|s| s.median),
    )
}
