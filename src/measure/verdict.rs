//! Whether a result holds what a deployment was promised: speed, load time, steady memory, and no
//! failed request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::ModelBench;
use super::statistics::Trend;
use crate::units::Bytes;

/// What is asked of a deployment. The defaults are the key figures of the study llm-mac-512.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Thresholds {
    /// Slowest decode speed.
    pub decode_tokens_per_second_min: f64,
    /// Longest load.
    pub load_seconds_max: f64,
    /// Fastest growth of memory, per hour.
    pub memory_growth_bytes_per_hour_max: Bytes,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            decode_tokens_per_second_min: 30.0,
            load_seconds_max: 10.0,
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
    let least = thresholds.decode_tokens_per_second_min;
    let summary = &model.summary;
    let decode = summary.decode_tokens_per_second.map(|s| s.median);
    let text = match (decode, summary.wall_clock_mean_tokens_per_second) {
        (None, _) => "no decode speed was measured".to_owned(),
        (Some(d), None) => format!("{d:.1} tokens per second; {least:.1} are asked"),
        (Some(d), Some(wall)) => format!(
            "{d:.1} tokens per second decoding ({wall:.1} over whole requests); {least:.1} are asked"
        ),
    };
    check("speed", decode, |f| f >= least, text)
}

fn load(model: &ModelBench, thresholds: &Thresholds) -> Check {
    let most = thresholds.load_seconds_max;
    let text = model.load.as_ref().map_or_else(
        || "the load was not measured".to_owned(),
        |l| format!("{:.1} s ({}); at most {most:.1} s are asked", l.seconds, l.files),
    );
    let seconds = model.load.as_ref().map(|l| l.seconds);
    check("load", seconds, |f| f <= most, text)
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
            format!("no growth that stands out of the noise over {} samples", t.count)
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
