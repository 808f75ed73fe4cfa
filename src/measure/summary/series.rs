//! The series by depth, by number of streams, and over time.

use super::super::request::{MemorySample, Request, Series};
use super::super::statistics::{Spread, Trend, round};
use super::figures::{decodes, first_tokens, of_series, prefills};
use super::rows::{ConcurrencySummary, DepthSummary, SoakSummary, WarmSummary};

/// Deep streams whose first tokens lie further apart than this share of their time together were
/// read one after the other meanwhile.
const FIRST_TOKENS_APART: f64 = 0.1;

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
                warm: warm(requests, depth),
            }
        })
        .collect()
}

fn warm(requests: &[Request], depth: u32) -> Option<WarmSummary> {
    let of: Vec<&Request> = of_series(requests, Series::Warm)
        .filter(|r| r.depth_tokens == Some(depth))
        .collect();
    let counts = |pick: fn(&Request) -> Option<u32>| {
        Spread::of(of.iter().filter_map(|r| pick(r).map(f64::from)))
    };
    (!of.is_empty()).then(|| WarmSummary {
        prompt_tokens: counts(|r| r.figures.prompt_tokens),
        cached_tokens: counts(|r| r.figures.cached_tokens),
        time_to_first_token_seconds: Spread::of(first_tokens(&of)),
        prefill_tokens_per_second: Spread::of(prefills(&of)),
        decode_tokens_per_second: Spread::of(decodes(&of)),
        failed: of.iter().filter(|r| !r.passed()).count(),
    })
}

pub(super) fn concurrency(requests: &[Request]) -> Vec<ConcurrencySummary> {
    let series: Vec<&Request> = of_series(requests, Series::Concurrency).collect();
    let kind = |r: &Request| (r.depth_tokens, r.concurrency);
    let mut kinds: Vec<_> = series.iter().map(|r| kind(r)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
        .into_iter()
        .map(|(depth, streams)| {
            let of: Vec<&Request> = series
                .iter()
                .filter(|r| kind(r) == (depth, streams))
                .copied()
                .collect();
            let mut runs: Vec<u32> = of.iter().map(|r| r.run).collect();
            runs.sort_unstable();
            runs.dedup();
            let sums: Vec<Option<Sum>> = runs
                .iter()
                .map(|run| {
                    let of: Vec<&Request> = of.iter().filter(|r| r.run == *run).copied().collect();
                    aggregate(&of)
                })
                .collect();
            let median = |pick: fn(&Sum) -> Option<f64>| {
                Spread::of(sums.iter().flatten().filter_map(pick)).map(|s| round(s.median, 3))
            };
            ConcurrencySummary {
                streams,
                depth_tokens: depth,
                aggregate_tokens_per_second: median(|s| Some(s.whole)),
                aggregate_decode_tokens_per_second: median(|s| s.decode),
                stream_decode_tokens_per_second: Spread::of(decodes(&of)),
                time_to_first_token_seconds: Spread::of(first_tokens(&of)),
                failed: of.iter().filter(|r| !r.passed()).count(),
            }
        })
        .collect()
}

/// Tokens per second of all streams of one round.
struct Sum {
    /// Over the whole time.
    whole: f64,
    /// After the first tokens.
    decode: Option<f64>,
}

/// None where a stream failed, since the others then had the machine to themselves.
fn aggregate(streams: &[&Request]) -> Option<Sum> {
    let (mut tokens, mut after_first) = (0.0, 0.0);
    let (mut sent, mut end) = (f64::INFINITY, 0.0_f64);
    let (mut first, mut last_first) = (f64::INFINITY, 0.0_f64);
    for r in streams {
        let n = f64::from(r.figures.completion_tokens.filter(|_| r.passed())?);
        tokens += n;
        after_first += n - 1.0;
        sent = sent.min(r.sent_seconds);
        let began = r.sent_seconds + r.figures.time_to_first_token_seconds?;
        (first, last_first) = (first.min(began), last_first.max(began));
        end = end.max(r.sent_seconds + r.figures.seconds);
    }
    let deep = streams.iter().any(|r| r.depth_tokens.is_some());
    let apart = deep && last_first - first > FIRST_TOKENS_APART * (end - first);
    (end > first).then(|| Sum {
        whole: tokens / (end - sent),
        decode: (!apart).then(|| after_first / (end - first)),
    })
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
