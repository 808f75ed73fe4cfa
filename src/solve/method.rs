//! Which method solves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which method solves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The exact search wherever it can go through all ways to split the tasks, the integer program
    /// beyond.
    #[default]
    Auto,
    /// The exact search.
    Search,
    /// The integer program through good_lp.
    Milp,
}
