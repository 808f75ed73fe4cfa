//! What the requests of one model say together. Nothing here is measured; all is computed from the
//! requests, so a document can be summed up again at any time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::statistics::{Spread, Trend};

use super::document::{MemorySample, Outcome, Request, Series};
use super::timeline::round;
use crate::speed::line_slope;

/// Figures further apart than this disagree.
const DISAGREEMENT_PERCENT: f64 = 5.0;
/// Speeds over fewer tokens than this are mostly noise: a server's own figure of them is not held
/// against ours.
const COMPARED_TOKENS_MIN: u32 = 50;
/// Prompts shorter than this measure the latency of a request and not the speed of the prefill.
const PREFILL_TOKENS_MIN: u32 = 256;

/// All requests of one model together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Requests that count: warm-up and calibration do not.
    pub requests: usize,
    /// Of these, with a whole answer and all figures.
    pub measured: usize,
    /// With a whole answer, and figures missing.
    pub unmeasured: usize,
    /// Without a whole answer.
    pub failed: usize,
    /// Decode speed over the standard tests.
    pub decode_tokens_per_second: Option<Spread>,
    /// Steady decode speed: the slope of tokens over time across the standard tests, which leaves
    /// out what every request pays once.
    pub steady_tokens_per_second: Option<f64>,
    /// Mean over the standard tests of tokens by whole time, prompt included: the method of the
    /// study llm-mac-512. A test's figure is its median over the runs.
    pub wall_clock_mean_tokens_per_second: Option<f64>,
    /// Time to first token over the standard tests.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Prefill speed over all prompts of 256 tokens and more.
    pub prefill_tokens_per_second: Option<Spread>,
    /// Each standard test.
    pub tests: Vec<TestSummary>,
    /// Each depth.
    pub depths: Vec<DepthSummary>,
    /// Each number of streams.
    pub concurrency: Vec<ConcurrencySummary>,
    /// The soak.
    pub soak: Option<SoakSummary>,
    /// How the server's own figures compare.
    pub server: Vec<Agreement>,
}

/// One standard test over its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestSummary {
    /// Its id.
    pub test: String,
    /// Requests.
    pub runs: usize,
    /// With a whole answer.
    pub passed: usize,
    /// Tokens generated.
    pub completion_tokens: Option<Spread>,
    /// Time to first token.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Decode speed.
    pub decode_tokens_per_second: Option<Spread>,
    /// Speed over the whole request.
    pub wall_clock_tokens_per_second: Option<Spread>,
}

/// One depth over its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepthSummary {
    /// The depth aimed at.
    pub depth_tokens: u32,
    /// The prompts' real lengths.
    pub prompt_tokens: Option<Spread>,
    /// Time to first token.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Prefill speed.
    pub prefill_tokens_per_second: Option<Spread>,
    /// Decode speed there.
    pub decode_tokens_per_second: Option<Spread>,
    /// Requests that failed.
    pub failed: usize,
}

/// One number of streams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConcurrencySummary {
    /// Requests at once.
    pub streams: u32,
    /// Tokens of all streams over the time from the first one sent to the last one ended.
    pub aggregate_tokens_per_second: Option<f64>,
    /// Tokens after each stream's first over the time from the earliest first token to the last end.
    pub aggregate_decode_tokens_per_second: Option<f64>,
    /// Decode speed of each stream.
    pub stream_decode_tokens_per_second: Option<Spread>,
    /// Time to first token of each stream.
    pub time_to_first_token_seconds: Option<Spread>,
    /// Streams that failed.
    pub failed: usize,
}

/// The soak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoakSummary {
    /// From its first request to the end of its last.
    pub seconds: f64,
    /// Requests.
    pub requests: usize,
    /// That failed.
    pub failed: usize,
    /// Decode speed.
    pub decode_tokens_per_second: Option<Spread>,
    /// Its change, tokens per second per hour.
    pub decode_trend: Option<Trend>,
    /// Change of the whole system's memory, bytes per hour.
    pub memory_trend_bytes: Option<Trend>,
    /// Change of what the model engines hold, bytes per hour.
    pub engines_trend_bytes: Option<Trend>,
}

/// A server's own figure beside ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Which figure.
    pub figure: String,
    /// Where the server gives it.
    pub source: String,
    /// Median of ours over the median of theirs, over the requests that have both; less one, in
    /// percent.
    pub difference_percent: f64,
    /// Requests compared.
    pub requests: usize,
    /// Whether they agree within 5 %.
    pub agrees: bool,
}

impl Summary {
    /// Sums up.
    #[must_use]
    pub fn of(requests: &[Request], memory: &[MemorySample]) -> Self {
        let counted: Vec<&Request> = requests.iter().filter(|r| r.counts()).collect();
        let with = |outcome| counted.iter().filter(|r| r.outcome == outcome).count();
        let standard: Vec<&Request> = of_series(requests, Series::Standard).collect();
        let tests = tests(&standard);
        Self {
            requests: counted.len(),
            measured: with(Outcome::Measured),
            unmeasured: with(Outcome::Unmeasured),
            failed: with(Outcome::Failed),
            decode_tokens_per_second: Spread::of(decodes(&standard)),
            steady_tokens_per_second: steady(&standard),
            wall_clock_mean_tokens_per_second: mean_of_medians(&tests),
            time_to_first_token_seconds: Spread::of(first_tokens(&standard)),
            prefill_tokens_per_second: Spread::of(prefills(&counted)),
            tests,
            depths: depths(requests),
            concurrency: concurrency(requests),
            soak: soak(requests, memory),
            server: agreements(&counted),
        }
    }
}

fn of_series(requests: &[Request], series: Series) -> impl Iterator<Item = &Request> {
    requests
        .iter()
        .filter(move |r| r.series == series && !r.was_interrupted())
}

fn decodes<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
    requests
        .iter()
        .filter_map(|r| r.figures.decode_tokens_per_second)
}

fn first_tokens<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
    requests
        .iter()
        .filter(|r| r.passed())
        .filter_map(|r| r.figures.time_to_first_token_seconds)
}

/// A prompt whose cached part is not told may have been read in no time at all.
fn prefills<'a>(requests: &'a [&'a Request]) -> impl Iterator<Item = f64> + 'a {
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

fn steady(standard: &[&Request]) -> Option<f64> {
    let points: Vec<(f64, f64)> = standard
        .iter()
        .filter(|r| r.outcome == Outcome::Measured)
        .filter_map(|r| Some((f64::from(r.figures.completion_tokens?), r.figures.seconds)))
        .collect();
    line_slope(&points)
        .filter(|s| *s > 0.0)
        .map(|s| round(s.recip(), 3))
}

fn tests(standard: &[&Request]) -> Vec<TestSummary> {
    let mut names: Vec<&str> = Vec::new();
    for r in standard {
        if !names.contains(&r.test.as_str()) {
            names.push(&r.test);
        }
    }
    names
        .into_iter()
        .map(|name| {
            let of: Vec<&Request> = standard.iter().filter(|r| r.test == name).copied().collect();
            let passed: Vec<&Request> = of.iter().filter(|r| r.passed()).copied().collect();
            TestSummary {
                test: name.to_owned(),
                runs: of.len(),
                passed: passed.len(),
                completion_tokens: Spread::of(
                    passed
                        .iter()
                        .filter_map(|r| r.figures.completion_tokens.map(f64::from)),
                ),
                time_to_first_token_seconds: Spread::of(first_tokens(&passed)),
                decode_tokens_per_second: Spread::of(decodes(&passed)),
                wall_clock_tokens_per_second: Spread::of(
                    passed
                        .iter()
                        .filter_map(|r| r.figures.wall_clock_tokens_per_second),
                ),
            }
        })
        .collect()
}

fn mean_of_medians(tests: &[TestSummary]) -> Option<f64> {
    let medians: Vec<f64> = tests
        .iter()
        .filter_map(|t| t.wall_clock_tokens_per_second.map(|s| s.median))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "five tests")]
    let count = medians.len() as f64;
    (!medians.is_empty()).then(|| round(medians.iter().sum::<f64>() / count, 3))
}

fn depths(requests: &[Request]) -> Vec<DepthSummary> {
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

fn concurrency(requests: &[Request]) -> Vec<ConcurrencySummary> {
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

fn soak(requests: &[Request], memory: &[MemorySample]) -> Option<SoakSummary> {
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
    #[expect(clippy::cast_precision_loss, reason = "bytes of memory and seconds of a run, as a trend")]
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

/// Our figures over the server's own, request by request; a request through the server's own
/// interface has no decode speed of ours, and is held against the same test's.
fn agreements(requests: &[&Request]) -> Vec<Agreement> {
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
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
            pairs.push(("decode_tokens_per_second", &server.source, a / b));
        }
        if let (Some(a), Some(b)) = (ours.1, server.time_to_first_token_seconds) {
            pairs.push(("time_to_first_token_seconds", &server.source, a / b));
        }
    }
    let mut keys: Vec<(&str, &str)> = pairs.iter().map(|p| (p.0, p.1)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter_map(|(figure, source)| {
            let ratios = pairs.iter().filter(|p| (p.0, p.1) == (figure, source));
            let spread = Spread::of(ratios.map(|p| p.2).filter(|r| r.is_finite()))?;
            let difference = round((spread.median - 1.0) * 100.0, 2);
            Some(Agreement {
                figure: figure.to_owned(),
                source: source.to_owned(),
                difference_percent: difference,
                requests: spread.count,
                agrees: difference.abs() <= DISAGREEMENT_PERCENT,
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
