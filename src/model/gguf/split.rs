//! Models split over several files: how the parts are named and what each says of the whole.
//!
//! Names follow `llama_split_path` (`%s-%05d-of-%05d.gguf`) in `src/llama.cpp` of
//! github.com/ggml-org/llama.cpp; the keys are `split.no` (from 0), `split.count` and
//! `split.tensors.count`. Never looks whether a part is there.

use super::header::{Header, Tensor};
use super::metadata::KeyError;

/// Most parts that can be named with five digits.
const PARTS_LIMIT: u32 = 99_999;

/// A name of the form `stem-00001-of-00009.gguf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartName {
    /// What stands before the numbers.
    pub stem: String,
    /// The part's number, from 1.
    pub part: u32,
    /// The number of parts.
    pub parts: u32,
}

impl PartName {
    /// Takes a file name apart; `None` where it is not the name of a part.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (rest, parts) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
        let (stem, part) = rest.rsplit_once('-')?;
        let (part, parts) = (five_digits(part)?, five_digits(parts)?);
        (part >= 1 && part <= parts && parts <= PARTS_LIMIT).then(|| Self {
            stem: stem.to_owned(),
            part,
            parts,
        })
    }

    /// The names of all parts in their order.
    pub fn all(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.parts).map(|part| format!("{}-{part:05}-of-{:05}.gguf", self.stem, self.parts))
    }
}

fn five_digits(text: &str) -> Option<u32> {
    (text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// What one part says of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// This part, from 0.
    pub number: u32,
    /// The number of parts.
    pub count: u32,
    /// Tensors in all parts together, where the header says so.
    pub tensors: Option<u32>,
}

/// Why parts do not make a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// A split key is there and unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A part stands at another place, or belongs to another model.
    #[error(
        "part {position} says that it is part {number} of {count}, and {expected} parts were expected"
    )]
    Mismatch {
        /// Its place among the parts, from 1.
        position: usize,
        /// What it says, from 1.
        number: u64,
        /// The number of parts that it speaks of.
        count: u32,
        /// The number of parts that were given.
        expected: usize,
    },
    /// The parts together have another number of tensors than announced.
    #[error("the parts hold {found} tensors and the first part announces {announced}")]
    Tensors {
        /// Tensors in all parts.
        found: usize,
        /// Tensors announced.
        announced: u32,
    },
    /// One tensor stands in two parts.
    #[error("the tensor `{tensor}` stands in two parts")]
    Duplicate {
        /// The tensor.
        tensor: String,
    },
}

impl Header {
    /// What this file says of the model that it is a part of; `None` where it is whole.
    ///
    /// # Errors
    /// When a split key has no usable value.
    pub fn split(&self) -> Result<Option<Split>, KeyError> {
        let count = self.metadata.count("split.count")?.unwrap_or(0);
        if count <= 1 {
            return Ok(None);
        }
        Ok(Some(Split {
            number: self.metadata.count("split.no")?.unwrap_or(0),
            count,
            tensors: self.metadata.count("split.tensors.count")?,
        }))
    }
}

/// The tensors of all parts of one model, given in order; also of a model in one file.
///
/// # Errors
/// When the parts are not those of one model, each once and in order.
pub fn join(parts: &[Header]) -> Result<Vec<&Tensor>, SplitError> {
    let mut announced = None;
    for (index, part) in parts.iter().enumerate() {
        let split = part.split()?;
        let (number, count) = split.map_or((0, 1), |split| (split.number, split.count));
        if number as usize != index || count as usize != parts.len() {
            return Err(SplitError::Mismatch {
                position: index + 1,
                number: u64::from(number) + 1,
                count,
                expected: parts.len(),
            });
        }
        announced = announced.or(split.and_then(|split| split.tensors));
    }
    let tensors: Vec<&Tensor> = parts.iter().flat_map(|part| &part.tensors).collect();
    let mut names = std::collections::HashSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(&tensor.name)) {
        return Err(SplitError::Duplicate {
            tensor: twice.name.clone(),
        });
    }
    match announced {
        Some(announced) if announced as usize != tensors.len() => Err(SplitError::Tensors {
            found: tensors.len(),
            announced,
        }),
        _ => Ok(tensors),
    }
}
