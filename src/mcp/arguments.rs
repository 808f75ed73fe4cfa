//! Arguments of tools, read by their schemas.

use anyhow::{Result, bail};
use schemars::{JsonSchema, schema_for};
use serde::{Deserialize, de};
use serde_json::{Map, Value};

use crate::app::MachineChoice;
use crate::fault;
use crate::suggest;
use crate::units::Bytes;

/// Reads the arguments of the tool of this name.
///
/// # Errors
/// When one is unknown, or is not what the schema says.
pub(super) fn read<T>(tool: &str, given: Map<String, Value>) -> Result<T>
where
    T: de::DeserializeOwned + JsonSchema,
{
    let schema = schema_for!(T);
    let known = schema.get("properties").and_then(Value::as_object);
    let known: Vec<&str> = known.map_or(Vec::new(), |p| p.keys().map(String::as_str).collect());
    if let Some(odd) = given.keys().find(|key| !known.contains(&key.as_str())) {
        let near = suggest::nearest(odd, known.iter().copied());
        bail!(fault!(
            "unknown argument of `{tool}`: `{odd}`{}", suggest::or_nothing(near.as_deref());
            "it takes {}", known.join(", ")
        ));
    }
    serde_path_to_error::deserialize(Value::Object(given)).map_err(|e| {
        fault!(
            "argument `{}` of `{tool}`: {}", e.path(), e.inner();
            "the tool's input schema says what it takes"
        )
        .into()
    })
}

/// A size with its unit, such as `24GiB`.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(super) struct Size(pub(super) Bytes);

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|e| format!("{e}"))
    }
}

/// The machine that arguments name; what they leave out is the user's default.
pub(super) struct Machine<'a> {
    pub(super) name: Option<&'a String>,
    pub(super) memory: Option<Size>,
    pub(super) wired_limit: Option<Size>,
    pub(super) reserve: Option<Size>,
}

impl Machine<'_> {
    pub(super) fn choice(&self, usual: MachineChoice) -> MachineChoice {
        let bytes = |size: Option<Size>| size.map(|size| size.0);
        MachineChoice {
            name: self.name.cloned().or(usual.name),
            memory: bytes(self.memory),
            macos: None,
            wired_limit: bytes(self.wired_limit),
            reserve: bytes(self.reserve).or(usual.reserve),
        }
    }
}
