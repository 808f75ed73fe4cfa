//! Sampling settings: what a publisher recommends for a model, or a task's author wants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sampling settings; what nobody says anything of is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling: the share of probability kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most likely tokens kept; 0 keeps all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// The least probability kept, as a share of the likeliest token's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_p: Option<f64>,
    /// Penalty on repeated tokens; 1 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_penalty: Option<f64>,
    /// Where the publisher says so, and for which mode where it has several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl std::fmt::Display for Sampling {
    /// `temperature 1, top_p 0.95`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let settings = [
            ("temperature", self.temperature),
            ("top_p", self.top_p),
            ("top_k", self.top_k.map(f64::from)),
            ("min_p", self.min_p),
            ("repeat_penalty", self.repeat_penalty),
        ];
        let known: Vec<String> = settings
            .iter()
            .filter_map(|(name, value)| value.map(|v| format!("{name} {v}")))
            .collect();
        f.write_str(&known.join(", "))
    }
}
