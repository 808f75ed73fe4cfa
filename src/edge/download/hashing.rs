//! Hashes a file from its beginning while the rest of it comes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::wanted::Wanted;
use crate::download::Content;
use crate::printable::hexadecimal;
use crate::units::Bytes;

/// Read at once.
const BLOCK: usize = 1 << 20;
/// How often somebody who waits for the end is asked whether to.
const LOOK: Duration = Duration::from_millis(50);

/// A thread that hashes.
pub(super) struct Hashing {
    here: Sender<u64>,
    thread: JoinHandle<io::Result<String>>,
    wanted: Wanted,
}

/// What a file was found to be.
pub(super) struct Found {
    /// Whether that is what the hub says.
    pub(super) is_right: bool,
    /// In words.
    pub(super) said: String,
}

impl Hashing {
    /// Begins with a file of which nothing may be here yet.
    pub(super) fn start(path: &Path, wanted: &Wanted) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
        let (here, told) = channel();
        let (content, length) = (wanted.content.clone(), wanted.bytes.0);
        let thread = thread::spawn(move || hash(file, &content, length, &told));
        Ok(Self {
            here,
            thread,
            wanted: wanted.clone(),
        })
    }

    /// Up to this byte everything is here.
    pub(super) fn up_to(&self, byte: u64) {
        // A thread that ended early says why when it is waited for.
        let _ = self.here.send(byte);
    }

    /// Waits for the end of a file that is whole; none where it was stopped before.
    pub(super) fn end(self, stop: &AtomicBool) -> Result<Option<Found>> {
        drop(self.here);
        while !self.thread.is_finished() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
        let hashed = self
            .thread
            .join()
            .map_err(|_| anyhow!("hashing ended by itself"))?;
        let digest = hashed.context("can't read what was written")?;
        Ok(Some(Found::of(&self.wanted.content, &digest)))
    }
}

impl Found {
    /// What a digest says of what a file should hold.
    fn of(content: &Content, digest: &str) -> Self {
        let (is_right, said) = match content {
            Content::Sha256(sha) => (
                digest.eq_ignore_ascii_case(sha),
                format!("of SHA-256 {digest}, not {sha}"),
            ),
            Content::GitBlob(id) => (
                digest.eq_ignore_ascii_case(id),
                format!("Git's blob {digest}, not {id}"),
            ),
            Content::Unknown => (true, String::new()),
        };
        Self { is_right, said }
    }
}

/// Reads a file that is here to its end, until `stop` is set; `here` is told how far. None where it
/// was stopped before the end, or nothing says what it should hold.
pub(super) fn found(
    place: &Path,
    wanted: &Wanted,
    stop: &AtomicBool,
    here: &mut dyn FnMut(Bytes),
) -> Result<Option<Found>> {
    let shown = || format!("can't read {}", place.display());
    let mut file = File::open(place).with_context(shown)?;
    let Some(mut context) = context(&wanted.content, wanted.bytes.0) else {
        return Ok(None);
    };
    let mut block = vec![0; BLOCK];
    let mut done = 0;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let read = file.read(&mut block).with_context(shown)?;
        if read == 0 {
            return Ok(Some(Found::of(
                &wanted.content,
                &hexadecimal(context.finish().as_ref()),
            )));
        }
        context.update(&block[..read]);
        done += read as u64;
        here(Bytes(done));
    }
}

/// A digest of which nothing was read yet; none where nothing says what the file should hold.
fn context(content: &Content, length: u64) -> Option<Context> {
    match content {
        Content::Sha256(_) => Some(Context::new(&SHA256)),
        Content::GitBlob(_) => {
            let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            context.update(format!("blob {length}\0").as_bytes());
            Some(context)
        }
        Content::Unknown => None,
    }
}

/// The digest of a file of this length, in hexadecimal digits; of nothing where nothing says what it
/// should be. It is read as far as it is said to be here.
fn hash(
    mut file: File,
    content: &Content,
    length: u64,
    told: &Receiver<u64>,
) -> io::Result<String> {
    let Some(mut context) = context(content, length) else {
        return Ok(String::new());
    };
    let mut block = vec![0; BLOCK];
    let mut done = 0;
    while let Ok(here) = told.recv() {
        while done < here {
            let most = usize::try_from(here - done).map_or(BLOCK, |n| n.min(BLOCK));
            file.read_exact(&mut block[..most])?;
            context.update(&block[..most]);
            done += most as u64;
        }
    }
    Ok(hexadecimal(context.finish().as_ref()))
}
