//! What an update of the catalog is, as a document (`schemas/catalog-update.json`).

use schemars::JsonSchema;
use serde::Serialize;

use super::difference::Difference;

/// Version of this document's shape.
pub const SCHEMA: u32 = 1;

/// The answer to `catalog update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Update {
    /// Version of this shape.
    pub schema: u32,
    /// The catalog that was in use.
    pub from: Edition,
    /// The one that is offered.
    pub to: Edition,
    /// What it says that the other does not.
    pub difference: Difference,
    /// Plans that were kept by name, by what they come to with the one and with the other.
    pub plans: Vec<PlanChange>,
    /// Whether it is in use now.
    pub taken: bool,
}

/// Which catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Edition {
    /// Its day: that of the bundle, or of the newest entry in the binary's.
    pub date: Option<String>,
    /// The bundle's serial; absent for the catalog in the binary.
    pub serial: Option<u64>,
    /// The key that it was signed with.
    pub key: Option<String>,
}

/// A plan that was kept by name, solved with both catalogs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanChange {
    /// Its name.
    pub plan: String,
    /// What the catalog in use answers now: `model/variant` of each, by name.
    pub now: Vec<String>,
    /// What the other one answers.
    pub then: Vec<String>,
    /// Why it could not be solved, where it could not.
    pub reason: Option<String>,
}

impl PlanChange {
    /// Whether the answer is another one.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.now != self.then
    }
}
