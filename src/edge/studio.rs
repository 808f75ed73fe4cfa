//! LM Studio as something to ask and to change, by its command line or by its server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::lms::{Called, Lms};
use super::patience::{Failure, patiently};
use crate::apply::Instance;
use crate::fault;
use crate::lmstudio;
use crate::lmstudio::{Estimate, Installed, Listing, Loaded, Runtime};
use crate::printable::printable;

/// The longest load: 250 GB from a slow disk take many minutes.
pub const LOAD_LIMIT: Duration = Duration::from_secs(3600);

/// Ways to LM Studio. What a change came to is never taken from its answer: ask `loaded` after it.
pub trait Studio: Send + Sync {
    /// What is on disk.
    ///
    /// # Errors
    /// When LM Studio can't be asked.
    fn installed(&self) -> Result<Listing<Installed>>;

    /// What is in memory.
    ///
    /// # Errors
    /// When LM Studio can't be asked.
    fn loaded(&self) -> Result<Listing<Loaded>>;

    /// Loads a model; `progress` gets percent as they come.
    ///
    /// # Errors
    /// With LM Studio's words where it says that it failed, or when told to stop.
    fn load(
        &self,
        instance: &Instance,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u8),
    ) -> Result<()>;

    /// Unloads a model by the name that clients use.
    ///
    /// # Errors
    /// With LM Studio's words where it says that it failed.
    fn unload(&self, identifier: &str) -> Result<()>;

    /// The engines that it has; none where it does not say.
    ///
    /// # Errors
    /// When LM Studio can't be asked.
    fn runtimes(&self) -> Result<Vec<Runtime>> {
        Ok(Vec::new())
    }

    /// What LM Studio thinks that a load takes; none where it does not say.
    ///
    /// # Errors
    /// When LM Studio can't be asked, or can't load as the instance says.
    fn estimate(&self, instance: &Instance) -> Result<Option<Estimate>>;
}

impl Studio for Lms {
    fn installed(&self) -> Result<Listing<Installed>> {
        self.installed()
    }

    fn loaded(&self) -> Result<Listing<Loaded>> {
        self.loaded()
    }

    fn load(
        &self,
        instance: &Instance,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u8),
    ) -> Result<()> {
        let args = self.here(&instance.load_args())?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        patiently(|| {
            let mut seen = String::new();
            let called = self.watch(&args, LOAD_LIMIT, stop, &mut |piece| {
                seen.push_str(&String::from_utf8_lossy(piece));
                if let Some(percent) = last_percent(&seen) {
                    progress(percent);
                }
            });
            let called = called.map_err(Failure::Lasting)?;
            if called.success {
                return Ok(());
            }
            // `lms` lists what is installed before it loads, which can fail as any reading can.
            let began = last_percent(&seen).is_some() || stop.load(Ordering::Relaxed);
            Err(match failed(&called) {
                error if began => Failure::Lasting(error),
                error => Failure::Passing(error),
            })
        })
    }

    fn unload(&self, identifier: &str) -> Result<()> {
        patiently(|| {
            let called = self.call(&["unload", "--", identifier], self.limit());
            let called = called.map_err(Failure::Lasting)?;
            match called.success {
                true => Ok(()),
                false => Err(Failure::Passing(failed(&called))),
            }
        })
    }

    fn runtimes(&self) -> Result<Vec<Runtime>> {
        let called = self.call(&["runtime", "ls"], self.limit())?;
        Ok(lmstudio::runtimes(&called.stdout))
    }

    fn estimate(&self, instance: &Instance) -> Result<Option<Estimate>> {
        let called = self.estimate(&instance.load_args())?;
        Ok(lmstudio::estimate(&called.stderr))
    }
}

/// The number before the last `%` of an animation.
fn last_percent(text: &str) -> Option<u8> {
    let before = &text[..text.rfind('%')?];
    let digits = before
        .rsplit(|c: char| !c.is_ascii_digit() && c != '.')
        .next()?;
    let whole = digits.split('.').next()?;
    whole.parse().ok().filter(|p| *p <= 100)
}

fn failed(called: &Called) -> anyhow::Error {
    fault!("{}", first_words(&called.stderr); "look into LM Studio's log").into()
}

/// What went wrong, without colour and on one line; where in the code of `lms`, is left out.
fn first_words(stderr: &str) -> String {
    let plain = anstream::adapter::strip_str(stderr).to_string();
    let lines: Vec<&str> = plain
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with("at "))
        .take(3)
        .collect();
    if lines.is_empty() {
        "`lms` ended without a word".to_owned()
    } else {
        printable(&lines.join("; ")).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_read_from_the_animation() {
        let drawn = "\u{1b}[?25l\rLoading openai/gpt-oss-20b 5% ⠋\r\u{1b}[K\rLoading openai/gpt-oss-20b 50.25% ⠋";
        assert_eq!(last_percent(drawn), Some(50));
        assert_eq!(last_percent("Loading q4% "), Some(4));
        assert_eq!(last_percent("nothing"), None);
    }
}
