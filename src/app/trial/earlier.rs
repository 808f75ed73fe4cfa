//! Results of before.

use std::path::Path;

use crate::edge::files;
use crate::trial::TrialRun;
use crate::trial::document::SCHEMA;

/// More are not read: the newest ones are what is compared with.
const MOST_FILES: usize = 2000;

/// Every result in a folder; what is none is passed over.
pub(super) fn in_folder(folder: Option<&Path>) -> Vec<TrialRun> {
    let Some(folder) = folder else {
        return Vec::new();
    };
    let names = files::names_in(folder).unwrap_or_default().into_iter();
    let results = names
        .filter(|name| name.ends_with(".json"))
        .take(MOST_FILES);
    results
        .filter_map(|name| read(&folder.join(name)))
        .collect()
}

/// A result, where it is one of this shape.
pub(super) fn read(path: &Path) -> Option<TrialRun> {
    let run: TrialRun = serde_json::from_str(&files::read_text(path).ok()?).ok()?;
    (run.schema == SCHEMA).then_some(run)
}
