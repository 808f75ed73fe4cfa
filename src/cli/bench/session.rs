//! Makes the requests of a run, one series after another, and keeps the result on disk all along.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result};

use super::now;
use super::progress::Progress;
use super::subject::{Chosen, Found};
use crate::edge::openai::Server;
use crate::edge::{clock, files, probe};
use crate::measure::document::{
    Bench, MemorySample, ModelBench, Request, Series, Status,
};
use crate::measure::prompts::Prompts;
use crate::measure::schedule::{self, Job};
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
    prompts: &'a Prompts,
    kind: Option<Kind>,
    local: bool,
    bench: Bench,
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
    fn goes_on(&self) -> bool {
        !self.is_stopped() && self.failures < FAILURES_IN_A_ROW
    }

    /// Measures one model.
    pub(super) fn measure(&mut self, chosen: Chosen) -> Result<()> {
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
            load: None,
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
            let left = format!("{FAILURES_IN_A_ROW} requests in a row failed; the rest was left out");
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

    fn model(&mut self) -> Option<&mut ModelBench> {
        self.bench.models.last_mut()
    }

    fn model_name(&self) -> String {
        let last = self.bench.models.last();
        last.map_or_else(String::new, |m| m.model.clone())
    }

    fn note(&mut self, note: String) {
        if let Some(model) = self.model() {
            model.notes.push(note);
        }
    }

    /// Warm-up, the standard tests, and the request for LM Studio's own figures.
    fn fixed_series(&mut self) -> Result<()> {
        let (settings, nonce) = (&self.bench.settings, nonce(0, 0));
        let mut jobs = schedule::warm_up(self.prompts, settings.warm_up_requests, nonce);
        jobs.extend(schedule::standard(self.prompts, settings.runs, nonce));
        if settings.runs > 0 && self.kind == Some(Kind::LmStudio) {
            jobs.extend(schedule::cross_check(self.prompts, nonce));
        }
        let bar = Progress::new(jobs.len() as u64, &self.model_name());
        for job in jobs {
            if !self.goes_on() {
                break;
            }
            self.one(&job, &bar)?;
            bar.step();
        }
        Ok(())
    }

    fn depths(&mut self) -> Result<()> {
        let depths = self.bench.settings.depths_tokens.clone();
        let runs = self.bench.settings.runs.max(1);
        if depths.is_empty() || !self.goes_on() {
            return Ok(());
        }
        let bar = Progress::new(
            depths.len() as u64 * u64::from(runs) + 1,
            &self.model_name(),
        );
        let Some(tokens_per_word) = self.calibrate(&bar)? else {
            return Ok(());
        };
        let context = self.model().and_then(|m| m.context_tokens);
        for depth in depths {
            if let Some(why) = context.and_then(|c| schedule::too_deep(depth, c)) {
                self.note(why);
                continue;
            }
            for run in 1..=runs {
                if !self.goes_on() {
                    return Ok(());
                }
                let nonce = nonce(depth, run);
                let job = schedule::deep(self.prompts, depth, run, tokens_per_word, nonce);
                self.one(&job, &bar)?;
                bar.step();
            }
        }
        Ok(())
    }

    fn calibrate(&mut self, bar: &Progress) -> Result<Option<f64>> {
        let job = schedule::calibration(self.prompts, nonce(0, 0));
        self.one(&job, bar)?;
        bar.step();
        let counted = self
            .model()
            .and_then(|m| m.requests.last()?.figures.prompt_tokens);
        if counted.is_none() {
            self.note(
                "the depth series was left out: the server does not say how many tokens a prompt has"
                    .to_owned(),
            );
        }
        Ok(counted.map(schedule::tokens_per_word))
    }

    fn concurrency(&mut self) -> Result<()> {
        let counts = self.bench.settings.concurrency.clone();
        let runs = self.bench.settings.runs.max(1);
        let bar = Progress::new(counts.len() as u64 * u64::from(runs), &self.model_name());
        for streams in counts {
            for run in 1..=runs {
                if !self.goes_on() {
                    return Ok(());
                }
                bar.doing(&format!("{streams} at once, run {run}"));
                self.at_once(&schedule::concurrent(self.prompts, streams, run, nonce(streams, run)))?;
                bar.step();
            }
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds of a run, for a bar"
    )]
    fn soak(&mut self) -> Result<()> {
        let Some(seconds) = self.bench.settings.soak_seconds else {
            return Ok(());
        };
        let bar = Progress::new(seconds as u64, &self.model_name());
        let until = now() + seconds;
        for round in 1_u32.. {
            for job in schedule::soak_round(self.prompts, round, nonce(0, round)) {
                if !self.goes_on() || now() >= until {
                    return Ok(());
                }
                self.one(&job, &bar)?;
                bar.at((seconds - (until - now()).max(0.0)) as u64);
            }
        }
        Ok(())
    }

    /// Makes one request and keeps what came of it.
    fn one(&mut self, job: &Job, bar: &Progress) -> Result<()> {
        bar.doing(&doing(job));
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
    fn at_once(&mut self, jobs: &[Job]) -> Result<()> {
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

    fn keep(&mut self, job: &Job, sent: f64, answer: Answer) {
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
        self.failures = if request.passed() { 0 } else { self.failures + 1 };
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
            engines_bytes: memory.engines.iter().map(|e| e.resident_bytes).sum::<Bytes>(),
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

fn doing(job: &Job) -> String {
    match job.series {
        Series::WarmUp => format!("warm-up {}", job.run),
        Series::Standard => format!("{}, run {}", job.test, job.run),
        Series::Calibration => "counting the tokens of a word".to_owned(),
        Series::Depth => format!("depth {}, run {}", job.depth_tokens.unwrap_or(0), job.run),
        Series::Concurrency => format!("{} at once", job.concurrency),
        Series::Soak => format!("soak, {}, round {}", job.test, job.run),
        Series::CrossCheck => "the server's own figures".to_owned(),
    }
}

/// Another number for each request, and each time that the program runs.
fn nonce(depth: u32, run: u32) -> u64 {
    clock::nanoseconds() ^ (u64::from(depth) << 32) ^ u64::from(run)
}
