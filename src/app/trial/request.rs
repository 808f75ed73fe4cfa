//! What is asked of a run of small tasks.

use std::path::PathBuf;

use crate::app::bench::Models;
pub use crate::edge::openai::Limits;
use crate::trial::MOST_TOKENS;

/// Which tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Those that ship.
    Shipped,
    /// Those of the user's folder.
    Folder(PathBuf),
}

/// A run of small tasks.
#[derive(Debug, Clone)]
pub struct TrialRequest {
    /// Which models.
    pub models: Models,
    /// Which tasks.
    pub what: What,
    /// Address of an OpenAI-compatible server.
    pub base_url: String,
    /// Its token, where it wants one.
    pub token: Option<String>,
    /// How long to wait for what.
    pub limits: Limits,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// Run code of answers with limits alone where nothing holds it.
    pub unsandboxed: bool,
    /// Where to write the result: a .json file, or a folder; the user's data folder when left out.
    pub out: Option<PathBuf>,
    /// The `model/variant` that the model is; by the plan or `lms ps` when left out.
    pub variant: Option<String>,
    /// Results elsewhere than in the user's data folder that it is compared with.
    pub beside: Vec<PathBuf>,
}

impl TrialRequest {
    /// These tasks, of the model that is loaded at this address.
    #[must_use]
    pub fn at(base_url: &str, what: What) -> Self {
        Self {
            models: Models::OnlyLoaded,
            what,
            base_url: base_url.to_owned(),
            token: None,
            limits: Limits {
                first_token_seconds: 600.0,
                stall_seconds: 60.0,
                request_seconds: 3600.0,
            },
            max_tokens: MOST_TOKENS,
            unsandboxed: false,
            out: None,
            variant: None,
            beside: Vec::new(),
        }
    }
}
