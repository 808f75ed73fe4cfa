//! What drafting was measured to gain: pairs of speeds without and with it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::memory::Engine;

/// `catalog/speculation.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speculation {
    /// The pairs.
    #[serde(default)]
    pub measured: Vec<Pair>,
}

/// One file in one engine on one machine, without and with drafts, from one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Id of the model.
    pub model: String,
    /// Id of the chip.
    pub chip: String,
    /// The engine that ran, named as in measurements: a program with a loop of its own by its own name.
    pub engine: String,
    /// The program and its version, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The file, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What drafts.
    pub method: Method,
    /// The most tokens drafted at a time, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted_tokens: Option<u32>,
    /// Tokens in the context, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_tokens: Option<u32>,
    /// What was asked for, where stated: `code`, `prose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<String>,
    /// Generated tokens per second without drafts.
    pub without_tokens_per_second: f64,
    /// With them.
    pub with_tokens_per_second: f64,
    /// What else somebody has to know of the pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where both figures were read.
    pub source: String,
}

/// What drafts the tokens that the model then checks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The model's own layers for multi-token prediction.
    Mtp,
    /// A smaller model of the same vocabulary.
    Draft,
    /// A DFlash drafter, which drafts whole blocks.
    Dflash,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mtp => "MTP",
            Self::Draft => "a draft model",
            Self::Dflash => "DFlash drafts",
        })
    }
}

impl Pair {
    /// How many times as fast it is with drafts.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.with_tokens_per_second / self.without_tokens_per_second
    }

    /// Whether LM Studio drafts so: with llama.cpp, and not with DFlash, whose drafters it does not offer.
    /// Its MLX engine has no prediction layers, whatever a row says.
    #[must_use]
    pub fn in_lm_studio(&self) -> bool {
        self.engine == Engine::LlamaCpp.id() && self.method != Method::Dflash
    }

    /// What no pair can be.
    #[must_use]
    pub fn impossible(&self) -> Option<String> {
        let speeds = [self.without_tokens_per_second, self.with_tokens_per_second];
        let bad = speeds.iter().any(|s| !(s.is_finite() && *s > 0.0));
        bad.then(|| {
            format!(
                "a pair of {} on {} has a speed that is not above zero",
                self.engine, self.chip
            )
        })
    }
}
