//! The series of a run: which requests, in which order, and when a series is left out.

use anyhow::Result;

use super::choose::Chosen;
use super::last_load::last_load;
use super::session::{FAILURES_IN_A_ROW, Session};
use super::steps::Steps;
use crate::edge::clock;
use crate::measure::document::ModelBench;
use crate::measure::schedule;
use crate::measure::schedule::Filler;
use crate::measure::server::Kind;
use crate::measure::summary::Summary;

impl Session<'_> {
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

    /// Warm-up, the standard tests, and the request for LM Studio's own figures.
    fn fixed_series(&mut self) -> Result<()> {
        let (settings, nonce) = (&self.bench.settings, nonce(0, 0));
        let mut jobs = schedule::warm_up(self.prompts, settings.warm_up_requests, nonce);
        jobs.extend(schedule::standard(self.prompts, settings.runs, nonce));
        if settings.runs > 0 && self.kind == Some(Kind::LmStudio) {
            jobs.extend(schedule::cross_check(self.prompts, nonce));
        }
        let bar = Steps::new(self.events, jobs.len() as u64, &self.model_name());
        for job in jobs {
            if !self.goes_on() {
                break;
            }
            self.one(&job, &bar)?;
            bar.step();
        }
        Ok(())
    }

    /// Each depth, cold and then warm; and where several streams are asked for too, those at each
    /// depth.
    fn depths(&mut self) -> Result<()> {
        let depths = self.bench.settings.depths_tokens.clone();
        let runs = self.bench.settings.runs.max(1);
        if depths.is_empty() || !self.goes_on() {
            return Ok(());
        }
        let bar = Steps::new(
            self.events,
            depths.len() as u64 * u64::from(runs) + 1,
            &self.model_name(),
        );
        let Some(tokens_per_word) = self.calibrate(&bar)? else {
            return Ok(());
        };
        let filler = Filler {
            prompts: self.prompts,
            tokens_per_word,
        };
        let context = self.model().and_then(|m| m.context_tokens);
        for depth in depths {
            if let Some(why) = context.and_then(|c| schedule::too_deep(depth, c)) {
                self.note(why);
                continue;
            }
            let holds_warm = context.is_none_or(|c| schedule::holds_warm(depth, c));
            for run in 1..=runs {
                let nonce = nonce(depth, run);
                let cold = filler.deep(depth, run, nonce);
                let warm = filler.warm(&cold, nonce).filter(|_| holds_warm);
                for job in [Some(cold), warm].into_iter().flatten() {
                    if !self.goes_on() {
                        return Ok(());
                    }
                    self.one(&job, &bar)?;
                }
                bar.step();
            }
            if depth > 0 {
                self.deep_streams(&filler, depth, &bar)?;
            }
        }
        Ok(())
    }

    /// Several streams, each of a depth.
    fn deep_streams(&mut self, filler: &Filler<'_>, depth: u32, bar: &Steps<'_>) -> Result<()> {
        let counts = self.bench.settings.concurrency.clone();
        let context = self.model().and_then(|m| m.context_tokens);
        for streams in counts.into_iter().filter(|streams| *streams > 1) {
            if let Some(why) = context.and_then(|c| schedule::too_many(depth, streams, c)) {
                self.note(why);
                continue;
            }
            for run in 1..=self.bench.settings.runs.max(1) {
                let [alone, at_once] = filler.deep_at_once(depth, streams, run, nonce(depth, run));
                for job in &alone {
                    if !self.goes_on() {
                        return Ok(());
                    }
                    self.one(job, bar)?;
                }
                bar.doing(&format!("{streams} at once, depth {depth}, run {run}"));
                self.at_once(&at_once)?;
            }
        }
        Ok(())
    }

    fn calibrate(&mut self, bar: &Steps<'_>) -> Result<Option<f64>> {
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
        let bar = Steps::new(
            self.events,
            counts.len() as u64 * u64::from(runs),
            &self.model_name(),
        );
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
    fn soak(&mut self) -> Result<()> {
        let Some(seconds) = self.bench.settings.soak_seconds else {
            return Ok(());
        };
        let bar = Steps::new(self.events, seconds as u64, &self.model_name());
        let until = clock::seconds() + seconds;
        for round in 1_u32.. {
            for job in schedule::soak_round(self.prompts, round, nonce(0, round)) {
                if !self.goes_on() || clock::seconds() >= until {
                    return Ok(());
                }
                self.one(&job, &bar)?;
                bar.at((seconds - (until - clock::seconds()).max(0.0)) as u64);
            }
        }
        Ok(())
    }
}

/// Another number for each request, and each time that the program runs.
fn nonce(depth: u32, run: u32) -> u64 {
    clock::nanoseconds() ^ (u64::from(depth) << 32) ^ u64::from(run)
}
