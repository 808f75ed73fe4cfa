//! What the requests of one model say together. Nothing here is measured; all is computed from the
//! requests, so a document can be summed up again at any time.

mod agreement;
mod figures;
mod rows;
mod series;

pub use super::statistics::{Spread, Trend};
pub use rows::{
    Agreement, ConcurrencySummary, DepthSummary, SoakSummary, Summary, TestSummary, WarmSummary,
};

use super::request::{MemorySample, Outcome, Request, Series};
use super::statistics::round;
use crate::speed::line_slope;
use figures::{decodes, first_tokens, of_series, prefills};

impl Summary {
    /// Sums up.
    #[must_use]
    pub fn of(requests: &[Request], memory: &[MemorySample]) -> Self {
        let counted: Vec<&Request> = requests.iter().filter(|r| r.counts()).collect();
        let with = |outcome| counted.iter().filter(|r| r.outcome == outcome).count();
        let standard: Vec<&Request> = of_series(requests, Series::Standard).collect();
        let tests = tests(&standard);
        // A warm prompt's few new tokens are read at another speed than a whole one.
        let cold: Vec<&Request> = (counted.iter().copied())
            .filter(|r| r.series != Series::Warm)
            .collect();
        Self {
            requests: counted.len(),
            measured: with(Outcome::Measured),
            unmeasured: with(Outcome::Unmeasured),
            failed: with(Outcome::Failed),
            decode_tokens_per_second: Spread::of(decodes(&standard)),
            steady_tokens_per_second: steady(&standard),
            wall_clock_mean_tokens_per_second: mean_of_medians(&tests),
            time_to_first_token_seconds: Spread::of(first_tokens(&standard)),
            prefill_tokens_per_second: Spread::of(prefills(&cold)),
            tests,
            depths: series::depths(requests),
            concurrency: series::concurrency(requests),
            soak: series::soak(requests, memory),
            server: agreement::agreements(&counted),
        }
    }
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
            let of: Vec<&Request> = standard
                .iter()
                .filter(|r| r.test == name)
                .copied()
                .collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::document::Figures;
    use crate::measure::{Problem, ProblemKind};

    fn request(test: &str, tokens: u32, seconds: f64) -> Request {
        Request {
            series: Series::Standard,
            test: test.to_owned(),
            run: 1,
            depth_tokens: None,
            concurrency: 1,
            stream: 1,
            sent_seconds: 0.0,
            max_tokens: tokens,
            outcome: Outcome::Measured,
            problem: None,
            figures: Figures {
                seconds,
                completion_tokens: Some(tokens),
                wall_clock_tokens_per_second: Some(f64::from(tokens) / seconds),
                ..Figures::default()
            },
        }
    }

    /// Run 20260205-152620 of the study: its own file states the mean.
    fn study() -> Vec<Request> {
        vec![
            request("short", 100, 3.525_765_895_843_506),
            request("medium", 500, 11.511_005_878_448_486),
            request("long", 2000, 43.432_131_052_017_21),
            request("reasoning", 500, 11.809_247_970_581_055),
            request("instruction", 400, 9.665_977_239_608_765),
        ]
    }

    #[test]
    fn the_studys_mean_comes_out_of_its_rows() {
        let summary = Summary::of(&study(), &[]);
        let mean = summary.wall_clock_mean_tokens_per_second.unwrap();
        assert!((mean - 40.314_027_976_753_08).abs() < 0.001, "{mean}");
        // Least squares of seconds over tokens by hand: 0.0210732 s per token.
        let steady = summary.steady_tokens_per_second.unwrap();
        assert!((steady - 47.454).abs() < 0.001, "{steady}");
        assert_eq!(
            (summary.requests, summary.measured, summary.failed),
            (5, 5, 0)
        );
    }

    #[test]
    fn what_does_not_count_changes_nothing() {
        let mut more = study();
        let mut warm_up = request("short", 100, 40.0);
        warm_up.series = Series::WarmUp;
        more.insert(0, warm_up);
        let mut stopped = request("long", 2000, 1.0);
        stopped.outcome = Outcome::Failed;
        stopped.problem = Some(Problem::new(ProblemKind::Interrupted, "stopped"));
        more.push(stopped);
        assert_eq!(Summary::of(&more, &[]), Summary::of(&study(), &[]));
    }

    #[test]
    fn streams_at_once_are_summed_over_the_time_that_they_took_together() {
        let streams: Vec<Request> = [(0.0, 10.0), (0.5, 10.5)]
            .iter()
            .map(|(sent, seconds)| {
                let mut r = request("medium", 101, *seconds);
                r.series = Series::Concurrency;
                r.concurrency = 2;
                r.sent_seconds = *sent;
                r.figures.time_to_first_token_seconds = Some(1.0);
                r
            })
            .collect();
        let both = &Summary::of(&streams, &[]).concurrency[0];
        // 202 tokens from 0 to 11 s; 200 after the first ones, from 1 to 11 s.
        assert!((both.aggregate_tokens_per_second.unwrap() - 202.0 / 11.0).abs() < 1e-3);
        assert!((both.aggregate_decode_tokens_per_second.unwrap() - 20.0).abs() < 1e-3);
        let mut broken = streams;
        broken[1].outcome = Outcome::Failed;
        let one = &Summary::of(&broken, &[]).concurrency[0];
        assert_eq!((one.aggregate_tokens_per_second, one.failed), (None, 1));
    }
}
