//! The key-value part of a GGUF header: values by type, asked for by key.
//!
//! Holds what decides about memory; long texts and lists (a tokenizer's vocabulary) are known by
//! their length only.

use std::collections::BTreeMap;

/// A metadata value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number of any width; unsigned ones above 2^63 are held as `Skipped`.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A text; bytes that are not UTF-8 are replaced.
    Text(String),
    /// A short list of whole numbers, or of yes and no as 1 and 0.
    Integers(Vec<i64>),
    /// There, but not kept: a long text, a list of texts or fractions, a long list.
    Skipped {
        /// Elements of a list, or bytes of a text.
        length: u64,
    },
}

/// Why a key's value could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is needed and not there.
    #[error("the header has no `{key}`")]
    Missing {
        /// The key.
        key: String,
    },
    /// The value is of another kind than the key calls for.
    #[error("`{key}` is {found}, and should be {wanted}")]
    Kind {
        /// The key.
        key: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// A list with one entry per layer has another length.
    #[error("`{key}` lists {found} layers of {layers}")]
    Layers {
        /// The key.
        key: String,
        /// Entries found.
        found: usize,
        /// Layers of the model.
        layers: usize,
    },
}

/// All key-value pairs of a header.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<String, Value>,
}

impl Metadata {
    /// Adds a pair; gives `false`, and changes nothing, where the key is already there.
    pub fn insert(&mut self, key: String, value: Value) -> bool {
        match self.values.entry(key) {
            std::collections::btree_map::Entry::Occupied(_) => false,
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
                true
            }
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// All pairs in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A text, where the key is there.
    ///
    /// # Errors
    /// When the value is not a text.
    pub fn text(&self, key: &str) -> Result<Option<&str>, KeyError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(kind(key, other, "a text")),
        }
    }

    /// A count, where the key is there.
    ///
    /// # Errors
    /// When the value is not a whole number in 0..2^32.
    pub fn count(&self, key: &str) -> Result<Option<u32>, KeyError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => as_count(value)
                .map(Some)
                .ok_or_else(|| kind(key, value, "a whole number below 2^32")),
        }
    }

    /// A count for each layer: one number for all of them, or a list with one entry per layer.
    ///
    /// # Errors
    /// When the value is neither, or the list has not `layers` entries.
    pub fn per_layer(&self, key: &str, layers: usize) -> Result<Option<Vec<u32>>, KeyError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let Value::Integers(list) = value else {
            return match as_count(value) {
                Some(count) => Ok(Some(vec![count; layers])),
                None => Err(kind(key, value, "a whole number, or one per layer")),
            };
        };
        if list.len() != layers {
            return Err(KeyError::Layers {
                key: key.to_owned(),
                found: list.len(),
                layers,
            });
        }
        counts(key, value, list).map(Some)
    }

    /// A list of counts of any length; `None` where the key is not there or is a single value.
    ///
    /// # Errors
    /// When an entry is not a whole number in 0..2^32, or the list was too long to be kept.
    pub fn list(&self, key: &str) -> Result<Option<Vec<u32>>, KeyError> {
        match self.get(key) {
            Some(value @ Value::Integers(list)) => counts(key, value, list).map(Some),
            Some(value @ Value::Skipped { .. }) => Err(kind(key, value, "a list of whole numbers")),
            _ => Ok(None),
        }
    }
}

fn counts(key: &str, value: &Value, list: &[i64]) -> Result<Vec<u32>, KeyError> {
    list.iter()
        .map(|&n| {
            u32::try_from(n).map_err(|_| kind(key, value, "a list of whole numbers below 2^32"))
        })
        .collect()
}

fn as_count(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(n) => u32::try_from(*n).ok(),
        _ => None,
    }
}

fn kind(key: &str, found: &Value, wanted: &'static str) -> KeyError {
    let found = match found {
        Value::Integer(n) => format!("the number {n}"),
        Value::Float(x) => format!("the number {x}"),
        Value::Bool(b) => format!("`{b}`"),
        Value::Text(_) => "a text".to_owned(),
        Value::Integers(list) => format!("a list of {} numbers", list.len()),
        Value::Skipped { length } => format!("a text or list of length {length}"),
    };
    KeyError::Kind {
        key: key.to_owned(),
        found,
        wanted,
    }
}
