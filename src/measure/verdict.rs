//! Whether a result holds what a deployment was promised: speed, load time, steady memory, and no
//! failed request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::ModelBench;
use super::statistics::Trend;
use crate::units::Bytes;

/// A figure to keep to, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The figure.
    pub figure: f64,
    /// In words.
    pub why: String,
}

/// What is asked of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// Slowest decode speed, tokens per second; none where none was promised.
    pub decode_tokens_per_second_min: Option<Threshold>,
    /// Longest load, seconds.
    pub load_seconds_max: Threshold,
    /// Fastest growth of memory, per hour.
    pub memory_growth_bytes_per_hour_max: Bytes,
}

/// The key figures of the study llm-mac-512.
impl Default for Thresholds {
    fn default() -> Self {
        let of_study = |figure| Threshold {
            figure,
            why: "the study llm-mac-512".to_owned(),
        };
        Self {
            decode_tokens_per_second_min: Some(of_study(30.0)),
            load_seconds_max: of_study(10.0),
            memory_growth_bytes_per_hour_max: Bytes::from_gib(1),
        }
    }
}

/// One thing that was asked, and how it came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// `speed`, `load`, `memory` or `tests`.
    pub name: String,
    /// How it came out.
    pub held: Held,
    /// The figure, in the unit of its threshold.
    pub figure: Option<f64>,
    /// In words, with figures.
    pub text: String,
}

/// Whether a promise was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// It was not measured.
    Unknown,
}

/// The verdict on one model: speed, load, memory, tests, in this order. A promise that was not
/// measured is unknown and never kept.
#[must_use]
pub fn verdict(model: &ModelBench, thresholds: &Thresholds) -> Vec<Check> {
    vec![
        speed(model, thresholds),
        load(model, thresholds),
        memory(model, thresholds),
        tests(model),
    ]
}

fn check(name: &str, figure: Option<f64>, kept: impl Fn(f64) -> bool, text: String) -> Check {
    Check {
        name: name.to_owned(),
        held: match figure {
            None => Held::Unknown,
            Some(f) if kept(f) => Held::Yes,
            Some(_) => Held::No,
        },
        figure,
        text,
    }
}

fn speed(model: &ModelBench, thresholds: &Thresholds) -> Check {
    let asked = thresholds.decode_tokens_per_second_min.as_ref();
    let least = asked.map_or_else(
        || "no speed was planned to hold it against".to_owned(),
        |t| format!("at least {:.1} are asked ({})", t.figure, t.why),
    );
    let summary = &model.summary;
    let decode = summary.decode_tokens_per_second.map(|s| s.median);
    let text = match (decode, summary.wall_clock_mean_tokens_per_second) {
        (None, _) => "no decode speed was measured".to_owned(),
        (Some(d), None) => format!("{d:.1} tokens per second; {least}"),
        (Some(d), Some(wall)) => {
            format!("{d:.1} tokens per second decoding ({wall:.1} over whole requests); {least}")
        }
    };
    check(
        "speed",
        decode,
        |f| asked.is_none_or(|t| f >= t.figure),
        text,
    )
}

fn load(model: &ModelBench, thresholds: &Thresholds) -> Check {
    let Threshold { figure: most, why } = &thresholds.load_seconds_max;
    let text = model.load.as_ref().map_or_else(
        || "the load was not measured".to_owned(),
        |l| {
            format!(
                "{:.1} s ({}); at most {most:.1} s are asked ({why})",
                l.seconds, l.files
            )
        },
    );
    let seconds = model.load.as_ref().map(|l| l.seconds);
    check("load", seconds, |f| f <= *most, text)
}

/// Growth that cannot be told from none is none.
#[expect(clippy::cast_precision_loss, reason = "bytes of a trend")]
fn memory(model: &ModelBench, thresholds: &Thresholds) -> Check {
    let most = thresholds.memory_growth_bytes_per_hour_max;
    let soak = model.summary.soak.as_ref();
    let trend: Option<Trend> = soak.and_then(|s| s.memory_trend_bytes);
    let text = match trend {
        None => "memory over time was not measured: run a soak (`--soak 1h`)".to_owned(),
        Some(t) if !t.is_sure() => {
            format!(
                "no growth that stands out of the noise over {} samples",
                t.count
            )
        }
        Some(t) => format!(
            "memory changes by {:+.2} GiB per hour; growth of at most {} per hour is asked",
            t.per_hour / (1_u64 << 30) as f64,
            most.both()
        ),
    };
    let growth = trend.map(|t| if t.is_sure() { t.per_hour } else { 0.0 });
    check("memory", growth, |f| f <= most.0 as f64, text)
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests")]
fn tests(model: &ModelBench) -> Check {
    let summary = &model.summary;
    let passed = summary.requests - summary.failed;
    let rate = (summary.requests > 0).then(|| passed as f64 / summary.requests as f64);
    let text = format!("{passed} of {} requests passed", summary.requests);
    check("tests", rate, |f| f >= 1.0, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::document::Load;
    use crate::measure::summary::{SoakSummary, Spread, Summary};

    fn model(decode: f64, failed: usize, load: Option<f64>, growth: Option<Trend>) -> ModelBench {
        ModelBench {
            model: "m".to_owned(),
            variant: None,
            variant_known_by: None,
            context_tokens: None,
            slots: None,
            load: load.map(|seconds| Load {
                seconds,
                files: "warm".to_owned(),
                source: "lms load".to_owned(),
            }),
            requests: Vec::new(),
            memory: Vec::new(),
            summary: Summary {
                requests: 5,
                measured: 5 - failed,
                failed,
                decode_tokens_per_second: Spread::of([decode]),
                soak: growth.map(|trend| SoakSummary {
                    seconds: 3600.0,
                    requests: 5,
                    failed: 0,
                    decode_tokens_per_second: None,
                    decode_trend: None,
                    memory_trend_bytes: Some(trend),
                    engines_trend_bytes: None,
                }),
                ..Summary::default()
            },
            notes: Vec::new(),
        }
    }

    fn held(model: &ModelBench) -> Vec<Held> {
        let checks = verdict(model, &Thresholds::default());
        checks.into_iter().map(|c| c.held).collect()
    }

    #[test]
    fn each_promise_is_kept_broken_or_unknown_by_itself() {
        let trend = |per_hour: f64, uncertainty: f64| {
            Some(Trend {
                per_hour,
                uncertainty_per_hour: uncertainty,
                count: 300,
            })
        };
        let (yes, no, unknown) = (Held::Yes, Held::No, Held::Unknown);
        let good = model(33.9, 0, Some(4.87), trend(1e8, 1e6));
        assert_eq!(held(&good), [yes, yes, yes, yes]);
        let bad = model(25.98, 1, Some(40.0), trend(5e9, 1e8));
        assert_eq!(held(&bad), [no, no, no, no]);
        assert_eq!(
            held(&model(31.0, 0, None, None)),
            [yes, unknown, unknown, yes]
        );
        // Memory that falls, and memory whose growth is within the noise, are steady.
        assert_eq!(held(&model(31.0, 0, None, trend(-9e9, 1e8)))[2], yes);
        assert_eq!(held(&model(31.0, 0, None, trend(5e9, 6e9)))[2], yes);
    }
}
