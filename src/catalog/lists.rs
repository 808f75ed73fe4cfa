//! What the catalog's files beside the models say: findings that were looked at, rows that were left
//! out, and what studies print. Only shapes: nothing here reads or decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `catalog/findings.toml`: findings of the check that are known, each with its explanation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFindings {
    /// The findings.
    #[serde(default)]
    pub known: Vec<KnownFinding>,
}

/// One finding that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFinding {
    /// The rule that finds it.
    pub rule: String,
    /// The figures it is about, as the check names them.
    pub subjects: Vec<String>,
    /// Why they stand.
    pub explanation: String,
    /// The same in Chinese, for reports in that language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation_zh: Option<String>,
}

/// `catalog/left-out.toml`: published rows that were read and not taken, each with its reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The rows.
    #[serde(default)]
    pub rows: Vec<LeftOutRow>,
}

/// One published row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutRow {
    /// What it measured, in the source's words.
    pub what: String,
    /// The figures it held.
    pub figures: String,
    /// Why it was not taken.
    pub reason: String,
    /// Where it was read.
    pub source: String,
}

/// `catalog/published-loadouts.toml`: sets of models that a study recommends, to be held against
/// the ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedLoadouts {
    /// The sets.
    #[serde(default)]
    pub loadouts: Vec<PublishedLoadout>,
}

/// One recommended set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedLoadout {
    /// What the study calls it.
    pub name: String,
    /// The campaign that it came from.
    pub campaign: String,
    /// The machine that it is for.
    pub machine: String,
    /// `model/variant` of each member.
    pub members: Vec<String>,
    /// Context of each, in tokens.
    pub context: u32,
    /// What the study says that it takes.
    pub claim: String,
    /// Where it says so.
    pub source: String,
}

/// `catalog/published-claims.toml`: what a study's own report prints, to be held against the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedClaims {
    /// The statements.
    #[serde(default)]
    pub claims: Vec<PublishedClaim>,
}

/// One printed statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedClaim {
    /// The campaign whose report prints it.
    pub campaign: String,
    /// What it states.
    pub kind: ClaimKind,
    /// `model/variant` of what it is about.
    pub members: Vec<String>,
    /// The figure; absent where none is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The high end of a range, or the whole of a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_high: Option<f64>,
    /// The scenario that a recommendation is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The context that the members are to be loaded with, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u32>,
    /// Where it is printed.
    pub source: String,
}

/// What a statement is about, and in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// Size of a file, printed as GB.
    Weights,
    /// Mean over requests of tokens by whole time, tokens per second.
    MeanSpeed,
    /// Mean speed by size, tokens per second and GB.
    Efficiency,
    /// The first member's efficiency by the second's.
    EfficiencyRatio,
    /// How much smaller the first member's file is than the second's, GB.
    Saving,
    /// Requests passed of requests tried.
    Passed,
    /// Load time, seconds.
    Load,
    /// Memory left beside the members, printed as GB.
    Free,
    /// The same as a percentage of memory.
    FreeShare,
    /// The speed that an unmeasured variant is expected to have, tokens per second.
    ExpectedSpeed,
    /// What to keep loaded in a scenario.
    Recommendation,
}
