//! A catalog entry from what a model's own files say: ready to be measured.
//!
//! What files do not say (license, scores, specialties) is left out rather than guessed.

use serde::Serialize;

use super::roles::{Embedding, Pooling};
use super::schema::{Model, Score, SizeBasis, Variant};
use crate::model::Architecture;
use crate::units::Bytes;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The model's id, or the id of the model that it belongs to.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// Who published it.
    pub publisher: String,
    /// All parameters.
    pub parameters_total: u64,
    /// Those that work on one token.
    pub parameters_active: u64,
    /// The context that it was trained for.
    pub context_length: u32,
    /// Figures that decide memory, where they could be read.
    pub architecture: Option<Architecture>,
    /// Takes pictures.
    pub vision: bool,
    /// How it embeds, where it is an embedding model.
    pub embeds: Option<Pooling>,
    /// `llama.cpp` or `mlx`.
    pub engine: String,
    /// Quantization by the field's name.
    pub quantization: String,
    /// Size of the weights.
    pub weights_bytes: Bytes,
    /// Weights that stay in ordinary memory.
    pub cpu_weights_bytes: Bytes,
    /// Whether the size was counted tensor by tensor.
    pub counted: bool,
    /// The repository that holds the files.
    pub repository: Option<String>,
    /// Which files of it.
    pub files: Option<String>,
    /// Where all of this was read.
    pub source: String,
    /// What to know.
    pub notes: Vec<String>,
}

/// What is added to a model that the catalog has.
#[derive(Serialize)]
struct Extension<'a> {
    extends: &'a str,
    #[serde(skip_serializing_if = "<[Score]>::is_empty")]
    scores: &'a [Score],
    variants: &'a [Variant],
}

/// An id from a name: lower case, digits, dots and dashes.
#[must_use]
pub fn id_of(name: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == '.' => c.to_ascii_lowercase(),
        _ => '-',
    };
    let mut id = String::new();
    for c in name.chars().map(plain) {
        if c != '-' || !(id.is_empty() || id.ends_with('-')) {
            id.push(c);
        }
    }
    id.trim_matches(['-', '.']).to_owned()
}

impl Facts {
    /// The variant that the files are.
    #[must_use]
    pub fn variant(&self) -> Variant {
        let format = if self.engine == "mlx" { "mlx" } else { "gguf" };
        Variant {
            id: format!("{format}-{}", self.quantization.to_ascii_lowercase()),
            engine: self.engine.clone(),
            quantization: self.quantization.clone(),
            weights_bytes: self.weights_bytes,
            size: if self.counted {
                SizeBasis::Exact
            } else {
                SizeBasis::Published
            },
            cpu_weights_bytes: Some(self.cpu_weights_bytes).filter(|b| *b > Bytes::ZERO),
            other_weights_bytes: None,
            fails_to_load: None,
            repository: self.repository.clone(),
            files: self.files.clone(),
            sha256: Vec::new(),
            source: self.source.clone(),
            lossless: false,
            notes: Vec::new(),
        }
    }

    fn embedding(&self) -> Option<Embedding> {
        let width = self.architecture.as_ref()?.embedding_length;
        Some(Embedding {
            dimensions: u32::try_from(width).ok()?,
            pooling: Some(self.embeds?),
            source: format!("the header of its file; {}", self.source),
        })
    }

    /// The model with its one variant.
    #[must_use]
    pub fn model(&self) -> Model {
        Model {
            id: self.id.clone(),
            name: self.name.clone(),
            publisher: self.publisher.clone(),
            repository: None,
            released: None,
            license: None,
            parameters_total: self.parameters_total,
            parameters_active: self.parameters_active,
            context_length: self.context_length,
            base: None,
            parameters_looked_up: None,
            specialties: Vec::new(),
            vision: self.vision,
            reasoning: false,
            tool_use: false,
            sources: vec![self.source.clone()],
            notes: self.notes.clone(),
            architecture: self.architecture.clone(),
            embedding: self.embedding(),
            fill_in_middle: None,
            projector: None,
            sampling: None,
            thinking: None,
            scores: Vec::new(),
            losses: Vec::new(),
            variants: vec![self.variant()],
            measurements: Vec::new(),
        }
    }
}

/// The file that holds the model.
///
/// # Errors
/// When it can't be written as TOML, which is a fault here.
pub fn new_file(model: &Model) -> Result<String, toml::ser::Error> {
    let text = toml::to_string_pretty(model)?;
    // A list that is written as empty could not be added to as tables.
    let lines = text.lines().filter(|line| !line.ends_with(" = []"));
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// The file that adds its variants and scores to the model of its id.
///
/// # Errors
/// When it can't be written as TOML, which is a fault here.
pub fn extending_file(model: &Model) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(&Extension {
        extends: &model.id,
        scores: &model.scores,
        variants: &model.variants,
    })
}

/// The file that puts these variants in place of those of their ids.
///
/// # Errors
/// When it can't be written as TOML, which is a fault here.
pub fn variants_file(model: &str, variants: &[Variant]) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(&Extension {
        extends: model,
        scores: &[],
        variants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_lower_case_digits_dots_and_dashes() {
        for (name, id) in [
            ("MiniMax M2.1", "minimax-m2.1"),
            ("GLM-4.5_Air (fixed)", "glm-4.5-air-fixed"),
            ("--Qwen3  8B.", "qwen3-8b"),
        ] {
            assert_eq!(id_of(name), id);
        }
    }
}
