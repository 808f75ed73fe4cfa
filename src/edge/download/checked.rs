//! Files that were read to the end and found to be what a hub says, so that the next run need not
//! read hundreds of gigabytes again. A file that was changed since has another size or time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::wanted::Wanted;
use crate::download::Content;
use crate::edge::{files, places};
use crate::units::Bytes;

/// Version of the record's shape.
const SCHEMA: u32 = 1;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Records {
    schema: u32,
    files: BTreeMap<PathBuf, Mark>,
}

/// What a file was when it was read.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    bytes: Bytes,
    /// Its last change, in nanoseconds since 1970.
    changed_nanoseconds: u64,
    content: Content,
}

fn record() -> Option<PathBuf> {
    Some(places::state_folder().ok()?.join("checked.json"))
}

fn read() -> Records {
    let text = record().and_then(|path| files::read_text(&path).ok());
    let read: Option<Records> = text.and_then(|text| serde_json::from_str(&text).ok());
    // One that can't be read costs the time to read the files again.
    read.filter(|r| r.schema == SCHEMA).unwrap_or_default()
}

fn mark(place: &Path, wanted: &Wanted) -> Option<Mark> {
    let meta = std::fs::metadata(place).ok()?;
    let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Mark {
        bytes: Bytes(meta.len()),
        changed_nanoseconds: u64::try_from(changed.as_nanos()).ok()?,
        content: wanted.content.clone(),
    })
}

/// Whether the file was found to be this one, and is as it was then.
pub(super) fn is_known(place: &Path, wanted: &Wanted) -> bool {
    wanted.content != Content::Unknown
        && mark(place, wanted).is_some_and(|mark| read().files.get(place) == Some(&mark))
}

/// Remembers that the file is this one, as far as that can be written down.
pub(super) fn remember(place: &Path, wanted: &Wanted) {
    let (Some(path), Some(mark)) = (record(), mark(place, wanted)) else {
        return;
    };
    let mut records = read();
    records.schema = SCHEMA;
    records.files.retain(|place, _| files::is_there(place));
    records.files.insert(place.to_owned(), mark);
    let _ = files::write_json(&path, &records);
}
