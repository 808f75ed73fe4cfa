//! The way to a file on a hub: its own address, and the one that it leads to.
//!
//! A hub answers for a large file with a redirect to where its bytes are, which is signed for an hour
//! or so. That address is remembered for the parts to come, since a hub counts what it is asked, and
//! asked for anew when it is refused. Size and SHA-256 that the hub names on the way (`X-Linked-Size`,
//! `X-Linked-ETag`) are held against its list of files.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Context as _, Error};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, RANGE,
};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::time::timeout;

use super::wanted::Wanted;
use crate::download::{Content, Setback, Span};
use crate::edge::fetch::FetchError;
use crate::edge::http;
use crate::edge::remote_file::content_range;
use crate::edge::route::{REDIRECTS, Token, asked_pause, host, led_to, root, same_origin};

/// A server without ranges sends a file from its beginning: so much of it is read over again.
const SKIPPED_MOST: u64 = 8 << 20;

/// The longest wait for the next bytes.
pub(super) const STALL: Duration = Duration::from_secs(30);

/// Why a part did not come.
pub(super) enum Trouble {
    /// Perhaps only this time.
    Passing(Setback, Error),
    /// The next try would fail as well.
    Lasting(Error),
}

/// The way to one file.
pub(super) struct Line {
    client: Client,
    token: Token,
    wanted: Wanted,
    /// Where the bytes are, where that is another server than the hub.
    direct: RefCell<Option<Url>>,
    /// The tag of the file there.
    tag: RefCell<Option<(Url, String)>>,
}

impl Line {
    /// The way to this file.
    pub(super) fn to(wanted: &Wanted, token: Token) -> Result<Self, Error> {
        Ok(Self {
            client: http::streaming().build().context("can't set up HTTP")?,
            token,
            wanted: wanted.clone(),
            direct: RefCell::new(None),
            tag: RefCell::new(None),
        })
    }

    /// An error of this line.
    pub(super) fn broken(&self, reason: &str) -> Error {
        broken(host(&self.wanted.url), reason)
    }

    /// Asks for these bytes: the answer, and how many bytes stand before them in it.
    pub(super) async fn open(&self, span: Span) -> Result<(Response, u64), Trouble> {
        let direct = self.direct.borrow().clone();
        let remembered = direct.is_some();
        let mut url = direct.unwrap_or_else(|| self.wanted.url.clone());
        for _ in 0..REDIRECTS {
            let answer = match self.send(&url, span).await {
                Ok(answer) => answer,
                Err(why) => {
                    self.forget();
                    return Err(Trouble::Passing(Setback::Broke, why));
                }
            };
            let status = answer.status();
            if same_origin(&url, &self.wanted.url)
                && (status.is_redirection() || status.is_success())
            {
                self.hold(answer.headers()).map_err(lasting)?;
            }
            match status.as_u16() {
                200 | 206 => {
                    let skip = self.check(&url, &answer, span.start).map_err(lasting)?;
                    if !same_origin(&url, &self.wanted.url) {
                        *self.direct.borrow_mut() = Some(url);
                    }
                    return Ok((answer, skip));
                }
                408 | 425 | 429 | 500 | 502 | 503 | 504 => {
                    let asked = asked_pause(answer.headers()).map(|d| d.as_secs_f64());
                    let why = self.refused(&url, status).into();
                    return Err(Trouble::Passing(Setback::Busy(asked), why));
                }
                401 | 403 | 404 | 410 if remembered => {
                    self.forget();
                    let why = self.refused(&url, status).into();
                    return Err(Trouble::Passing(Setback::Broke, why));
                }
                _ if status.is_redirection() => {
                    url = led_to(&url, answer.headers()).map_err(lasting)?;
                }
                _ => return Err(lasting(self.refused(&url, status))),
            }
        }
        Err(lasting(FetchError::Redirect {
            host: host(&url),
            reason: format!("more than {REDIRECTS} redirects"),
        }))
    }

    async fn send(&self, url: &Url, span: Span) -> Result<Response, Error> {
        let mut request = self
            .client
            .get(url.clone())
            // The bytes of the file as they are: ranges count those.
            .header(ACCEPT_ENCODING, "identity")
            .header(RANGE, format!("bytes={}-{}", span.start, span.end - 1));
        if let Some(token) = self.token.goes_to(url) {
            request = request.header(AUTHORIZATION, token.clone());
        }
        match timeout(STALL, request.send()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(broken(host(url), &root(&error.without_url()))),
            Err(_) => Err(broken(host(url), "no answer")),
        }
    }

    fn forget(&self) {
        *self.direct.borrow_mut() = None;
    }

    /// What the hub says of the file on the way must be what its list says.
    fn hold(&self, headers: &HeaderMap) -> Result<(), FetchError> {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let size = text("x-linked-size").and_then(|s| s.parse::<u64>().ok());
        let other_size = size.is_some_and(|s| s != self.wanted.bytes.0);
        let tag = text("x-linked-etag").map(bare);
        let other_content = match (&self.wanted.content, tag) {
            (Content::Sha256(sha), Some(tag)) => tag.len() == 64 && !tag.eq_ignore_ascii_case(sha),
            _ => false,
        };
        if other_size || other_content {
            return Err(self.wrong("the file is another one now than in its list of files"));
        }
        Ok(())
    }

    /// Whether an answer is of this file, and of the part that was asked for; and how many bytes of
    /// it stand before that.
    fn check(&self, url: &Url, answer: &Response, start: u64) -> Result<u64, FetchError> {
        let headers = answer.headers();
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
        if text(CONTENT_ENCODING).is_some_and(|e| e != "identity") {
            return Err(self.wrong("it sends the file in another form than was asked for"));
        }
        if let Some(tag) = text(ETAG) {
            let mut place = url.clone();
            place.set_query(None);
            let mut known = self.tag.borrow_mut();
            match &*known {
                Some((of, before)) if *of == place && before != tag => {
                    return Err(self.wrong("the file changed while it was read"));
                }
                _ => *known = Some((place, tag.to_owned())),
            }
        }
        let length = self.wanted.bytes.0;
        let other_length = |said: u64| {
            format!("it says that the file has {said} bytes, and its list of files says {length}")
        };
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            let range = text(CONTENT_RANGE).unwrap_or_default();
            return match content_range(range) {
                Some((first, said)) if first == start && said == length => Ok(0),
                Some((first, said)) if first == start => Err(self.wrong(&other_length(said))),
                _ => Err(self.wrong(&format!(
                    "asked for bytes from {start} on, it answers with `{range}`"
                ))),
            };
        }
        match answer.content_length() {
            Some(said) if said != length => Err(self.wrong(&other_length(said))),
            _ if start > SKIPPED_MOST => Err(self.wrong("it serves no parts of files")),
            _ => Ok(start),
        }
    }

    fn wrong(&self, reason: &str) -> FetchError {
        FetchError::Answer {
            host: host(&self.wanted.url),
            reason: reason.to_owned(),
        }
    }

    fn refused(&self, url: &Url, status: StatusCode) -> FetchError {
        FetchError::Status {
            host: host(url),
            status: status.as_u16(),
            path: url.path().to_owned(),
            with_token: self.token.goes_to(url).is_some(),
        }
    }
}

fn lasting(error: FetchError) -> Trouble {
    Trouble::Lasting(error.into())
}

/// A tag without its quotes.
fn bare(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// Why a line broke, as an error.
fn broken(host: String, reason: &str) -> Error {
    FetchError::Silent {
        host,
        reason: reason.to_owned(),
    }
    .into()
}
