//! Asking an OpenAI-compatible server, with the time of every piece of its answer.
//!
//! Each request runs on a thread of its own that stamps what comes with the clock the moment it
//! comes, so that nothing that is done with it afterwards is in the figures. Every wait has a
//! limit, and a request can be given up at any time.

use std::io::Read as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::{clock, http};
use crate::measure::server::is_local;
use crate::measure::timeline::{Answer, End};
use crate::measure::{Problem, ProblemKind, Timeline};

/// Longest wait for a listing.
const LISTING: Duration = Duration::from_secs(15);
/// A request that is given up is noticed this soon.
const LOOK: Duration = Duration::from_millis(100);
/// A server that said why it ended and then neither counts nor closes is not waited for longer.
const AFTERWORD_SECONDS: f64 = 5.0;
/// As much of an error's body as is read.
const ERROR_BYTES_MAX: u64 = 64 << 10;
/// Bytes read at once; a token is a few hundred.
const READ_BYTES: usize = 64 << 10;
/// Pieces on their way between the threads.
const QUEUE: usize = 1024;

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

enum Piece {
    Sent(f64),
    Bytes(f64, Vec<u8>),
    End(f64, End),
}

impl Server {
    /// A server at this address, such as `http://localhost:1234/v1`.
    ///
    /// # Errors
    /// When HTTP can't be set up.
    pub fn new(base: &str, token: Option<String>, limits: Limits) -> Result<Self> {
        let longest = limits.first_token_seconds.max(limits.stall_seconds);
        // The limits of a request are kept here; the client's own only ends threads left behind.
        let mut builder = http::builder(Duration::from_secs_f64(longest + 5.0));
        if is_local(base) {
            // A proxy for the way out is no way to this machine itself.
            builder = builder.no_proxy();
        }
        let client = builder
            // A connection kept from an earlier request may be closed by now, and then fails.
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true)
            .build()
            .context("can't set up HTTP")?;
        Ok(Self {
            client,
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

    /// Gets a document of the server's.
    #[must_use]
    pub fn get(&self, url: &str) -> Listing {
        let request = self.authorized(self.client.get(url)).timeout(LISTING);
        let response = match request.send() {
            Ok(response) => response,
            Err(error) => return Listing::Unreachable(unreachable(&error)),
        };
        let status = response.status();
        if !status.is_success() {
            return Listing::Refused(Problem::http(status.as_u16(), &error_body(response)));
        }
        match response.json::<Value>() {
            Ok(json) => Listing::Found(json),
            Err(error) => Listing::Refused(Problem::new(
                ProblemKind::ServerError,
                format!("{url} holds no JSON: {}", root_cause(&error)),
            )),
        }
    }

    /// Sends a chat completion to a path below [`Self::base`] or to a whole address, and follows
    /// its answer to the end, a limit, or until `stop` is set. Gives when it was sent, too.
    #[must_use]
    pub fn chat(&self, url: &str, body: &Value, stop: &AtomicBool) -> (f64, Answer) {
        let streamed = body["stream"].as_bool().unwrap_or(false);
        let model = body["model"].as_str().unwrap_or_default();
        let request = self.authorized(self.client.post(url)).json(body);
        let (sender, receiver) = mpsc::sync_channel(QUEUE);
        thread::spawn(move || follow(request, &sender));
        // The thread says when it sends, so that its own start is in no figure.
        let sent = match receiver.recv() {
            Ok(Piece::Sent(at)) => at,
            _ => clock::seconds(),
        };
        let mut timeline = Timeline::sent(model, streamed, sent);
        let (at, end) = self.collect(&receiver, &mut timeline, sent, stop);
        (sent, timeline.end(at, end))
    }

    fn collect(
        &self,
        pieces: &Receiver<Piece>,
        timeline: &mut Timeline,
        sent: f64,
        stop: &AtomicBool,
    ) -> (f64, End) {
        loop {
            match pieces.recv_timeout(LOOK) {
                Ok(Piece::Bytes(at, bytes)) => {
                    timeline.bytes(at, &bytes);
                    if timeline.is_over() {
                        return (at, End::Closed);
                    }
                }
                Ok(Piece::End(at, end)) => return (at, end),
                Ok(Piece::Sent(_)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let lost = Problem::new(ProblemKind::ConnectionLost, "the answer broke off");
                    return (clock::seconds(), End::Failed(lost));
                }
            }
            let now = clock::seconds();
            if stop.load(Ordering::Relaxed) {
                let stopped = Problem::new(ProblemKind::Interrupted, "stopped by the user");
                return (now, End::Failed(stopped));
            }
            let afterword = AFTERWORD_SECONDS.min(self.limits.stall_seconds);
            if timeline.finished().is_some_and(|at| now - at > afterword) {
                return (now, End::Closed);
            }
            if let Some(problem) = self.over_limit(now, sent, timeline) {
                return (now, End::Failed(problem));
            }
        }
    }

    /// Comments and other signs of life are no tokens, and extend no limit.
    fn over_limit(&self, now: f64, sent: f64, timeline: &Timeline) -> Option<Problem> {
        let limits = &self.limits;
        match timeline.last_token() {
            None if now - sent > limits.first_token_seconds => Some(
                Problem::new(
                    ProblemKind::NoFirstToken,
                    format!("no token within {} s", limits.first_token_seconds),
                )
                .hint("a model that is still loading, or a long prompt, may need more: `--first-token-limit 30m`"),
            ),
            Some(last) if now - last > limits.stall_seconds => Some(
                Problem::new(
                    ProblemKind::Stalled,
                    format!("no further token within {} s", limits.stall_seconds),
                )
                .hint("look into the server's log; `--stall-limit` sets how long to wait"),
            ),
            _ if now - sent > limits.request_seconds => Some(
                Problem::new(
                    ProblemKind::TooLong,
                    format!("not at its end within {} s", limits.request_seconds),
                )
                .hint("`--request-limit` sets how long one request may take"),
            ),
            _ => None,
        }
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// Sends a request and hands on what comes, each piece with its time. Ends when nobody listens.
fn follow(request: RequestBuilder, to: &SyncSender<Piece>) {
    let end = |end| Piece::End(clock::seconds(), end);
    let _ = to.send(Piece::Sent(clock::seconds()));
    let mut response = match request.send() {
        Ok(response) => response,
        Err(error) => {
            let _ = to.send(end(End::Failed(unreachable(&error))));
            return;
        }
    };
    let status = response.status();
    if !status.is_success() {
        let problem = Problem::http(status.as_u16(), &error_body(response));
        let _ = to.send(end(End::Failed(problem)));
        return;
    }
    let mut buffer = vec![0_u8; READ_BYTES];
    loop {
        let piece = match response.read(&mut buffer) {
            Ok(0) => end(End::Closed),
            Ok(n) => Piece::Bytes(clock::seconds(), buffer[..n].to_vec()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => end(End::Failed(Problem::new(
                ProblemKind::ConnectionLost,
                format!(
                    "the connection broke within the answer: {}",
                    root_cause(&error)
                ),
            ))),
        };
        let over = matches!(piece, Piece::End(..));
        if to.send(piece).is_err() || over {
            return;
        }
    }
}

fn error_body(response: Response) -> String {
    let mut bytes = Vec::new();
    // What can be read of it is enough to explain.
    let _ = response.take(ERROR_BYTES_MAX).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
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
