//! The series by depth, by number of streams, and over time.

use super::super::request::{MemorySample, Request, Series};
use super::super::statistics::{Spread, Trend, round};
use super::figures::{decodes, first_tokens, of_series, prefills};
use super::rows::{ConcurrencySummary, DepthSummary, SoakSummary};

pub(super) fn depths(requests: &[Request]) -> Vec<DepthSummary> {
    let series: Vec<&Request> = of_series(requests, Series::Depth).collect();
    let mut depths: Vec<u32> = series.iter().filter_map(|r| r.depth_tokens).collect();
    depths.sort_unstable();
    depths.dedup();
    depths
        .into_iter()
        .map(|depth| {
            let of: Vec<&Request> = series
                .iter()
                .filter(|r| r.depth_tokens == Some(depth))
                .copied()
                .collect();
            DepthSummary {
                depth_tokens: depth,
                prompt_tokens: Spread::of(
                    of.iter()
                        .filter_map(|r| r.figures.prompt_tokens.map(f64::from)),
                ),
                time_to_first_token_seconds: Spread::of(first_tokens(&of)),
                prefill_tokens_per_second: Spread::of(prefills(&of)),
                decode_tokens_per_second: Spread::of(decodes(&of)),
                failed: of.iter().filter(|r| !r.passed()).count(),
            }
        })
        .collect()
}

pub(super) fn concurrency(requests: &[Request]) -> Vec<ConcurrencySummary> {
    let series: Vec<&Request> = of_series(requests, Series::Concurrency).collect();
    let mut counts: Vec<u32> = series.iter().map(|r| r.concurrency).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
        .into_iter()
        .map(|streams| {
            let of: Vec<&Request> = series
                .iter()
                .filter(|r| r.concurrency == streams)
                .copied()
                .collect();
            let mut runs: Vec<u32> = of.iter().map(|r| r.run).collect();
            runs.sort_unstable();
            runs.dedup();
            let sums: Vec<Option<(f64, f64)>> = runs
                .iter()
                .map(|run| {
                    let of: Vec<&Request> = of.iter().filter(|r| r.run == *run).copied().collect();
                    aggregate(&of)
                })
                .collect();
            let median = |pick: fn(&(f64, f64)) -> f64| {
                Spread::of(sums.iter().flatten().map(pick)).map(|s| round(s.median, 3))
            };
            ConcurrencySummary {
                streams,
                aggregate_tokens_per_second: median(|s| s.0),
                aggregate_decode_tokens_per_second: median(|s| s.1),
                stream_decode_tokens_per_second: Spread::of(decodes(&of)),
                time_to_first_token_seconds: Spread::of(first_tokens(&of)),
                failed: of.iter().filter(|r| !r.passed()).count(),
            }
        })
        .collect()
}

/// Tokens per second of all streams of one round: over the whole time, and after the first token.
/// None where a stream failed, since the others then had the machine to themselves.
fn aggregate(streams: &[&Request]) -> Option<(f64, f64)> {
    let (mut tokens, mut after_first) = (0.0, 0.0);
    let (mut sent, mut first, mut end) = (f64::INFINITY, f64::INFINITY, 0.0_f64);
    for r in streams {
        let n = f64::from(r.figures.completion_tokens.filter(|_| r.passed())?);
        tokens += n;
        after_first += n - 1.0;
        sent = sent.min(r.sent_seconds);
        first = first.min(r.sent_seconds + r.figures.time_to_first_token_seconds?);
        end = end.max(r.sent_seconds + r.figures.seconds);
    }
    (end > first).then(|| (tokens / (end - sent), after_first / (end - first)))
}

pub(super) fn soak(requests: &[Request], memory: &[MemorySample]) -> Option<SoakSummary> {
    let of: Vec<&Request> = of_series(requests, Series::Soak).collect();
    let from = of.iter().map(|r| r.sent_seconds).reduce(f64::min)?;
    let to = of
        .iter()
        .map(|r| r.sent_seconds + r.figures.seconds)
        .fold(from, f64::max);
    let speeds: Vec<(f64, f64)> = of
        .iter()
        .filter_map(|r| Some((r.sent_seconds, r.figures.decode_tokens_per_second?)))
        .collect();
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of memory and seconds of a run, as a trend"
    )]
    let trend = |of: fn(&MemorySample) -> u64| {
        let points: Vec<(f64, f64)> = memory
            .iter()
            .filter(|m| m.at_seconds as f64 >= from - 1.0)
            .map(|m| (m.at_seconds as f64, of(m) as f64))
            .collect();
        Trend::of(&points)
    };
    Some(SoakSummary {
        seconds: round(to - from, 3),
        requests: of.len(),
        failed: of.iter().filter(|r| !r.passed()).count(),
        decode_tokens_per_second: Spread::of(decodes(&of)),
        decode_trend: Trend::of(&speeds),
        memory_trend_bytes: trend(|m| m.in_use_bytes.0),
        engines_trend_bytes: trend(|m| m.engines_bytes.0),
    })
}
