//! What a profile measures with: scales, benchmarks, floors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::exact_tokens;

/// How each figure becomes a number from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// Points out of 100: the mean of the expected scores, less caution, after quantization.
    pub quality: Points,
    /// Tokens per second.
    pub speed: Scale,
    /// Tokens per second per GB of memory.
    pub efficiency: Scale,
    /// Tokens.
    pub context: Scale,
    /// Share of requests.
    pub reliability: Scale,
    /// Seconds.
    pub load_time: Scale,
}

/// The worth of expected points: every model has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Pairs of points and utility, points rising.
    pub anchors: Vec<[f64; 2]>,
}

impl Points {
    /// The utility of so many points.
    #[must_use]
    pub fn at(&self, points: f64) -> f64 {
        interpolate(&self.anchors, points)
    }
}

/// Fixed anchors, straight lines between them, flat beyond. Adding a model never moves another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Pairs of figure and utility, figures rising.
    pub anchors: Vec<[f64; 2]>,
    /// Utility of a missing figure, 0 to 1.
    pub missing: f64,
}

impl Scale {
    /// The utility of a figure.
    #[must_use]
    pub fn at(&self, figure: f64) -> f64 {
        interpolate(&self.anchors, figure)
    }
}

/// One benchmark that stands for quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The name in the catalog.
    pub name: String,
    /// How much it counts against the others.
    pub weight: f64,
}

/// What a candidate must reach. A figure that is not known fails no floor of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// Tokens per second.
    #[serde(default)]
    pub decode_tokens_per_second: f64,
    /// Tokens.
    #[serde(default)]
    pub context: u32,
    /// Share of requests passed.
    #[serde(default)]
    pub pass_rate: f64,
    /// Bits per weight.
    #[serde(default)]
    pub bits_per_weight: f64,
    /// Only models that were trained to call tools.
    #[serde(default)]
    pub tool_use: bool,
}

impl std::fmt::Display for Floors {
    /// Those there are: `a context of 16k (16384 tokens), 8 t/s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if self.context > 0 {
            parts.push(format!("a context of {}", exact_tokens(self.context)));
        }
        if self.decode_tokens_per_second > 0.0 {
            parts.push(format!("{} t/s", self.decode_tokens_per_second));
        }
        if self.pass_rate > 0.0 {
            parts.push(format!("{:.0} % of tests passed", self.pass_rate * 100.0));
        }
        if self.bits_per_weight > 0.0 {
            parts.push(format!("{} bits per weight", self.bits_per_weight));
        }
        if self.tool_use {
            parts.push("calling tools".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

fn interpolate(anchors: &[[f64; 2]], figure: f64) -> f64 {
    let after = anchors.iter().position(|[x, _]| *x >= figure);
    match after {
        None => anchors.last().map_or(0.0, |[_, y]| *y),
        Some(0) => anchors[0][1],
        Some(i) => {
            let ([x0, y0], [x1, y1]) = (anchors[i - 1], anchors[i]);
            y0 + (y1 - y0) * (figure - x0) / (x1 - x0)
        }
    }
}
