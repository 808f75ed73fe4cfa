//! What a model can be asked to do beside conversing, each as data with its source: to see, to fill
//! in the middle of code, to turn text into vectors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// What a task asks of a model.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// To answer in words.
    #[default]
    Chat,
    /// To answer about pictures.
    Vision,
    /// To fill in the middle of code.
    Autocomplete,
    /// To turn text into vectors.
    Embedding,
}

impl Role {
    /// Whether it is a conversation, whose depth, agents and reasoning effort can be asked for.
    #[must_use]
    pub const fn converses(self) -> bool {
        matches!(self, Self::Chat | Self::Vision)
    }

    /// Whether it is the usual one, which goes without saying.
    #[must_use]
    pub fn is_chat(&self) -> bool {
        *self == Self::Chat
    }

    /// Whether models are made for it that do nothing else.
    #[must_use]
    pub const fn wants_its_own_model(self) -> bool {
        matches!(self, Self::Autocomplete | Self::Embedding)
    }
}

/// An embedding model: it turns text into vectors and answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// Numbers of a vector.
    pub dimensions: u32,
    /// How the vectors of tokens become one, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// Where this was read.
    pub source: String,
}

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// That of the first token.
    Cls,
    /// That of the last one.
    Last,
}

impl Pooling {
    /// As llama-server's `--pooling` takes it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Cls => "cls",
            Self::Last => "last",
        }
    }
}

/// The tokens by which a model fills in the middle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillInMiddle {
    /// Before what stands before the cursor.
    pub prefix: String,
    /// Before what stands behind it.
    pub suffix: String,
    /// Where the model is to write.
    pub middle: String,
    /// Where this was read.
    pub source: String,
}

/// The vision part of a model's GGUF files, which is a file of its own (`mmproj`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projector {
    /// Its size.
    pub bytes: Bytes,
    /// Which file of the variants' repositories.
    pub file: String,
    /// Where the size was read.
    pub source: String,
}
