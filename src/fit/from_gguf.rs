//! A subject from the headers of GGUF files: of a model, of a vision projector.

use std::collections::BTreeMap;

use crate::basis::Basis;
use crate::catalog::roles::Pooling;
use crate::fault::Hinted;
use crate::memory::inside::Inside;
use crate::memory::offload::Apart;
use crate::memory::{Companion, Engine, Weights};
use crate::model::Architecture;
use crate::model::gguf;
use crate::model::gguf::{Header, KeyError, Metadata, Reading, SplitError, UnknownArchitecture};
use crate::model::repository;
use crate::printable::printable;
use crate::units::Bytes;

use crate::fit::subject::{About, Parameters, Split, Subject, meant, reasonable};

/// A model read from its headers, before settings choose what is loaded with it.
#[derive(Debug, Clone, PartialEq)]
pub struct GgufModel {
    /// The model alone.
    pub subject: Subject,
    /// Its own layers for multi-token prediction, where it has them.
    pub prediction: Option<Companion>,
    /// What the header says beside that.
    pub about: About,
}

/// Why headers are not those of a model that could be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAModel {
    /// A projector, an adapter, or no model at all.
    #[error("{0}")]
    Kind(UnknownArchitecture),
    /// The parts do not make one.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A projector was wanted.
    #[error("the file is not a projector (`general.architecture` is {found})")]
    NoProjector {
        /// What it is.
        found: String,
    },
    /// A key of a projector can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Hinted for NotAModel {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Kind(UnknownArchitecture::Projector) => {
                "give the model, and the projector with --mmproj"
            }
            Self::Kind(UnknownArchitecture::Adapter) => "give the model that the adapter changes",
            Self::Kind(_) => "give a .gguf file of a language model",
            Self::Split(_) => {
                "a part is missing, or from another download: download all parts again"
            }
            Self::NoProjector { .. } => "give the file that is called mmproj beside the model",
            Self::Key(_) => "is it damaged? download it again",
        };
        Some(words.to_owned())
    }
}

/// Reads a model from the headers of all its parts. `file_bytes` are those of all its files.
///
/// # Errors
/// When they are no model, or not the parts of one. An architecture that can't be computed is no
/// error: the subject says why.
pub fn model(name: &str, parts: &[Header], file_bytes: Bytes) -> Result<GgufModel, NotAModel> {
    let tensors = gguf::join(parts)?;
    let reading = match gguf::architecture(parts) {
        Ok(reading) => Ok(reading),
        Err(
            kind @ (UnknownArchitecture::Unnamed
            | UnknownArchitecture::Projector
            | UnknownArchitecture::Adapter),
        ) => return Err(NotAModel::Kind(kind)),
        Err(unknown) => Err(unknown.to_string()),
    };
    let (layers, tied) = reading.as_ref().map_or((u32::MAX, false), |r| {
        (r.architecture.layers, r.architecture.tied_embeddings)
    });
    let sums = gguf::weights(&tensors, layers, tied);
    let mut notes = reading
        .as_ref()
        .map_or_else(|_| Vec::new(), |r| r.notes.clone());
    let (weights, prediction_bytes) = match &sums {
        Ok(sums) => {
            let source = "the file's own tensor table";
            // A matrix that serves as input and output is mapped once.
            let cpu = sums.cpu.saturating_sub(sums.both);
            (
                placed(sums.gpu, cpu, Basis::Computed, source),
                sums.prediction,
            )
        }
        Err(unknown) => {
            notes.push(format!(
                "{unknown}; the size of the file stands in for its weights"
            ));
            let source = "the size of the file";
            (
                placed(file_bytes, Bytes::ZERO, Basis::Assumed, source),
                Bytes::ZERO,
            )
        }
    };
    let prediction = prediction(&reading, prediction_bytes, &mut notes);
    let first = parts.first();
    let text = |key| first.and_then(|h| h.metadata.text(key).ok().flatten());
    let context_length = context_length(&reading, first);
    let counted = parameters(&tensors, layers, reading.as_ref().ok());
    Ok(GgufModel {
        about: About {
            title: text("general.name").map(|name| printable(name).into_owned()),
            publisher: text("general.organization").map(str::to_owned),
            quantization: quantization(name, &tensors),
            embeds: first.and_then(|h| pooling(&h.metadata)),
            parameters: counted,
            ..About::default()
        },
        subject: Subject {
            name: name.to_owned(),
            engine: Engine::LlamaCpp,
            architecture: reading.and_then(|r| reasonable(r.architecture)),
            weights,
            split: split(quantization(name, &tensors), sums.as_ref().ok(), counted),
            apart: Apart::default(),
            companions: Vec::new(),
            context_length: meant(context_length),
            siblings: Vec::new(),
            notes,
        },
        prediction,
    })
}

fn split(quantization: Option<String>, sums: Option<&gguf::Weights>, counted: Parameters) -> Split {
    Split {
        quantization,
        beside: Bytes::ZERO,
        inside: Inside {
            parameters: Some((counted.total, counted.active)),
            ..sums.map_or_else(Inside::default, Inside::of_header)
        },
    }
}

/// The context that it was trained for, whether or not its architecture can be computed with.
fn context_length(reading: &Result<Reading, String>, first: Option<&Header>) -> Option<u32> {
    match reading {
        Ok(reading) => reading.context_length,
        Err(_) => {
            let metadata = &first?.metadata;
            let arch = metadata.text("general.architecture").ok().flatten()?;
            let key = format!("{arch}.context_length");
            metadata.count(&key).ok().flatten()
        }
    }
}

fn placed(gpu: Bytes, cpu: Bytes, basis: Basis, source: &str) -> Weights {
    Weights {
        gpu,
        cpu,
        basis,
        source: source.to_owned(),
    }
}

fn prediction(
    reading: &Result<Reading, String>,
    bytes: Bytes,
    notes: &mut Vec<String>,
) -> Option<Companion> {
    let reading = reading.as_ref().ok()?;
    let architecture = Architecture {
        layers: reading.prediction_layers,
        attention: reading.prediction.clone(),
        recurrent: Vec::new(),
        ..reading.architecture.clone()
    };
    if reading.prediction.is_empty() || architecture.beyond_reason().is_some() {
        return None;
    }
    notes.push(format!(
        "its {} for multi-token prediction, {}, are loaded only with `--mtp`",
        layers_text(reading.prediction_layers),
        bytes.both()
    ));
    Some(Companion::Prediction {
        architecture: Box::new(architecture),
        weights: placed(
            bytes,
            Bytes::ZERO,
            Basis::Computed,
            "the file's own tensor table",
        ),
    })
}

fn layers_text(count: u32) -> String {
    match count {
        1 => "layer".to_owned(),
        n => format!("{n} layers"),
    }
}

/// By the name of the file, else the format that most bytes have.
fn quantization(name: &str, tensors: &[&gguf::Tensor]) -> Option<String> {
    let stem = gguf::PartName::parse(name).map_or_else(
        || name.trim_end_matches(".gguf").to_owned(),
        |part| part.stem,
    );
    let mut kinds: BTreeMap<gguf::TensorType, u64> = BTreeMap::new();
    for tensor in tensors {
        let sum = kinds.entry(tensor.kind).or_default();
        *sum = sum.saturating_add(tensor.bytes.unwrap_or(Bytes::ZERO).0);
    }
    let widest = kinds.into_iter().max_by_key(|(_, bytes)| *bytes);
    repository::quantization(&stem).or(widest.map(|(kind, _)| kind.to_string().to_uppercase()))
}

/// Experts are stacked in one tensor per matrix (`blk.3.ffn_up_exps.weight`); layers for
/// prediction are not counted.
fn parameters(tensors: &[&gguf::Tensor], layers: u32, reading: Option<&Reading>) -> Parameters {
    let arch = reading.map(|r| &r.architecture);
    let experts = arch.and_then(|a| a.experts);
    let looked_up = arch.is_some_and(|a| !a.tied_embeddings && a.experts.is_some());
    let mut sum = Parameters::default();
    for tensor in tensors {
        let elements = tensor
            .dimensions
            .iter()
            .fold(1_u64, |n, d| n.saturating_mul(*d));
        let block = tensor.name.strip_prefix("blk.");
        let block = block.and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        if block.is_some_and(|b| b >= layers) {
            continue;
        }
        if looked_up && tensor.name == "token_embd.weight" {
            sum.total = sum.total.saturating_add(elements);
        } else {
            sum.add(elements, tensor.name.contains("_exps."), experts);
        }
    }
    sum
}

/// Reads a projector, which lets a model see or hear.
///
/// # Errors
/// When the file is not one.
pub fn projector(header: &Header, file_bytes: Bytes) -> Result<Companion, NotAModel> {
    let kind = header.metadata.text("general.architecture")?;
    if kind != Some("clip") {
        return Err(NotAModel::NoProjector {
            found: kind.map_or_else(|| "missing".to_owned(), |k| format!("`{k}`")),
        });
    }
    let weights = match header.tensor_bytes() {
        Some(bytes) => placed(
            bytes,
            Bytes::ZERO,
            Basis::Computed,
            "the projector's tensor table",
        ),
        None => placed(
            file_bytes,
            Bytes::ZERO,
            Basis::Assumed,
            "the size of the projector",
        ),
    };
    Ok(Companion::Vision {
        weights,
        compute: picture(header)?,
    })
}

/// Work space for one picture of the projector's own size: the scores of one layer held in full,
/// and what stands beside them. None where the header does not say enough.
fn picture(header: &Header) -> Result<Option<Bytes>, KeyError> {
    let get = |key: &str| header.metadata.count(&format!("clip.vision.{key}"));
    let (Some(side), Some(patch)) = (get("image_size")?, get("patch_size")?) else {
        return Ok(None);
    };
    let (Some(width), Some(heads)) = (get("embedding_length")?, get("attention.head_count")?)
    else {
        return Ok(None);
    };
    let inner = u64::from(get("feed_forward_length")?.unwrap_or(0));
    // One more patch stands for the whole picture.
    if u64::from(side.max(width)).max(inner) > 1 << 20 || heads > 1 << 16 {
        return Ok(None);
    }
    let patches = u64::from(side)
        .div_ceil(u64::from(patch.max(1)))
        .saturating_pow(2)
        + 1;
    let scores = patches
        .saturating_mul(patches)
        .saturating_mul(u64::from(heads));
    let beside = patches.saturating_mul(4 * u64::from(width) + 2 * inner);
    Ok(Some(Bytes(scores.saturating_add(beside).saturating_mul(4))))
}

/// How the vectors of tokens become one, by llama.cpp's numbers; only files of embedding models say it.
fn pooling(metadata: &Metadata) -> Option<Pooling> {
    let architecture = metadata.text("general.architecture").ok()??;
    let kind = metadata
        .count(&format!("{architecture}.pooling_type"))
        .ok()??;
    match kind {
        1 => Some(Pooling::Mean),
        2 => Some(Pooling::Cls),
        3 => Some(Pooling::Last),
        _ => None,
    }
}
