//! What is kept beside an unfinished file, so that the next run goes on with it.
//!
//! There are two records. One is written when the bytes that it tells of are on the disk for good; it
//! holds whatever happens. The other is written more often, and tells of bytes that the system has
//! taken and may not have written yet: it holds after the program was killed, and not after the
//! machine was, so it names the start of the system that took them.

use serde::{Deserialize, Serialize};

use super::spans::Spans;
use crate::units::Bytes;

/// The same start may be told so many seconds apart, since clocks are set; no system starts again as
/// soon.
const START_SECONDS_APART: u64 = 5;

/// Version of a record's shape.
pub const RECORD_SCHEMA: u32 = 1;

/// What a file holds, by what the hub says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// The SHA-256 of its bytes, in hexadecimal digits: of files in large file storage.
    #[serde(rename = "sha256")]
    Sha256(String),
    /// Git's own name of it, the SHA-1 of a head and its bytes: of small files.
    #[serde(rename = "git_blob")]
    GitBlob(String),
    /// The hub says no more than its size.
    #[serde(rename = "unknown")]
    Unknown,
}

/// How much of a file is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this shape.
    pub schema: u32,
    /// The whole file's size.
    pub bytes: Bytes,
    /// What it holds.
    pub content: Content,
    /// When the system started that took these bytes, in seconds since 1970; absent where they are on
    /// the disk for good.
    pub system_started_seconds: Option<u64>,
    /// The bytes that are here.
    pub here: Spans,
}

/// What may be gone on with of a file of this size and content: the most that a record tells of
/// which holds now.
#[must_use]
pub fn resumed(
    records: impl IntoIterator<Item = Record>,
    (bytes, content): (Bytes, &Content),
    system_started_seconds: Option<u64>,
) -> Spans {
    let same_start = |taken: u64| {
        system_started_seconds.is_some_and(|now| now.abs_diff(taken) <= START_SECONDS_APART)
    };
    let holds = |r: &Record| {
        let taken = r.system_started_seconds;
        let inside = r.here.runs().last().is_none_or(|s| s.end <= bytes.0);
        r.schema == RECORD_SCHEMA
            && (r.bytes, &r.content) == (bytes, content)
            && *content != Content::Unknown
            && taken.is_none_or(same_start)
            && inside
    };
    let all = records.into_iter().filter(holds).map(|r| r.here);
    all.max_by_key(Spans::bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::Span;

    fn record(end: u64, started: Option<u64>) -> Record {
        let mut here = Spans::default();
        here.add(Span { start: 0, end });
        Record {
            schema: RECORD_SCHEMA,
            bytes: Bytes(100),
            content: Content::Sha256("ab".to_owned()),
            system_started_seconds: started,
            here,
        }
    }

    #[test]
    fn what_the_disk_may_not_have_counts_until_the_system_starts_anew() {
        let records = [record(40, None), record(60, Some(7))];
        let wanted = Content::Sha256("ab".to_owned());
        let kept = |started, content: &Content, bytes| {
            resumed(records.clone(), (Bytes(bytes), content), Some(started)).bytes()
        };
        assert_eq!(kept(7, &wanted, 100), 60);
        assert_eq!(kept(20, &wanted, 100), 40);
        // Another version of the file, or a record that can't be true.
        assert_eq!(kept(7, &Content::Sha256("cd".to_owned()), 100), 0);
        assert_eq!(kept(7, &wanted, 99), 0);
        assert_eq!(
            resumed([record(101, None)], (Bytes(100), &wanted), Some(7)).bytes(),
            0
        );
    }
}
