//! What a profile measures with: scales, benchmarks, floors.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::exact_tokens;

/// The least that is left for times beyond the anchors, where these reach to 0 or 1.
const TAIL: f64 = 0.02;

/// How each figure becomes a number from 0 to 1; what a profile leaves out is as in `Default`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scales {
    /// Points out of 100: the mean of the expected scores, after quantization, less caution.
    pub quality: Anchors,
    /// Seconds of a turn; straight lines between anchors in the logarithm of the seconds. Beyond the
    /// slowest, what is left halves with each doubling; below the fastest, what lacks halves with
    /// each halving.
    pub turn: Scale,
    /// Tokens.
    pub context: Scale,
    /// Share of requests.
    pub reliability: Scale,
    /// GiB of memory that a model takes with its context.
    pub memory: Anchors,
}

impl Default for Scales {
    fn default() -> Self {
        Self {
            quality: Anchors {
                anchors: vec![[0.0, 0.0], [100.0, 1.0]],
            },
            turn: Scale {
                anchors: vec![[6.5, 0.95], [20.0, 0.75], [90.0, 0.35], [320.0, 0.05]],
                missing: 0.3,
            },
            context: Scale {
                anchors: vec![
                    [4096.0, 0.0],
                    [16384.0, 0.5],
                    [32768.0, 0.8],
                    [65536.0, 0.99],
                    [131_072.0, 0.995],
                    [262_144.0, 1.0],
                ],
                missing: 0.0,
            },
            reliability: Scale {
                anchors: vec![[0.5, 0.0], [0.8, 0.5], [1.0, 1.0]],
                missing: 0.8,
            },
            memory: Anchors {
                anchors: vec![
                    [4.0, 1.0],
                    [8.0, 0.86],
                    [16.0, 0.71],
                    [32.0, 0.57],
                    [64.0, 0.43],
                    [128.0, 0.29],
                    [256.0, 0.14],
                    [512.0, 0.0],
                ],
            },
        }
    }
}

/// A scale of a figure that every candidate has: straight lines between anchors, flat beyond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// Pairs of figure and utility, figures rising.
    pub anchors: Vec<[f64; 2]>,
}

impl Anchors {
    /// The utility of a figure.
    #[must_use]
    pub fn at(&self, figure: f64) -> f64 {
        interpolate(&self.anchors, figure)
    }

    /// The highest utility of the figures of a range.
    #[must_use]
    pub fn most(&self, range: RangeInclusive<f64>) -> f64 {
        most(&self.anchors, range)
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

    /// The highest utility of the figures of a range.
    #[must_use]
    pub fn most(&self, range: RangeInclusive<f64>) -> f64 {
        most(&self.anchors, range)
    }

    /// The utility of a time: straight lines between anchors in its logarithm, as what halves is
    /// felt alike, whether it is minutes or seconds. Beyond the slowest anchor each doubling leaves
    /// half of what that one is worth, as waits are discounted; below the fastest each halving gains
    /// half of what that one lacks, as the seconds themselves are all that is left to gain. So less
    /// time is always worth more, and never more than 1.
    #[must_use]
    pub fn at_time(&self, seconds: f64) -> f64 {
        let [Some([fast, most]), Some([slow, least])] =
            [self.anchors.first(), self.anchors.last()].map(Option::<&_>::copied)
        else {
            return self.missing;
        };
        if seconds.is_nan() {
            return self.missing;
        }
        let [top, bottom] = [most.min(1.0 - TAIL), least.max(TAIL)];
        if seconds <= fast {
            return 1.0 - (1.0 - top) * seconds / fast;
        }
        if seconds >= slow {
            return bottom * slow / seconds;
        }
        let after = self.anchors.partition_point(|[x, _]| *x < seconds);
        let pair = [self.anchors[after - 1], self.anchors[after]];
        let line = interpolate(&pair.map(|[x, y]| [x.ln(), y]), seconds.ln());
        let drawn_in = (top - bottom) / (most - least);
        bottom + (line - least) * drawn_in
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

/// What a candidate must reach, by what is expected of it: a floor says what is of use at all, and
/// that is no promise. A figure that is not known fails no floor of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// Expected points out of 100, after quantization.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub quality: f64,
    /// Tokens per second, at the depth of the task's turns.
    #[serde(default)]
    pub decode_tokens_per_second: f64,
    /// Seconds to the first token of a turn, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_first_token_seconds: Option<f64>,
    /// Seconds of a turn, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turn_seconds: Option<f64>,
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
        if self.quality > 0.0 {
            parts.push(format!("{} points of quality", self.quality));
        }
        if self.context > 0 {
            parts.push(format!("a context of {}", exact_tokens(self.context)));
        }
        if self.decode_tokens_per_second > 0.0 {
            parts.push(format!("{} t/s", self.decode_tokens_per_second));
        }
        if let Some(most) = self.max_first_token_seconds {
            parts.push(format!("{most} s to the first token"));
        }
        if let Some(most) = self.max_turn_seconds {
            parts.push(format!("{most} s a turn"));
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(x: &f64) -> bool {
    *x <= 0.0
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

/// Straight lines are highest at an end of the range, or at an anchor within it.
fn most(anchors: &[[f64; 2]], range: RangeInclusive<f64>) -> f64 {
    let (from, to) = range.into_inner();
    let within = anchors.iter().filter(|[x, _]| from < *x && *x < to);
    let ends = interpolate(anchors, from).max(interpolate(anchors, to));
    within.fold(ends, |most, [_, y]| most.max(*y))
}
