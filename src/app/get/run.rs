//! A run of downloads: model by model, file by file, and each model seen once it is whole.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

use super::listing::Listed;
use super::request::GetRequest;
use crate::app::events::{Event, Events};
use crate::download::document::{Check, FileState, GetModel, GetOutcome};
use crate::download::{Meter, Progress};
use crate::edge::clock;
use crate::edge::download::{Look, Manner, Staging, check, fetch};
use crate::units::Bytes;

/// A run.
pub(super) struct Run<'a> {
    manner: Manner,
    folder: &'a Path,
    events: &'a dyn Events,
    stop: &'a AtomicBool,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        request: &GetRequest,
        folder: &'a Path,
        events: &'a dyn Events,
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            manner: Manner {
                connections: request.connections,
                limit: request.limit,
            },
            folder,
            events,
            stop,
        }
    }

    /// Fetches what is missing of all models.
    pub(super) fn all(&self, listed: &[Listed], models: &mut [GetModel]) -> Result<GetOutcome> {
        for (listed, model) in listed.iter().zip(&mut *models) {
            if !self.check(listed, model)? {
                return Ok(GetOutcome::Interrupted);
            }
        }
        for (listed, model) in listed.iter().zip(models) {
            // A file that it shares with one before it has come with that.
            let now = listed.standing(self.folder)?;
            for (file, now) in model.files.iter_mut().zip(now.files) {
                if file.state == FileState::Missing {
                    *file = now;
                }
            }
            if model.files.iter().all(|f| f.state != FileState::Missing) {
                continue;
            }
            let whole = self.one(listed, model);
            let whole = whole.with_context(|| format!("can't download {}", model.name))?;
            if !whole {
                return Ok(GetOutcome::Interrupted);
            }
        }
        Ok(GetOutcome::Done)
    }

    /// Reads the files of a model that are here and that nobody has held against the hub's hashes
    /// yet: false where it was interrupted. Nothing comes before all of them are known to be right.
    fn check(&self, listed: &Listed, model: &mut GetModel) -> Result<bool> {
        let unread: Vec<usize> = (0..model.files.len())
            .filter(|n| model.files[*n].state == FileState::Present)
            .filter(|n| model.files[*n].check != Check::Size)
            .collect();
        if unread.is_empty() {
            return Ok(true);
        }
        let of: Bytes = unread.iter().map(|n| model.files[*n].bytes).sum();
        let (mut meter, mut before) = (Meter::default(), Bytes::ZERO);
        self.events.tell(Event::Checking {
            model: &model.name,
            bytes: of,
        });
        for n in unread {
            let (file, here) = (&mut model.files[n], &listed.files[n]);
            let mut told = |bytes: Bytes| {
                let progress = meter.read(clock::seconds(), before + bytes, of);
                self.events.tell(Event::Downloaded(&progress));
            };
            let place = (self.folder, listed.repository.as_str(), here.local.as_str());
            let checked = check(place, &here.wanted, self.stop, &mut told)?;
            before += file.bytes;
            if !checked {
                self.events.tell(Event::DownloadEnded);
                return Ok(false);
            }
            file.state = FileState::Checked;
        }
        self.events.tell(Event::DownloadEnded);
        Ok(true)
    }

    /// Fetches a model's files, and gives them their names when all are here.
    fn one(&self, listed: &Listed, model: &mut GetModel) -> Result<bool> {
        let staging = Staging::hold(self.folder, &listed.repository)?;
        let missing: Vec<usize> = (0..model.files.len())
            .filter(|n| model.files[*n].state == FileState::Missing)
            .collect();
        let of: Bytes = missing.iter().map(|n| model.files[*n].bytes).sum();
        let mut meter = Meter::default();
        let mut before = Bytes::ZERO;
        self.events.tell(Event::Downloading {
            model: &model.name,
            bytes: of,
        });
        for n in &missing {
            let (file, here) = (&mut model.files[*n], &listed.files[*n]);
            let mut told = |look: Look| {
                let progress = Progress {
                    asked_to_wait_seconds: look.asked_to_wait_seconds,
                    ..meter.read(clock::seconds(), before + look.here, of)
                };
                self.events.tell(Event::Downloaded(&progress));
            };
            let place = (&staging, file.local.as_str());
            let fetched = fetch(
                &listed.hub,
                &here.wanted,
                place,
                self.manner,
                self.stop,
                &mut told,
            );
            let fetched = fetched.with_context(|| file.path.clone())?;
            (file.kept_bytes, file.received_bytes) = (fetched.kept, fetched.received);
            before += file.bytes;
            if !fetched.whole {
                self.events.tell(Event::DownloadEnded);
                return Ok(false);
            }
        }
        self.events.tell(Event::DownloadEnded);
        if self.stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let files = missing.iter().map(|n| &listed.files[*n]);
        let files: Vec<_> = files.map(|f| (f.local.as_str(), &f.wanted)).collect();
        staging.publish(&files)?;
        for n in missing {
            model.files[n].state = FileState::Fetched;
        }
        Ok(true)
    }
}
