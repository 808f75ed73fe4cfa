//! HTTP: one way to a client, with TLS and limits on every wait.

use std::io::Read as _;
use std::sync::Once;
use std::time::Duration;

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
    answer.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        bail!(too_long());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is said of an answer that does not end.
pub(super) fn too_long() -> fault::Fault {
    fault!(
        "the answer is longer than {}, more than any listing", Bytes(LARGEST_LISTING.into()).both();
        "check that the address is that of LM Studio's server"
    )
}

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
