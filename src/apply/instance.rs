//! One loaded model, as it is or as it should be.

use serde::{Deserialize, Serialize};

use crate::lmstudio::Loaded;
use crate::memory::Engine;
use crate::plan::document::Entry;

/// A model in memory under a name. What is not known or does not matter is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The name that clients ask for.
    pub identifier: String,
    /// LM Studio's key of the model.
    pub key: String,
    /// Context in tokens.
    pub context: Option<u32>,
    /// Requests at once.
    pub parallel: Option<u32>,
    /// Seconds without a request after which it is unloaded; none for never.
    pub ttl_seconds: Option<u64>,
    /// Every layer on the GPU; else LM Studio decides.
    pub gpu_max: bool,
}

/// What is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// `context`, `slots`, `TTL`, `model`.
    pub what: &'static str,
    /// As it is.
    pub is: String,
    /// As it should be.
    pub should: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}, not {}", self.what, self.is, self.should)
    }
}

/// How a plan's model should be loaded, under this key.
#[must_use]
pub fn instance(entry: &Entry, key: &str, ttl_seconds: Option<u64>) -> Instance {
    Instance {
        identifier: entry.identifier.clone(),
        key: key.to_owned(),
        context: Some(entry.settings.context),
        // LM Studio reports none of an embedding model.
        parallel: entry.embedding.is_none().then_some(entry.settings.slots),
        ttl_seconds,
        gpu_max: entry.settings.engine == Engine::LlamaCpp,
    }
}

/// The models that are loaded on this device. Other devices' models are no business of a plan.
#[must_use]
pub fn local(loaded: &[Loaded]) -> Vec<&Loaded> {
    let here = |l: &&Loaded| l.model.device_identifier.is_none();
    loaded.iter().filter(here).collect()
}

/// The language models among them, and what else goes by one of these names: an embedding model
/// that nobody asked for is no business of a plan either.
#[must_use]
pub fn local_models<'l>(loaded: &'l [Loaded], named: &[Instance]) -> Vec<&'l Loaded> {
    let mut here = local(loaded);
    here.retain(|l| is_llm(l) || named.iter().any(|n| n.identifier == l.state.identifier));
    here
}

/// Whether it answers in words.
#[must_use]
pub fn is_llm(loaded: &Loaded) -> bool {
    loaded.model.kind == "llm"
}

/// Whether a name is that of a second copy: LM Studio appends `:2`, `:3` and so on.
#[must_use]
pub fn copy_of(name: &str, of: &str) -> bool {
    let number = name
        .strip_prefix(of)
        .and_then(|rest| rest.strip_prefix(':'));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

impl Instance {
    /// What is loaded, so that it can be loaded again.
    #[must_use]
    pub fn of(loaded: &Loaded) -> Self {
        Self {
            identifier: loaded.state.identifier.clone(),
            key: loaded.model.model_key.clone(),
            context: loaded.state.context_length,
            parallel: loaded.state.parallel,
            ttl_seconds: loaded.state.ttl_ms.map(|ms| ms.div_ceil(1000)),
            gpu_max: false,
        }
    }

    /// What of a loaded model is not as this instance says. What LM Studio does not report counts
    /// as right: older versions say nothing of parallel requests.
    #[must_use]
    pub fn mismatches(&self, loaded: &Loaded) -> Vec<Mismatch> {
        let is = Self::of(loaded);
        let mut found = Vec::new();
        if is.key != self.key {
            found.push(Mismatch {
                what: "model",
                is: format!("`{}`", is.key),
                should: format!("`{}`", self.key),
            });
        }
        let mut number = |what, is: Option<u32>, should: Option<u32>| {
            if let (Some(is), Some(should)) = (is, should)
                && is != should
            {
                found.push(Mismatch {
                    what,
                    is: is.to_string(),
                    should: should.to_string(),
                });
            }
        };
        number("context", is.context, self.context);
        number("slots", is.parallel, self.parallel);
        if is.ttl_seconds != self.ttl_seconds {
            found.push(Mismatch {
                what: "TTL",
                is: ttl(is.ttl_seconds),
                should: ttl(self.ttl_seconds),
            });
        }
        found
    }

    /// The arguments of `lms` that load it: values joined to their flags and the key after `--`,
    /// so that nothing in a name is taken for a flag.
    #[must_use]
    pub fn load_args(&self) -> Vec<String> {
        let mut args = vec!["load".to_owned()];
        let mut flag = |name: &str, value: Option<String>| {
            args.extend(value.map(|v| format!("--{name}={v}")));
        };
        flag("identifier", Some(self.identifier.clone()));
        flag("context-length", self.context.map(|c| c.to_string()));
        flag("parallel", self.parallel.map(|p| p.to_string()));
        flag("gpu", self.gpu_max.then(|| "max".to_owned()));
        flag("ttl", self.ttl_seconds.map(|t| t.to_string()));
        args.extend(["--yes", "--", &self.key].map(str::to_owned));
        args
    }
}

fn ttl(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "none".to_owned(), |s| format!("{s} s"))
}
