//! Why no loadout meets a request: the fewest requirements that cannot hold together, and the single
//! changes that would give one. Everything said here was tried by solving again.

use super::candidates::{SHORTEST_CONTEXT, Setting};
use super::deadline::Deadline;
use super::document::{Change, Infeasible};
use super::error::RecommendError;
use super::request::Request;
use super::solved::{Solved, points, solve};
use super::task::Floors;
use crate::machine::Machine;
use crate::memory::KvType;
use crate::memory::limits::Limits;
use crate::units::{Bytes, tokens};

/// Larger sets of requirements are not looked for one by one, but whittled down.
const LARGEST_SEARCHED: usize = 3;
/// More memory than any machine here has, in GiB.
const MOST_MEMORY_GIB: u64 = 4096;
/// Contexts are tried in steps of this many tokens.
const CONTEXT_STEP: u32 = 1024;

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
    let mut changes = Vec::new();
    for candidate in trial.changes() {
        changes.extend(candidate?);
    }
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
            Need::Floors(t) => format!("the floors of the task `{}`", r.tasks[t].0.id),
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

    /// Single changes, the cheapest first: settings, then wishes, then the machine.
    fn changes(&self) -> Vec<Answer<Option<Change>>> {
        let mut all = vec![self.raised_limit(), self.smaller_cache(), self.one_slot()];
        all.push(self.shorter_context());
        all.push(self.slower());
        all.extend(self.needs().into_iter().map(|need| self.dropped(need)));
        all.push(self.more_memory());
        all
    }

    fn tried(
        &self,
        request: &Request,
        limits: &Limits,
        text: String,
        flags: String,
    ) -> Answer<Option<Change>> {
        Ok(self.solve(request, limits)?.map(|change| Change {
            text,
            flags,
            ..change
        }))
    }

    fn raised_limit(&self) -> Answer<Option<Change>> {
        let Some(raised) = self.setting.limits.raised_working_set() else {
            return Ok(None);
        };
        let limits = Limits::of(&self.setting.machine.clone().with_wired_limit(raised));
        let mib = raised.mib_floor();
        let text = format!(
            "raise the GPU's limit to {}: `sudo sysctl iogpu.wired_limit_mb={mib}`",
            raised.both()
        );
        self.tried(
            self.setting.request,
            &limits,
            text,
            format!("--wired-limit {mib}MiB"),
        )
    }

    fn smaller_cache(&self) -> Answer<Option<Change>> {
        let mut r = self.setting.request.clone();
        let already = r.settings.kv_type_k.is_quantized() || r.settings.kv_type_v.is_quantized();
        if already || !r.settings.flash_attention {
            return Ok(None);
        }
        (r.settings.kv_type_k, r.settings.kv_type_v) = (KvType::Q8_0, KvType::Q8_0);
        let text = "keep the KV cache in 8 bits, whose loss of quality is not counted here";
        self.tried(
            &r,
            self.setting.limits,
            text.to_owned(),
            "--kv-type q8_0".to_owned(),
        )
    }

    fn one_slot(&self) -> Answer<Option<Change>> {
        let mut r = self.setting.request.clone();
        if r.settings.slots == 1 {
            return Ok(None);
        }
        r.settings.slots = 1;
        let text = "serve one request at a time".to_owned();
        self.tried(&r, self.setting.limits, text, "--slots 1".to_owned())
    }

    /// The longest context that gives a loadout.
    fn shorter_context(&self) -> Answer<Option<Change>> {
        let Some(asked) = self.setting.request.context else {
            return Ok(None);
        };
        let at = |steps: u32| Request {
            context: Some(steps * CONTEXT_STEP),
            ..self.setting.request.clone()
        };
        let fits = |steps| Ok(self.solve(&at(steps), self.setting.limits)?.is_some());
        let least = SHORTEST_CONTEXT / CONTEXT_STEP;
        let Some(steps) = last_that(least, asked.div_ceil(CONTEXT_STEP), fits)? else {
            return Ok(None);
        };
        let context = steps * CONTEXT_STEP;
        let text = format!(
            "ask for a context of {} instead of {}",
            tokens(context),
            tokens(asked)
        );
        self.tried(
            &at(steps),
            self.setting.limits,
            text,
            format!("--context {context}"),
        )
    }

    /// The highest least speed, in tenths of a token per second, that gives a loadout.
    fn slower(&self) -> Answer<Option<Change>> {
        let Some(asked) = self.setting.request.min_tokens_per_second else {
            return Ok(None);
        };
        let speed = |tenths: u32| f64::from(tenths) / 10.0;
        let at = |tenths: u32| Request {
            min_tokens_per_second: Some(speed(tenths)),
            ..self.setting.request.clone()
        };
        let fits = |tenths| Ok(self.solve(&at(tenths), self.setting.limits)?.is_some());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a speed is between 0 and 100,000"
        )]
        let Some(tenths) = last_that(1, (asked * 10.0).ceil() as u32, fits)? else {
            return Ok(None);
        };
        let text = format!("accept {} t/s instead of {asked}", speed(tenths));
        self.tried(
            &at(tenths),
            self.setting.limits,
            text,
            format!("--min-tps {}", speed(tenths)),
        )
    }

    /// One requirement left out, where it is one that can be.
    fn dropped(&self, need: Need) -> Answer<Option<Change>> {
        if matches!(need, Need::Memory | Need::Context | Need::LeastSpeed) {
            return Ok(None);
        }
        let (request, limits) = self.without(&[need]);
        let words = self.words(need);
        let (text, flags) = match need {
            Need::Models => {
                let more = format!("--models {}", request.max_models);
                (format!("allow {} models", request.max_models), more)
            }
            Need::Floors(_) => (
                format!("do without {words}, in a profile of your own"),
                String::new(),
            ),
            _ => (
                format!("leave out {words}"),
                format!("without {}", words.replace('`', "")),
            ),
        };
        self.tried(&request, &limits, text, flags)
    }

    /// The least memory, in GiB, with which this machine would have a loadout.
    fn more_memory(&self) -> Answer<Option<Change>> {
        let machine = self.setting.machine;
        let with =
            |gib: u32| -> Machine { machine.clone().with_memory(Bytes::from_gib(u64::from(gib))) };
        let now = u32::try_from(machine.memory.0 >> 30).unwrap_or(u32::MAX);
        let most = u32::try_from(MOST_MEMORY_GIB).unwrap_or(u32::MAX);
        let solves = |gib: u32| self.solve(self.setting.request, &Limits::of(&with(gib)));
        let lacks = |gib| Ok(solves(gib)?.is_none());
        if solves(most)?.is_none() {
            return Ok(None);
        }
        let Some(last) = last_that(now, most, lacks)? else {
            return Ok(None);
        };
        let gib = last + 1;
        let text = format!("a machine like this with {gib} GiB of memory");
        let limits = Limits::of(&with(gib));
        self.tried(
            self.setting.request,
            &limits,
            text,
            format!("--memory {gib}GiB"),
        )
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

/// The last of `from..=to` of which something holds, where it holds up to some point and not
/// beyond; none where it holds nowhere.
fn last_that(from: u32, to: u32, holds: impl Fn(u32) -> Answer<bool>) -> Answer<Option<u32>> {
    if to < from || !holds(from)? {
        return Ok(None);
    }
    let (mut good, mut bad) = (from, to + 1);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle)? {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(Some(good))
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
