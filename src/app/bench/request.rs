//! What is asked of a benchmark.

use std::path::PathBuf;

use crate::measure::document::BenchSettings;
use crate::measure::prompts::Language;

/// Where LM Studio serves unless it was told otherwise.
pub const USUAL_ADDRESS: &str = "http://localhost:1234/v1";

/// Which models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Models {
    /// The only one that is loaded.
    OnlyLoaded,
    /// Every one that is loaded.
    AllLoaded,
    /// One, by the name that the server knows.
    Named(String),
    /// Every model of a saved plan.
    OfPlan(PathBuf),
}

/// What recording needs that the server does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordRequest {
    /// The chip that the server runs on; this machine's when left out.
    pub chip: Option<String>,
    /// The engine behind another server than LM Studio and llama.cpp.
    pub engine: Option<String>,
}

/// A benchmark.
#[derive(Debug, Clone)]
pub struct BenchRequest {
    /// Which models.
    pub models: Models,
    /// Address of an OpenAI-compatible server.
    pub base_url: String,
    /// Its token, where it wants one.
    pub token: Option<String>,
    /// What to measure, and how long to wait for it.
    pub settings: BenchSettings,
    /// Where to write the result: a .json file, or a folder; the user's data folder when left out.
    pub out: Option<PathBuf>,
    /// The `model/variant` that the model is; by the plan or `lms ps` when left out.
    pub variant: Option<String>,
    /// Prepare to record the result; it is refused before measuring where it could not be.
    pub record: Option<RecordRequest>,
}

impl BenchRequest {
    /// The five standard tests, three times, of the model that is loaded at this address.
    #[must_use]
    pub fn at(base_url: &str) -> Self {
        Self {
            models: Models::OnlyLoaded,
            base_url: base_url.to_owned(),
            token: None,
            settings: BenchSettings {
                language: Language::Zh,
                runs: 3,
                warm_up_requests: 1,
                depths_tokens: Vec::new(),
                concurrency: Vec::new(),
                soak_seconds: None,
                temperature: 0.0,
                first_token_limit_seconds: 600.0,
                stall_limit_seconds: 60.0,
                request_limit_seconds: 3600.0,
            },
            out: None,
            variant: None,
            record: None,
        }
    }
}
