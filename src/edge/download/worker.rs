//! One connection at work: claims parts of the file, asks for them, writes what comes.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Error, Result};
use tokio::time::{sleep, timeout};

use super::line::{Line, STALL, Trouble};
use super::part_file::PartFile;
use super::wanted::Look;
use crate::download::{Came, Pace, Patience, Setback, Span};
use crate::edge::{clock, http};
use crate::units::Bytes;

/// What all connections share.
pub(super) struct Work {
    line: Line,
    part: RefCell<PartFile>,
    pace: RefCell<Pace>,
    received: Cell<u64>,
    /// Until when the hub asked to wait, on the clock.
    asked_to_wait: Cell<Option<f64>>,
}

impl Work {
    pub(super) fn of(line: Line, part: PartFile, pace: Pace) -> Self {
        Self {
            line,
            part: RefCell::new(part),
            pace: RefCell::new(pace),
            received: Cell::new(0),
            asked_to_wait: Cell::new(None),
        }
    }

    /// How far it is, and up to where everything is here; sees to what must not be lost meanwhile.
    pub(super) fn look(&self) -> Result<(Look, u64)> {
        let mut part = self.part.borrow_mut();
        part.tend()?;
        let here = part.claims.here();
        let wait = self.asked_to_wait.get().map(|end| end - clock::seconds());
        let look = Look {
            here: Bytes(here.bytes()),
            asked_to_wait_seconds: wait.filter(|seconds| *seconds > 0.0),
        };
        Ok((look, here.prefix()))
    }

    /// Keeps what came, for the next run.
    pub(super) fn keep(&self) -> Result<()> {
        self.part.borrow_mut().keep()
    }

    /// Throws away what came.
    pub(super) fn discard(&self) -> Result<()> {
        self.part.borrow().discard()
    }

    /// Makes sure that all of it is on the disk.
    pub(super) fn settle(&self) -> Result<()> {
        self.part.borrow_mut().settle()
    }

    /// Bytes that came over the network.
    pub(super) fn received(&self) -> u64 {
        self.received.get()
    }

    /// Fetches part after part until none is left.
    pub(super) async fn to_the_end(&self) -> Result<()> {
        let mut patience = Patience::default();
        let mut here = 0;
        loop {
            let claim = self.part.borrow_mut().claims.claim();
            let Some(mut span) = claim else {
                return Ok(());
            };
            while span.bytes() > 0 {
                let before = span.start;
                let ended = self.ask_for(&mut span).await;
                here += span.start - before;
                let came = Came {
                    here,
                    all: self.received.get(),
                };
                match ended {
                    Ok(()) => {}
                    Err(Trouble::Lasting(error)) => return Err(error),
                    Err(Trouble::Passing(setback, why)) => match patience.after(setback, came) {
                        Some(seconds) => {
                            if matches!(setback, Setback::Busy(_)) {
                                self.asked_to_wait.set(Some(clock::seconds() + seconds));
                            }
                            sleep(Duration::from_secs_f64(seconds)).await;
                        }
                        None => return Err(why),
                    },
                }
            }
        }
    }

    /// Asks for these bytes, and takes those that have come off the span, also where it fails.
    async fn ask_for(&self, span: &mut Span) -> Result<(), Trouble> {
        let (mut answer, mut skip) = self.line.open(*span).await?;
        let broke = |what: &str| {
            let why = self.line.broken(what);
            Trouble::Passing(Setback::Broke, why)
        };
        let (began, mut read) = (clock::seconds(), 0_u64);
        loop {
            let chunk = match timeout(STALL, answer.chunk()).await {
                Err(_) => return Err(broke("no more bytes come")),
                Ok(Err(error)) => return Err(broke(&crate::edge::route::root(&error))),
                Ok(Ok(None)) => return Err(broke("it sends less than was asked for")),
                Ok(Ok(Some(chunk))) => chunk,
            };
            let bytes = chunk.len() as u64;
            read += bytes;
            self.received.set(self.received.get() + bytes);
            self.asked_to_wait.set(None);
            let skipped = skip.min(bytes);
            skip -= skipped;
            let wanted = (bytes - skipped).min(span.bytes());
            let taken = usize::try_from(skipped).and_then(|from| {
                let more = usize::try_from(wanted)?;
                Ok(&chunk[from..from + more])
            });
            let taken = taken.map_err(|e| Trouble::Lasting(Error::new(e)))?;
            let written = self.part.borrow_mut().write(span.start, taken);
            written.map_err(Trouble::Lasting)?;
            span.start += wanted;
            if span.bytes() == 0 {
                // Read to its end, the connection serves the next part as well.
                let _ = timeout(Duration::from_millis(5), answer.chunk()).await;
                return Ok(());
            }
            let wait = self.pace.borrow_mut().spent(clock::seconds(), bytes);
            if wait > 0.0 {
                sleep(Duration::from_secs_f64(wait)).await;
            } else if http::too_slow(whole_seconds(clock::seconds() - began), read) {
                return Err(broke("the bytes come too slowly"));
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a request"
)]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.max(0.0) as u64
}
