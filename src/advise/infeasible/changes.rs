//! The changes that would give a loadout: single ones first; where none does, pairs of settings, then
//! the fewest requirements to give up, each by as little as does.

use crate::advise::infeasible::machines::machines_beyond;
use crate::advise::infeasible::trial::{Need, Trial, Tried, subsets, whittled};
use crate::memory::KvType;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::plan::disk::DiskLimit;
use crate::plan::document;
use crate::plan::request::Request;
use crate::scenario::change::{Flags, OnChoice, OnMachine, OnSettings, OnWork};
use crate::scenario::error::RecommendError;
use crate::scenario::{Answer, Change, Scenario};
use crate::units::Bytes;

/// Contexts are tried in steps of this many tokens.
const CONTEXT_STEP: u32 = 1024;
/// Less than this, in MiB, is not advised to be left to the system.
const LEAST_RESERVE_MIB: u32 = 2048;
/// Bytes of a GB.
const GB: u64 = 1_000_000_000;
/// No larger downloads are looked for: what any loadout of a catalog takes.
const MOST_GB: u32 = 10_000;
/// No turn longer than this is looked for, in seconds.
const LONGEST_TURN: u32 = 86_400;
/// Reserves are tried in steps of this many MiB.
const RESERVE_STEP_MIB: u32 = 256;

/// Larger sets of requirements to give up are not looked for.
const LARGEST_GIVEN_UP: usize = 3;

/// A change of a setting that makes room once others are made; none where there is none to make.
type Step = fn(&Trial<'_>, &[Change]) -> Tried<Option<Change>>;
/// What makes room by itself; pairs are made of these and of [`MORE`].
const SETTINGS: [Step; 3] = [raised_limit, smaller_cache, one_slot];
/// What is looked for once one of those is made.
const MORE: [Step; 4] = [shorter_context, slower, longer_turn, smaller_reserve];
/// What is tried alone, the cheapest first.
const ALONE: [Step; 12] = [
    raised_limit,
    smaller_cache,
    one_slot,
    smaller_reserve,
    shorter_context,
    longer_context,
    slower,
    longer_turn,
    fewer_agents,
    more_models,
    larger_downloads,
    filled,
];

/// Every change that gives a loadout, the cheapest first: settings, then wishes, then the machine;
/// and whether the deadline came before all were tried.
pub(super) fn all(trial: &Trial<'_>) -> Tried<(Vec<document::Change>, bool)> {
    let mut found = Vec::new();
    match each(trial, &mut found) {
        Ok(()) => Ok((found, false)),
        Err(RecommendError::OutOfTime) => Ok((found, true)),
        Err(other) => Err(other),
    }
}

fn each(trial: &Trial<'_>, found: &mut Vec<document::Change>) -> Tried<()> {
    for step in ALONE {
        if let Some(change) = step(trial, &[])? {
            found.extend(tried(trial, &[change])?);
        }
    }
    let settings_do = !found.is_empty();
    for need in trial.needs() {
        // Without what has a figure nothing is said here: other changes say how much.
        if !matches!(
            need,
            Need::Memory
                | Need::LeastSpeed(_)
                | Need::LongestTurn(_)
                | Need::Agents(_)
                | Need::Models
                | Need::Disk
        ) {
            let least = trial.without_longest_turn(need);
            let eased = least.map_or(Ok(None), |change| tried(trial, &[change]))?;
            found.extend(match eased {
                Some(eased) => Some(eased),
                None => tried(trial, &[trial.without(need)])?,
            });
        }
    }
    if !settings_do {
        found.extend(pair(trial)?);
    }
    if found.is_empty() {
        found.extend(given_up(trial)?);
    }
    for machine in machines_beyond(&trial.vary.scenario.machine) {
        if let Some(change) = tried(trial, &[Change::Machine(machine)])? {
            found.push(change);
            break;
        }
    }
    Ok(())
}

/// The first pair of settings that does what neither does alone.
fn pair(trial: &Trial<'_>) -> Tried<Option<document::Change>> {
    for (n, first) in SETTINGS.iter().enumerate() {
        let Some(one) = first(trial, &[])? else {
            continue;
        };
        for second in SETTINGS[n + 1..].iter().chain(&MORE) {
            if let Some(two) = second(trial, std::slice::from_ref(&one))?
                && let Some(change) = tried(trial, &[one.clone(), two])?
            {
                return Ok(Some(change));
            }
        }
    }
    match smaller_reserve_and_raised_limit(trial)? {
        Some(changes) => tried(trial, &changes),
        None => Ok(None),
    }
}

/// The first of the smallest sets of requirements without which there is a loadout, each given up by
/// as little as does while the others are; of large sets one that none of its members can leave.
fn given_up(trial: &Trial<'_>) -> Tried<Option<document::Change>> {
    let mut needs = trial.needs();
    // Memory cannot be wished away: what gives more of it is among the settings.
    needs.retain(|need| *need != Need::Memory);
    for size in 2..=LARGEST_GIVEN_UP {
        for set in subsets(&needs, size) {
            if does_without(trial, &set)? {
                return all_eased(trial, &set);
            }
        }
    }
    if !does_without(trial, &needs)? {
        return Ok(None);
    }
    let set = whittled(&needs, |fewer| does_without(trial, fewer))?;
    all_eased(trial, &set)
}

fn without(trial: &Trial<'_>, set: &[Need]) -> Vec<Change> {
    set.iter().map(|need| trial.without(*need)).collect()
}

/// Whether there is a loadout once all of a set is given up.
fn does_without(trial: &Trial<'_>, set: &[Need]) -> Tried<bool> {
    Ok(trial.solve(&without(trial, set))?.is_some())
}

/// All of a set given up, each by as little as does while the others are.
fn all_eased(trial: &Trial<'_>, set: &[Need]) -> Tried<Option<document::Change>> {
    let mut changes = without(trial, set);
    for (n, need) in set.iter().enumerate() {
        let own = changes.remove(n);
        let less = eased(trial, *need, &changes)?;
        changes.insert(n, less.unwrap_or(own));
    }
    tried(trial, &changes)
}

/// By how little a requirement has to be eased for a loadout, where it has a figure.
fn eased(trial: &Trial<'_>, need: Need, made: &[Change]) -> Tried<Option<Change>> {
    match need {
        Need::Context(_) => shorter_context(trial, made),
        Need::LeastSpeed(_) => slower(trial, made),
        Need::LongestTurn(_) => longer_turn(trial, made),
        Need::Agents(_) => fewer_agents(trial, made),
        Need::Models => more_models(trial, made),
        Need::Disk => larger_downloads(trial, made),
        _ => Ok(None),
    }
}

fn tried(trial: &Trial<'_>, changes: &[Change]) -> Tried<Option<document::Change>> {
    let answer = trial.solve(changes)?;
    Ok(answer.map(|answer| told(trial.vary.scenario, changes, &answer)))
}

fn told(scenario: &Scenario<'_>, changes: &[Change], answer: &Answer) -> document::Change {
    let words: Vec<String> = changes.iter().map(|c| c.describe(scenario)).collect();
    let flags: Option<Vec<Flags>> = changes.iter().map(|c| c.flags(scenario)).collect();
    let flags = flags.unwrap_or_default().into_iter();
    let flags = flags.fold(Flags::default(), |mut all, one| {
        all.with.extend(one.with);
        all.without.extend(one.without);
        all
    });
    document::Change {
        text: words.join(", and "),
        flags: flags.with,
        without: flags.without,
        objective: answer.score(),
        loadout: answer.members.iter().map(|m| m.variant.clone()).collect(),
    }
}

/// The scenario once changes are made.
fn there<'t>(trial: &Trial<'t>, made: &[Change]) -> Tried<Scenario<'t>> {
    Change::apply_all(made, trial.vary.scenario)
}

fn also(made: &[Change], change: &Change) -> Vec<Change> {
    made.iter().chain([change]).cloned().collect()
}

fn raised_limit(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let raised = there(trial, made)?.limits().raised_working_set();
    Ok(raised.map(|bytes| Change::Machine(OnMachine::WiredLimit(bytes))))
}

fn smaller_cache(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let settings = there(trial, made)?.request.settings;
    let already = settings.kv_type_k.is_quantized() || settings.kv_type_v.is_quantized();
    let can = !already && settings.flash_attention;
    Ok(can.then_some(Change::Settings(OnSettings::KvType(
        KvType::Q8_0,
        KvType::Q8_0,
    ))))
}

fn one_slot(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let several = there(trial, made)?.request.settings.slots > 1;
    Ok(several.then_some(Change::Settings(OnSettings::Slots(1))))
}

fn filled(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let cuts = there(trial, made)?.limits().guard_cuts();
    Ok(cuts.then_some(Change::Choice(OnChoice::Fill)))
}

fn reserving(steps: u32) -> Change {
    let mib = u64::from(steps * RESERVE_STEP_MIB);
    Change::Machine(OnMachine::Reserve(Bytes::from_mib(mib)))
}

/// The largest reserve below the present one, in steps, with which something holds.
fn largest_reserve(trial: &Trial<'_>, holds: impl Fn(u32) -> Tried<bool>) -> Tried<Option<u32>> {
    let now = trial.vary.scenario.machine.reserve.mib_floor();
    let now = u32::try_from(now).unwrap_or(u32::MAX);
    let most = now.div_ceil(RESERVE_STEP_MIB).saturating_sub(1);
    last_that(LEAST_RESERVE_MIB / RESERVE_STEP_MIB, most, holds)
}

/// The largest reserve that gives a loadout.
fn smaller_reserve(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let fits = |steps| Ok(trial.solve(&also(made, &reserving(steps)))?.is_some());
    Ok(largest_reserve(trial, fits)?.map(reserving))
}

/// The largest reserve that gives a loadout once the GPU may use all that it leaves.
fn smaller_reserve_and_raised_limit(trial: &Trial<'_>) -> Tried<Option<Vec<Change>>> {
    let both = |steps: u32| {
        let less = vec![reserving(steps)];
        let raised = raised_limit(trial, &less)?;
        Ok::<_, RecommendError>(raised.map(|raised| also(&less, &raised)))
    };
    let fits = |steps: u32| match both(steps)? {
        Some(changes) => Ok(trial.solve(&changes)?.is_some()),
        None => Ok(false),
    };
    largest_reserve(trial, fits)?.map_or(Ok(None), both)
}

fn at_context(context: u32) -> Change {
    Change::Settings(OnSettings::Context(Some(context)))
}

/// The longest context below the one asked for that gives a loadout.
fn shorter_context(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let request = there(trial, made)?.request;
    let Some(asked) = request.context else {
        return Ok(None);
    };
    // Below every floor nothing can be had.
    let least = longest_floor(&request).max(SHORTEST_CONTEXT);
    let at = |steps: u32| at_context(steps * CONTEXT_STEP);
    let fits = |steps: u32| Ok(trial.solve(&also(made, &at(steps)))?.is_some());
    let most = asked.div_ceil(CONTEXT_STEP).saturating_sub(1);
    Ok(last_that(least.div_ceil(CONTEXT_STEP), most, fits)?.map(at))
}

/// The context that the tasks' floors ask for, where less was asked for.
fn longer_context(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let request = there(trial, made)?.request;
    let floor = longest_floor(&request);
    let below = request.context.is_some_and(|asked| asked < floor);
    Ok(below.then(|| at_context(floor)))
}

fn longest_floor(request: &Request) -> u32 {
    let tasks = request.tasks.iter();
    let floors = tasks.map(|(task, _)| request.least_context(task));
    floors.max().unwrap_or(0)
}

/// The highest least speed, in tenths of a token per second, that gives a loadout.
fn slower(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let Some(asked) = there(trial, made)?.request.min_tokens_per_second else {
        return Ok(None);
    };
    let at = |tenths: u32| Change::Choice(OnChoice::LeastSpeed(Some(f64::from(tenths) / 10.0)));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a speed is between 0 and 100,000"
    )]
    let most = (asked * 10.0).ceil() as u32;
    let fits = |tenths: u32| Ok(trial.solve(&also(made, &at(tenths)))?.is_some());
    Ok(last_that(1, most.saturating_sub(1), fits)?.map(at))
}

/// The shortest longest turn, in whole seconds, that gives a loadout.
fn longer_turn(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let Some(asked) = there(trial, made)?.request.max_turn_seconds else {
        return Ok(None);
    };
    let at = |seconds: u32| Change::Choice(OnChoice::LongestTurn(Some(f64::from(seconds))));
    let fits = |seconds: u32| Ok(trial.solve(&also(made, &at(seconds)))?.is_some());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds of a turn are below a million"
    )]
    let from = asked.ceil().min(1e6) as u32;
    let mut most = from.max(1);
    while !fits(most)? {
        if most >= LONGEST_TURN {
            return Ok(None);
        }
        most = most.saturating_mul(4).min(LONGEST_TURN);
    }
    Ok(first_that(from, most, fits)?.map(at))
}

/// The most conversations at once, below those asked for, that give a loadout.
fn fewer_agents(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let Some(asked) = there(trial, made)?.request.agents else {
        return Ok(None);
    };
    let at = |agents: u32| Change::Work(OnWork::Agents(Some(agents)));
    let fits = |agents: u32| Ok(trial.solve(&also(made, &at(agents)))?.is_some());
    Ok(last_that(1, asked.saturating_sub(1), fits)?.map(at))
}

/// The fewest models at once, above those allowed, that give a loadout.
fn more_models(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let request = there(trial, made)?.request;
    let (asked, most) = (request.max_models, request.tasks.len() + request.pins.len());
    if most <= asked {
        return Ok(None);
    }
    let at = |more: u32| Change::Choice(OnChoice::Models(asked + more as usize));
    let fits = |more: u32| Ok(trial.solve(&also(made, &at(more)))?.is_some());
    let more = u32::try_from(most - asked).unwrap_or(u32::MAX);
    Ok(first_that(1, more, fits)?.map(at))
}

/// The least that has to be downloaded for a loadout, in whole GB, where more than was allowed does.
fn larger_downloads(trial: &Trial<'_>, made: &[Change]) -> Tried<Option<Change>> {
    let Some(asked) = there(trial, made)?.request.disk else {
        return Ok(None);
    };
    let at = |gb: u32| {
        Change::Choice(OnChoice::Disk(Some(DiskLimit {
            most_bytes: Bytes(u64::from(gb) * GB),
            here: asked.here.clone(),
        })))
    };
    let fits = |gb: u32| Ok(trial.solve(&also(made, &at(gb)))?.is_some());
    let from = u32::try_from(asked.most_bytes.0.div_ceil(GB)).unwrap_or(MOST_GB);
    let from = from.max(1);
    Ok(first_that(from, MOST_GB, fits)?.map(at))
}

/// The first of `from..=to` of which something holds, where it holds from some point on; none where
/// it holds nowhere.
fn first_that(from: u32, to: u32, holds: impl Fn(u32) -> Tried<bool>) -> Tried<Option<u32>> {
    if to < from {
        return Ok(None);
    }
    let below = last_that(0, to - from, |under| holds(to - under))?;
    Ok(below.map(|under| to - under))
}

/// The last of `from..=to` of which something holds, where it holds up to some point and not
/// beyond; none where it holds nowhere.
fn last_that(from: u32, to: u32, holds: impl Fn(u32) -> Tried<bool>) -> Tried<Option<u32>> {
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
