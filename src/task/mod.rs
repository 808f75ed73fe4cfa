//! Task profiles: a taste made explicit as weights, anchors and floors.

mod check;
pub mod mix;
pub mod older;
mod profile;
mod scales;
mod utility;
mod weights;
mod workload;

use std::collections::BTreeMap;

pub use self::check::{parse, problem};
pub use self::mix::Mix;
pub use self::profile::{TaskError, TaskProfile};
pub use self::scales::{Anchors, Benchmark, Floors, Scale, Scales};
pub use self::utility::Utility;
pub use self::weights::Weights;
pub use self::workload::Workload;
pub use crate::catalog::sampling::Sampling;
use crate::shipped;
use crate::suggest;

/// The shipped tasks by id.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn embedded() -> Result<BTreeMap<String, TaskProfile>, TaskError> {
    shipped::files("profiles/tasks")
        .map(|file| {
            let task = check::settled(file.path(), file.parse()?)?;
            Ok((task.id.clone(), task))
        })
        .collect()
}

/// The text of a shipped task, with what it says of its figures.
#[must_use]
pub fn text(id: &str) -> Option<&'static str> {
    shipped::text(&format!("profiles/tasks/{id}.toml"))
}

/// The task with this id.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find<'a>(
    tasks: &'a BTreeMap<String, TaskProfile>,
    name: &str,
) -> Result<&'a TaskProfile, TaskError> {
    tasks.get(name).ok_or_else(|| TaskError::Unknown {
        name: name.to_owned(),
        known: tasks
            .keys()
            .map(|k| format!("`{k}`"))
            .collect::<Vec<_>>()
            .join(", "),
        suggestion: suggest::nearest(name, tasks.keys().map(String::as_str)),
    })
}
