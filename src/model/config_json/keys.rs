//! Asks a `config.json` for values by key: the language model's own part first, then the whole.

use serde_json::Value;

use super::error::ConfigError;

/// Parts that hold the language model's figures in configurations of models that also see or
/// hear.
const PARTS: &[&str] = &["text_config", "llm_config", "language_config"];

/// A configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys<'a> {
    part: Option<&'a Value>,
    whole: &'a Value,
}

impl<'a> Keys<'a> {
    pub(super) fn new(whole: &'a Value) -> Self {
        let part = PARTS
            .iter()
            .find_map(|part| whole.get(part).filter(|p| p.is_object()));
        Self { part, whole }
    }

    /// Whether the figures stand in a part of their own.
    pub(super) fn nested(&self) -> bool {
        self.part.is_some()
    }

    /// The values below a key, as a configuration of their own.
    pub(super) fn below(&self, key: &str) -> Option<Self> {
        self.get(key)
            .filter(|v| v.is_object())
            .map(|whole| Self { part: None, whole })
    }

    /// A value; `null` counts as missing.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        let found = |from: &'a Value| from.get(key).filter(|value| !value.is_null());
        self.part.and_then(found).or_else(|| found(self.whole))
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Value::as_bool)
    }

    /// A count below 2^32.
    pub(super) fn count(&self, key: &str) -> Result<Option<u32>, ConfigError> {
        self.get(key).map(|value| count(key, value)).transpose()
    }

    /// The first of several keys that is there.
    pub(super) fn first(&self, keys: &[&str]) -> Result<Option<u32>, ConfigError> {
        for key in keys {
            if let Some(count) = self.count(key)? {
                return Ok(Some(count));
            }
        }
        Ok(None)
    }

    /// As `first`, and an error that names the first key where none is there.
    pub(super) fn needed(&self, keys: &[&str]) -> Result<u32, ConfigError> {
        self.first(keys)?.ok_or_else(|| ConfigError::Missing {
            key: keys.first().copied().unwrap_or_default().to_owned(),
        })
    }

    /// One count for all layers, or one per layer.
    pub(super) fn per_layer(
        &self,
        key: &str,
        layers: usize,
    ) -> Result<Option<Vec<u32>>, ConfigError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(list)) if list.len() == layers => list
                .iter()
                .map(|value| count(key, value))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(Value::Array(list)) => Err(ConfigError::Layers {
                key: key.to_owned(),
                found: list.len(),
                layers,
            }),
            Some(value) => Ok(Some(vec![count(key, value)?; layers])),
        }
    }

    /// A list of one entry per layer; longer lists name prediction layers as well.
    pub(super) fn list(
        &self,
        key: &str,
        layers: usize,
    ) -> Result<Option<&'a [Value]>, ConfigError> {
        match self.get(key) {
            Some(Value::Array(list)) => match list.get(..layers) {
                Some(main) => Ok(Some(main)),
                None => Err(ConfigError::Layers {
                    key: key.to_owned(),
                    found: list.len(),
                    layers,
                }),
            },
            _ => Ok(None),
        }
    }
}

pub(super) fn count(key: &str, value: &Value) -> Result<u32, ConfigError> {
    let whole = value.as_u64().and_then(|n| u32::try_from(n).ok());
    whole.ok_or_else(|| {
        let found = match value {
            Value::Number(n) => format!("the number {n}"),
            Value::Bool(b) => format!("`{b}`"),
            Value::String(_) => "a text".to_owned(),
            Value::Array(list) => format!("a list of {} entries", list.len()),
            Value::Object(_) => "a group of keys".to_owned(),
            Value::Null => "nothing".to_owned(),
        };
        ConfigError::Kind {
            key: key.to_owned(),
            found,
        }
    })
}
