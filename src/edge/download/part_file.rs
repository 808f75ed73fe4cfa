//! A file that is not whole yet, and the records of what is here of it.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};

use super::wanted::Wanted;
use crate::download::{Claims, RECORD_SCHEMA, Record, Span, Spans, resumed};
use crate::edge::{clock, files};

/// So much of a file may have come since the last record, which a kill would lose: one part in so
/// many.
const STEPS: u64 = 256;
/// What came is made to stay on the disk no more often than this.
const SYNC_SECONDS: f64 = 2.0;

/// A file that is not whole yet.
pub(super) struct PartFile {
    file: File,
    path: PathBuf,
    wanted: Wanted,
    system_started: Option<u64>,
    unsaved: u64,
    unsynced: u64,
    synced_at: f64,
    syncing: Option<JoinHandle<std::io::Result<Spans>>>,
    /// What is here, and what is being fetched.
    pub(super) claims: Claims,
}

/// The record of what stays on the disk, and of what the system has taken.
fn records(part: &Path) -> [PathBuf; 2] {
    ["durable.json", "latest.json"].map(|ending| part.with_added_extension(ending))
}

/// What an earlier run left of this file.
pub(super) fn left(part: &Path, wanted: &Wanted) -> Spans {
    let read = |path: &PathBuf| -> Option<Record> {
        serde_json::from_str(&files::read_text(path).ok()?).ok()
    };
    let all = records(part);
    let records = all.iter().filter_map(read);
    let here = resumed(records, (wanted.bytes, &wanted.content), started());
    let length = std::fs::metadata(part).map_or(0, |m| m.len());
    let end = here.runs().last().map_or(0, |s| s.end);
    if end <= length {
        here
    } else {
        Spans::default()
    }
}

/// When this system started, in seconds since 1970, where it says so.
fn started() -> Option<u64> {
    sysinfo::System::boot_time().ok()
}

impl PartFile {
    /// Goes on with what an earlier run left, or begins.
    pub(super) fn open(path: &Path, wanted: &Wanted) -> Result<Self> {
        let here = left(path, wanted);
        let shown = path.display();
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(here.bytes() == 0);
        let file = options
            .open(path)
            .with_context(|| format!("can't write {shown}"))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            wanted: wanted.clone(),
            system_started: started(),
            unsaved: 0,
            unsynced: 0,
            synced_at: clock::seconds(),
            syncing: None,
            claims: Claims::on_the_rest(wanted.bytes.0, here),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes bytes at a place of the file, in pieces: no more than one of them is unrecorded.
    pub(super) fn write(&mut self, mut at: u64, bytes: &[u8]) -> Result<()> {
        let most = usize::try_from(self.step()).unwrap_or(usize::MAX);
        for piece in bytes.chunks(most) {
            self.write_piece(at, piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn write_piece(&mut self, at: u64, bytes: &[u8]) -> Result<()> {
        let written = self
            .file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.write_all(bytes));
        written.with_context(|| format!("can't write {}", self.path.display()))?;
        let more = bytes.len() as u64;
        self.claims.came(Span {
            start: at,
            end: at + more,
        });
        self.unsaved += more;
        self.unsynced += more;
        if self.unsaved >= self.step() {
            self.keep()?;
        }
        Ok(())
    }

    fn step(&self) -> u64 {
        (self.wanted.bytes.0 / STEPS).max(1)
    }

    /// Records what the system has taken.
    pub(super) fn keep(&mut self) -> Result<()> {
        self.unsaved = 0;
        if self.system_started.is_none() {
            return Ok(());
        }
        let [_, latest] = records(&self.path);
        let record = self.record(self.claims.here().clone(), self.system_started);
        files::replace_json(&latest, &record)
    }

    fn record(&self, here: Spans, system_started_seconds: Option<u64>) -> Record {
        Record {
            schema: RECORD_SCHEMA,
            bytes: self.wanted.bytes,
            content: self.wanted.content.clone(),
            system_started_seconds,
            here,
        }
    }

    /// Now and then makes what came stay on the disk, beside what goes on.
    pub(super) fn tend(&mut self) -> Result<()> {
        if self.syncing.as_ref().is_some_and(JoinHandle::is_finished) {
            let synced = self.syncing.take().and_then(|s| s.join().ok());
            if let Some(here) = synced {
                let here = here.with_context(|| format!("can't write {}", self.path.display()))?;
                self.durable(here)?;
            }
        }
        let due = clock::seconds() - self.synced_at >= SYNC_SECONDS && self.unsynced >= self.step();
        if due && self.syncing.is_none() {
            (self.unsynced, self.synced_at) = (0, clock::seconds());
            let here = self.claims.here().clone();
            let file = self.file.try_clone();
            let file = file.with_context(|| format!("can't write {}", self.path.display()))?;
            self.syncing = Some(thread::spawn(move || file.sync_data().map(|()| here)));
        }
        Ok(())
    }

    fn durable(&self, here: Spans) -> Result<()> {
        let [durable, _] = records(&self.path);
        files::write_json(&durable, &self.record(here, None))
    }

    /// Makes all of it stay on the disk.
    pub(super) fn settle(&mut self) -> Result<()> {
        let synced = self.file.sync_all();
        synced.with_context(|| format!("can't write {}", self.path.display()))?;
        self.durable(self.claims.here().clone())
    }

    /// Throws away what came, and what is recorded of it.
    pub(super) fn discard(&self) -> Result<()> {
        forget(&self.path)?;
        files::remove(&self.path)
    }
}

/// Removes the records of a file that has gone to its place.
pub(super) fn forget(part: &Path) -> Result<()> {
    records(part)
        .iter()
        .try_for_each(|path| files::remove(path))
}
