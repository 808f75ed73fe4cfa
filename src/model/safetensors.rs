//! Safetensors files: the table of tensors at their start, and the index of a sharded model.
//!
//! Follows <https://github.com/huggingface/safetensors#format>: 8 bytes of length, JSON of that
//! length, then data without holes. Reads the header only, never the weights. The length is held
//! against the file's size and a hard limit before anything is read.

use std::collections::HashSet;
use std::fmt;
use std::io::{BufReader, Read, Seek, SeekFrom};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fault::Hinted;
use crate::units::Bytes;

use super::truncation::Truncation;

/// Longest header that is read; the format's own limit.
const HEADER_LIMIT: u64 = 100_000_000;
/// Most tensors that can be meant.
const TENSORS_LIMIT: usize = 1_000_000;
/// Most dimensions that can be meant.
const RANK_LIMIT: usize = 16;

/// One tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The format of its elements, such as `BF16` or `U32`.
    pub kind: String,
    /// Elements along each dimension.
    pub shape: Vec<u64>,
    /// Where it starts, counted from the start of the data.
    pub start: u64,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The header of a safetensors file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The tensors in the order of their data.
    pub tensors: Vec<Tensor>,
    /// Where the data starts, in bytes from the start of the file.
    pub data_offset: u64,
}

/// Why a file could not be read as safetensors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SafetensorsError {
    /// The file ends inside its header.
    #[error("the file ends inside its header: {needed} bytes are needed and {left} are there")]
    HeaderTruncated {
        /// Bytes needed.
        needed: u64,
        /// Bytes there.
        left: u64,
    },
    /// The header is longer than the format allows.
    #[error("the header has {length} bytes, more than the {HEADER_LIMIT} that the format allows")]
    HeaderTooLong {
        /// Its length.
        length: u64,
    },
    /// The header is not the JSON that it has to be.
    #[error("the header is not a table of tensors: {reason}")]
    Json {
        /// What the JSON reader said.
        reason: String,
    },
    /// A tensor does not lie where the one before it ends.
    #[error(
        "the tensor `{tensor}` starts at {start} of the data and should start at {expected}: tensors overlap or leave a hole"
    )]
    Offset {
        /// The tensor.
        tensor: String,
        /// Where it starts.
        start: u64,
        /// Where it should.
        expected: u64,
    },
    /// Shape and format do not give the bytes that the tensor takes.
    #[error(
        "the tensor `{tensor}` takes {found} bytes, which is not what {kind} of shape {shape:?} takes"
    )]
    Size {
        /// The tensor.
        tensor: String,
        /// Its format.
        kind: String,
        /// Its shape.
        shape: Vec<u64>,
        /// What its offsets say; negative where they are crossed.
        found: i128,
    },
    /// The operating system could not read.
    #[error("reading failed: {reason}")]
    Io {
        /// What the system said.
        reason: String,
    },
}

impl Hinted for SafetensorsError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::HeaderTruncated { .. } => {
                "the download is not complete: wait for it, or download the file again"
            }
            Self::HeaderTooLong { .. } | Self::Json { .. } => {
                "this is not a safetensors file, or it is damaged: download it again"
            }
            _ => "the file is damaged: download it again",
        };
        Some(words.to_owned())
    }
}

/// Bits of an element, for the formats that safetensors names.
fn bits(kind: &str) -> Option<u64> {
    Some(match kind {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E4M3" | "F8_E5M2" | "F8_E8M0" | "F8_E4M3FNUZ"
        | "F8_E5M2FNUZ" => 8,
        "U16" | "I16" | "F16" | "BF16" => 16,
        "U32" | "I32" | "F32" => 32,
        "U64" | "I64" | "F64" | "C64" => 64,
        _ => return None,
    })
}

/// Reads the header of a safetensors file and nothing of its weights.
///
/// # Errors
/// When the file is not safetensors, is damaged, or ends inside its header.
pub fn read<R: Read + Seek>(mut reader: R) -> Result<Header, SafetensorsError> {
    let io = |e: std::io::Error| SafetensorsError::Io {
        reason: e.to_string(),
    };
    let file = reader.seek(SeekFrom::End(0)).map_err(io)?;
    reader.seek(SeekFrom::Start(0)).map_err(io)?;
    if file < 8 {
        return Err(SafetensorsError::HeaderTruncated {
            needed: 8,
            left: file,
        });
    }
    let mut length = [0; 8];
    reader.read_exact(&mut length).map_err(io)?;
    let length = u64::from_le_bytes(length);
    if length > HEADER_LIMIT {
        return Err(SafetensorsError::HeaderTooLong { length });
    }
    let data_offset = 8 + length;
    if data_offset > file {
        return Err(SafetensorsError::HeaderTruncated {
            needed: data_offset,
            left: file,
        });
    }
    let text = BufReader::with_capacity(64 << 10, reader.take(length));
    let table: Table = serde_json::from_reader(text).map_err(|e| SafetensorsError::Json {
        reason: e.to_string(),
    })?;
    Ok(Header {
        tensors: check(table)?,
        data_offset,
    })
}

/// Puts the tensors in the order of their data and checks that they fill it.
fn check(table: Table) -> Result<Vec<Tensor>, SafetensorsError> {
    let mut entries = table.0;
    entries.sort_by(|(a_name, a), (b_name, b)| {
        a.data_offsets
            .cmp(&b.data_offsets)
            .then_with(|| a_name.cmp(b_name))
    });
    let mut tensors = Vec::new();
    let mut expected = 0;
    for (name, entry) in entries {
        let (start, end) = entry.data_offsets;
        if start != expected {
            return Err(SafetensorsError::Offset {
                tensor: name,
                start,
                expected,
            });
        }
        let shape = entry.shape.0;
        let size = bits(&entry.dtype).map(|bits| {
            let elements = shape.iter().try_fold(1_u64, |n, &d| n.checked_mul(d))?;
            let bits = elements.checked_mul(bits)?;
            bits.is_multiple_of(8).then_some(bits / 8)
        });
        let found = i128::from(end) - i128::from(start);
        if end < start || size.is_some_and(|size| size != Some(end - start)) {
            let kind = entry.dtype;
            return Err(SafetensorsError::Size {
                tensor: name,
                kind,
                shape,
                found,
            });
        }
        expected = end;
        tensors.push(Tensor {
            name,
            kind: entry.dtype,
            shape,
            start,
            bytes: Bytes(end - start),
        });
    }
    Ok(tensors)
}

impl Header {
    /// Bytes of all tensors.
    #[must_use]
    pub fn tensor_bytes(&self) -> Bytes {
        self.tensors.iter().map(|tensor| tensor.bytes).sum()
    }

    /// What a file of `length` bytes lacks; `None` where nothing is missing.
    #[must_use]
    pub fn truncation(&self, length: Bytes) -> Option<Truncation> {
        let ends = self.tensors.iter().map(|tensor| {
            let end = self.data_offset.saturating_add(tensor.start);
            (
                tensor.name.as_str(),
                Bytes(end.saturating_add(tensor.bytes.0)),
            )
        });
        Truncation::find(ends, length)
    }
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

/// The dimensions of a tensor, refused beyond a rank that can be meant.
struct Shape(Vec<u64>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dimensions;
        impl<'de> Visitor<'de> for Dimensions {
            type Value = Shape;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {RANK_LIMIT} dimensions")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut shape = Vec::new();
                while let Some(dimension) = list.next_element()? {
                    if shape.len() == RANK_LIMIT {
                        return Err(serde::de::Error::invalid_length(RANK_LIMIT + 1, &self));
                    }
                    shape.push(dimension);
                }
                Ok(Shape(shape))
            }
        }
        deserializer.deserialize_seq(Dimensions)
    }
}

/// All entries but `__metadata__`; a name that stands twice is refused.
struct Table(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Table;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table, A::Error> {
                let (mut entries, mut names) = (Vec::new(), HashSet::new());
                while let Some(name) = map.next_key::<String>()? {
                    if !names.insert(name.clone()) {
                        let twice = format!("`{name}` stands twice");
                        return Err(serde::de::Error::custom(twice));
                    }
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else if entries.len() == TENSORS_LIMIT {
                        return Err(serde::de::Error::custom("too many tensors"));
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Table(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
