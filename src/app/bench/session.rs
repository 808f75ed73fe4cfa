//! Makes the requests of a run, one series after another, and keeps the result on disk all along.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result};

use super::discover::Found;
use super::steps::Steps;
use crate::app::events::{Event, Events};
use crate::edge::openai::Server;
use crate::edge::{clock, files, probe};
use crate::measure::document::{Bench, MemorySample, ModelBench, Outcome, Request, Series, Status};
use crate::measure::prompts::Prompts;
use crate::measure::schedule;
use crate::measure::schedule::Job;
use crate::measure::server::Kind;
use crate::measure::summary::Summary;
use crate::measure::timeline::Completion;
use crate::units::Bytes;

/// So many failures in a row say that the next one fails too.
pub(super) const FAILURES_IN_A_ROW: usize = 5;
/// Memory is read no more often than this.
const SAMPLE_SECONDS: f64 = 10.0;
/// The result is written no more often than this.
const WRITE_SECONDS: f64 = 1.0;

/// A run under way.
pub(super) struct Session<'a> {
    server: &'a Server,
    pub(super) prompts: &'a Prompts,
    pub(super) kind: Option<Kind>,
    pub(super) local: bool,
    pub(super) bench: Bench,
    out: PathBuf,
    stop: &'a AtomicBool,
    began: f64,
    sampled: f64,
    written: f64,
    pub(super) failures: usize,
    pub(super) events: &'a dyn Events,
}

impl<'a> Session<'a> {
    /// A run that has not begun.
    pub(super) fn new(
        server: &'a Server,
        found: &Found,
        prompts: &'a Prompts,
        bench: Bench,
        out: PathBuf,
        stop: &'a AtomicBool,
        events: &'a dyn Events,
    ) -> Self {
        Self {
            server,
            prompts,
            kind: found.kind,
            local: found.local,
            bench,
            out,
            stop,
            began: clock::seconds(),
            sampled: f64::NEG_INFINITY,
            written: f64::NEG_INFINITY,
            failures: 0,
            events,
        }
    }

    /// Whether somebody stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether to go on with this model.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_stopped() && self.failures < FAILURES_IN_A_ROW
    }

    /// The result as it is at the end.
    pub(super) fn finish(mut self) -> Result<(Bench, PathBuf)> {
        self.bench.status = if self.is_stopped() {
            Status::Interrupted
        } else {
            Status::Complete
        };
        self.save(true)?;
        Ok((self.bench, self.out))
    }

    pub(super) fn model(&mut self) -> Option<&mut ModelBench> {
        self.bench.models.last_mut()
    }

    pub(super) fn model_name(&self) -> String {
        let last = self.bench.models.last();
        last.map_or_else(String::new, |m| m.model.clone())
    }

    pub(super) fn note(&mut self, note: String) {
        if let Some(model) = self.model() {
            model.notes.push(note);
        }
    }

    /// Makes one request and keeps what came of it.
    pub(super) fn one(&mut self, job: &Job, bar: &Steps<'_>) -> Result<()> {
        bar.doing(&doing(job));
        let streamed = job.series != Series::CrossCheck;
        let model = self.model_name();
        let body = job.body(&model, self.bench.settings.temperature, streamed);
        let url = if streamed {
            format!("{}/chat/completions", self.server.base())
        } else {
            format!("{}/api/v0/chat/completions", self.server.root())
        };
        let (sent, answer) = self.server.chat(&url, &body, self.stop);
        self.keep(job, sent, answer);
        self.sample(false);
        self.save(false)
    }

    /// Makes several requests at the same moment.
    pub(super) fn at_once(&mut self, jobs: &[Job]) -> Result<()> {
        let model = self.model_name();
        let url = format!("{}/chat/completions", self.server.base());
        let temperature = self.bench.settings.temperature;
        let (server, stop) = (self.server, self.stop);
        let answers: Vec<(f64, Completion)> = thread::scope(|scope| {
            let running: Vec<_> = jobs
                .iter()
                .map(|job| {
                    let body = job.body(&model, temperature, true);
                    let url = &url;
                    scope.spawn(move || server.chat(url, &body, stop))
                })
                .collect();
            running.into_iter().filter_map(|r| r.join().ok()).collect()
        });
        for (job, (sent, answer)) in jobs.iter().zip(answers) {
            self.keep(job, sent, answer);
        }
        self.sample(false);
        self.save(false)
    }

    fn keep(&mut self, job: &Job, sent: f64, mut answer: Completion) {
        if let Some(problem) = schedule::not_reached(job, answer.figures.prompt_tokens)
            && answer.outcome == Outcome::Measured
        {
            // Speeds at another depth than the one asked for are no figures of it.
            answer.figures.decode_tokens_per_second = None;
            answer.figures.prefill_tokens_per_second = None;
            answer.outcome = Outcome::Unmeasured;
            answer.problem = Some(problem);
        }
        if job.series == Series::Warm && answer.figures.cached_tokens.is_none() {
            // How much of it was read nobody says.
            answer.figures.prefill_tokens_per_second = None;
        }
        if let Some(engine) = answer.engine {
            self.bench.server.version.get_or_insert(engine);
        }
        let request = Request {
            series: job.series,
            test: job.test.clone(),
            run: job.run,
            depth_tokens: job.depth_tokens,
            concurrency: job.concurrency,
            stream: job.stream,
            sent_seconds: sent - self.began,
            max_tokens: job.max_tokens,
            outcome: answer.outcome,
            problem: answer.problem,
            figures: answer.figures,
        };
        self.failures = if request.passed() {
            0
        } else {
            self.failures + 1
        };
        self.events.tell(Event::Measured(&request));
        if let Some(model) = self.model() {
            model.requests.push(request);
        }
    }

    /// Reads the memory of this machine, where the server runs on it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds of a run"
    )]
    pub(super) fn sample(&mut self, always: bool) {
        if !self.local || (!always && clock::seconds() - self.sampled < SAMPLE_SECONDS) {
            return;
        }
        self.sampled = clock::seconds();
        let reading = probe::read();
        let Some(memory) = reading.memory else {
            return;
        };
        let sample = MemorySample {
            at_seconds: (self.sampled - self.began).max(0.0) as u64,
            in_use_bytes: memory.in_use_bytes,
            engines_bytes: memory
                .engines
                .iter()
                .map(|e| e.resident_bytes)
                .sum::<Bytes>(),
            swap_used_bytes: reading.swap.map(|s| s.used_bytes),
        };
        if let Some(model) = self.model() {
            model.memory.push(sample);
        }
    }

    pub(super) fn save(&mut self, always: bool) -> Result<()> {
        if !always && clock::seconds() - self.written < WRITE_SECONDS {
            return Ok(());
        }
        self.bench.seconds = clock::seconds() - self.began;
        if let Some(model) = self.model() {
            model.summary = Summary::of(&model.requests, &model.memory);
        }
        let mut text =
            serde_json::to_vec_pretty(&self.bench).context("can't write the result as JSON")?;
        text.push(b'\n');
        files::write_atomic(&self.out, &text)?;
        self.written = clock::seconds();
        Ok(())
    }
}

/// What a request is, in words.
fn doing(job: &Job) -> String {
    match job.series {
        Series::WarmUp => format!("warm-up {}", job.run),
        Series::Standard => format!("{}, run {}", job.test, job.run),
        Series::Calibration => "counting the tokens of a word".to_owned(),
        Series::Depth => format!("depth {}, run {}", job.depth_tokens.unwrap_or(0), job.run),
        Series::Warm => format!(
            "depth {}, warm, run {}",
            job.depth_tokens.unwrap_or(0),
            job.run
        ),
        Series::Concurrency => format!("{} at once", job.concurrency),
        Series::Soak => format!("soak, {}, round {}", job.test, job.run),
        Series::CrossCheck => "the server's own figures".to_owned(),
    }
}
