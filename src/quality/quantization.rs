//! What a quantization costs: the loss in nats against the weights that were released, by what was
//! measured, and the share of a score that survives it.
//!
//! A file's own measured loss wins; else a rule by bits, size and method, with its band. Where the
//! measurements say nothing the loss is unknown, says why, and takes part at its cautious end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::measured_loss::measured;
use crate::catalog::schema::{Model, Variant};

/// Bits per weight from which a file of a 16-bit model loses nothing worth a figure.
const FULL_BITS: f64 = 12.0;
/// Parameters from which the rule for large models holds.
const LARGE: f64 = 20e9;
/// The rules end here: below, only a measured file has a figure.
const FEWEST_BITS: f64 = 3.0;
/// MLX's affine quantization below this many bits was hardly measured, and fell apart where it was.
const FEWEST_BITS_MLX: f64 = 4.0;
/// Released weights of fewer bits than this are quantized themselves: cutting them further follows
/// no rule that was measured.
const RELEASED_QUANTIZED: f64 = 6.0;
/// Files whose bits differ by less than this share hold the bulk of the weights alike: their embeddings
/// and heads differ.
const AS_MANY: f64 = 0.95;
/// A format of so many bits more than the released weights tells all values of those.
const FINER: f64 = 3.5;
/// No recipe gives the bulk of the weights more bits than its name states by as much as this:
/// where a file has more, the rest is in tables.
const MOST_ABOVE_NAME: f64 = 1.5;
/// Losses below this decide nothing: two engines that run the same 16-bit weights differ by 0.0005
/// to 0.0115 nats.
const SEEN: f64 = 0.003;
/// An unknown loss lies no higher than this many times the rule: the largest seen.
const UNKNOWN: f64 = 9.0;

/// How a file was quantized, as far as the loss differs by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// GGUF with bits given to tensors by what they cost: `UD-Q4_K_XL`.
    Dynamic,
    /// GGUF by a plain recipe: `Q4_K_M`, `IQ4_XS`.
    Plain,
    /// GGUF's first formats, one scale for 32 weights: `Q4_0` to `Q5_1`.
    Legacy,
    /// MLX's groups with scale and bias: `4bit`.
    Affine,
    /// Four-bit floats: `MXFP4`, `NVFP4`.
    Fp4,
}

/// Names of the first formats.
const LEGACY: [&str; 4] = ["Q4_0", "Q4_1", "Q5_0", "Q5_1"];

impl Method {
    /// All of them.
    const ALL: [Self; 5] = [
        Self::Dynamic,
        Self::Plain,
        Self::Legacy,
        Self::Affine,
        Self::Fp4,
    ];

    /// The method of a variant, by its engine and the name of its quantization.
    #[must_use]
    pub fn of(variant: &Variant) -> Self {
        let name = variant.quantization.to_ascii_uppercase();
        let fp4 = name.contains("FP4");
        let dynamic = name.starts_with("UD-") || name.starts_with("DYNAMIC");
        let legacy = LEGACY.contains(&name.as_str());
        match variant.engine.as_str() {
            _ if fp4 => Self::Fp4,
            "mlx" | "omlx" => Self::Affine,
            _ if dynamic => Self::Dynamic,
            _ if legacy => Self::Legacy,
            _ => Self::Plain,
        }
    }

    /// Loss over that of a recipe with an importance matrix, within one series.
    const fn factor(self) -> f64 {
        match self {
            Self::Dynamic => 0.73,
            Self::Plain => 1.2,
            // Twice what K-quants of as many bits lose, in llama.cpp's own table of Llama 3 8B.
            Self::Legacy => 2.4,
            Self::Affine => 2.2,
            Self::Fp4 => 3.0,
        }
    }

    /// The band of the rule: eight in ten files lie within this factor of it.
    const fn band(self, large: bool) -> f64 {
        match (self, large) {
            (Self::Dynamic | Self::Plain | Self::Legacy, true) => 2.2,
            (Self::Dynamic | Self::Plain | Self::Legacy, false) => 3.5,
            (Self::Affine | Self::Fp4, _) => 4.0,
        }
    }
}

/// Why nobody knows what a file loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unmeasured {
    /// The publisher released quantized weights, and these are fewer bits.
    BelowReleased,
    /// MLX's affine quantization below four bits.
    MlxBelowFour,
    /// Fewer than three bits.
    BelowThree,
    /// Four-bit floats made from wider weights.
    Fp4AfterTheFact,
    /// Part of the weights are tables that are only looked up: the file's bits per weight do not
    /// tell those of the weights that compute.
    LookedUp,
}

impl Unmeasured {
    /// In words, after `unknown: `.
    const fn words(self) -> &'static str {
        match self {
            Self::BelowReleased => "fewer bits than the publisher's own quantization",
            Self::MlxBelowFour => "MLX below 4 bits was hardly measured",
            Self::BelowThree => "below 3 bits and not measured",
            Self::Fp4AfterTheFact => "4-bit floats made from wider weights",
            Self::LookedUp => "its look-up tables hide the bits of the rest",
        }
    }
}

/// Where a loss comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", tag = "kind", content = "why")]
pub enum LossBasis {
    /// These are the weights that were released, or no less than they.
    Lossless,
    /// Somebody measured this file.
    Measured,
    /// The rule.
    Predicted,
    /// Neither; the band says what it could be.
    Unknown(Unmeasured),
}

/// A loss in nats per token, with the band that holds four of five.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Loss {
    /// The figure.
    pub nats: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Where it comes from.
    pub basis: LossBasis,
}

impl std::fmt::Display for Loss {
    /// What quantization keeps of a score, and by which knowledge: `quantization keeps 99.3 %
    /// (98.4 to 99.7, predicted)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = |nats: f64| 100.0 * retained(nats);
        let (least, most) = (kept(self.high), kept(self.low));
        let basis = match self.basis {
            LossBasis::Lossless => return f.write_str("quantization takes nothing"),
            LossBasis::Measured => "measured",
            LossBasis::Predicted => "predicted",
            LossBasis::Unknown(why) => {
                let why = why.words();
                return write!(
                    f,
                    "what quantization takes is unknown ({why}): {least:.1} % kept is assumed"
                );
            }
        };
        let middle = kept(self.nats);
        write!(
            f,
            "quantization keeps {middle:.1} % ({least:.1} to {most:.1}, {basis})"
        )
    }
}

impl Loss {
    /// Nothing lost.
    pub const NONE: Self = Self {
        nats: 0.0,
        low: 0.0,
        high: 0.0,
        basis: LossBasis::Lossless,
    };

    fn around(nats: f64, factor: f64, basis: LossBasis) -> Self {
        Self {
            nats,
            low: nats / factor,
            high: nats * factor,
            basis,
        }
    }

    /// What decides: the figure, or the upper end where it is unknown; nothing where it is too small
    /// to be seen, so that of two such files the smaller one wins.
    #[must_use]
    pub const fn deciding(&self) -> f64 {
        let nats = match self.basis {
            LossBasis::Unknown(_) => self.high,
            _ => self.nats,
        };
        if nats < SEEN { 0.0 } else { nats }
    }
}

/// The share of a score above chance that survives a loss: fitted on one 8B model's benchmarks at
/// nine sizes, within 1.1 points at five bits and more and 0.8 below on others of 20B and more.
#[must_use]
pub fn retained(nats: f64) -> f64 {
    (-(0.53 * nats + 0.63 * nats * nats)).exp()
}

/// The rule: nats by bits per weight, parameters and method.
#[must_use]
pub fn rule(bits: f64, parameters: f64, method: Method) -> f64 {
    let above = bits - 4.0;
    let log = if parameters >= LARGE {
        -3.70 - 1.22 * above
    } else {
        -3.46 - 1.18 * above - 0.20 * (parameters / 1e11).ln()
    };
    log.exp() * method.factor()
}

/// Weights that the publisher released quantized.
#[derive(Debug, Clone, Copy)]
struct Released {
    bits: f64,
    method: Method,
}

impl Released {
    /// Those of a model, where what was released is quantized: the smallest file that holds them.
    fn of(model: &Model) -> Option<Self> {
        let whole = model.variants.iter().filter(|v| v.lossless);
        let each = whole.map(|v| Self {
            bits: model.bits_per_weight(v),
            method: Method::of(v),
        });
        let quantized = each.filter(|r| r.bits < RELEASED_QUANTIZED);
        quantized.min_by(|a, b| a.bits.total_cmp(&b.bits))
    }

    /// Whether a file of so many bits holds them as they are: in their own format, or in one so much
    /// finer that it can tell all their values.
    fn is_kept(self, bits: f64, method: Method) -> bool {
        let same = method == self.method && !self.is_cut(bits);
        same || bits >= self.bits + FINER
    }

    /// Whether so many bits can't hold them.
    fn is_cut(self, bits: f64) -> bool {
        bits < self.bits * AS_MANY
    }
}

/// The bits that a quantization's name states: 4 of `UD-Q4_K_XL`, `4bit` and `MXFP4`.
fn named_bits(quantization: &str) -> Option<f64> {
    let digits = quantization
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| !digits.is_empty())?;
    digits
        .parse()
        .ok()
        .filter(|bits| (1.0..=32.0).contains(bits))
}

/// Bits of the weights that compute: those of the whole file, unless its name states so much less
/// that the rest lies in tables or embeddings.
fn computing_bits(model: &Model, variant: &Variant) -> f64 {
    let whole = model.bits_per_weight(variant);
    let above = match model.parameters_looked_up {
        Some(_) => 0.0,
        None => MOST_ABOVE_NAME,
    };
    named_bits(&variant.quantization).map_or(whole, |named| whole.min(named + above))
}

/// A file, its bits that compute and its method.
type File<'m> = (&'m Variant, f64, Method);

/// What one file loses, seen alone; `released` are the weights of its model that were.
#[expect(clippy::cast_precision_loss, reason = "a logarithm")]
fn alone(model: &Model, released: Option<Released>, &(variant, bits, method): &File<'_>) -> Loss {
    if variant.lossless || bits >= FULL_BITS || released.is_some_and(|r| r.is_kept(bits, method)) {
        return Loss::NONE;
    }
    // What a catalog says itself was entered last.
    let mut own = model
        .losses
        .iter()
        .rev()
        .filter(|l| l.variant == variant.id);
    let own = own.next().map(|l| l.nats);
    if let Some(nats) = own.or_else(|| measured(&model.id, &variant.id)) {
        return Loss::around(nats, 1.5, LossBasis::Measured);
    }
    let parameters = model.parameters_total as f64;
    let nats = rule(bits, parameters, method);
    // Quantized once more, in another format of as many bits, is the rule's own case.
    let unmeasured = if let Some(released) = released {
        released.is_cut(bits).then_some(Unmeasured::BelowReleased)
    } else if model.parameters_looked_up.is_some() {
        Some(Unmeasured::LookedUp)
    } else if method == Method::Affine && bits < FEWEST_BITS_MLX {
        Some(Unmeasured::MlxBelowFour)
    } else if bits < FEWEST_BITS {
        Some(Unmeasured::BelowThree)
    } else if method == Method::Fp4 {
        Some(Unmeasured::Fp4AfterTheFact)
    } else {
        None
    };
    match unmeasured {
        Some(why) => Loss::around(nats, UNKNOWN, LossBasis::Unknown(why)),
        None => Loss::around(nats, method.band(parameters >= LARGE), LossBasis::Predicted),
    }
}

/// What each of a model's variants loses, in their order.
///
/// Within a series (one method) more bits never lose more: a prediction between measured files
/// lies between their losses.
#[must_use]
pub fn losses(model: &Model) -> Vec<Loss> {
    let file = |v| (v, computing_bits(model, v), Method::of(v));
    let files: Vec<File<'_>> = model.variants.iter().map(file).collect();
    let released = Released::of(model);
    let each = files.iter().map(|file| alone(model, released, file));
    let mut all: Vec<Loss> = each.collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    let bits = |i: &usize| files[*i].1;
    order.sort_by(|a, b| bits(b).total_cmp(&bits(a)));
    for method in Method::ALL {
        let series: Vec<usize> = order
            .iter()
            .copied()
            .filter(|i| files[*i].2 == method)
            .collect();
        settle(&series, &mut all);
    }
    all
}

/// Puts a series, most bits first, in order: predictions yield to what was measured on a file of
/// fewer bits, and then no file loses less than one of more bits.
fn settle(series: &[usize], all: &mut [Loss]) {
    let mut most: Option<Loss> = None;
    for i in series.iter().rev() {
        if let Some(most) = most
            && all[*i].basis != LossBasis::Measured
        {
            all[*i] = ends(all[*i], most, f64::min);
            // The end that decides is no higher than what fewer bits were measured to lose.
            if matches!(all[*i].basis, LossBasis::Unknown(_)) {
                all[*i].high = all[*i].high.min(most.nats);
            }
        }
        if all[*i].basis == LossBasis::Measured {
            most = Some(most.map_or(all[*i], |m| ends(m, all[*i], f64::min)));
        }
    }
    let mut least: Option<Loss> = None;
    for i in series {
        if let Some(least) = least {
            all[*i] = ends(all[*i], least, f64::max);
        }
        least = Some(all[*i]);
    }
}

fn ends(loss: Loss, other: Loss, of: fn(f64, f64) -> f64) -> Loss {
    Loss {
        nats: of(loss.nats, other.nats),
        low: of(loss.low, other.low),
        high: of(loss.high, other.high),
        basis: loss.basis,
    }
}
