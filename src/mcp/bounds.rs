//! Numbers as arguments, each within the bounds that the command line has too; schemas say them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::plan::bounds::{BEYOND_TOKENS_PER_SECOND, MOST_AGENTS, MOST_MODELS, MOST_SLOTS};
use crate::units::MOST_TOKENS;

/// A whole number from 1 to so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Count<const MOST: u32>(u32);

/// Conversations at once.
pub(super) type Agents = Count<MOST_AGENTS>;
/// Slots of a model.
pub(super) type Slots = Count<MOST_SLOTS>;
/// Models at once.
pub(super) type Models = Count<{ MOST_MODELS as u32 }>;
/// Tokens.
pub(super) type Tokens = Count<MOST_TOKENS>;

impl<const MOST: u32> Count<MOST> {
    pub(super) const fn get(self) -> u32 {
        self.0
    }
}

impl<const MOST: u32> TryFrom<i64> for Count<MOST> {
    type Error = String;

    fn try_from(given: i64) -> Result<Self, String> {
        let count = u32::try_from(given).ok();
        let count = count.filter(|n| (1..=MOST).contains(n));
        count
            .map(Self)
            .ok_or_else(|| format!("{given} is not from 1 to {MOST}"))
    }
}

impl<const MOST: u32> JsonSchema for Count<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("UpTo{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }
}

/// Seconds above zero.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Seconds(f64);

/// Decoded tokens per second, above zero.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Rate(f64);

impl Seconds {
    pub(super) const fn get(self) -> f64 {
        self.0
    }
}

impl Rate {
    pub(super) const fn get(self) -> f64 {
        self.0
    }
}

macro_rules! above_zero {
    ($kind:ty, $most:expr, $what:literal) => {
        impl TryFrom<f64> for $kind {
            type Error = String;

            fn try_from(given: f64) -> Result<Self, String> {
                if given > 0.0 && given < $most {
                    return Ok(Self(given));
                }
                Err(format!(concat!("{} are no ", $what, " above zero"), given))
            }
        }

        impl JsonSchema for $kind {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "number", "exclusiveMinimum": 0 })
            }
        }
    };
}

above_zero!(Seconds, f64::INFINITY, "seconds");
above_zero!(Rate, BEYOND_TOKENS_PER_SECOND, "tokens per second");
