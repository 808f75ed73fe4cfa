//! Parts of files over HTTP: ranges, redirects, retries, and a token that goes to one host only.
//!
//! Never downloads a file: what is read of each is bounded, and counted.

use std::cell::Cell;
use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, LINK, RANGE};

pub use super::fetch_error::FetchError;
use super::http;
use super::route::{REDIRECTS, Token, asked_pause, host, led_to, root, same_origin};

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

/// Sends requests.
pub struct Fetcher {
    client: Client,
    token: Token,
    bytes: Cell<u64>,
    requests: Cell<u32>,
}

/// An answer, and where it came from in the end.
pub(super) struct Fetched {
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
        Ok(Self {
            client,
            token: Token::for_origin(home, token)?,
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
            let read = http::Steady::over(answer.response)
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
    pub(super) fn get(&self, url: &Url, range: Option<(u64, u64)>) -> Result<Fetched, FetchError> {
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
                            with_token: self.token.goes_to(&answer.url).is_some(),
                        });
                    }
                    thread::sleep(
                        asked_pause(answer.response.headers())
                            .map_or(PAUSE * (1 << (tries - 1)), |asked| asked.min(LONGEST_PAUSE)),
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

    fn follow(&self, url: &Url, range: Option<(u64, u64)>) -> Result<Fetched, Sent> {
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
            if let Some(token) = self.token.goes_to(&url) {
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
                return Ok(Fetched { response, url });
            }
            url = led_to(&url, response.headers()).map_err(Sent::Refused)?;
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

/// `Link: <https://…>; rel="next"`, on the same origin.
fn next_page(answer: &Fetched) -> Option<Url> {
    let links = answer.response.headers().get(LINK)?.to_str().ok()?;
    let next = links.split(',').find(|l| l.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let url = answer.url.join(address).ok()?;
    same_origin(&url, &answer.url).then_some(url)
}

pub(super) fn broken(url: &Url, error: &io::Error, tries: u32) -> FetchError {
    FetchError::Broken {
        host: host(url),
        reason: root(error),
        tries,
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
