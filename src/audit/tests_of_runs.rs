//! The requests of a run: their mean, their token counts, the first of them, the failed ones.

use crate::audit::finding::{Finding, Seen, finding, subject};
use crate::catalog::schema::{Measurement, Model, TestRun};
use crate::speed::measured;

/// A reported mean may differ from its rows by this much, for rounding.
const ROUNDING: f64 = 0.01;
/// Rates of long requests of one run differ by less than this, if their tokens are tokens.
const RATE_SPREAD: f64 = 4.0;
/// Requests longer than this, in seconds, are decoding and little else.
const LONG_SECONDS: f64 = 5.0;
/// A first request this much slower than the rest was paid for by reading the file.
const COLD_FACTOR: f64 = 2.0;
/// What the standard tests may generate at most.
const LIMITS: [(&str, u32); 5] = [
    ("short", 100),
    ("medium", 500),
    ("long", 2000),
    ("reasoning", 500),
    ("instruction", 400),
];

pub(super) fn check(model: &Model, m: &Measurement) -> Vec<Finding> {
    let rules = [
        reported_mean,
        token_counts,
        over_limit,
        cold_first_request,
        failed_requests,
    ];
    rules
        .iter()
        .filter_map(|rule| rule(m))
        .map(|(rule, seen, remedy)| finding(rule, subject(model, m), seen, remedy))
        .collect()
}

type Found = (&'static str, Seen, &'static str);

/// A reported mean that its rows don't give.
fn reported_mean(m: &Measurement) -> Option<Found> {
    let (reported, given) = (m.reported_mean_tokens_per_second?, rows_mean(m)?);
    ((given / reported - 1.0).abs() > ROUNDING).then(|| {
        let evidence = format!("a mean of {reported:.2} t/s is reported; the rows give {given:.2}");
        (
            "reported-mean",
            (
                evidence,
                vec![
                    ("reported", format!("{reported:.2}")),
                    ("given", format!("{given:.2}")),
                ],
            ),
            "use the rows; the reported mean is another run's, or counts other requests",
        )
    })
}

/// The mean as the report would have it: stated rates where the rows state them.
#[must_use]
pub fn rows_mean(m: &Measurement) -> Option<f64> {
    let stated: Vec<f64> = m
        .tests
        .iter()
        .filter(|t| t.passed)
        .filter_map(|t| t.reported_tokens_per_second)
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of requests")]
    let n = stated.len() as f64;
    if stated.is_empty() {
        measured::wall_clock_mean(m)
    } else {
        Some(stated.iter().sum::<f64>() / n)
    }
}

/// Long requests of one run decode at one speed; where their rates are far apart, what was counted
/// was not tokens.
fn token_counts(m: &Measurement) -> Option<Found> {
    let rates: Vec<f64> = m
        .tests
        .iter()
        .skip(1)
        .filter(|t| t.passed)
        .filter_map(long_rate)
        .collect();
    let (least, most) = (
        rates.iter().copied().fold(f64::INFINITY, f64::min),
        rates.iter().copied().fold(0.0, f64::max),
    );
    (rates.len() > 1 && most > least * RATE_SPREAD).then(|| {
        let evidence = format!("requests of one run decode at {least:.2} to {most:.2} t/s");
        (
            "token-counts",
            (
                evidence,
                vec![
                    ("least", format!("{least:.2}")),
                    ("most", format!("{most:.2}")),
                ],
            ),
            "the counts are words or characters, not tokens: take the server's usage figures",
        )
    })
}

fn long_rate(t: &TestRun) -> Option<f64> {
    let seconds = t.seconds.filter(|s| *s > LONG_SECONDS)?;
    t.completion_tokens.map(|n| f64::from(n) / seconds)
}

/// More tokens than the request allowed.
fn over_limit(m: &Measurement) -> Option<Found> {
    let over = m.tests.iter().find_map(|t| {
        let (_, limit) = LIMITS.iter().find(|(name, _)| *name == t.name)?;
        t.completion_tokens
            .filter(|n| n > limit)
            .map(|n| (t, n, limit))
    });
    over.map(|(t, n, limit)| {
        let evidence = format!("`{}` counts {n} tokens, and {limit} were the limit", t.name);
        (
            "over-limit",
            (
                evidence,
                vec![
                    ("test", t.name.clone()),
                    ("tokens", n.to_string()),
                    ("limit", limit.to_string()),
                ],
            ),
            "the counts are not this model's tokens; the speeds made from them are too high",
        )
    })
}

/// The first request paid for reading the file.
fn cold_first_request(m: &Measurement) -> Option<Found> {
    let first = m.tests.first().filter(|t| t.passed)?;
    let (tokens, seconds) = (first.completion_tokens?, first.seconds?);
    let steady = measured::run_decode(m)?;
    let warm = f64::from(tokens) / steady;
    (seconds > warm * COLD_FACTOR && seconds - warm > LONG_SECONDS).then(|| {
        let evidence = format!("the first request took {seconds:.1} s; at the run's steady {steady:.1} t/s it would take {warm:.1} s");
        let figures = vec![
            ("seconds", format!("{seconds:.1}")),
            ("steady", format!("{steady:.1}")),
            ("warm", format!("{warm:.1}")),
        ];
        ("cold-first-request", (evidence, figures), "leave the first request out of means, or warm up before measuring")
    })
}

/// Requests that failed.
fn failed_requests(m: &Measurement) -> Option<Found> {
    let failed: Vec<&TestRun> = m.tests.iter().filter(|t| !t.passed).collect();
    failed.first().map(|first| {
        let why = first.error.as_deref().unwrap_or("no reason given");
        let evidence = format!(
            "{} of {} requests failed: {why}",
            failed.len(),
            m.tests.len()
        );
        (
            "failed-requests",
            (
                evidence,
                vec![
                    ("failed", failed.len().to_string()),
                    ("tried", m.tests.len().to_string()),
                    ("error", why.to_owned()),
                ],
            ),
            "find out why before counting the model as unreliable: HTTP 400 from LM Studio is most often its default context of 4096 tokens",
        )
    })
}
