//! Writes GGUF bytes piece by piece, right or wrong.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) const U32: u32 = 4;

/// A file in pieces.
pub(crate) struct File {
    pub(crate) version: u32,
    /// Tensors and keys announced, where they are not those that follow.
    pub(crate) counts: Option<(u64, u64)>,
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) tensors: Vec<Vec<u8>>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            version: 3,
            counts: None,
            keys: Vec::new(),
            tensors: Vec::new(),
        }
    }
}

impl File {
    pub(crate) fn header_bytes(&self) -> Vec<u8> {
        let there = (self.tensors.len() as u64, self.keys.len() as u64);
        let (tensors, keys) = self.counts.unwrap_or(there);
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(keys.to_le_bytes());
        bytes.extend(self.keys.concat());
        bytes.extend(self.tensors.concat());
        bytes
    }

    /// The header, padded to where the data starts.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header_bytes();
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes
    }
}

pub(crate) fn value(key: &str, kind: u32, raw: &[u8]) -> Vec<u8> {
    let mut bytes = (key.len() as u64).to_le_bytes().to_vec();
    bytes.extend(key.as_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend(raw);
    bytes
}

pub(crate) fn count(key: &str, n: u32) -> Vec<u8> {
    value(key, U32, &n.to_le_bytes())
}

pub(crate) fn text(key: &str, text: &str) -> Vec<u8> {
    let mut raw = (text.len() as u64).to_le_bytes().to_vec();
    raw.extend(text.as_bytes());
    value(key, 8, &raw)
}

pub(crate) fn array_of(key: &str, kind: u32, count: u64, raw: &[u8]) -> Vec<u8> {
    let mut array = kind.to_le_bytes().to_vec();
    array.extend(count.to_le_bytes());
    array.extend(raw);
    value(key, 9, &array)
}

pub(crate) fn counts(key: &str, list: &[u32]) -> Vec<u8> {
    let raw: Vec<u8> = list.iter().flat_map(|n| n.to_le_bytes()).collect();
    array_of(key, U32, list.len() as u64, &raw)
}

pub(crate) fn tensor(name: &str, dimensions: &[u64], kind: u32, offset: u64) -> Vec<u8> {
    let mut bytes = (name.len() as u64).to_le_bytes().to_vec();
    bytes.extend(name.as_bytes());
    bytes.extend(
        u32::try_from(dimensions.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    for dimension in dimensions {
        bytes.extend(dimension.to_le_bytes());
    }
    bytes.extend(kind.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes
}
