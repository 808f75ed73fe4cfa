//! Which engine loads an architecture, since when, and whether LM Studio's own is known to.

use serde::{Deserialize, Serialize};

/// `catalog/engines.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engines {
    /// One for each architecture and engine.
    #[serde(default)]
    pub loads: Vec<Loads>,
}

/// That an engine loads an architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loads {
    /// The name in a model's `[architecture]`.
    pub architecture: String,
    /// The engine, as variants name it.
    pub engine: String,
    /// A version that has it, the earliest that is known.
    pub since: String,
    /// A version of LM Studio's engine that is known to have it; absent where nobody reported one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lm_studio: Option<String>,
    /// Nobody was read to have loaded such a model in LM Studio, whose engine has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nobody_loaded: bool,
    /// What a cache with quantized keys was measured to cost its models, where that is so much that
    /// none is planned with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantized_keys: Option<String>,
    /// Where this was read.
    pub source: String,
    /// What else somebody who loads such a file has to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What quantized keys are known to cost models of an architecture in an engine; none where they
/// are not known to harm.
#[must_use]
pub fn harm<'l>(all: &'l [Loads], architecture: &str, engine: &str) -> Option<&'l str> {
    let of = |l: &&Loads| l.architecture == architecture && l.engine == engine;
    let known = all.iter().rev().find(of)?;
    known.quantized_keys.as_deref()
}

impl Loads {
    /// What to know of a model of this name where LM Studio's engine has it and nobody was read to have
    /// loaded it there, the most important first; else nothing.
    #[must_use]
    pub fn new_to_lm_studio(&self, name: &str) -> Vec<String> {
        let since = self.lm_studio.as_ref().filter(|_| self.nobody_loaded);
        let words = since.map(|since| {
            format!(
                "{name} needs LM Studio's {} engine {since} or newer; no report of it loaded there was found",
                self.engine
            )
        });
        let note = self.note.iter().filter(|_| since.is_some());
        words.into_iter().chain(note.cloned()).collect()
    }

    /// What is known where nobody reported that LM Studio's engine has it.
    #[must_use]
    pub fn unreported(&self) -> String {
        let note = self.note.as_ref();
        format!(
            "{} loads its architecture {} since {}, and nobody reported a version of LM Studio that does{} [{}]",
            self.engine,
            self.architecture,
            self.since,
            note.map_or_else(String::new, |note| format!("; {note}")),
            self.source,
        )
    }
}
