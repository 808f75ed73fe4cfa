//! Fetches a file: over several connections, on from where an earlier run ended, and held against
//! what the hub says of it before anybody sees it.
//!
//! One thread asks, reads and writes; another hashes what is here from the beginning on.

mod checked;
mod hashing;
mod line;
mod part_file;
mod staging;
mod wanted;
mod worker;

use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout;

use super::fetch::FetchError;
use super::hub::Hub;
use super::route::host;
use crate::download::Pace;
use crate::fault;
use crate::units::Bytes;
use hashing::Hashing;
use line::Line;
use part_file::PartFile;
pub use staging::{Staging, Standing, room_of, standing};
pub use wanted::{Look, Manner, Wanted};
use worker::Work;

/// How often somebody is told how far it is, and asked whether to go on.
const LOOK: Duration = Duration::from_millis(100);

/// What fetching came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// Whether all of it is here, and is what the hub says.
    pub whole: bool,
    /// Bytes that were here before.
    pub kept: Bytes,
    /// Bytes that came over the network.
    pub received: Bytes,
}

/// Reads a file that is here to its end and holds it against what the hub says, until `stop` is set:
/// then false. What was read is remembered. `here` is told how far it is.
///
/// # Errors
/// When it can't be read, or is another file.
pub fn check(
    (models, repository, local): (&Path, &str, &str),
    wanted: &Wanted,
    stop: &AtomicBool,
    here: &mut dyn FnMut(Bytes),
) -> Result<bool> {
    let place = staging::place_of(models, repository, local);
    match hashing::found(&place, wanted, stop, here)? {
        None => Ok(false),
        Some(found) if found.is_right => {
            checked::remember(&place, wanted);
            Ok(true)
        }
        Some(found) => bail!(fault!(
            "{} is there, and is not what the hub has: it is {}", place.display(), found.said;
            "move it away, and run this again"
        )),
    }
}

/// Fetches what is missing of a file into its place beside the models, until `stop` is set. `told`
/// hears now and then how far it is.
///
/// # Errors
/// When the hub refuses it, contradicts itself or stays silent for long, when the disk can't be
/// written, or when what came is not what the hub says: then it is thrown away.
pub fn fetch(
    hub: &Hub,
    wanted: &Wanted,
    (staging, local): (&Staging, &str),
    manner: Manner,
    stop: &AtomicBool,
    told: &mut dyn FnMut(Look),
) -> Result<Fetched> {
    let part = PartFile::open(&staging.part(local)?, wanted)?;
    let kept = part.claims.here().bytes();
    let hashing = Hashing::start(part.path(), wanted)?;
    let connections = part.claims.connections(manner.connections);
    let work = Rc::new(Work::of(
        Line::to(wanted, hub.token()?)?,
        part,
        Pace::at_most(manner.limit.map(|l| l.0)),
    ));
    let done = all(&work, connections, &mut |work| {
        let (look, prefix) = work.look()?;
        told(look);
        hashing.up_to(prefix);
        Ok(!stop.load(Ordering::Relaxed))
    });
    // What came is kept, whatever ended it.
    let kept_on = work.keep();
    let whole = done?;
    kept_on?;
    let fetched = Fetched {
        whole,
        kept: Bytes(kept),
        received: Bytes(work.received()),
    };
    if !whole {
        return Ok(fetched);
    }
    if let Some(found) = hashing.end(stop)? {
        if !found.is_right {
            work.discard()?;
            bail!(not_the_same(wanted, &found.said));
        }
        work.settle()?;
        return Ok(fetched);
    }
    // Stopped before it was read to the end.
    Ok(Fetched {
        whole: false,
        ..fetched
    })
}

fn not_the_same(wanted: &Wanted, found: &str) -> FetchError {
    let name = wanted.url.path().rsplit('/').next().unwrap_or_default();
    FetchError::Answer {
        host: host(&wanted.url),
        reason: format!("what came of `{name}` is {found}, and was thrown away"),
    }
}

/// Lets so many connections work until all is here; `look` says whether to go on.
fn all(
    work: &Rc<Work>,
    connections: u32,
    look: &mut dyn FnMut(&Work) -> Result<bool>,
) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't set up HTTP")?;
    let local = LocalSet::new();
    let whole = local.block_on(&runtime, async {
        let mut running = JoinSet::new();
        for _ in 0..connections {
            let work = Rc::clone(work);
            running.spawn_local(async move { work.to_the_end().await });
        }
        loop {
            let ended = timeout(LOOK, pin!(running.join_next())).await;
            match ended {
                Ok(None) => break look(work).map(|_| true),
                Ok(Some(Ok(done))) => done?,
                Ok(Some(Err(error))) => bail!("a connection ended by itself: {error}"),
                Err(_) => {}
            }
            if !look(work)? {
                break Ok(false);
            }
        }
    });
    // A name that is being looked up would be waited for.
    runtime.shutdown_background();
    whole
}
