//! HTTP: one way to a client, with TLS and limits on every wait.

use std::sync::Once;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::blocking::{Client, ClientBuilder};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// A builder with planner's name and limits: `stall` is the longest wait for the next bytes. It
/// follows no redirect by itself, so that whoever sends a token decides where it goes.
pub fn builder(stall: Duration) -> ClientBuilder {
    static PROVIDER: Once = Once::new();
    // Fails only where a provider is set already, which serves as well.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    Client::builder()
        .user_agent(concat!("planner/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .timeout(stall)
        .redirect(reqwest::redirect::Policy::none())
}

/// A client with planner's name and limits.
///
/// # Errors
/// When TLS can't be set up.
pub fn client(stall: Duration) -> Result<Client> {
    builder(stall).build().context("can't set up HTTP")
}
