//! What a GGUF file says about itself: metadata, the table of tensors, and where their data lies.
//!
//! Reads the header only, never the weights. Accepts and refuses what llama.cpp does
//! (`gguf_init_from_reader` in `ggml/src/gguf.cpp` of github.com/ggml-org/llama.cpp), but for a
//! number format that we do not know: that leaves sizes unknown and is no error.

use std::collections::HashSet;
use std::io::{Read, Seek};

use crate::model::Truncation;
use crate::units::Bytes;

use super::cursor::Cursor;
use super::error::GgufError;
use super::metadata::{Metadata, Value};
use super::tensor_type::TensorType;
use super::values;

const KEY_LIMIT: u64 = 65_535;
/// ggml's `GGML_MAX_NAME` is 64 with the closing zero.
const TENSOR_NAME_LIMIT: u64 = 63;
const KEYS_LIMIT: u64 = 65_536;
const TENSORS_LIMIT: u64 = 262_144;
/// All texts and lists of a header that are kept, in bytes.
const KEPT_LIMIT: u64 = 8 << 20;
/// Smallest entries: a key is 8 + 1 bytes of name, 4 of type and 1 of value; a tensor is 8 + 1
/// bytes of name, 4 + 0 of dimensions, 4 of type and 8 of offset.
const KEY_SMALLEST: u64 = 14;
const TENSOR_SMALLEST: u64 = 25;
const DEFAULT_ALIGNMENT: u64 = 32;

/// One tensor of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, such as `blk.0.attn_k.weight`.
    pub name: String,
    /// Elements along each dimension, the row first.
    pub dimensions: Vec<u64>,
    /// The format of its elements.
    pub kind: TensorType,
    /// Where it starts, counted from the start of the data.
    pub offset: u64,
    /// Its bytes; `None` where we do not know the format.
    pub bytes: Option<Bytes>,
}

/// The header of a GGUF file.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Version of the format, 2 or 3.
    pub version: u32,
    /// Tensors start at multiples of this.
    pub alignment: u64,
    /// Keys and values.
    pub metadata: Metadata,
    /// The tensors in the order of the file.
    pub tensors: Vec<Tensor>,
    /// Where the data starts, in bytes from the start of the file.
    pub data_offset: u64,
}

/// Reads the header of a GGUF file and nothing of its weights.
///
/// # Errors
/// When the file is not GGUF, is damaged, or ends inside its header.
pub fn read<R: Read + Seek>(reader: R) -> Result<Header, GgufError> {
    let mut cursor = Cursor::new(reader)?;
    let version = version(&mut cursor)?;
    let tensor_count = cursor.u64("the number of tensors")?;
    let key_count = cursor.u64("the number of keys")?;
    plausible("keys", key_count, KEYS_LIMIT)?;
    plausible("tensors", tensor_count, TENSORS_LIMIT)?;
    let smallest = key_count * KEY_SMALLEST + tensor_count * TENSOR_SMALLEST;
    cursor.need("the table of keys and tensors", smallest)?;

    let metadata = metadata(&mut cursor, key_count)?;
    let alignment = alignment(&metadata)?;
    let tensors = tensors(&mut cursor, tensor_count, alignment)?;
    let data_offset = match tensors.is_empty() {
        true => cursor.position(),
        false => cursor.position().next_multiple_of(alignment),
    };
    Ok(Header {
        version,
        alignment,
        metadata,
        tensors,
        data_offset,
    })
}

impl Header {
    /// Bytes of the complete file, without padding after the last tensor; `None` where the size
    /// of the last tensor is unknown.
    #[must_use]
    pub fn expected_bytes(&self) -> Option<Bytes> {
        let Some(last) = self.tensors.last() else {
            return Some(Bytes(self.data_offset));
        };
        self.end_of(last)
    }

    /// Bytes of all tensors without padding; `None` where the size of one is unknown.
    #[must_use]
    pub fn tensor_bytes(&self) -> Option<Bytes> {
        self.tensors
            .iter()
            .try_fold(0_u64, |sum, tensor| sum.checked_add(tensor.bytes?.0))
            .map(Bytes)
    }

    /// A tensor by its name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// What a file of `length` bytes lacks; `None` where nothing is missing. A tensor of unknown
    /// size counts as missing when the file ends before it starts.
    #[must_use]
    pub fn truncation(&self, length: Bytes) -> Option<Truncation> {
        let ends = self.tensors.iter().map(|tensor| {
            let start = Bytes(self.data_offset.saturating_add(tensor.offset));
            (tensor.name.as_str(), self.end_of(tensor).unwrap_or(start))
        });
        Truncation::find(ends, length)
    }

    fn end_of(&self, tensor: &Tensor) -> Option<Bytes> {
        let end = self.data_offset.checked_add(tensor.offset)?;
        end.checked_add(tensor.bytes?.0).map(Bytes)
    }
}

fn version<R: Read + Seek>(cursor: &mut Cursor<R>) -> Result<u32, GgufError> {
    let magic = cursor.array("the magic number")?;
    if &magic != b"GGUF" {
        return Err(GgufError::Magic { found: magic });
    }
    match cursor.u32("the version")? {
        version @ (2 | 3) => Ok(version),
        // A big-endian 3 reads as 0x03000000: llama.cpp tells them by the same sign.
        version if version != 0 && version.trailing_zeros() >= 16 => {
            Err(GgufError::BigEndian { version })
        }
        version => Err(GgufError::Version { version }),
    }
}

fn plausible(what: &'static str, count: u64, limit: u64) -> Result<(), GgufError> {
    if count > limit {
        return Err(GgufError::TooMany { what, count, limit });
    }
    Ok(())
}

fn metadata<R: Read + Seek>(cursor: &mut Cursor<R>, count: u64) -> Result<Metadata, GgufError> {
    let mut metadata = Metadata::default();
    let mut budget = KEPT_LIMIT;
    for _ in 0..count {
        let key = cursor.name("a key", KEY_LIMIT)?;
        let value = values::read(cursor, &key, &mut budget)?;
        if metadata.get(&key).is_some() {
            return Err(GgufError::DuplicateKey { key });
        }
        metadata.insert(key, value);
    }
    Ok(metadata)
}

fn alignment(metadata: &Metadata) -> Result<u64, GgufError> {
    match metadata.get("general.alignment") {
        None => Ok(DEFAULT_ALIGNMENT),
        Some(Value::Integer(n)) => match u32::try_from(*n) {
            Ok(n) if n.is_power_of_two() => Ok(u64::from(n)),
            _ => Err(GgufError::Alignment {
                found: n.to_string(),
            }),
        },
        Some(_) => Err(GgufError::Alignment {
            found: "not a whole number".to_owned(),
        }),
    }
}

fn tensors<R: Read + Seek>(
    cursor: &mut Cursor<R>,
    count: u64,
    alignment: u64,
) -> Result<Vec<Tensor>, GgufError> {
    let mut tensors: Vec<Tensor> = Vec::new();
    let mut names = HashSet::new();
    // Where the next tensor has to start, or `None` after one of unknown size.
    let mut expected = Some(0);
    let mut start = 0;
    for _ in 0..count {
        let tensor = tensor(cursor)?;
        if !names.insert(tensor.name.clone()) {
            return Err(GgufError::DuplicateTensor {
                tensor: tensor.name,
            });
        }
        let wanted = match expected {
            Some(exact) => exact,
            None if tensor.offset >= start && tensor.offset.is_multiple_of(alignment) => {
                tensor.offset
            }
            None => start,
        };
        if tensor.offset != wanted {
            return Err(GgufError::Offset {
                tensor: tensor.name,
                offset: tensor.offset,
                expected: wanted,
            });
        }
        start = wanted;
        expected = match tensor.bytes {
            None => None,
            Some(bytes) => Some(end(wanted, bytes, alignment).ok_or_else(|| shape(&tensor))?),
        };
        tensors.push(tensor);
    }
    Ok(tensors)
}

/// Where the tensor after one at `offset` starts; `None` beyond 63 bits.
fn end(offset: u64, bytes: Bytes, alignment: u64) -> Option<u64> {
    offset
        .checked_add(bytes.0)?
        .checked_next_multiple_of(alignment)
        .filter(|&end| end <= i64::MAX.unsigned_abs())
}

fn tensor<R: Read + Seek>(cursor: &mut Cursor<R>) -> Result<Tensor, GgufError> {
    let name = cursor.name("the name of a tensor", TENSOR_NAME_LIMIT)?;
    let rank = cursor.u32("the dimensions of a tensor")?;
    if rank > 4 {
        return Err(GgufError::Dimensions {
            tensor: name,
            dimensions: rank,
        });
    }
    let mut dimensions = Vec::new();
    for _ in 0..rank {
        dimensions.push(cursor.u64("a dimension of a tensor")?);
    }
    let kind = TensorType(cursor.u32("the type of a tensor")?);
    let offset = cursor.u64("the offset of a tensor")?;
    let mut tensor = Tensor {
        name,
        dimensions,
        kind,
        offset,
        bytes: None,
    };
    let elements = tensor
        .dimensions
        .iter()
        .try_fold(1_u64, |n, &d| n.checked_mul(d));
    if elements.is_none_or(|n| n > i64::MAX.unsigned_abs()) {
        return Err(shape(&tensor));
    }
    if let Some(layout) = kind.layout() {
        let bytes = layout
            .bytes(&tensor.dimensions)
            .ok_or_else(|| shape(&tensor))?;
        tensor.bytes = Some(Bytes(bytes));
    }
    Ok(tensor)
}

fn shape(tensor: &Tensor) -> GgufError {
    GgufError::Shape {
        tensor: tensor.name.clone(),
        shape: tensor.dimensions.clone(),
        kind: tensor.kind.to_string(),
    }
}
