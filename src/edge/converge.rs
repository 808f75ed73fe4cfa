//! Brings what is loaded to what should be, one verified step after another.
//!
//! It undoes nothing by itself: going back is bringing it to what was there before. Whether a step is
//! done is told by what LM Studio lists as loaded; what a command says of itself only explains.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;

use super::studio::Studio;
use crate::apply::{Instance, Step, copy_of, difference, local};
use crate::fault;
use crate::lmstudio::Loaded;

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
#[derive(Debug)]
pub enum Stopped {
    /// The user asked for it.
    Interrupted,
    /// A step failed.
    Failed(anyhow::Error),
}

impl Stopped {
    /// As an error to be told.
    #[must_use]
    pub fn into_error(self) -> anyhow::Error {
        match self {
            Self::Interrupted => anyhow!("interrupted"),
            Self::Failed(error) => error,
        }
    }
}

/// Brings what is loaded to `target`; `removable` says what else may be unloaded.
///
/// # Errors
/// At the first step that does not come out as it should.
pub fn converge(
    studio: &dyn Studio,
    target: &[Instance],
    removable: &dyn Fn(&Loaded) -> bool,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(), Stopped> {
    let now = studio.loaded().map_err(Stopped::Failed)?.rows;
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
    let after = studio.loaded().map_err(Stopped::Failed)?.rows;
    if difference(&after, target, removable).is_done() {
        return Ok(());
    }
    Err(Stopped::Failed(anyhow!(fault!(
        "another program changed what is loaded";
        "quit the other program, and apply the plan again"
    ))))
}

fn gone(studio: &dyn Studio, instance: &Instance, said: anyhow::Result<()>) -> Result<(), Stopped> {
    for _ in 0..LOOKS {
        let now = studio.loaded().map_err(Stopped::Failed)?.rows;
        if local(&now)
            .iter()
            .all(|l| l.state.identifier != instance.identifier)
        {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    let still = format!("`{}` is still loaded", instance.identifier);
    Err(Stopped::Failed(match said {
        Ok(()) => anyhow!(still),
        Err(said) => said.context(still),
    }))
}

/// Where a load that is not here may have gone: LM Studio prefers a linked device that has the model.
fn on_linked_devices(name: &str, now: &[Loaded]) -> String {
    let copies: Vec<String> = now
        .iter()
        .filter(|l| l.state.identifier == name || copy_of(&l.state.identifier, name))
        .filter_map(|l| {
            let device = l.model.device_identifier.as_ref()?;
            Some(format!("`{}` on `{device}`", l.state.identifier))
        })
        .collect();
    if copies.is_empty() {
        return String::new();
    }
    format!(
        " here; a linked device has it loaded, and keeps it until it is unloaded there ({})",
        copies.join(", ")
    )
}

/// LM Studio lists a model once it is loaded, so one look is enough; what it said only explains.
fn there(
    studio: &dyn Studio,
    instance: &Instance,
    said: anyhow::Result<()>,
) -> Result<(), Stopped> {
    let name = &instance.identifier;
    let now = studio.loaded().map_err(Stopped::Failed)?.rows;
    let Some(is) = local(&now)
        .into_iter()
        .find(|l| l.state.identifier == *name)
    else {
        let said = said
            .err()
            .unwrap_or_else(|| anyhow!("LM Studio reported success, but does not list it"));
        return Err(Stopped::Failed(said.context(format!(
            "`{name}` was not loaded{}",
            on_linked_devices(name, &now)
        ))));
    };
    let mismatches = instance.mismatches(is);
    if mismatches.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    let mlx = is.model.format != "gguf" && mismatches.iter().any(|m| m.what == "context");
    let came = format!("`{name}` came up with {}", words.join(", "));
    Err(Stopped::Failed(if mlx {
        anyhow!(fault!(
            "{came}; LM Studio's MLX engine fits contexts by itself";
            "plan with one slot (`planner recommend --slots 1`), and choose a text-only model"
        ))
    } else {
        anyhow!(came)
    }))
}
