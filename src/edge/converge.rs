//! Brings what is loaded to what should be, one verified step after another.
//!
//! It undoes nothing by itself: going back is bringing it to what was there before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::studio::Studio;
use crate::apply::{Instance, Step, difference, local_llms};

/// How often a change is looked for that LM Studio said it made.
const LOOKS: u32 = 10;
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// What is happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// This is being unloaded.
    Unloading(&'a Instance),
    /// This is being loaded.
    Loading(&'a Instance),
    /// The load has come so far, in percent.
    Progress(u8),
    /// The step was done, and seen to be.
    Done,
}

/// Why it stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The user asked for it.
    #[error("interrupted")]
    Interrupted,
    /// A step failed.
    #[error("{0}")]
    Failed(String),
}

/// Brings what is loaded to `target`; `removable` says what else may be unloaded.
///
/// # Errors
/// At the first step that does not come out as it should.
pub fn converge(
    studio: &dyn Studio,
    target: &[Instance],
    removable: &dyn Fn(&str) -> bool,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(), Stopped> {
    let failed = |error: anyhow::Error| Stopped::Failed(format!("{error:#}"));
    let now = studio.loaded().map_err(failed)?;
    for step in difference(&now, target, removable).steps() {
        if stop.load(Ordering::Relaxed) {
            return Err(Stopped::Interrupted);
        }
        match &step {
            Step::Unload(instance) => {
                tell(Event::Unloading(instance));
                let said = studio.unload(&instance.identifier);
                gone(studio, instance, said)?;
            }
            Step::Load(instance) => {
                tell(Event::Loading(instance));
                let said = studio.load(instance, stop, &mut |p| tell(Event::Progress(p)));
                if stop.load(Ordering::Relaxed) {
                    return Err(Stopped::Interrupted);
                }
                there(studio, instance, said)?;
            }
        }
        tell(Event::Done);
    }
    let after = studio.loaded().map_err(failed)?;
    if difference(&after, target, removable).is_done() {
        return Ok(());
    }
    Err(Stopped::Failed(
        "something else changed what is loaded meanwhile".to_owned(),
    ))
}

fn gone(studio: &dyn Studio, instance: &Instance, said: anyhow::Result<()>) -> Result<(), Stopped> {
    for _ in 0..LOOKS {
        let now = studio
            .loaded()
            .map_err(|e| Stopped::Failed(format!("{e:#}")))?;
        if local_llms(&now)
            .iter()
            .all(|l| l.state.identifier != instance.identifier)
        {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    let said = said.err().map_or(String::new(), |e| format!(": {e:#}"));
    Err(Stopped::Failed(format!(
        "`{}` is still loaded{said}",
        instance.identifier
    )))
}

/// LM Studio lists a model once it is loaded, so one look is enough; what it said only explains.
fn there(
    studio: &dyn Studio,
    instance: &Instance,
    said: anyhow::Result<()>,
) -> Result<(), Stopped> {
    let name = &instance.identifier;
    let now = studio
        .loaded()
        .map_err(|e| Stopped::Failed(format!("{e:#}")))?;
    let Some(is) = local_llms(&now)
        .into_iter()
        .find(|l| l.state.identifier == *name)
    else {
        let said = said.err().map_or_else(
            || "LM Studio reported success, and it is not there".to_owned(),
            |e| format!("{e:#}"),
        );
        return Err(Stopped::Failed(format!("`{name}` was not loaded: {said}")));
    };
    let mismatches = instance.mismatches(is);
    if mismatches.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    let mlx = is.model.format != "gguf" && mismatches.iter().any(|m| m.what == "context");
    let hint = if mlx {
        "; LM Studio's MLX engine fits contexts by itself, unless a text-only model is loaded with one slot"
    } else {
        ""
    };
    Err(Stopped::Failed(format!(
        "`{name}` came up with {}{hint}",
        words.join(", ")
    )))
}
