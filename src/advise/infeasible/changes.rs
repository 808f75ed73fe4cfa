//! The changes that would give a loadout: single ones first, pairs of settings where none does.

use crate::advise::infeasible::{Answer, Need, Trial};
use crate::machine::{Machine, Profiles};
use crate::memory::KvType;
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::document::Change;
use crate::plan::request::Request;
use crate::units::{Bytes, exact_tokens, tokens};

/// Contexts are tried in steps of this many tokens.
const CONTEXT_STEP: u32 = 1024;
/// Less than this, in MiB, is not advised to be left to the system.
const LEAST_RESERVE_MIB: u32 = 2048;
/// Reserves are tried in steps of this many MiB.
const RESERVE_STEP_MIB: u32 = 256;
/// Sizes of memory that computers other than Macs are sold with, in GiB.
const SIZES_SOLD_GIB: [u64; 12] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048];

/// A request on a machine with some changes made, and how they are said.
#[derive(Clone)]
struct Changed {
    request: Request,
    machine: Machine,
    text: Vec<String>,
    flags: Vec<String>,
}

impl Changed {
    fn and(mut self, text: impl Into<String>, flags: impl Into<String>) -> Self {
        self.text.push(text.into());
        self.flags.push(flags.into());
        self
    }
}

/// A change of a setting that makes room.
type Setting = fn(&Trial<'_>, Changed) -> Answer<Option<Changed>>;
/// What makes room by itself; pairs are made of these and of [`MORE`].
const SETTINGS: [Setting; 3] = [raised_limit, smaller_cache, one_slot];
/// What is looked for once one of those is made.
const MORE: [Setting; 3] = [shorter_context, slower, smaller_reserve];

/// Every change that gives a loadout, the cheapest first: settings, then wishes, then the machine.
pub(super) fn all(trial: &Trial<'_>) -> Answer<Vec<Change>> {
    let unchanged = || Changed {
        request: trial.setting.request.clone(),
        machine: trial.setting.machine.clone(),
        text: Vec::new(),
        flags: Vec::new(),
    };
    let single = [
        raised_limit,
        smaller_cache,
        one_slot,
        smaller_reserve,
        shorter_context,
        longer_context,
        slower,
    ];
    let mut all = Vec::new();
    for setting in single {
        if let Some(changed) = setting(trial, unchanged())? {
            all.extend(tried(trial, changed)?);
        }
    }
    let settings_do = !all.is_empty();
    for need in trial.needs() {
        all.extend(dropped(trial, need)?);
    }
    if !settings_do {
        all.extend(pair(trial, &unchanged())?);
    }
    all.extend(larger_machine(trial)?);
    Ok(all)
}

/// The first pair of settings that does what neither does alone.
fn pair(trial: &Trial<'_>, unchanged: &Changed) -> Answer<Option<Change>> {
    for (n, first) in SETTINGS.iter().enumerate() {
        let Some(one) = first(trial, unchanged.clone())? else {
            continue;
        };
        for second in SETTINGS[n + 1..].iter().chain(&MORE) {
            if let Some(two) = second(trial, one.clone())?
                && let Some(change) = tried(trial, two)?
            {
                return Ok(Some(change));
            }
        }
    }
    match smaller_reserve_and_raised_limit(trial, unchanged)? {
        Some(changed) => tried(trial, changed),
        None => Ok(None),
    }
}

fn solves(trial: &Trial<'_>, changed: &Changed) -> Answer<bool> {
    let limits = Limits::of(&changed.machine);
    Ok(trial.solve(&changed.request, &limits)?.is_some())
}

fn tried(trial: &Trial<'_>, changed: Changed) -> Answer<Option<Change>> {
    let limits = Limits::of(&changed.machine);
    let found = trial.solve(&changed.request, &limits)?;
    Ok(found.map(|change| Change {
        text: changed.text.join(", and "),
        flags: changed.flags.join(" "),
        ..change
    }))
}

fn raised_limit(_: &Trial<'_>, mut changed: Changed) -> Answer<Option<Changed>> {
    let Some(raised) = Limits::of(&changed.machine).raised_working_set() else {
        return Ok(None);
    };
    let mib = raised.mib_floor();
    changed.machine = changed.machine.with_wired_limit(raised);
    let text = format!(
        "raise the GPU's limit to {}: `sudo sysctl iogpu.wired_limit_mb={mib}`",
        raised.both()
    );
    Ok(Some(changed.and(text, format!("--wired-limit {mib}MiB"))))
}

fn smaller_cache(_: &Trial<'_>, mut changed: Changed) -> Answer<Option<Changed>> {
    let settings = &mut changed.request.settings;
    let already = settings.kv_type_k.is_quantized() || settings.kv_type_v.is_quantized();
    if already || !settings.flash_attention {
        return Ok(None);
    }
    (settings.kv_type_k, settings.kv_type_v) = (KvType::Q8_0, KvType::Q8_0);
    let text = "keep the KV cache in 8 bits, whose loss of quality is not counted here";
    Ok(Some(changed.and(text, "--kv-type q8_0")))
}

fn one_slot(_: &Trial<'_>, mut changed: Changed) -> Answer<Option<Changed>> {
    if changed.request.settings.slots == 1 {
        return Ok(None);
    }
    changed.request.settings.slots = 1;
    Ok(Some(
        changed.and("serve one request at a time", "--slots 1"),
    ))
}

fn reserving(mut changed: Changed, mib: u32) -> Changed {
    let (before, now) = (changed.machine.reserve, Bytes::from_mib(u64::from(mib)));
    changed.machine = changed.machine.with_reserve(now);
    let text = format!(
        "leave {now} instead of {before} to the system and other applications, of which then fewer can run",
    );
    let flag = if mib.is_multiple_of(1024) {
        format!("--reserve {}GiB", mib / 1024)
    } else {
        format!("--reserve {mib}MiB")
    };
    changed.and(text, flag)
}

/// The largest reserve below the present one, in steps, with which something holds.
fn largest_reserve(machine: &Machine, holds: impl Fn(u32) -> Answer<bool>) -> Answer<Option<u32>> {
    let now = u32::try_from(machine.reserve.mib_floor()).unwrap_or(u32::MAX);
    let most = now.div_ceil(RESERVE_STEP_MIB).saturating_sub(1);
    last_that(LEAST_RESERVE_MIB / RESERVE_STEP_MIB, most, holds)
}

/// The largest reserve that gives a loadout.
fn smaller_reserve(trial: &Trial<'_>, changed: Changed) -> Answer<Option<Changed>> {
    let fits = |steps: u32| {
        let changed = reserving(changed.clone(), steps * RESERVE_STEP_MIB);
        solves(trial, &changed)
    };
    let steps = largest_reserve(&changed.machine, fits)?;
    Ok(steps.map(|steps| reserving(changed, steps * RESERVE_STEP_MIB)))
}

/// The largest reserve that gives a loadout once the GPU may use all that it leaves.
fn smaller_reserve_and_raised_limit(
    trial: &Trial<'_>,
    unchanged: &Changed,
) -> Answer<Option<Changed>> {
    let both = |steps: u32| {
        let less = reserving(unchanged.clone(), steps * RESERVE_STEP_MIB);
        raised_limit(trial, less)
    };
    let fits = |steps: u32| both(steps)?.map_or(Ok(false), |changed| solves(trial, &changed));
    let steps = largest_reserve(&unchanged.machine, fits)?;
    steps.map_or(Ok(None), both)
}

fn at_context(mut changed: Changed, context: u32) -> Changed {
    let asked = changed.request.context.map_or_else(String::new, tokens);
    changed.request.context = Some(context);
    let text = format!(
        "ask for a context of {} instead of {asked}",
        exact_tokens(context)
    );
    changed.and(text, format!("--context {context}"))
}

/// The longest context below the one asked for that gives a loadout.
fn shorter_context(trial: &Trial<'_>, changed: Changed) -> Answer<Option<Changed>> {
    let Some(asked) = changed.request.context else {
        return Ok(None);
    };
    // Below every floor nothing can be had.
    let least = longest_floor(&changed.request).max(SHORTEST_CONTEXT);
    let fits = |steps: u32| solves(trial, &at_context(changed.clone(), steps * CONTEXT_STEP));
    let most = asked.div_ceil(CONTEXT_STEP).saturating_sub(1);
    let steps = last_that(least.div_ceil(CONTEXT_STEP), most, fits)?;
    Ok(steps.map(|steps| at_context(changed, steps * CONTEXT_STEP)))
}

/// The context that the tasks' floors ask for, where less was asked for.
fn longer_context(_: &Trial<'_>, changed: Changed) -> Answer<Option<Changed>> {
    let floor = longest_floor(&changed.request);
    let below = changed.request.context.is_some_and(|asked| asked < floor);
    Ok(below.then(|| at_context(changed, floor)))
}

fn longest_floor(request: &Request) -> u32 {
    let floors = request.tasks.iter().map(|(task, _)| task.floors.context);
    floors.max().unwrap_or(0)
}

/// The highest least speed, in tenths of a token per second, that gives a loadout.
fn slower(trial: &Trial<'_>, changed: Changed) -> Answer<Option<Changed>> {
    let Some(asked) = changed.request.min_tokens_per_second else {
        return Ok(None);
    };
    let at = |tenths: u32| {
        let mut changed = changed.clone();
        let speed = f64::from(tenths) / 10.0;
        changed.request.min_tokens_per_second = Some(speed);
        changed.and(
            format!("accept {speed} t/s instead of {asked}"),
            format!("--min-tps {speed}"),
        )
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a speed is between 0 and 100,000"
    )]
    let most = (asked * 10.0).ceil() as u32;
    let tenths = last_that(1, most.saturating_sub(1), |tenths| {
        solves(trial, &at(tenths))
    })?;
    Ok(tenths.map(at))
}

/// One requirement left out, where it is one that can be.
fn dropped(trial: &Trial<'_>, need: Need) -> Answer<Option<Change>> {
    if matches!(need, Need::Memory | Need::LeastSpeed) {
        return Ok(None);
    }
    let (request, limits) = trial.without(&[need]);
    let words = trial.words(need);
    let (text, flags) = match need {
        Need::Models => {
            let more = format!("--models {}", request.max_models);
            (format!("allow {} models", request.max_models), more)
        }
        Need::Floors(t) => {
            let task = &request.tasks[t].0.id;
            let text =
                format!("do without the floors of the task `{task}`, in a profile of your own");
            (text, String::new())
        }
        Need::Context => (
            format!(
                "leave out {words}: each model gets the context of 4k, 8k and so on that scores best"
            ),
            format!("without {}", words.replace('`', "")),
        ),
        _ => (
            format!("leave out {words}"),
            format!("without {}", words.replace('`', "")),
        ),
    };
    let found = trial.solve(&request, &limits)?;
    Ok(found.map(|change| Change {
        text,
        flags,
        ..change
    }))
}

/// The smallest machine sold with which there would be a loadout.
fn larger_machine(trial: &Trial<'_>) -> Answer<Option<Change>> {
    let own = trial.setting.machine;
    let machines = if own.apple_silicon {
        macs_beyond(own)
    } else {
        let sizes = SIZES_SOLD_GIB.iter().map(|gib| Bytes::from_gib(*gib));
        let larger = sizes.filter(|size| *size > own.memory);
        larger.map(|size| own.clone().with_memory(size)).collect()
    };
    for machine in machines {
        let (text, flags) = if own.apple_silicon {
            let flag = format!("--machine {}", machine.id);
            let own_limit = if own.wired_limit.is_some() {
                ", with its own limit of the GPU"
            } else {
                ""
            };
            (format!("a larger Mac: {}{own_limit}", machine.name), flag)
        } else {
            let size = machine.memory.mib_floor() / 1024;
            (
                format!("a machine like this with {size} GiB of memory"),
                format!("--memory {size}GiB"),
            )
        };
        if let Some(change) = trial.on(&machine)? {
            return Ok(Some(Change {
                text,
                flags,
                ..change
            }));
        }
    }
    Ok(None)
}

/// The Macs known here that have more memory, the smallest and slowest first.
fn macs_beyond(own: &Machine) -> Vec<Machine> {
    // The profiles are part of the program: they are read whenever it runs.
    let Ok(profiles) = Profiles::embedded() else {
        return Vec::new();
    };
    let known = profiles.machines.iter();
    let mut macs: Vec<Machine> = known
        .filter_map(|p| Machine::from_profile(p, &profiles.chips).ok())
        .filter(|m| m.apple_silicon && m.memory > own.memory)
        .collect();
    let speed = |m: &Machine| m.bandwidth().unwrap_or(0.0);
    macs.sort_by(|a, b| {
        let by_speed = speed(a).total_cmp(&speed(b));
        a.memory.cmp(&b.memory).then(by_speed)
    });
    macs
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
