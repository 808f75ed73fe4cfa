//! The way to a file: where a redirect leads, and where a token may go.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};

use super::fetch_error::FetchError;

/// Redirects to follow.
pub(super) const REDIRECTS: usize = 10;

/// A token, where there is one, and the only place that it is sent to.
pub(super) struct Token {
    home: Url,
    value: Option<HeaderValue>,
}

impl Token {
    /// A token for the origin of `home` (scheme, host, port).
    ///
    /// # Errors
    /// When it has characters that no header can have.
    pub(super) fn for_origin(home: &Url, text: Option<&str>) -> Result<Self, FetchError> {
        let text = text.map(str::trim).filter(|t| !t.is_empty());
        let value = text.map(|text| {
            let mut value = HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| {
                FetchError::Setup(
                    "the token in HF_TOKEN has characters that no token has".to_owned(),
                )
            })?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self {
            home: home.clone(),
            value: value.transpose()?,
        })
    }

    /// The token, where this address may have it.
    pub(super) fn goes_to(&self, url: &Url) -> Option<&HeaderValue> {
        self.value.as_ref().filter(|_| same_origin(&self.home, url))
    }
}

/// Whether scheme, host and port are the same.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    let of = |url: &Url| {
        (
            url.scheme().to_owned(),
            url.host_str().unwrap_or_default().to_ascii_lowercase(),
            url.port_or_known_default(),
        )
    };
    of(one) == of(other)
}

/// Where a redirect leads.
///
/// # Errors
/// When it does not say, or leads from TLS to none or away from the web.
pub(super) fn led_to(from: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let refused = |reason: &str| FetchError::Redirect {
        host: host(from),
        reason: reason.to_owned(),
    };
    let to = headers
        .get(LOCATION)
        .and_then(|l| l.to_str().ok())
        .and_then(|l| from.join(l).ok())
        .ok_or_else(|| refused("it redirects without saying where to"))?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => Ok(to),
        ("https", "http") => Err(refused("it redirects to an address without encryption")),
        _ => Err(refused("it redirects to what is no web address")),
    }
}

/// How long a server asks to wait before the next request.
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(seconds.trim().parse().ok()?))
}

/// The innermost cause, which says what happened.
pub(super) fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(cause) = inner.source() {
        inner = cause;
    }
    inner.to_string()
}

/// The server's name, with its port where that is not the usual one.
pub(super) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or("?");
    url.port()
        .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}
