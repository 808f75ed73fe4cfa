//! The requirements of a request, and what happens without some of them.

use crate::catalog::effort::Setting;
use crate::memory::Engine;
use crate::plan::requirement::Requirement;
use crate::scenario::change::{OnChoice, OnMachine, OnSettings, OnTaste, OnWork};
use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Change, Prepared};
use crate::solve::Deadline;
use crate::task::Floors;
use crate::units::Bytes;

/// Larger sets of requirements are not looked for one by one, but whittled down.
const LARGEST_SEARCHED: usize = 3;

/// One requirement of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Need {
    Memory,
    Context(u32),
    LeastSpeed(f64),
    LongestFirstToken(f64),
    LongestTurn(f64),
    Agents(u32),
    Effort(Setting),
    Engine(Engine),
    Pin(usize),
    Excludes,
    Installed,
    Disk,
    Campaign,
    MeasuredOnly,
    Floors(usize),
    Models,
}

/// Requirements that can't be met.
pub(super) struct Conflict {
    /// The fewest that can't hold together.
    pub(super) set: Vec<Need>,
    /// Where that is one: the others that nothing meets either.
    pub(super) besides: Vec<Need>,
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
        needs.extend(r.context.map(Need::Context));
        needs.extend(r.min_tokens_per_second.map(Need::LeastSpeed));
        needs.extend(r.max_first_token_seconds.map(Need::LongestFirstToken));
        needs.extend(r.max_turn_seconds.map(Need::LongestTurn));
        needs.extend(r.agents.filter(|n| *n > 1).map(Need::Agents));
        needs.extend(r.effort.map(Need::Effort));
        needs.extend(r.engine.map(Need::Engine));
        needs.extend((0..r.pins.len()).map(Need::Pin));
        needs.extend((!r.excludes.is_empty()).then_some(Need::Excludes));
        needs.extend(r.installed.as_ref().map(|_| Need::Installed));
        needs.extend(r.disk.as_ref().map(|_| Need::Disk));
        needs.extend(r.campaign.as_ref().map(|_| Need::Campaign));
        needs.extend(r.measured_only.then_some(Need::MeasuredOnly));
        let has_floors = |t: &usize| r.tasks[*t].0.floors != Floors::default();
        needs.extend((0..r.tasks.len()).filter(has_floors).map(Need::Floors));
        needs.extend((r.tasks.len() + r.pins.len() > r.max_models).then_some(Need::Models));
        needs
    }

    /// A requirement as documents hold it.
    pub(super) fn requirement(&self, need: Need) -> Requirement {
        let r = &self.vary.scenario.request;
        let limits = &self.vary.limits;
        match need {
            Need::Memory => Requirement::Memory {
                machine: self.vary.scenario.machine.name.clone(),
                budget_bytes: limits.budget(),
            },
            Need::Context(context) => Requirement::Context { context },
            Need::LeastSpeed(tokens_per_second) => Requirement::LeastSpeed { tokens_per_second },
            Need::LongestFirstToken(seconds) => Requirement::LongestFirstToken { seconds },
            Need::LongestTurn(seconds) => Requirement::LongestTurn { seconds },
            Need::Agents(agents) => Requirement::Agents { agents },
            Need::Effort(effort) => Requirement::Effort { effort },
            Need::Engine(engine) => Requirement::Engine { engine },
            Need::Pin(n) => Requirement::Pin {
                model: r.pins[n].clone(),
            },
            Need::Excludes => Requirement::Excludes {
                models: r.excludes.clone(),
            },
            Need::Installed => Requirement::Installed,
            Need::Disk => Requirement::Disk {
                most_bytes: r.disk.as_ref().map_or(Bytes::ZERO, |d| d.most_bytes),
            },
            Need::Campaign => Requirement::Campaign {
                name: r.campaign.clone().unwrap_or_default(),
            },
            Need::MeasuredOnly => Requirement::MeasuredOnly,
            Need::Floors(t) => Requirement::Floors {
                task: r.tasks[t].0.id.clone(),
                floors: r.tasks[t].0.floors.to_string(),
            },
            Need::Models => Requirement::Models {
                models: r.max_models,
            },
        }
    }

    /// The change that drops a requirement.
    pub(super) fn without(&self, need: Need) -> Change {
        let r = &self.vary.scenario.request;
        match need {
            Need::Memory => Change::Machine(OnMachine::NoLimits),
            Need::Context(_) => Change::Settings(OnSettings::Context(None)),
            Need::LeastSpeed(_) => Change::Choice(OnChoice::LeastSpeed(None)),
            Need::LongestFirstToken(_) => Change::Choice(OnChoice::LongestFirstToken(None)),
            Need::LongestTurn(_) => Change::Choice(OnChoice::LongestTurn(None)),
            Need::Agents(_) => Change::Work(OnWork::Agents(None)),
            Need::Effort(_) => Change::Work(OnWork::Effort(None)),
            Need::Engine(_) => Change::Choice(OnChoice::Engine(None)),
            Need::Pin(n) => Change::Choice(OnChoice::Unpin(r.pins[n].clone())),
            Need::Excludes => Change::Choice(OnChoice::ExcludeNothing),
            Need::Installed => Change::Choice(OnChoice::Downloads),
            Need::Disk => Change::Choice(OnChoice::Disk(None)),
            Need::Campaign => Change::Choice(OnChoice::AnyCampaign),
            Need::MeasuredOnly => Change::Choice(OnChoice::Predictions),
            Need::Floors(t) => Change::Taste(OnTaste::Floors {
                task: r.tasks[t].0.id.clone(),
                floors: Floors::default(),
            }),
            Need::Models => Change::Choice(OnChoice::Models(r.tasks.len() + r.pins.len())),
        }
    }

    /// A task's floors without the longest turn, where they have one: the least of them to give up.
    pub(super) fn without_longest_turn(&self, need: Need) -> Option<Change> {
        let Need::Floors(t) = need else { return None };
        let task = &self.vary.scenario.request.tasks[t].0;
        task.floors.max_turn_seconds?;
        Some(Change::Taste(OnTaste::Floors {
            task: task.id.clone(),
            floors: Floors {
                max_turn_seconds: None,
                ..task.floors
            },
        }))
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
    pub(super) fn conflict(&self) -> Tried<Conflict> {
        let all = self.needs();
        let mut alone = Vec::new();
        for need in &all {
            if self.conflicts(&all, &[*need])? {
                alone.push(*need);
            }
        }
        if let [first, besides @ ..] = alone.as_slice() {
            return Ok(Conflict {
                set: vec![*first],
                besides: besides.to_vec(),
            });
        }
        Ok(Conflict {
            set: self.of_several(&all)?,
            besides: Vec::new(),
        })
    }

    fn of_several(&self, all: &[Need]) -> Tried<Vec<Need>> {
        for size in 2..=LARGEST_SEARCHED.min(all.len()) {
            for set in subsets(all, size) {
                if self.conflicts(all, &set)? {
                    return Ok(set);
                }
            }
        }
        whittled(all, |fewer| self.conflicts(all, fewer))
    }
}

/// What is left of a set of which something holds, once one after the other is dropped for as long
/// as it holds of the rest.
pub(super) fn whittled(all: &[Need], holds: impl Fn(&[Need]) -> Tried<bool>) -> Tried<Vec<Need>> {
    let mut kept = all.to_vec();
    for need in all {
        let fewer: Vec<Need> = kept.iter().copied().filter(|n| n != need).collect();
        if holds(&fewer)? {
            kept = fewer;
        }
    }
    Ok(kept)
}

/// Every set of `size` of the needs, in their order.
pub(super) fn subsets(needs: &[Need], size: usize) -> Vec<Vec<Need>> {
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
