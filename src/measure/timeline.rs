//! One request over time: what came when, and what that means.
//!
//! The first token is the first piece that holds text, not the first bytes: servers open a stream
//! before they have read the prompt. The last is where the server says why it ended, which comes
//! with or right after the last token.

use super::chunk;
use super::chunk::{Chunk, Usage};
use super::problem::{Problem, ProblemKind};
use super::request::{Figures, Outcome, ServerFigures};
use super::said::Said;
use super::sse::{Event, Parser, shown};
use super::statistics::round;

/// The data of a stream's last event.
const DONE: &str = "[DONE]";
/// More tokens than this at one moment are no step of any decoding, speculative ones included.
const BURST_TOKENS: u32 = 16;

/// How a request ended, as the edge saw it.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The server closed the answer.
    Closed,
    /// Something else, with its explanation.
    Failed(Problem),
}

/// A request that is under way.
#[derive(Debug, Default)]
pub struct Timeline {
    model: String,
    streamed: bool,
    sent: f64,
    arrivals: Vec<f64>,
    finished: Option<f64>,
    text_bytes: u64,
    said: Said,
    parser: Parser,
    body: Vec<u8>,
    done: bool,
    served_by: Option<String>,
    engine: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    server: Option<ServerFigures>,
    trouble: Option<Problem>,
    still_seconds: f64,
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// What came of it.
    pub outcome: Outcome,
    /// Why it failed, or why figures are missing.
    pub problem: Option<Problem>,
    /// What was measured.
    pub figures: Figures,
    /// When each piece of text came.
    pub arrivals: Vec<f64>,
    /// The engine, where the answer names it.
    pub engine: Option<String>,
    /// What it says.
    pub said: Said,
}

impl Timeline {
    /// A request for a model, streamed or not, sent at this time. All times are seconds of one
    /// clock.
    #[must_use]
    pub fn sent(model: &str, streamed: bool, at: f64) -> Self {
        Self {
            model: model.to_owned(),
            streamed,
            sent: at,
            ..Self::default()
        }
    }

    /// Bytes of the answer's body came.
    pub fn bytes(&mut self, at: f64, bytes: &[u8]) {
        if !self.streamed {
            self.body.extend_from_slice(bytes);
            return;
        }
        let mut events = Vec::new();
        self.parser.push(bytes, &mut |event| events.push(event));
        for event in events {
            self.event(at, event);
        }
    }

    /// Whether its answer comes in pieces.
    #[must_use]
    pub const fn is_streamed(&self) -> bool {
        self.streamed
    }

    /// Whether the server said that nothing more comes.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.done
    }

    /// When the last token came, if one did.
    #[must_use]
    pub fn last_token(&self) -> Option<f64> {
        self.arrivals.last().copied()
    }

    /// When the server said why it ended, if it did; only its counts may come after that.
    #[must_use]
    pub const fn finished(&self) -> Option<f64> {
        self.finished
    }

    fn event(&mut self, at: f64, event: Event) {
        match event {
            Event::Data(data) if data.trim() == DONE => self.done = true,
            Event::Data(data) => match chunk::read(&data) {
                Ok(chunk) => self.chunk(at, chunk),
                Err(error) => self.malformed(format!(
                    "an event of the stream is no JSON of a chat completion ({error}): {}",
                    shown(data.as_bytes())
                )),
            },
            Event::Malformed { line, text } => self.malformed(format!(
                "line {line} of the stream is no server-sent event: {text}"
            )),
        }
    }

    fn malformed(&mut self, explanation: String) {
        self.trouble.get_or_insert_with(|| {
            Problem::new(ProblemKind::MalformedStream, explanation).hint(
                "its tokens may be lost, so its figures are not used; look into the server's log",
            )
        });
    }

    fn chunk(&mut self, at: f64, chunk: Chunk) {
        if chunk.text_bytes > 0 {
            self.arrivals.push(at);
            self.text_bytes = self.text_bytes.saturating_add(chunk.text_bytes as u64);
        }
        for piece in chunk.said {
            self.said.take(piece);
        }
        if chunk.finish_reason.is_some() {
            self.finished.get_or_insert(at);
            self.finish_reason = chunk.finish_reason;
        }
        self.served_by = self.served_by.take().or(chunk.model);
        self.engine = self.engine.take().or(chunk.engine);
        self.usage = chunk.usage.or(self.usage);
        self.server = chunk.server.or_else(|| self.server.take());
        if let Some(error) = chunk.error {
            self.trouble.get_or_insert_with(|| {
                Problem::new(
                    ProblemKind::ServerError,
                    format!("the server reported an error within its answer: {error}"),
                )
                .hint("look into the server's log")
            });
        }
    }

    /// So long the program that follows the answer did not run: what came then has no times.
    pub const fn stood_still(&mut self, seconds: f64) {
        self.still_seconds = seconds;
    }

    /// The request is over: what came of it.
    #[must_use]
    pub fn end(mut self, at: f64, end: End) -> Completion {
        if self.streamed {
            let mut events = Vec::new();
            self.parser.finish(&mut |event| events.push(event));
            for event in events {
                self.event(at, event);
            }
        } else if end == End::Closed {
            self.whole_body(at);
        }
        let problem = self.judge(end);
        let outcome = match &problem {
            None => Outcome::Measured,
            Some(p) if p.kind.leaves_an_answer() => Outcome::Unmeasured,
            Some(_) => Outcome::Failed,
        };
        Completion {
            outcome,
            figures: self.figures(at, outcome),
            problem,
            arrivals: self.arrivals,
            engine: self.engine,
            said: self.said,
        }
    }

    fn whole_body(&mut self, at: f64) {
        let body = std::mem::take(&mut self.body);
        match std::str::from_utf8(&body).map(chunk::read) {
            Ok(Ok(chunk)) => {
                self.chunk(at, chunk);
                self.done = true;
            }
            _ => self.malformed(format!(
                "the answer is no JSON of a chat completion: {}",
                shown(&body)
            )),
        }
    }

    /// The first thing that is wrong, from what ends everything to what only lacks a figure.
    fn judge(&mut self, end: End) -> Option<Problem> {
        if let End::Failed(problem) = end {
            // A server that reports why and hangs up has said more than the broken connection.
            return Some(self.trouble.take().unwrap_or(problem));
        }
        if let Some(trouble) = self.trouble.take() {
            return Some(trouble);
        }
        if let Some(other) = self
            .served_by
            .as_ref()
            .filter(|s| !same_name(&self.model, s))
        {
            return Some(
                Problem::new(
                    ProblemKind::WrongModel,
                    format!("`{}` was asked for and `{other}` answered", self.model),
                )
                .hint(format!(
                    "load the model, or measure the one that answers: `planner bench {other}`"
                )),
            );
        }
        if !self.done && self.finish_reason.is_none() {
            return Some(Problem::new(
                ProblemKind::CutShort,
                format!(
                    "the answer ended after {} pieces without a reason and without `{DONE}`",
                    self.arrivals.len()
                ),
            ));
        }
        if self.arrivals.is_empty() {
            return Some(Problem::new(
                ProblemKind::EmptyAnswer,
                "the answer is whole and holds no text",
            ));
        }
        self.missing_figures()
    }

    fn missing_figures(&self) -> Option<Problem> {
        let tokens = self.usage.and_then(|u| u.completion_tokens);
        match tokens {
            None => Some(
                Problem::new(
                    ProblemKind::NoUsage,
                    "the server does not say how many tokens it generated (no `usage` in the answer), so there is no speed",
                )
                .hint("counting words or pieces instead would be wrong by a factor; use a newer server"),
            ),
            Some(_) if self.still_seconds > 0.0 => Some(
                Problem::new(
                    ProblemKind::StoodStill,
                    format!(
                        "planner stood still for {:.0} s while the answer came, so its times say nothing of the speed",
                        self.still_seconds
                    ),
                )
                .hint("leave it running, and the machine awake, while it measures"),
            ),
            Some(n) if self.came_in_bursts(n) => Some(
                Problem::new(
                    ProblemKind::Bursts,
                    format!(
                        "the {n} tokens came in {} bursts, so their times say nothing of the decode speed",
                        self.moments()
                    ),
                )
                .hint("something between here and the model holds the stream back: a proxy, or the server itself"),
            ),
            Some(_) => None,
        }
    }

    /// Whether so many tokens came at so few moments that no speed can be told from them.
    fn came_in_bursts(&self, tokens: u32) -> bool {
        let moments = self.moments();
        let one = moments <= 1 && tokens > 1;
        self.streamed && (one || tokens > moments.saturating_mul(BURST_TOKENS))
    }

    /// Moments at which text came.
    fn moments(&self) -> u32 {
        let later = self.gaps().filter(|gap| *gap > 0.0).count();
        count(later).saturating_add(u32::from(!self.arrivals.is_empty()))
    }

    fn gaps(&self) -> impl Iterator<Item = f64> {
        self.arrivals.windows(2).map(|pair| pair[1] - pair[0])
    }

    fn figures(&mut self, at: f64, outcome: Outcome) -> Figures {
        let usage = self.usage.unwrap_or_default();
        let ended = self
            .finished
            .or(self.last_token())
            .filter(|_| outcome != Outcome::Failed);
        let seconds = ended.unwrap_or(at) - self.sent;
        let timed = self.still_seconds <= 0.0;
        // One answer in one piece has no first token of its own.
        let first = self.arrivals.first().copied();
        let first = first.filter(|_| self.streamed && timed);
        let after_first = match (first, ended) {
            (Some(first), Some(ended))
                if !self.came_in_bursts(usage.completion_tokens.unwrap_or(0)) =>
            {
                Some(ended - first)
            }
            _ => None,
        };
        let tokens = usage
            .completion_tokens
            .filter(|_| outcome != Outcome::Failed);
        let rate = |tokens: f64, seconds: f64| {
            (tokens > 0.0 && seconds > 0.0).then(|| round(tokens / seconds, 3))
        };
        // The first token takes a step of decoding besides the prompt.
        let step = tokens
            .zip(after_first)
            .filter(|(n, _)| *n > 1)
            .map(|(n, s)| s / (f64::from(n) - 1.0));
        let reading = first.zip(step).map(|(t, step)| t - self.sent - step);
        let uncached = usage
            .prompt_tokens
            .map(|n| f64::from(n.saturating_sub(usage.cached_tokens.unwrap_or(0))));
        Figures {
            seconds: round(seconds, 6),
            time_to_first_token_seconds: first.map(|t| round(t - self.sent, 6)),
            longest_gap_seconds: (self.gaps().reduce(f64::max))
                .filter(|_| timed)
                .map(|gap| round(gap, 6)),
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            pieces: count(self.arrivals.len()),
            text_bytes: self.text_bytes,
            decode_tokens_per_second: tokens
                .zip(after_first)
                .and_then(|(n, s)| rate(f64::from(n) - 1.0, s)),
            wall_clock_tokens_per_second: tokens
                .filter(|_| timed)
                .and_then(|n| rate(f64::from(n), seconds)),
            prefill_tokens_per_second: uncached
                .zip(reading)
                .and_then(|(n, seconds)| rate(n, seconds)),
            finish_reason: self.finish_reason.take(),
            served_by: self.served_by.take(),
            server: self.server.take(),
        }
    }
}

/// Whether two names are one model's. Servers answer with more or less of a path, and in other
/// case; nothing else is taken for the same.
#[must_use]
pub fn same_name(asked: &str, answered: &str) -> bool {
    let last = |name: &str| {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        name.to_ascii_lowercase()
    };
    last(asked) == last(answered)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
