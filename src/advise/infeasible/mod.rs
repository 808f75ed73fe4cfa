//! Why no loadout meets a request: the fewest requirements that cannot hold together, and the single
//! changes that would give one. Everything said here was tried by solving again.

mod changes;

use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::plan::document::{Change, Infeasible};
use crate::plan::request::Request;
use crate::scenario::candidates::Setting;
use crate::scenario::error::RecommendError;
use crate::scenario::solved::{Solved, points, solve};
use crate::solve::deadline::Deadline;
use crate::task::Floors;
use crate::units::{Bytes, tokens};

/// Larger sets of requirements are not looked for one by one, but whittled down.
const LARGEST_SEARCHED: usize = 3;

/// One requirement of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
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

/// Explains a request that has no loadout.
///
/// # Errors
/// When the solver fails.
pub fn explain(setting: Setting<'_>, deadline: Deadline<'_>) -> Result<Infeasible, RecommendError> {
    let trial = Trial { setting, deadline };
    let conflict = trial.conflict()?;
    let changes = changes::all(&trial)?;
    Ok(Infeasible {
        conflict: conflict.into_iter().map(|n| trial.words(n)).collect(),
        changes,
    })
}

struct Trial<'a> {
    setting: Setting<'a>,
    deadline: Deadline<'a>,
}

type Answer<T> = Result<T, RecommendError>;

impl Trial<'_> {
    fn needs(&self) -> Vec<Need> {
        let r = self.setting.request;
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
    fn words(&self, need: Need) -> String {
        let r = self.setting.request;
        let limits = self.setting.limits;
        match need {
            Need::Memory => format!(
                "the memory of {}: {} for models",
                self.setting.machine.name,
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

    /// The request without some of its requirements, and the limits to solve it under.
    fn without(&self, dropped: &[Need]) -> (Request, Limits) {
        let mut r = self.setting.request.clone();
        let mut limits = self.setting.limits.clone();
        let pins = r.pins.iter().enumerate();
        let kept = pins.filter(|(n, _)| !dropped.contains(&Need::Pin(*n)));
        r.pins = kept.map(|(_, pin)| pin.clone()).collect();
        for need in dropped {
            match need {
                Need::Memory => {
                    limits.physical_bytes = Bytes::from_gib(1 << 20);
                    limits.gpu_working_set_bytes = None;
                }
                Need::Context => r.context = None,
                Need::LeastSpeed => r.min_tokens_per_second = None,
                Need::Engine => r.engine = None,
                Need::Pin(_) => {}
                Need::Excludes => r.excludes.clear(),
                Need::Campaign => r.campaign = None,
                Need::MeasuredOnly => r.measured_only = false,
                Need::Floors(t) => r.tasks[*t].0.floors = Floors::default(),
                Need::Models => r.max_models = r.tasks.len() + r.pins.len(),
            }
        }
        (r, limits)
    }

    fn solve(&self, request: &Request, limits: &Limits) -> Answer<Option<Change>> {
        let setting = Setting {
            request,
            limits,
            ..self.setting
        };
        let solved = solve(setting, 1, self.deadline)?;
        if solved.proven {
            Ok(loadout(&solved))
        } else {
            Err(RecommendError::OutOfTime)
        }
    }

    /// The answer on another machine.
    fn on(&self, machine: &Machine) -> Answer<Option<Change>> {
        let limits = Limits::of(machine);
        let setting = Setting {
            machine,
            ..self.setting
        };
        Trial { setting, ..*self }.solve(setting.request, &limits)
    }

    /// Whether no loadout meets these requirements, all others dropped.
    fn conflicts(&self, all: &[Need], kept: &[Need]) -> Answer<bool> {
        let dropped: Vec<Need> = all.iter().copied().filter(|n| !kept.contains(n)).collect();
        let (request, limits) = self.without(&dropped);
        Ok(self.solve(&request, &limits)?.is_none())
    }

    /// The fewest that conflict: one, two or three of them by trying every such set; more by
    /// dropping one after the other for as long as the rest conflicts.
    fn conflict(&self) -> Answer<Vec<Need>> {
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

/// What a solve would load; the words are the caller's.
fn loadout(solved: &Solved<'_>) -> Option<Change> {
    let best = solved.solutions.first()?;
    Some(Change {
        text: String::new(),
        flags: String::new(),
        loadout: solved.members(best).iter().map(|c| c.name()).collect(),
        objective: points(best.objective),
    })
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
