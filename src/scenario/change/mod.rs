//! One change to a scenario: what it does, how it is said, which flags of `planner recommend` make it.
//!
//! By what it changes: the machine, the settings of loading, the choice, the work, the taste, or
//! figures.

mod choice;
mod figures;
mod flags;
mod machine;
mod settings;
mod taste;
mod work;

pub use choice::OnChoice;
pub use figures::OnFigures;
pub use flags::Flags;
pub use machine::OnMachine;
pub use settings::OnSettings;
pub use taste::OnTaste;
pub use work::OnWork;

use crate::scenario::error::RecommendError;
use crate::scenario::inputs::Scenario;

/// One change to try.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another machine, or the same with other limits.
    Machine(OnMachine),
    /// Another way to load every model.
    Settings(OnSettings),
    /// Other rules of what may be chosen.
    Choice(OnChoice),
    /// Other turns.
    Work(OnWork),
    /// Other weights and floors.
    Taste(OnTaste),
    /// Another model, or other figures of one.
    Figures(OnFigures),
}

impl Change {
    /// The scenario with the change made.
    ///
    /// # Errors
    /// When it names what does not exist.
    pub fn apply<'a>(&self, scenario: &Scenario<'a>) -> Result<Scenario<'a>, RecommendError> {
        let mut changed = scenario.clone();
        match self {
            Self::Machine(change) => changed.machine = change.on(&scenario.machine),
            Self::Settings(change) => change.apply(&mut changed.request),
            Self::Choice(change) => change.apply(&mut changed)?,
            Self::Work(change) => change.apply(&mut changed.request),
            Self::Taste(change) => change.apply(&mut changed.request),
            Self::Figures(change) => change.apply(&mut changed)?,
        }
        Ok(changed)
    }

    /// The scenario with all of these made, one after the other.
    ///
    /// # Errors
    /// Those of [`Self::apply`].
    pub fn apply_all<'a>(
        changes: &[Self],
        scenario: &Scenario<'a>,
    ) -> Result<Scenario<'a>, RecommendError> {
        let start = Ok(scenario.clone());
        changes
            .iter()
            .fold(start, |so_far, change| change.apply(&so_far?))
    }

    /// What is otherwise, as a noun with what it was: `1 slot instead of 4`.
    #[must_use]
    pub fn describe(&self, scenario: &Scenario<'_>) -> String {
        match self {
            Self::Machine(change) => change.describe(&scenario.machine),
            Self::Settings(change) => {
                let mut settings = scenario.request.settings;
                if let OnSettings::Slots(slots) = change
                    && !scenario.request.slots_asked
                {
                    // What was not asked for may have been fewer where memory was short.
                    settings.slots = *slots;
                }
                change.describe(&settings, scenario.request.context)
            }
            Self::Choice(change) => change.describe(&scenario.request),
            Self::Work(change) => change.describe(&scenario.request),
            Self::Taste(change) => change.describe(&scenario.request),
            Self::Figures(change) => change.describe(scenario),
        }
    }

    /// The flags that make it; none where no flag does.
    #[must_use]
    pub fn flags(&self, scenario: &Scenario<'_>) -> Option<Flags> {
        match self {
            Self::Machine(change) => change.flags(),
            Self::Settings(change) => change.flags(scenario.request.context),
            Self::Choice(change) => change.flags(&scenario.request),
            Self::Work(change) => change.flags(&scenario.request),
            Self::Taste(change) => change.flags(&scenario.request),
            Self::Figures(_) => None,
        }
    }

    /// Whether candidates have other prices or scores than weights can tell, so that they are to
    /// be made anew.
    #[must_use]
    pub(super) const fn reprices(&self, scenario: &Scenario<'_>) -> bool {
        match self {
            Self::Machine(change) => matches!(change, OnMachine::Other(_)),
            Self::Settings(_) | Self::Work(_) => true,
            Self::Choice(change) => change.reprices(),
            Self::Taste(change) => matches!(change, OnTaste::Floors { .. }),
            Self::Figures(OnFigures::New(_) | OnFigures::Entry(_)) => true,
            // A speed decides what may be a candidate where a least one is asked for.
            Self::Figures(_) => scenario.request.demands().any(),
        }
    }
}
