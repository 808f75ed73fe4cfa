//! Figures of a series of requests.

use super::super::request::{Request, Series};

/// Prompts shorter than this measure the latency of a request and not the speed of the prefill.
const PREFILL_TOKENS_MIN: u32 = 256;

pub(super) fn of_series(requests: &[Request], series: Series) -> impl Iterator<Item = &Request> {
    requests
        .iter()
        .filter(move |r| r.series == series && !r.was_interrupted())
}

pub(super) fn decodes<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
    requests
        .iter()
        .filter_map(|r| r.figures.decode_tokens_per_second)
}

pub(super) fn first_tokens<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
    requests
        .iter()
        .filter(|r| r.passed())
        .filter_map(|r| r.figures.time_to_first_token_seconds)
}

/// A prompt whose cached part is not told may have been read in no time at all.
pub(super) fn prefills<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
    requests
        .iter()
        .filter(|r| r.passed() && r.concurrency == 1)
        .filter(|r| {
            let cached = r.figures.cached_tokens.unwrap_or(0);
            r.figures
                .prompt_tokens
                .is_some_and(|n| n.saturating_sub(cached) >= PREFILL_TOKENS_MIN)
        })
        .filter_map(|r| r.figures.prefill_tokens_per_second)
}
