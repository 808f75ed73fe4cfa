//! Reasoning effort: how long a model is asked to think before it answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting that trades tokens for quality, from least to most. Where none is set, the model's
/// own default holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Thinking switched off.
    Off,
    /// As little as the model offers.
    Low,
    /// Between low and high.
    Medium,
    /// More than medium, less than all.
    High,
    /// All that the model offers: `max`, `xhigh`, or thinking switched on.
    #[serde(alias = "xhigh")]
    Max,
}

impl Effort {
    /// All, from least to most.
    pub const ALL: [Self; 5] = [Self::Off, Self::Low, Self::Medium, Self::High, Self::Max];

    /// The name in files and on screen.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Max => "max",
        }
    }
}

impl std::fmt::Display for Effort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}

/// What a model is asked for: an effort, or nothing, so that its own default holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// Nothing is set.
    #[default]
    Default,
    /// Thinking switched off.
    Off,
    /// Effort low.
    Low,
    /// Effort medium.
    Medium,
    /// Effort high.
    High,
    /// All the effort that the model offers.
    #[serde(alias = "xhigh")]
    Max,
}

impl Setting {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Default,
        Self::Off,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Max,
    ];

    /// The effort that is set, where one is.
    #[must_use]
    pub const fn effort(self) -> Option<Effort> {
        match self {
            Self::Default => None,
            Self::Off => Some(Effort::Off),
            Self::Low => Some(Effort::Low),
            Self::Medium => Some(Effort::Medium),
            Self::High => Some(Effort::High),
            Self::Max => Some(Effort::Max),
        }
    }

    /// The name in files and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self.effort() {
            None => "default",
            Some(effort) => effort.id(),
        }
    }

    /// Whether nothing has to be set.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        matches!(self, Self::Default)
    }

    /// In plain words, where something has to be set: `thinking off`, `effort low`.
    #[must_use]
    pub fn words(self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Off => Some("thinking off".to_owned()),
            Self::Max => Some("thinking on".to_owned()),
            other => Some(format!("effort {}", other.id())),
        }
    }
}

impl From<Effort> for Setting {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Off => Self::Off,
            Effort::Low => Self::Low,
            Effort::Medium => Self::Medium,
            Effort::High => Self::High,
            Effort::Max => Self::Max,
        }
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}

/// Variables that a chat template takes, by name: `chat_template_kwargs` of most servers.
pub type TemplateVariables = BTreeMap<String, serde_json::Value>;

/// The efforts that a model offers, and how its chat template is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thinking {
    /// What can be asked for; headline scores are from the highest.
    pub efforts: Vec<Effort>,
    /// What holds where nothing is asked for.
    pub default: Effort,
    /// The template's variable that switches thinking on and off, where it can be off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<String>,
    /// The template's word for the highest effort, where that is not its name here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Thinking {
    /// The highest effort.
    #[must_use]
    pub fn most(&self) -> Effort {
        self.efforts.iter().copied().max().unwrap_or(Effort::Max)
    }

    /// What to set for an effort: nothing for the default.
    #[must_use]
    pub fn setting(&self, effort: Effort) -> Setting {
        if effort == self.default {
            Setting::Default
        } else {
            effort.into()
        }
    }

    /// What the chat template has to be told for a setting: nothing for the default.
    #[must_use]
    pub fn template(&self, setting: Setting) -> TemplateVariables {
        let Some(effort) = setting.effort() else {
            return TemplateVariables::new();
        };
        let on = effort != Effort::Off;
        let switch = self.switch.iter().map(|name| (name.clone(), on.into()));
        let levels = self.efforts.iter().filter(|e| **e != Effort::Off).count();
        let level = (on && levels > 1).then(|| ("reasoning_effort".to_owned(), self.word(effort)));
        switch.chain(level).collect()
    }

    fn word(&self, effort: Effort) -> serde_json::Value {
        let highest = self.highest.as_deref().filter(|_| effort == self.most());
        highest.unwrap_or(effort.id()).into()
    }
}
