//! What each utility weighs in a task: a map in which what is not named weighs nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::utility::Utility;

/// Weights that add up to 1 but for this much were rounded, as 0.33 three times is.
pub(super) const ROUNDING: f64 = 0.011;

/// The weight of each utility; those that a profile does not name weigh nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weights([f64; Utility::ALL.len()]);

impl Weights {
    /// The weight of one utility.
    #[must_use]
    pub const fn of(&self, utility: Utility) -> f64 {
        self.0[utility as usize]
    }

    /// Gives one utility another weight; the others stay.
    pub const fn set(&mut self, utility: Utility, weight: f64) {
        self.0[utility as usize] = weight;
    }

    /// All, in the order of [`Utility::ALL`].
    #[must_use]
    pub const fn all(&self) -> [f64; Utility::ALL.len()] {
        self.0
    }

    /// Makes up for rounding: weights that nearly add up to 1 do so afterwards.
    pub(super) fn settle(&mut self) {
        let sum: f64 = self.0.iter().sum();
        let off = (sum - 1.0).abs();
        if off > 1e-9 && off < ROUNDING {
            for weight in &mut self.0 {
                *weight /= sum;
            }
        }
    }
}

impl From<[f64; Utility::ALL.len()]> for Weights {
    /// In the order of [`Utility::ALL`].
    fn from(all: [f64; Utility::ALL.len()]) -> Self {
        Self(all)
    }
}

impl Serialize for Weights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Utility::ALL.map(|u| (u.id(), self.of(u))))
    }
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Named)
    }
}

/// Reads weights by the utilities' names.
struct Named;

const NAMES: &[&str] = &Utility::NAMES;

impl<'de> Visitor<'de> for Named {
    type Value = Weights;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a weight for each utility")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Weights, A::Error> {
        let mut weights = Weights::default();
        while let Some(name) = map.next_key::<String>()? {
            let named = Utility::ALL.into_iter().find(|u| u.id() == name);
            let utility = named.ok_or_else(|| A::Error::unknown_field(&name, NAMES))?;
            weights.set(utility, map.next_value()?);
        }
        Ok(weights)
    }
}

impl JsonSchema for Weights {
    fn schema_name() -> Cow<'static, str> {
        "Weights".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let weight = serde_json::json!({"type": "number"});
        let all: BTreeMap<&str, _> = NAMES.iter().map(|name| (*name, weight.clone())).collect();
        json_schema!({
            "description": "The weight of each utility; those that are not named weigh nothing.",
            "type": "object",
            "properties": all,
            "additionalProperties": false,
        })
    }
}
