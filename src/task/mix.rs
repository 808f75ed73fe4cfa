//! Mixes: several tasks with their weights, under a name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profile::TaskError;
use crate::fault;
use crate::fault::Fault;
use crate::shipped;
use crate::toml_text;

/// Tasks that one machine is to serve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Id: `coding`.
    pub id: String,
    /// What it is for, in a line.
    pub summary: String,
    /// Its tasks; at least one.
    pub tasks: Vec<Share>,
}

/// One task of a mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Id of the task, or the path of a profile.
    pub task: String,
    /// Its weight against the others.
    #[serde(default = "one")]
    pub weight: f64,
}

const fn one() -> f64 {
    1.0
}

/// Reads a mix.
///
/// # Errors
/// When it is not TOML, has unknown keys, or no tasks.
pub fn parse(path: &str, text: &str) -> Result<Mix, TaskError> {
    checked(path, toml_text::parse(path, text)?)
}

fn checked(path: &str, mix: Mix) -> Result<Mix, TaskError> {
    let nonsense = |problem: Fault| TaskError::Nonsense {
        path: path.to_owned(),
        problem,
    };
    if mix.tasks.is_empty() {
        return Err(nonsense(fault!(
            "the mix `{}` has no tasks", mix.id;
            "add `[[tasks]]` with `task = \"code\"`; `planner tasks` lists them"
        )));
    }
    let weightless = |s: &&Share| !(s.weight.is_finite() && s.weight > 0.0);
    match mix.tasks.iter().find(weightless) {
        Some(share) => Err(nonsense(fault!(
            "the weight of `{}` in the mix `{}` is not above zero", share.task, mix.id;
            "give a number such as 1 or 2.5"
        ))),
        None => Ok(mix),
    }
}

/// The shipped mixes by id.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn embedded() -> Result<BTreeMap<String, Mix>, TaskError> {
    shipped::files("profiles/mixes")
        .map(|file| {
            let mix = checked(file.path(), file.parse()?)?;
            Ok((mix.id.clone(), mix))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_mixes_name_shipped_tasks_and_their_files() {
        let tasks = crate::task::embedded().unwrap();
        let mixes = embedded().unwrap();
        assert_eq!(mixes.len(), 3);
        for mix in mixes.values() {
            assert!(
                mix.tasks.iter().all(|s| tasks.contains_key(&s.task)),
                "{mix:?}"
            );
            let own = format!("profiles/mixes/{}.toml", mix.id);
            let mut files = shipped::files("profiles/mixes");
            assert!(files.any(|file| file.path() == own), "{own}");
        }
    }

    #[test]
    fn a_mix_without_tasks_or_weight_is_refused() {
        let empty = "id = \"a\"\nsummary = \"b\"\ntasks = []";
        assert!(
            parse("a.toml", empty)
                .unwrap_err()
                .to_string()
                .contains("has no tasks")
        );
        let weightless = "id = \"a\"\nsummary = \"b\"\n[[tasks]]\ntask = \"code\"\nweight = -1";
        let error = parse("a.toml", weightless).unwrap_err();
        assert!(error.to_string().contains("above zero"), "{error}");
        let unknown = parse("a.toml", "id = \"a\"\nsumary = \"b\"").unwrap_err();
        assert!(unknown.to_string().contains("a.toml:2:1"), "{unknown}");
    }
}
