//! Why a file could not be read as GGUF. Each error names the key, tensor or byte concerned, and has
//! a hint.

use crate::fault::Hinted;

/// What stopped the reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GgufError {
    /// The first four bytes are not `GGUF`.
    #[error("not a GGUF file: it starts with {found:02x?} and not with `GGUF`")]
    Magic {
        /// The bytes found.
        found: [u8; 4],
    },
    /// Written for big-endian machines.
    #[error("the GGUF file is big-endian (version reads {version:#010x})")]
    BigEndian {
        /// The version as read in little-endian order.
        version: u32,
    },
    /// A version that current engines no longer read, or do not read yet.
    #[error("GGUF version {version} is not supported: current engines read versions 2 and 3")]
    Version {
        /// The version found.
        version: u32,
    },
    /// The file ends inside its header.
    #[error(
        "the file ends inside its header: {what} at byte {at} needs {needed} bytes and {left} are left"
    )]
    HeaderTruncated {
        /// What was being read.
        what: &'static str,
        /// Where.
        at: u64,
        /// Bytes that it takes at least.
        needed: u64,
        /// Bytes that are there.
        left: u64,
    },
    /// The header says that there are more entries than can be meant.
    #[error("the header announces {count} {what}, more than the {limit} that can be meant")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The number in the file.
        count: u64,
        /// The largest number accepted.
        limit: u64,
    },
    /// The header goes on for longer than any real one.
    #[error("the header is longer than {limit} bytes")]
    HeaderTooLong {
        /// The longest header accepted.
        limit: u64,
    },
    /// A name is longer than the format allows.
    #[error("{what} at byte {at} has {length} bytes, more than the {limit} the format allows")]
    NameTooLong {
        /// What is named.
        what: &'static str,
        /// Where its length stands.
        at: u64,
        /// Its length.
        length: u64,
        /// The longest accepted.
        limit: u64,
    },
    /// A name is empty or is not text.
    #[error("{what} at byte {at} is empty or not UTF-8")]
    BadName {
        /// What is named.
        what: &'static str,
        /// Where its length stands.
        at: u64,
    },
    /// A metadata value of a type that the format does not know.
    #[error("`{key}` has the unknown value type {kind}")]
    ValueType {
        /// The key.
        key: String,
        /// The number of the type.
        kind: u32,
    },
    /// An array of arrays, which no engine reads.
    #[error("`{key}` is an array of arrays, which engines do not read")]
    NestedArray {
        /// The key.
        key: String,
    },
    /// One key stands twice.
    #[error("the key `{key}` stands twice; engines refuse such a file")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// One tensor stands twice.
    #[error("the tensor `{tensor}` stands twice; engines refuse such a file")]
    DuplicateTensor {
        /// The tensor.
        tensor: String,
    },
    /// `general.alignment` is not a power of two.
    #[error("`general.alignment` is {found}, which is not a power of two in a 32-bit number")]
    Alignment {
        /// What stands there.
        found: String,
    },
    /// More dimensions than a tensor can have.
    #[error("the tensor `{tensor}` has {dimensions} dimensions, more than 4")]
    Dimensions {
        /// The tensor.
        tensor: String,
        /// Their number.
        dimensions: u32,
    },
    /// A shape whose size does not fit a machine, or is no multiple of the type's block.
    #[error("the tensor `{tensor}` has the impossible shape {shape:?} for its type {kind}")]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its dimensions.
        shape: Vec<u64>,
        /// Name or number of its type.
        kind: String,
    },
    /// A tensor does not lie where the ones before it end.
    #[error(
        "the tensor `{tensor}` starts at offset {offset} of the data and should start at {expected}; engines refuse such a file"
    )]
    Offset {
        /// The tensor.
        tensor: String,
        /// Where the file says that it starts.
        offset: u64,
        /// Where it has to start.
        expected: u64,
    },
    /// The operating system could not read.
    #[error("reading failed at byte {at}: {reason}")]
    Io {
        /// Where.
        at: u64,
        /// What the system said.
        reason: String,
    },
}

impl Hinted for GgufError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Magic { .. } => {
                "check that the path is that of a .gguf file, and that its download is not an error page"
            }
            Self::BigEndian { .. } => {
                "engines on Macs and PCs need the little-endian file of the same model"
            }
            Self::Version { .. } => "convert the model again, or download a newer file",
            Self::HeaderTruncated { .. } => {
                "the download is not complete: wait for it, or download the file again"
            }
            Self::ValueType { .. } => {
                "the file is damaged, or newer than this planner: download it again, or update planner"
            }
            Self::NestedArray { .. }
            | Self::DuplicateKey { .. }
            | Self::DuplicateTensor { .. }
            | Self::Alignment { .. }
            | Self::Offset { .. } => "convert the model again, or download another file of it",
            Self::TooMany { .. }
            | Self::HeaderTooLong { .. }
            | Self::NameTooLong { .. }
            | Self::BadName { .. }
            | Self::Dimensions { .. }
            | Self::Shape { .. } => "the file is damaged: download it again",
            Self::Io { .. } => "check the disk or the connection, and try again",
        };
        Some(words.to_owned())
    }
}
