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

use include_dir::{Dir, include_dir};

pub use self::check::parse;
pub use self::mix::Mix;
pub use self::profile::{TaskError, TaskProfile};
pub use self::scales::{Anchors, Benchmark, Floors, Scale, Scales};
pub use self::utility::Utility;
pub use self::weights::Weights;
pub use self::workload::Workload;
pub use crate::catalog::sampling::Sampling;
use crate::suggest;
use crate::toml_text;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles/tasks");

/// The shipped tasks by id.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn embedded() -> Result<BTreeMap<String, TaskProfile>, TaskError> {
    FILES
        .files()
        .map(|file| {
            let path = format!("profiles/tasks/{}", file.path().display());
            let text = toml_text::utf8(&path, file.contents())?;
            parse(&path, text).map(|task| (task.id.clone(), task))
        })
        .collect()
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
