//! Parts of files over HTTP: ranges, redirects, retries, and a token that goes to one host only.
//!
//! Never downloads a file: what is read of each is bounded, and counted.

use std::cell::Cell;
use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::{Client, Response};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HeaderValue, LINK, LOCATION, RANGE, RETRY_AFTER,
};

use super::http;
use crate::fault::Hinted;

/// Redirects to follow.
const REDIRECTS: usize = 10;
/// Times that a request is sent before giving up.
const TRIES: u32 = 4;
/// The wait before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(400);
/// The longest wait that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// The longest wait for the next bytes.
const STALL: Duration = Duration::from_secs(30);
/// Longest document (a list of files, a configuration) that is read whole.
const DOCUMENT_LIMIT: u64 = 32 << 20;

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address.
    #[error("`{address}` is not an address: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// Why not.
        reason: String,
    },
    /// TLS can't be set up, or the token can't be sent.
    #[error("{0}")]
    Setup(String),
    /// The server said no.
    #[error("{host} answered {status} for {path}")]
    Status {
        /// The server.
        host: String,
        /// Its status.
        status: u16,
        /// What was asked for.
        path: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// It leads on and on, or from TLS to none.
    #[error("{host}: {reason}")]
    Redirect {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// There is no way to it.
    #[error("can't reach {host}: {reason}")]
    Unreachable {
        /// The server.
        host: String,
        /// Why.
        reason: String,
    },
    /// It could not be reached any more, or broke off.
    #[error("{host}: {reason}, after {tries} tries")]
    Broken {
        /// The server.
        host: String,
        /// What the system said.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The answer contradicts the request, or another answer.
    #[error("{host}: {reason}")]
    Answer {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
}

impl Hinted for FetchError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Address { .. } => "write it out, such as https://example.org/model.gguf",
            Self::Setup(_) => return None,
            Self::Status {
                status, with_token, ..
            } => of_status(*status, *with_token)?,
            Self::Redirect { .. } => "name another mirror with --endpoint",
            Self::Unreachable { .. } => {
                "is this machine online? a mirror is named with --endpoint, and a file that is here needs no connection"
            }
            Self::Broken { .. } => "check the connection, or name a mirror with --endpoint",
            Self::Answer { .. } => {
                "try again; if it stays so, the server cannot be relied on for parts of files"
            }
        };
        Some(words.to_owned())
    }
}

const fn of_status(status: u16, with_token: bool) -> Option<&'static str> {
    Some(match (status, with_token) {
        (401 | 403, false) => {
            "it is private, gated, or not there under that name; a token in HF_TOKEN opens what its owner may read"
        }
        (401 | 403, true) => {
            "the token in HF_TOKEN does not open it; accept the model's terms on its page, or check the token"
        }
        (404, _) => "check the spelling of owner, repository and file",
        (429, _) => "the server limits requests; wait a few minutes, or set HF_TOKEN",
        (500.., _) => "the server has trouble; try again later",
        _ => return None,
    })
}

/// A token and the only place that it is sent to.
struct Token {
    origin: url_origin::Origin,
    value: HeaderValue,
}

/// Sends requests.
pub struct Fetcher {
    client: Client,
    token: Option<Token>,
    bytes: Cell<u64>,
    requests: Cell<u32>,
}

/// An answer, and where it came from in the end.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) url: Url,
}

impl Fetcher {
    /// A fetcher; a token is sent to the origin of `home` (scheme, host, port) and nowhere else.
    ///
    /// # Errors
    /// When TLS can't be set up, or the token has characters that no header can have.
    pub fn new(home: &Url, token: Option<&str>) -> Result<Self, FetchError> {
        let client =
            http::client(STALL).map_err(|error| FetchError::Setup(format!("{error:#}")))?;
        let token = match token.map(str::trim).filter(|t| !t.is_empty()) {
            None => None,
            Some(text) => {
                let mut value = HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| {
                    FetchError::Setup(
                        "the token in HF_TOKEN has characters that no token has".to_owned(),
                    )
                })?;
                value.set_sensitive(true);
                Some(Token {
                    origin: url_origin::of(home),
                    value,
                })
            }
        };
        Ok(Self {
            client,
            token,
            bytes: Cell::new(0),
            requests: Cell::new(0),
        })
    }

    /// Bytes that were read so far, and the requests that brought them.
    #[must_use]
    pub fn read_so_far(&self) -> (u64, u32) {
        (self.bytes.get(), self.requests.get())
    }

    pub(super) fn count(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes as u64);
    }

    /// A whole document, and the address of its next page, where it has one.
    ///
    /// # Errors
    /// When the server refuses it, it is too long, or it breaks off again and again.
    pub fn document(&self, url: &Url) -> Result<(Vec<u8>, Option<Url>), FetchError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.get(url, None)?;
            let next = next_page(&answer);
            let mut bytes = Vec::new();
            let read = http::Steady::of(answer.response)
                .take(DOCUMENT_LIMIT + 1)
                .read_to_end(&mut bytes);
            self.count(bytes.len());
            match read {
                Ok(_) if bytes.len() as u64 > DOCUMENT_LIMIT => {
                    return Err(FetchError::Answer {
                        host: host(url),
                        reason: format!("{} is longer than any list or configuration", url.path()),
                    });
                }
                Ok(_) => return Ok((bytes, next)),
                Err(error) if tries >= TRIES || http::was_too_slow(&error) => {
                    return Err(broken(url, &error, tries));
                }
                Err(_) => thread::sleep(PAUSE * tries),
            }
        }
    }

    /// Sends a request until it is answered with success, following redirects.
    pub(super) fn get(&self, url: &Url, range: Option<(u64, u64)>) -> Result<Answer, FetchError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.follow(url, range) {
                Ok(answer) if answer.response.status().is_success() => return Ok(answer),
                Ok(answer) => {
                    let status = answer.response.status().as_u16();
                    let passing = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
                    if !passing || tries >= TRIES {
                        return Err(FetchError::Status {
                            host: host(&answer.url),
                            status,
                            path: answer.url.path().to_owned(),
                            with_token: self.token_for(&answer.url).is_some(),
                        });
                    }
                    thread::sleep(
                        asked_pause(&answer.response).unwrap_or(PAUSE * (1 << (tries - 1))),
                    );
                }
                Err(Sent::Refused(error)) => return Err(error),
                // Whoever never answered is not there: only what broke off is tried again.
                Err(Sent::Unreachable(error)) if self.requests.get() == tries => {
                    return Err(FetchError::Unreachable {
                        host: host(url),
                        reason: root(&error),
                    });
                }
                Err(Sent::Failed(error) | Sent::Unreachable(error)) if tries >= TRIES => {
                    return Err(broken(url, &error, tries));
                }
                Err(Sent::Failed(_) | Sent::Unreachable(_)) => {
                    thread::sleep(PAUSE * (1 << (tries - 1)));
                }
            }
        }
    }

    fn token_for(&self, url: &Url) -> Option<&HeaderValue> {
        let token = self.token.as_ref()?;
        (token.origin == url_origin::of(url)).then_some(&token.value)
    }

    fn follow(&self, url: &Url, range: Option<(u64, u64)>) -> Result<Answer, Sent> {
        let mut url = url.clone();
        for _ in 0..REDIRECTS {
            // The bytes of the file as they are: ranges count those.
            let mut request = self
                .client
                .get(url.clone())
                .header(ACCEPT_ENCODING, "identity");
            if let Some((first, last)) = range {
                request = request.header(RANGE, format!("bytes={first}-{last}"));
            }
            if let Some(token) = self.token_for(&url) {
                request = request.header(AUTHORIZATION, token.clone());
            }
            self.requests.set(self.requests.get() + 1);
            let response = request.send().map_err(|error| {
                let why = if error.is_connect() {
                    Sent::Unreachable
                } else {
                    Sent::Failed
                };
                why(io::Error::other(root(&error.without_url())))
            })?;
            if !response.status().is_redirection() {
                return Ok(Answer { response, url });
            }
            url = led_to(&url, &response)?;
        }
        Err(Sent::Refused(FetchError::Redirect {
            host: host(&url),
            reason: format!("more than {REDIRECTS} redirects"),
        }))
    }
}

/// How sending went wrong: for good, or perhaps only this time.
enum Sent {
    Refused(FetchError),
    Failed(io::Error),
    /// No connection.
    Unreachable(io::Error),
}

fn led_to(from: &Url, response: &Response) -> Result<Url, Sent> {
    let refused = |reason: &str| {
        Sent::Refused(FetchError::Redirect {
            host: host(from),
            reason: reason.to_owned(),
        })
    };
    let to = response
        .headers()
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

/// `Link: <https://…>; rel="next"`, on the same origin.
fn next_page(answer: &Answer) -> Option<Url> {
    let links = answer.response.headers().get(LINK)?.to_str().ok()?;
    let next = links.split(',').find(|l| l.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let url = answer.url.join(address).ok()?;
    (url_origin::of(&url) == url_origin::of(&answer.url)).then_some(url)
}

fn asked_pause(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let asked = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(asked.min(LONGEST_PAUSE))
}

/// The innermost cause, which says what happened.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(cause) = inner.source() {
        inner = cause;
    }
    inner.to_string()
}

pub(super) fn broken(url: &Url, error: &io::Error, tries: u32) -> FetchError {
    FetchError::Broken {
        host: host(url),
        reason: root(error),
        tries,
    }
}

/// The server's name, with its port where that is not the usual one.
pub(super) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or("?");
    url.port()
        .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// Scheme, host and port: where a token may go.
mod url_origin {
    use reqwest::Url;

    pub(super) type Origin = (String, String, Option<u16>);

    pub(super) fn of(url: &Url) -> Origin {
        (
            url.scheme().to_owned(),
            url.host_str().unwrap_or_default().to_ascii_lowercase(),
            url.port_or_known_default(),
        )
    }
}

/// Reads an address.
///
/// # Errors
/// When it is none for the web.
pub fn address(text: &str) -> Result<Url, FetchError> {
    let wrong = |reason: String| FetchError::Address {
        address: text.to_owned(),
        reason,
    };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err(wrong("only https:// and http:// are read".to_owned()));
    }
    Ok(url)
}
