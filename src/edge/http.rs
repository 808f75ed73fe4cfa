//! HTTP: one way to a client, with TLS and limits on every wait.

use std::io;
use std::io::Read;
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::blocking::{Client, ClientBuilder, Response};

use crate::fault;
use crate::units::Bytes;

/// What planner calls itself.
const NAME: &str = concat!("planner/", env!("CARGO_PKG_VERSION"));
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// Longer answers than this are no listings.
pub(super) const LARGEST_LISTING: u32 = 16 << 20;

/// The text of an answer that is a listing or a message.
///
/// # Errors
/// When it breaks off, or is longer than any listing.
pub(super) fn text(answer: Response) -> Result<String> {
    let mut bytes = Vec::new();
    let most = u64::from(LARGEST_LISTING);
    Steady::over(answer)
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        bail!(too_long());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is said of an answer that does not end.
pub(super) fn too_long() -> fault::Fault {
    fault!(
        "the answer is larger than {}, the limit for a listing", Bytes(LARGEST_LISTING.into()).both();
        "check that the address is that of LM Studio's server"
    )
}

/// An answer that must keep coming: a limit on each wait alone would let a byte a second go on for
/// ever.
pub(super) struct Steady<R> {
    inner: R,
    began: Instant,
    read: u64,
}

impl<R: Read> Steady<R> {
    /// From now on.
    pub(super) fn over(inner: R) -> Self {
        Self {
            inner,
            began: Instant::now(),
            read: 0,
        }
    }
}

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        if read > 0 && too_slow(self.began.elapsed().as_secs(), self.read) {
            return Err(io::Error::new(io::ErrorKind::TimedOut, TooSlow));
        }
        Ok(read)
    }
}

/// Whether so many bytes in so many seconds are less than any connection that is of use.
pub(super) const fn too_slow(seconds: u64, bytes: u64) -> bool {
    /// No answer is given up before.
    const GRACE_SECONDS: u64 = 60;
    const BYTES_PER_SECOND_LEAST: u64 = 1000;
    seconds > GRACE_SECONDS && bytes < seconds * BYTES_PER_SECOND_LEAST
}

/// Whether reading ended because the answer came too slowly, which the next try won't change.
pub(super) fn was_too_slow(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<TooSlow>())
}

#[derive(Debug, thiserror::Error)]
#[error("the answer comes too slowly to wait for its end")]
struct TooSlow;

/// A builder with planner's name and limits: `stall` is the longest wait for the next bytes. It
/// follows no redirect by itself, so that whoever sends a token decides where it goes.
pub fn builder(stall: Duration) -> ClientBuilder {
    provide_tls();
    Client::builder()
        .user_agent(NAME)
        .connect_timeout(CONNECT)
        .timeout(stall)
        .redirect(reqwest::redirect::Policy::none())
}

/// The same for answers whose every piece is waited for, and timed, on the thread that asked. It
/// has no limit but that on connecting: whoever waits keeps its own.
pub fn streaming() -> reqwest::ClientBuilder {
    provide_tls();
    reqwest::Client::builder()
        .user_agent(NAME)
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
}

fn provide_tls() {
    static PROVIDER: Once = Once::new();
    // Fails only where a provider is set already, which serves as well.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

/// A client with planner's name and limits.
///
/// # Errors
/// When TLS can't be set up.
pub fn client(stall: Duration) -> Result<Client> {
    builder(stall).build().context("can't set up HTTP")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_a_second_is_given_up_and_a_slow_line_is_not() {
        let a_byte_a_second = (1..).find(|s| too_slow(*s, *s));
        assert_eq!(a_byte_a_second, Some(61));
        assert!((1..100_000).all(|s| !too_slow(s, s * 1000)));
        let mut all = Vec::new();
        assert_eq!(
            Steady::over(&b"all of it"[..])
                .read_to_end(&mut all)
                .unwrap(),
            9
        );
    }
}
