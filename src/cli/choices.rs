//! What a user knows beside a saved plan.

use std::collections::BTreeMap;

use clap::Args;

use crate::emit::Options;

/// What the user knows beside the plan.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Choices {
    /// LM Studio's key (`lms ls --json`) of a model of the plan; may be repeated
    #[arg(long = "key", value_name = "MODEL=KEY", value_parser = key_arg)]
    keys: Vec<(String, String)>,
    /// Unload a model after this many seconds without a request; never when left out
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) ttl: Option<u64>,
}

impl Choices {
    /// As the emitter takes them.
    pub(super) fn options(&self) -> Options {
        Options {
            keys: self.keys.iter().cloned().collect::<BTreeMap<_, _>>(),
            ttl_seconds: self.ttl,
            ..Options::default()
        }
    }

    /// Whether anything was said.
    pub(super) fn is_any(&self) -> bool {
        !self.keys.is_empty() || self.ttl.is_some()
    }
}

fn key_arg(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((model, key)) if !model.is_empty() && !key.is_empty() => {
            Ok((model.to_owned(), key.to_owned()))
        }
        _ => Err("write `model/variant=key`, with the key that `lms ls --json` shows".to_owned()),
    }
}
