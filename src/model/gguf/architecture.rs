//! From a header to the figures that decide memory: the keys say how much, the rules say where.
//!
//! Follows llama.cpp's `load_hparams` and `create_memory` (`src/llama-model.cpp` of
//! github.com/ggml-org/llama.cpp). An architecture that we do not know is computed only where
//! its keys are those of plain attention, and labelled; otherwise the answer is an error with
//! the reason, never a guess.

use crate::model::{Architecture, AttentionLayers, Experts};

use super::groups;
use super::hparams::Hparams;
use super::metadata::{KeyError, Metadata, Value};
use super::rules::{Keeps, Rule};
use super::rules_table;
use super::unknown::UnknownArchitecture;

/// An architecture read from a header.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The figures.
    pub architecture: Architecture,
    /// Tokens the model was trained for (`context_length`).
    pub context_length: Option<u32>,
    /// Layers for multi-token prediction, which are not among the layers.
    pub prediction_layers: u32,
    /// What those keep in a context of their own, when prediction is on.
    pub prediction: Vec<AttentionLayers>,
    /// Whether the architecture's name is one whose rules we know.
    pub recognised: bool,
    /// Where the rules come from: a file of llama.cpp.
    pub source: &'static str,
    /// What a reader of the figures should know, as lower-case fragments.
    pub notes: Vec<String>,
}

/// Key parts that only architectures beyond plain attention have.
#[rustfmt::skip]
const NOT_PLAIN: &[&str] = &[
    "ssm.", "wkv.", "kda.", "shortconv.", "posnet.", "convnext.", "ple.", "hrm.",
    "attention.indexer.", "attention.compress", "attention.recurrent_layers",
    "attention.shared_kv_layers", "full_attention_interval", "num_loops", "token_shift_count",
    "hyper_connection.", "adapters.",
];

/// Reads the architecture from the metadata of the (first) file and the shapes of the tensors.
///
/// `vocabulary_rows` are the rows of the output matrix or else of the token embedding;
/// `has_output` is whether the model has an output matrix of its own.
///
/// # Errors
/// When the header gives no architecture that can be computed; the error says why.
pub(super) fn read(
    metadata: &Metadata,
    vocabulary_rows: Option<u64>,
    has_output: bool,
) -> Result<Reading, UnknownArchitecture> {
    let name = metadata
        .text("general.architecture")?
        .ok_or(UnknownArchitecture::Unnamed)?;
    if name == "clip" {
        return Err(UnknownArchitecture::Projector);
    }
    if metadata.text("general.type")? == Some("adapter") {
        return Err(UnknownArchitecture::Adapter);
    }
    let known = rules_table::rule(name);
    let rule = known.unwrap_or(rules_table::UNKNOWN);
    let mut notes = Vec::new();
    if known.is_none() {
        plain_or_unknown(metadata, name, &mut notes)?;
    }
    let hparams = Hparams::read(metadata, name, &rule)?;
    let ((attention, recurrent), prediction) = match rule.keeps {
        Keeps::Cache => (
            groups::collect(&hparams, &rule)?,
            groups::prediction(&hparams, &rule)?,
        ),
        Keeps::Nothing => Default::default(),
    };
    let architecture = Architecture {
        name: name.to_owned(),
        layers: hparams.layers(),
        embedding_length: u64::from(hparams.embedding_length),
        vocabulary: vocabulary(metadata, name, vocabulary_rows)?,
        query_heads: hparams.heads.iter().copied().max().unwrap_or(0).into(),
        tied_embeddings: !has_output && rule.keeps == Keeps::Cache,
        experts: experts(metadata, name, &hparams)?,
        attention,
        recurrent,
    };
    Ok(Reading {
        architecture,
        context_length: metadata.count(&format!("{name}.context_length"))?,
        prediction_layers: hparams.prediction_layers,
        prediction,
        recognised: known.is_some(),
        source: rule.source,
        notes,
    })
}

fn plain_or_unknown(
    metadata: &Metadata,
    name: &str,
    notes: &mut Vec<String>,
) -> Result<(), UnknownArchitecture> {
    let own = |key: &str| {
        let rest = key.strip_prefix(name)?.strip_prefix('.')?;
        NOT_PLAIN
            .iter()
            .any(|part| rest.starts_with(part))
            .then(|| key.to_owned())
    };
    if let Some(key) = metadata.iter().find_map(|(key, _)| own(key)) {
        return Err(UnknownArchitecture::NotPlain {
            name: name.to_owned(),
            key,
        });
    }
    notes.push(format!(
        "the architecture `{name}` is not known; computed as plain attention from its own keys"
    ));
    if metadata
        .get(&format!("{name}.attention.sliding_window"))
        .is_some()
    {
        notes.push(
            "its sliding window is not counted on: every layer is taken to keep all tokens"
                .to_owned(),
        );
    }
    Ok(())
}

fn vocabulary(
    metadata: &Metadata,
    name: &str,
    rows: Option<u64>,
) -> Result<u64, UnknownArchitecture> {
    if let Some(rows) = rows {
        return Ok(rows);
    }
    if let Some(count) = metadata.count(&format!("{name}.vocab_size"))? {
        return Ok(count.into());
    }
    match metadata.get("tokenizer.ggml.tokens") {
        Some(Value::Skipped { length }) => Ok(*length),
        _ => Err(KeyError::Missing {
            key: format!("{name}.vocab_size"),
        }
        .into()),
    }
}

fn experts(
    metadata: &Metadata,
    name: &str,
    hparams: &Hparams,
) -> Result<Option<Experts>, UnknownArchitecture> {
    let total = metadata
        .count(&format!("{name}.expert_count"))?
        .unwrap_or(0);
    if total == 0 {
        return Ok(None);
    }
    let key = format!("{name}.expert_used_count");
    let used = metadata.per_layer(&key, hparams.heads.len())?;
    let used = used
        .and_then(|layers| layers.into_iter().max())
        .unwrap_or(0);
    if used == 0 || used > total {
        return Err(UnknownArchitecture::Impossible {
            key,
            found: used.into(),
            reason: "a mixture uses at least one and at most all of its experts",
        });
    }
    Ok(Some(Experts { total, used }))
}

impl Rule {
    /// Whether layers for multi-token prediction take part in the main context.
    pub(super) fn counts_prediction(&self, hparams: &Hparams) -> bool {
        self.keeps_prediction || hparams.layers() == 0
    }
}
