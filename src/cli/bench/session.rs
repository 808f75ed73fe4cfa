//! Makes the requests of a run, one series after another, and keeps the result on disk all along.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result};

use super::now;
use super::progress::Progress;
use super::series;
use super::subject::{Chosen, Found};
use crate::apply::Phase;
use crate::edge::openai::Server;
use crate::edge::{files, journal, probe};
use crate::measure::document::{
    Bench, Load, MemorySample, ModelBench, Outcome, Request, Series, Status,
};
use crate::measure::prompts::Prompts;
use crate::measure::schedule;
use crate::measure::schedule::Job;
use crate::measure::server::Kind;
use crate::measure::summary::Summary;
use crate::measure::timeline::Answer;
use crate::units::Bytes;

/// So many failures in a row say that the next one fails too.
const FAILURES_IN_A_ROW: usize = 5;
/// Memory is read no more often than this.
const SAMPLE_SECONDS: f64 = 10.0;
/// The result is written no more often than this.
const WRITE_SECONDS: f64 = 1.0;

/// A run under way.
pub(super) struct Session<'a> {
    server: &'a Server,
    pub(super) prompts: &'a Prompts,
    pub(super) kind: Option<Kind>,
    local: bool,
    pub(super) bench: Bench,
    out: PathBuf,
    stop: Arc<AtomicBool>,
    began: f64,
    sampled: f64,
    written: f64,
    failures: usize,
}

impl<'a> Session<'a> {
    /// A run that has not begun.
    pub(super) fn new(
        server: &'a Server,
        found: &Found,
        prompts: &'a Prompts,
        bench: Bench,
        out: PathBuf,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            server,
            prompts,
            kind: found.kind,
            local: found.local,
            bench,
            out,
            stop,
            began: now(),
            sampled: f64::NEG_INFINITY,
            written: f64::NEG_INFINITY,
            failures: 0,
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

    /// Measures one model.
    pub(super) fn measure(&mut self, chosen: Chosen) -> Result<()> {
        let load = last_load(chosen.name(), self.local);
        let (variant, known_by) = chosen.variant.unzip();
        let mut notes = Vec::new();
        if chosen.served.loaded == Some(false) {
            notes.push(
                "it was not loaded: the first request holds the load, and is a warm-up".to_owned(),
            );
        }
        self.failures = 0;
        self.bench.models.push(ModelBench {
            model: chosen.served.id,
            variant,
            variant_known_by: known_by,
            context_tokens: chosen.served.context_tokens,
            slots: chosen.served.slots,
            load,
            requests: Vec::new(),
            memory: Vec::new(),
            summary: Summary::default(),
            notes,
        });
        self.sample(true);
        self.fixed_series()?;
        self.depths()?;
        self.concurrency()?;
        self.soak()?;
        self.sample(true);
        if self.failures >= FAILURES_IN_A_ROW {
            let left =
                format!("{FAILURES_IN_A_ROW} requests in a row failed; the rest was left out");
            self.note(left);
        }
        self.save(true)
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
    pub(super) fn one(&mut self, job: &Job, bar: &Progress) -> Result<()> {
        bar.doing(&series::doing(job));
        let streamed = job.series != Series::CrossCheck;
        let model = self.model_name();
        let body = job.body(&model, self.bench.settings.temperature, streamed);
        let url = if streamed {
            format!("{}/chat/completions", self.server.base())
        } else {
            format!("{}/api/v0/chat/completions", self.server.root())
        };
        let (sent, answer) = self.server.chat(&url, &body, &self.stop);
        self.keep(job, sent, answer);
        self.sample(false);
        self.save(false)
    }

    /// Makes several requests at the same moment.
    pub(super) fn at_once(&mut self, jobs: &[Job]) -> Result<()> {
        let model = self.model_name();
        let url = format!("{}/chat/completions", self.server.base());
        let temperature = self.bench.settings.temperature;
        let (server, stop) = (self.server, &self.stop);
        let answers: Vec<(f64, Answer)> = thread::scope(|scope| {
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

    fn keep(&mut self, job: &Job, sent: f64, mut answer: Answer) {
        if let Some(problem) = schedule::not_reached(job, answer.figures.prompt_tokens)
            && answer.outcome == Outcome::Measured
        {
            // Speeds at another depth than the one asked for are no figures of it.
            answer.figures.decode_tokens_per_second = None;
            answer.figures.prefill_tokens_per_second = None;
            answer.outcome = Outcome::Unmeasured;
            answer.problem = Some(problem);
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
    fn sample(&mut self, always: bool) {
        if !self.local || (!always && now() - self.sampled < SAMPLE_SECONDS) {
            return;
        }
        self.sampled = now();
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

    fn save(&mut self, always: bool) -> Result<()> {
        if !always && now() - self.written < WRITE_SECONDS {
            return Ok(());
        }
        self.bench.seconds = now() - self.began;
        if let Some(model) = self.model() {
            model.summary = Summary::of(&model.requests, &model.memory);
        }
        let mut text =
            serde_json::to_vec_pretty(&self.bench).context("can't write the result as JSON")?;
        text.push(b'\n');
        files::write_atomic(&self.out, &text)?;
        self.written = now();
        Ok(())
    }
}

/// How long the last `planner apply` took to load the model of this name, where it did and the
/// server is on this machine.
fn last_load(name: &str, local: bool) -> Option<Load> {
    let journal = journal::last().ok().flatten()?;
    let applied = local && journal.phase == Phase::Applied;
    let load = journal.loads.iter().find(|l| l.identifier == name)?;
    applied.then(|| Load {
        seconds: load.seconds(),
        files: load.files().to_owned(),
        source: format!("planner apply of {}", journal.plan),
    })
}
