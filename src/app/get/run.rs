//! A run of downloads: model by model, file by file, and each model seen once it is whole.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

use super::listing::Listed;
use super::request::GetRequest;
use crate::app::events::{Event, Events};
use crate::download::Meter;
use crate::download::document::{FileState, GetModel, GetOutcome};
use crate::edge::clock;
use crate::edge::download::{Manner, Staging, fetch};
use crate::units::Bytes;

/// A run.
pub(super) struct Run<'a> {
    manner: Manner,
    folder: &'a Path,
    events: &'a dyn Events,
    stop: &'a AtomicBool,
}

impl<'a> Run<'a> {
    pub(super) fn of(
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
        for (listed, model) in listed.iter().zip(models) {
            // A file that it shares with one before it has come with that.
            *model = listed.standing(self.folder)?;
            if model.files.iter().all(|f| f.state == FileState::Present) {
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
            let mut told = |bytes: Bytes| {
                let progress = meter.read(clock::seconds(), before + bytes, of);
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
        let names: Vec<&str> = missing
            .iter()
            .map(|n| model.files[*n].local.as_str())
            .collect();
        staging.publish(&names)?;
        for n in missing {
            model.files[n].state = FileState::Fetched;
        }
        Ok(true)
    }
}
