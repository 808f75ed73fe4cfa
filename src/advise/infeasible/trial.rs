//! The requirements of a request, and what happens without some of them.

use crate::scenario::change::{OnChoice, OnMachine, OnSettings, OnTaste};
use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Change, Prepared};
use crate::solve::Deadline;
use crate::task::Floors;
use crate::units::tokens;

/// Larger sets of requirements are not looked for one by one, but whittled down.
const LARGEST_SEARCHED: usize = 3;

/// One requirement of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Memory,
    Context,
    LeastSpeed,
    Engine,
    Pin(usize),
    Excludes,
    Campaign,
    MeasuredOnly,
    Floors(usize),
    Models,
}

pub(super) struct Trial<'a> {
    pub(super) vary: &'a Prepared<'a>,
    pub(super) deadline: Deadline<'a>,
}

pub(super) type Tried<T> = Result<T, RecommendError>;

impl Trial<'_> {
    pub(super) fn needs(&self) -> Vec<Need> {
        let r = &self.vary.scenario.request;
        let mut needs = vec![Need::Memory];
        needs.extend(r.context.map(|_| Need::Context));
        needs.extend(r.min_tokens_per_second.map(|_| Need::LeastSpeed));
        needs.extend(r.engine.map(|_| Need::Engine));
        needs.extend((0..r.pins.len()).map(Need::Pin));
        needs.extend((!r.excludes.is_empty()).then_some(Need::Excludes));
        needs.extend(r.campaign.as_ref().map(|_| Need::Campaign));
        needs.extend(r.measured_only.then_some(Need::MeasuredOnly));
        let has_floors = |t: &usize| r.tasks[*t].0.floors != Floors::default();
        needs.extend((0..r.tasks.len()).filter(has_floors).map(Need::Floors));
        needs.extend((r.tasks.len() + r.pins.len() > r.max_models).then_some(Need::Models));
        needs
    }

    /// A requirement as it was given.
    pub(super) fn words(&self, need: Need) -> String {
        let r = &self.vary.scenario.request;
        let limits = &self.vary.limits;
        match need {
            Need::Memory => format!(
                "the memory of {}: {} for models",
                self.vary.scenario.machine.name,
                limits.gpu_budget().min(limits.physical_budget()).both()
            ),
            Need::Context => format!("`--context {}`", r.context.map_or(String::new(), tokens)),
            Need::LeastSpeed => {
                format!("`--min-tps {}`", r.min_tokens_per_second.unwrap_or(0.0))
            }
            Need::Engine => format!(
                "`--engine {}`",
                r.engine.map_or(String::new(), |e| e.to_string())
            ),
            Need::Pin(n) => format!("`--pin {}`", r.pins[n]),
            Need::Excludes => format!("`--exclude {}`", r.excludes.join("`, `--exclude ")),
            Need::Campaign => format!("`--campaign {}`", r.campaign.as_deref().unwrap_or("")),
            Need::MeasuredOnly => "`--measured-only`".to_owned(),
            Need::Floors(t) => {
                let task = &r.tasks[t].0;
                format!("the floors of the task `{}`: {}", task.id, task.floors)
            }
            Need::Models => format!("`--models {}`", r.max_models),
        }
    }

    /// The change that drops a requirement.
    pub(super) fn without(&self, need: Need) -> Change {
        let r = &self.vary.scenario.request;
        match need {
            Need::Memory => Change::Machine(OnMachine::NoLimits),
            Need::Context => Change::Settings(OnSettings::Context(None)),
            Need::LeastSpeed => Change::Choice(OnChoice::LeastSpeed(None)),
            Need::Engine => Change::Choice(OnChoice::Engine(None)),
            Need::Pin(n) => Change::Choice(OnChoice::Unpin(r.pins[n].clone())),
            Need::Excludes => Change::Choice(OnChoice::ExcludeNothing),
            Need::Campaign => Change::Choice(OnChoice::AnyCampaign),
            Need::MeasuredOnly => Change::Choice(OnChoice::Predictions),
            Need::Floors(t) => Change::Taste(OnTaste::Floors {
                task: r.tasks[t].0.id.clone(),
                floors: Floors::default(),
            }),
            Need::Models => Change::Choice(OnChoice::Models(r.tasks.len() + r.pins.len())),
        }
    }

    pub(super) fn solve(&self, changes: &[Change]) -> Tried<Option<Answer>> {
        self.vary.under(changes, self.deadline)
    }

    /// Whether no loadout meets these requirements, all others dropped.
    fn conflicts(&self, all: &[Need], kept: &[Need]) -> Tried<bool> {
        let dropped = all.iter().filter(|n| !kept.contains(n));
        let changes: Vec<Change> = dropped.map(|n| self.without(*n)).collect();
        Ok(self.solve(&changes)?.is_none())
    }

    /// The fewest that conflict: one, two or three of them by trying every such set; more by
    /// dropping one after the other for as long as the rest conflicts.
    pub(super) fn conflict(&self) -> Tried<Vec<Need>> {
        let all = self.needs();
        for size in 1..=LARGEST_SEARCHED.min(all.len()) {
            for set in subsets(&all, size) {
                if self.conflicts(&all, &set)? {
                    return Ok(set);
                }
            }
        }
        let mut kept = all.clone();
        for need in &all {
            let fewer: Vec<Need> = kept.iter().copied().filter(|n| n != need).collect();
            if self.conflicts(&all, &fewer)? {
                kept = fewer;
            }
        }
        Ok(kept)
    }
}

/// Every set of `size` of the needs, in their order.
fn subsets(needs: &[Need], size: usize) -> Vec<Vec<Need>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in needs.iter().enumerate() {
        for mut rest in subsets(&needs[n + 1..], size - 1) {
            rest.insert(0, *first);
            all.push(rest);
        }
    }
    all
}
