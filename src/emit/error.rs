//! Why a plan can't be made into files.

use super::models::UnknownKey;
use crate::fault::Hinted;

/// Why a plan can't be made into files.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A plan without models.
    #[error("the plan has no models")]
    Empty,
    /// No model of the plan for a client that chats.
    #[error("no model of the plan converses, and this client does nothing else")]
    NothingConverses,
    /// A node that nobody reaches.
    #[error("the node `{0}` has no address")]
    NoAddress(String),
    /// A model whose files nobody knows.
    #[error("no repository is known that holds `{0}`")]
    NoRepository(String),
    /// A model that llama.cpp's server does not run.
    #[error("llama.cpp's server does not run `{0}`")]
    NotByLlamaCpp(String),
    /// A model of which each node holds a part.
    #[error("`{0}` is sharded over several nodes, which LM Studio does not do")]
    Sharded(String),
    /// Two models of one name.
    #[error("two models of the plan have the identifier `{0}`")]
    Twice(String),
    /// A setting that LM Studio has no value for.
    #[error(transparent)]
    Unsupported(#[from] crate::lmstudio::config::Unsupported),
    /// A key for a model that the plan does not have.
    #[error(transparent)]
    UnknownKey(#[from] UnknownKey),
    /// A name that no script can hold.
    #[error("can't write {file}: {error}")]
    Template {
        /// The file.
        file: String,
        /// Why.
        error: String,
    },
    /// A document that is no JSON.
    #[error("can't write {file}: {error}")]
    Json {
        /// The file.
        file: String,
        /// Why.
        error: serde_json::Error,
    },
}

impl Hinted for EmitError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty => Some("`planner recommend` says why none fits".to_owned()),
            Self::NothingConverses => Some("`planner emit --client continue` writes what completes or embeds; `planner recommend` with a task such as code plans a model to talk to".to_owned()),
            Self::NoAddress(_) => Some("give it `address` in the fleet's file, the private address that its server is bound to, and plan again".to_owned()),
            Self::NotByLlamaCpp(_) => Some("plan with `--engine llama.cpp` for it".to_owned()),
            Self::NoRepository(name) => Some(format!("leave it out with `--exclude {name}`, or name its repository: `planner catalog edit`")),
            Self::Sharded(_) => Some("`--server llama.cpp` writes what serves it; plan with `--engine llama.cpp` for all models".to_owned()),
            Self::Twice(_) => Some("make the plan anew with `planner recommend`".to_owned()),
            Self::Unsupported(error) => error.hint(),
            Self::UnknownKey(error) => error.hint(),
            Self::Template { .. } | Self::Json { .. } => None,
        }
    }
}
