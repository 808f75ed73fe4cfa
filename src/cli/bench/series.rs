//! The series of a run: which requests, in which order, and when a series is left out.

use anyhow::Result;

use super::now;
use super::progress::Progress;
use super::session::Session;
use crate::edge::clock;
use crate::measure::document::Series;
use crate::measure::schedule;
use crate::measure::schedule::Job;
use crate::measure::server::Kind;

impl Session<'_> {
    /// Warm-up, the standard tests, and the request for LM Studio's own figures.
    pub(super) fn fixed_series(&mut self) -> Result<()> {
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

    pub(super) fn depths(&mut self) -> Result<()> {
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

    pub(super) fn concurrency(&mut self) -> Result<()> {
        let counts = self.bench.settings.concurrency.clone();
        let runs = self.bench.settings.runs.max(1);
        let bar = Progress::new(counts.len() as u64 * u64::from(runs), &self.model_name());
        for streams in counts {
            for run in 1..=runs {
                if !self.goes_on() {
                    return Ok(());
                }
                bar.doing(&format!("{streams} at once, run {run}"));
                self.at_once(&schedule::concurrent(
                    self.prompts,
                    streams,
                    run,
                    nonce(streams, run),
                ))?;
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
    pub(super) fn soak(&mut self) -> Result<()> {
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
}

/// What a request is, for the bar.
pub(super) fn doing(job: &Job) -> String {
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
