//! Asking an OpenAI-compatible server, with the time of every piece of its answer.
//!
//! A request is followed on the thread that asks, by itself: each piece is stamped with the clock
//! the moment it comes, before anything is done with it, and no other thread stands between. Every
//! wait has a limit, and a request can be given up at any time.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::{clock, http};
use crate::fault;
use crate::measure::server::is_local;
use crate::measure::timeline::{Completion, End};
use crate::measure::{Problem, ProblemKind, Timeline};

/// Longest wait for a listing.
const LISTING: Duration = Duration::from_secs(15);
/// As much of one answer as is read: a stream has an event for each token.
const LARGEST_STREAM: usize = 512 << 20;
const LARGEST_ANSWER: usize = 32 << 20;
/// A request that is given up is noticed this soon.
const LOOK: Duration = Duration::from_millis(100);
/// Looks further apart than this: this program did not run in between, be it stopped or asleep.
const STILL_SECONDS: f64 = 2.0;
/// A server that said why it ended and then neither counts nor closes is not waited for longer.
const AFTERWORD_SECONDS: f64 = 5.0;
/// As much of an error's body as is read.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// For the first token.
    pub first_token_seconds: f64,
    /// For each further one.
    pub stall_seconds: f64,
    /// For the whole request.
    pub request_seconds: f64,
}

/// A server, and how to talk to it.
#[derive(Debug, Clone)]
pub struct Server {
    client: Client,
    base: String,
    token: Option<String>,
    limits: Limits,
}

/// What a listing came to.
#[derive(Debug)]
pub enum Listing {
    /// JSON.
    Found(Value),
    /// An answer that is no success, or no JSON.
    Refused(Problem),
    /// No answer.
    Unreachable(Problem),
}

/// A request under way, and who may end it.
struct Watch<'a> {
    limits: &'a Limits,
    stop: &'a AtomicBool,
    sent: f64,
    /// When somebody last looked.
    looked: Cell<f64>,
    /// When this program last ran again after it had stood still, and for how long it did in all.
    ran_again: Cell<f64>,
    still: Cell<f64>,
}

impl Server {
    /// A server at this address, such as `http://localhost:1234/v1`.
    ///
    /// # Errors
    /// When the address is none, or HTTP can't be set up.
    pub fn new(base: &str, token: Option<String>, limits: Limits) -> Result<Self> {
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            bail!(fault!(
                "invalid server address `{base}`";
                "write it whole, such as http://localhost:1234/v1"
            ));
        }
        let mut builder = http::streaming()
            // A connection kept from an earlier request may be closed by now, and then fails.
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true);
        if is_local(base) {
            // A proxy for the way out is no way to this machine itself.
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build().context("can't set up HTTP")?,
            base: base.trim_end_matches('/').to_owned(),
            token,
            limits,
        })
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its address without the `/v1` of the OpenAI interface.
    #[must_use]
    pub fn root(&self) -> &str {
        self.base.strip_suffix("/v1").unwrap_or(&self.base)
    }

    /// Gets a document of the server's, until `stop` is set.
    #[must_use]
    pub fn get(&self, url: &str, stop: &AtomicBool) -> Listing {
        here(async {
            let mut got = pin!(self.got(url));
            loop {
                if stop.load(Ordering::Relaxed) {
                    return Listing::Unreachable(stopped());
                }
                if let Ok(listing) = tokio::time::timeout(LOOK, got.as_mut()).await {
                    return listing;
                }
            }
        })
        .unwrap_or_else(Listing::Unreachable)
    }

    async fn got(&self, url: &str) -> Listing {
        let request = self.authorized(self.client.get(url)).timeout(LISTING);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Listing::Unreachable(unreachable(&error)),
        };
        let status = response.status();
        if !status.is_success() {
            let body = error_body(response).await;
            return Listing::Refused(Problem::http(status.as_u16(), &body));
        }
        let refused =
            |words: String| Listing::Refused(Problem::new(ProblemKind::ServerError, words));
        match listing(response).await {
            Ok(bytes) => serde_json::from_slice(&bytes).map_or_else(
                |error| refused(format!("{url} holds no JSON: {error}")),
                Listing::Found,
            ),
            Err(why) => refused(format!("{url}: {why}")),
        }
    }

    /// Sends a chat completion to an address, and follows its answer to the end, a limit, or until
    /// `stop` is set. Gives when it was sent, too.
    #[must_use]
    pub fn chat(&self, url: &str, body: &Value, stop: &AtomicBool) -> (f64, Completion) {
        let streamed = body["stream"].as_bool().unwrap_or(false);
        let model = body["model"].as_str().unwrap_or_default();
        let request = self.authorized(self.client.post(url)).json(body);
        let sent = clock::seconds();
        let mut timeline = Timeline::sent(model, streamed, sent);
        let watch = Watch {
            limits: &self.limits,
            stop,
            sent,
            looked: Cell::new(sent),
            ran_again: Cell::new(f64::NEG_INFINITY),
            still: Cell::new(0.0),
        };
        let (at, end) = here(follow(request, &mut timeline, &watch))
            .unwrap_or_else(|problem| (clock::seconds(), End::Failed(problem)));
        timeline.stood_still(watch.still.get());
        (sent, timeline.end(at, end))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// Runs it on this thread, with no other.
fn here<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            let told = format!("this system lets nothing be waited for: {error}");
            Problem::new(ProblemKind::Unreachable, told)
        })?;
    Ok(runtime.block_on(work))
}

/// Sends a request and takes what comes, each piece with its time.
async fn follow(request: RequestBuilder, timeline: &mut Timeline, watch: &Watch<'_>) -> (f64, End) {
    let mut response = match watch.over(pin!(request.send()), timeline).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return (clock::seconds(), End::Failed(unreachable(&error))),
        Err(end) => return (clock::seconds(), end),
    };
    let status = response.status();
    if !status.is_success() {
        let end = match watch.over(pin!(error_body(response)), timeline).await {
            Ok(body) => End::Failed(Problem::http(status.as_u16(), &body)),
            Err(end) => end,
        };
        return (clock::seconds(), end);
    }
    let mut left = if timeline.is_streamed() {
        LARGEST_STREAM
    } else {
        LARGEST_ANSWER
    };
    loop {
        let piece = watch.over(pin!(response.chunk()), timeline).await;
        let at = clock::seconds();
        match piece {
            Ok(Ok(Some(bytes))) => {
                let Some(rest) = left.checked_sub(bytes.len()) else {
                    let told = "the answer is longer than any answer of a model";
                    let problem = Problem::new(ProblemKind::ServerError, told);
                    return (at, End::Failed(problem));
                };
                left = rest;
                timeline.bytes(at, &bytes);
            }
            Ok(Ok(None)) => return (at, End::Closed),
            Ok(Err(error)) => {
                let told = root_cause(&error);
                let told = format!("the connection broke within the answer: {told}");
                let lost = Problem::new(ProblemKind::ConnectionLost, told);
                return (at, End::Failed(lost));
            }
            Err(end) => return (at, end),
        }
        if timeline.is_over() {
            return (at, End::Closed);
        }
        if let Some(end) = watch.end(at, timeline) {
            return (at, end);
        }
    }
}

impl Watch<'_> {
    /// Waits for something, or until the request has to end.
    async fn over<T>(
        &self,
        mut what: Pin<&mut impl Future<Output = T>>,
        timeline: &Timeline,
    ) -> Result<T, End> {
        loop {
            let came = tokio::time::timeout(LOOK, what.as_mut()).await;
            self.look(clock::seconds());
            if let Ok(got) = came {
                return Ok(got);
            }
            if let Some(end) = self.end(clock::seconds(), timeline) {
                return Err(end);
            }
        }
    }

    /// Sees whether this program ran since it was last looked.
    fn look(&self, now: f64) {
        let since = now - self.looked.replace(now);
        if since > STILL_SECONDS {
            self.ran_again.set(now);
            self.still.set(self.still.get() + since);
        }
    }

    /// Why the request has to end now, if it has to.
    fn end(&self, now: f64, timeline: &Timeline) -> Option<End> {
        if self.stop.load(Ordering::Relaxed) {
            return Some(End::Failed(stopped()));
        }
        let afterword = AFTERWORD_SECONDS.min(self.limits.stall_seconds);
        if timeline.finished().is_some_and(|at| now - at > afterword) {
            return Some(End::Closed);
        }
        self.over_limit(now, timeline).map(End::Failed)
    }

    /// Comments and other signs of life are no tokens, and extend no limit. Whoever stood still
    /// itself has not waited.
    fn over_limit(&self, now: f64, timeline: &Timeline) -> Option<Problem> {
        let limits = self.limits;
        let waited = |from: f64| now - from.max(self.ran_again.get());
        match timeline.last_token() {
            None if waited(self.sent) > limits.first_token_seconds => Some(
                Problem::new(
                    ProblemKind::NoFirstToken,
                    format!("no token within {} s", limits.first_token_seconds),
                )
                .hint("a model that is still loading, or a long prompt, may need more: `--first-token-limit 30m`"),
            ),
            Some(last) if waited(last) > limits.stall_seconds => Some(
                Problem::new(
                    ProblemKind::Stalled,
                    format!("no further token within {} s", limits.stall_seconds),
                )
                .hint("look into the server's log; `--stall-limit` sets how long to wait"),
            ),
            _ if waited(self.sent) > limits.request_seconds => Some(
                Problem::new(
                    ProblemKind::TooLong,
                    format!("not at its end within {} s", limits.request_seconds),
                )
                .hint("`--request-limit` sets how long one request may take"),
            ),
            _ => None,
        }
    }
}

/// The bytes of a listing.
async fn listing(response: Response) -> Result<Vec<u8>, String> {
    let most = http::LARGEST_LISTING as usize;
    let mut bytes = Vec::new();
    read(response, most, &mut bytes).await?;
    if bytes.len() > most {
        return Err(format!("more than {most} bytes, far more than any listing"));
    }
    Ok(bytes)
}

/// The text of an answer that is no success; what can be read of it is enough to explain.
async fn error_body(response: Response) -> String {
    let mut bytes = Vec::new();
    // Where it breaks off, what came before is told.
    let _ = read(response, ERROR_BYTES_MAX, &mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads an answer to its end, or until there is more than `most` of it.
async fn read(mut response: Response, most: usize, bytes: &mut Vec<u8>) -> Result<(), String> {
    while bytes.len() <= most {
        match response.chunk().await.map_err(|error| root_cause(&error))? {
            Some(more) => bytes.extend_from_slice(&more),
            None => break,
        }
    }
    Ok(())
}

fn stopped() -> Problem {
    Problem::new(ProblemKind::Interrupted, "stopped by the user")
}

fn unreachable(error: &reqwest::Error) -> Problem {
    if error.is_connect() {
        return Problem::new(
            ProblemKind::Unreachable,
            format!("no connection: {}", root_cause(error)),
        )
        .hint("start the server (LM Studio's: `lms server start`), or give its address with `--base-url`");
    }
    if error.is_timeout() {
        return Problem::new(ProblemKind::NoFirstToken, "no answer in time");
    }
    Problem::new(
        ProblemKind::ConnectionLost,
        format!(
            "the connection broke before an answer: {}",
            root_cause(error)
        ),
    )
}

/// The innermost cause, which is what the system said.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
