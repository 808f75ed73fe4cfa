//! What to do with a plan, and what to know about it: each statement tried out, not guessed.

use crate::advise::assemble::score as score_of;
use crate::advise::shared;
use crate::catalog::full_name;
use crate::catalog::schema::PublishedLoadout;
use crate::machine::working_sets::{Warning, warnings};
use crate::memory::limits::{Demand, SEEN_TO_FAIL, SEEN_TO_FAIL_SOURCE};
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::advice::{of_drafting, of_loading_one};
use crate::plan::document::{Advice, AdviceKind};
use crate::scenario::error::RecommendError;
use crate::scenario::{Candidate, Prepared, Scenario};
use crate::solve::{Deadline, Found, Solution};
use crate::speed::{Figure, Unknown};
use crate::task::{TaskProfile, Utility};
use crate::units::{Bytes, exact_tokens, tokens};

/// How many variants to name for measuring.
const TO_MEASURE: usize = 3;
/// The least gain in score that is worth a root command.
const WORTH_RAISING: f64 = 0.005;

/// All advice on a solved request, the most urgent first.
///
/// # Errors
/// When solving for a raised limit fails.
pub fn all(
    prepared: &Prepared<'_>,
    found: &Found,
    unguarded: Option<&Found>,
    deadline: Deadline<'_>,
) -> Result<Vec<Advice>, RecommendError> {
    let scenario = prepared.scenario;
    let best = found.solutions.first();
    let chosen = best.map_or_else(Vec::new, |best| prepared.members(best));
    let mut advice = old_profiles(scenario);
    advice.extend(kept_clear(prepared, found, unguarded));
    advice.extend(nearly_full(prepared, &chosen));
    advice.extend(raise_wired_limit(prepared, found, deadline)?);
    advice.extend(
        best.into_iter()
            .flat_map(|best| short_contexts(prepared, best)),
    );
    advice.extend(
        best.into_iter()
            .flat_map(|best| shared::told(prepared, best)),
    );
    advice.extend(of_loading_all(scenario, &chosen));
    advice.extend(known_to_fail(scenario, &chosen));
    advice.extend(rests_on_predictions(&chosen));
    advice.extend(no_speeds(scenario));
    advice.extend(measure_next(prepared, &chosen));
    advice.extend(drafting(scenario, &chosen));
    let loadouts = scenario.catalog.published_loadouts.iter();
    advice.extend(loadouts.filter_map(|p| published(prepared, p)));
    Ok(advice)
}

/// What the profiles of the request name that is no longer read.
fn old_profiles(scenario: &Scenario<'_>) -> Vec<Advice> {
    let tasks = scenario.request.tasks.iter();
    let notes = tasks.flat_map(|(task, _)| {
        let of = task.notes.iter();
        of.map(move |note| format!("the profile `{}`: {note}", task.id))
    });
    notes
        .map(|note| Advice::new(AdviceKind::OldProfile, note))
        .collect()
}

/// Whether raising the GPU's limit would allow a better loadout: tried by solving again.
fn raise_wired_limit(
    prepared: &Prepared<'_>,
    found: &Found,
    deadline: Deadline<'_>,
) -> Result<Option<Advice>, RecommendError> {
    let limits = &prepared.limits;
    // What the GPU takes is part of what physical memory holds: where that is no more than the GPU
    // may use, raising the GPU's limit makes room for nothing.
    if limits.physical_budget() <= limits.gpu_budget() {
        return Ok(None);
    }
    let Some(raised) = limits.raised_working_set() else {
        return Ok(None);
    };
    let more = limits.clone().with_raised_working_set();
    let better = prepared.with_more_room(&more, found, deadline)?;
    let best = better.solutions.first().filter(|_| better.is_proven());
    let now = score_of(found);
    let better = best.map(|best| prepared.answer(best));
    let Some(better) = better.filter(|b| b.score() - now >= WORTH_RAISING) else {
        return Ok(None);
    };
    let members = better.members.iter();
    let loadout: Vec<String> = members
        .map(|m| format!("{} at {} tokens", m.variant, tokens(m.context)))
        .collect();
    let Some(raise) = prepared.scenario.machine.raise() else {
        return Ok(None);
    };
    let mib = raised.mib_floor();
    let text = format!(
        "raising the GPU's limit to {} ({mib} MiB, which leaves {} to the system) would allow {} (score {:.3} instead of {now:.3}); {}",
        raised.both(),
        limits.physical_bytes.saturating_sub(raised),
        loadout.join(" + "),
        better.score(),
        raise.lasts,
    );
    let advice = Advice::new(AdviceKind::RaiseWiredLimit, text)
        .figures([
            ("wired_limit_bytes", as_figure(raised)),
            ("score", better.score()),
            ("score_now", now),
        ])
        .command(raise.command(raised));
    Ok(Some(advice))
}

/// Where a context holds less than a turn of a task that its model serves, or than a turn of each of
/// its conversations: the speeds are those of the turn all the same.
fn short_contexts(prepared: &Prepared<'_>, best: &Solution) -> Vec<Advice> {
    let tasks = prepared.scenario.request.tasks.iter().zip(&best.servers);
    let told = |(t, ((task, _), &server)): (usize, (&(TaskProfile, f64), &usize))| {
        let c = prepared.pool.candidate(server);
        let work = c.turn(t)?.work;
        let all = work.tokens();
        let context = c.settings.context;
        let needs = match work.streams {
            0 | 1 => "a turn".to_owned(),
            n => format!("a turn of each of {n} conversations"),
        };
        (context < all).then(|| {
            let text = format!(
                "{}: {needs} of {} takes {} with its answer, and the context holds {}: the client has to cut or compact before that",
                c.name(),
                task.id,
                exact_tokens(all),
                exact_tokens(context),
            );
            let figures = [
                ("turn_tokens", f64::from(all)),
                ("context_tokens", f64::from(context)),
            ];
            Advice::new(AdviceKind::ContextBelowTurn, text).figures(figures)
        })
    };
    tasks.enumerate().filter_map(told).collect()
}

/// What is known of loading the members in LM Studio: first those that nobody reported.
fn of_loading_all(scenario: &Scenario<'_>, chosen: &[Candidate<'_>]) -> Vec<Advice> {
    let told =
        |c: &Candidate<'_>| of_loading_one(&scenario.catalog, (c.model, c.variant), &c.name());
    let mut all: Vec<Advice> = chosen.iter().flat_map(told).collect();
    all.sort_by_key(|advice| advice.kind != AdviceKind::NotSeenToLoad);
    all
}

/// What drafting was measured to gain with the members.
fn drafting(scenario: &Scenario<'_>, chosen: &[Candidate<'_>]) -> Vec<Advice> {
    let told = |c: &Candidate<'_>| {
        let (machine, engine) = (&scenario.machine, c.settings.engine);
        let told = of_drafting(&scenario.catalog, c.model, machine, engine);
        let name = c.name();
        told.into_iter().map(move |advice| Advice {
            text: format!("{name}: {}", advice.text),
            ..advice
        })
    };
    chosen.iter().flat_map(told).collect()
}

/// What is known to fail in LM Studio on this version of macOS, where that is known.
fn known_to_fail(scenario: &Scenario<'_>, chosen: &[Candidate<'_>]) -> Vec<Advice> {
    let Some(macos) = scenario.machine.macos.filter(|known| !known.assumed) else {
        return Vec::new();
    };
    let concerns = |warning: &Warning| {
        warning.engine.as_ref().is_none_or(|id| {
            let runs = |c: &Candidate<'_>| c.settings.engine.id() == id && c.settings.slots > 1;
            chosen.iter().any(runs)
        })
    };
    warnings(macos.version)
        .into_iter()
        .filter(|warning| concerns(warning))
        .map(|w| {
            Advice::new(
                AdviceKind::KnownToFail,
                format!("{} [{}]", w.text, w.source),
            )
        })
        .collect()
}

/// A better loadout that the guard passed over.
fn kept_clear(prepared: &Prepared<'_>, found: &Found, unguarded: Option<&Found>) -> Option<Advice> {
    let best = unguarded?.solutions.first()?;
    let answer = prepared.answer(best);
    let physical = prepared.limits.physical_bytes;
    (answer.score() > score_of(found)).then(|| {
        let taken = answer.demand.physical(prepared.limits.gpu_memory);
        let text = format!(
            "{} would score {:.3}, but take {} % of memory, and {}",
            answer.names().join(" + "),
            answer.score(),
            taken.percent_of(physical),
            seen_to_fail(),
        );
        Advice::new(AdviceKind::KeptClear, text)
            .figures([("total_bytes", as_figure(taken)), ("score", answer.score())])
            .flags(vec!["--fill".to_owned()])
    })
}

/// What a nearly full machine means, where the guard stood aside.
fn nearly_full(prepared: &Prepared<'_>, chosen: &[Candidate<'_>]) -> Option<Advice> {
    let limits = &prepared.limits;
    let taken: Demand = chosen.iter().map(|c| c.demand).sum();
    let taken = taken.physical(limits.gpu_memory);
    let guard = limits.clone().with_guard().guard_bytes?;
    (taken > guard).then(|| {
        Advice::new(
            AdviceKind::NearlyFull,
            format!(
                "this takes {} % of memory, and {}: try it before you rely on it",
                taken.percent_of(limits.physical_bytes),
                seen_to_fail(),
            ),
        )
    })
}

fn seen_to_fail() -> String {
    format!("a Mac with {SEEN_TO_FAIL} % in use was seen to swap [{SEEN_TO_FAIL_SOURCE}]")
}

fn rests_on_predictions(chosen: &[Candidate<'_>]) -> Option<Advice> {
    let predicted: Vec<String> = chosen
        .iter()
        .filter(|c| matches!(c.alone.as_deref(), Some(Figure::Predicted(_))))
        .map(|c| c.name())
        .collect();
    (!predicted.is_empty()).then(|| {
        Advice::new(AdviceKind::RestsOnPredictions, format!("the speed of {} is predicted, not measured; `--measured-only` leaves such variants out", predicted.join(" and ")))
    })
}

fn no_speeds(scenario: &Scenario<'_>) -> Option<Advice> {
    let machine = &scenario.machine;
    machine.bandwidth().is_none().then(|| {
        let why = machine.chip.as_ref().map_or(Unknown::Chip, Unknown::bandwidth);
        let text = format!(
            "no speed is predicted: {why}; the profiles' values for a missing figure stand in, and `--machine m4-max-64gb` plans for another (`planner machines`)"
        );
        Advice::new(AdviceKind::NoSpeeds, text)
    })
}

/// Unmeasured variants that would beat the chosen one on a task at the high end of their range.
fn measure_next(prepared: &Prepared<'_>, chosen: &[Candidate<'_>]) -> Option<Advice> {
    let mut gains: Vec<(f64, String)> = Vec::new();
    let most_first =
        |a: &(f64, String), b: &(f64, String)| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1));
    for ladder in &prepared.pool.ladders {
        let c = ladder.base();
        let loaded = chosen.iter().any(|x| x.variant_number == c.variant_number);
        let Some(Figure::Predicted(p)) = c.speed.as_deref().filter(|_| !loaded) else {
            continue;
        };
        for (t, (task, _)) in prepared.scenario.request.tasks.iter().enumerate() {
            let now = chosen.iter().filter_map(|x| x.scores[t]);
            let now = now.fold(0.0, f64::max);
            let (Some(most), Some(turn)) = (ladder.at_most(t), c.turn(t)) else {
                continue;
            };
            let worth = |seconds: f64| task.scales.turn.at_time(seconds);
            let more = worth(turn.best_seconds()) - worth(turn.deciding_seconds());
            let gain = |score: f64| score + task.weights.of(Utility::Speed) * more - now;
            let least = gains.get(TO_MEASURE - 1).map_or(0.0, |(gain, _)| *gain);
            if gain(most) < least {
                continue;
            }
            let best = ladder.best(t, |demand| prepared.limits.holds(demand));
            let score = best.and_then(|best| best.scores[t]);
            if let Some(gain) = score.map(gain).filter(|gain| *gain > 0.0) {
                let range = format!("predicted {:.0} to {:.0} t/s", p.low, p.high);
                gains.push((
                    gain,
                    format!("{} ({}: {range})", full_name(c.model, c.variant), task.id),
                ));
                gains.sort_by(most_first);
                gains.truncate(TO_MEASURE);
            }
        }
    }
    let names: Vec<String> = gains.into_iter().map(|(_, name)| name).collect();
    (!names.is_empty() && !chosen.is_empty()).then(|| {
        Advice::new(
            AdviceKind::MeasureNext,
            format!(
                "measuring these could change the answer: {}",
                names.join("; ")
            ),
        )
    })
}

/// What a loadout that a study published really needs, beside what it counted.
fn published(prepared: &Prepared<'_>, loadout: &PublishedLoadout) -> Option<Advice> {
    // To those who ask for the study's figures, or for a model of its plan.
    let (scenario, limits) = (prepared.scenario, &prepared.limits);
    let request = &scenario.request;
    let asked = request.campaign.as_deref() == Some(loadout.campaign.as_str());
    let named = request.pins.iter().any(|pin| loadout.members.contains(pin));
    let applies = asked || (named && loadout.machine == scenario.machine.id);
    if !applies {
        return None;
    }
    let mut demand = Demand::default();
    let mut weights = Bytes::ZERO;
    for name in &loadout.members {
        let (model, Some(variant)) = scenario.catalog.find(name)? else {
            return None;
        };
        let engine = Engine::from_id(&variant.engine)?;
        let settings = Settings::lm_studio(engine, loadout.context);
        let ledger = Ledger::of(
            model.architecture.as_ref()?,
            &crate::catalog::weights_of(variant),
            &settings,
        );
        demand = demand + Demand::from(&ledger);
        weights += variant.weights_bytes;
    }
    let left = limits.headroom(demand);
    let verdict = if left >= 0 {
        format!("it fits, with {} to spare", Bytes(left.unsigned_abs()))
    } else {
        format!(
            "it does not fit: {} too much for the {}",
            Bytes(left.unsigned_abs()),
            limits.binding(demand).name(limits.gpu_memory)
        )
    };
    Some(Advice::new(
        AdviceKind::PublishedLoadout,
        format!(
            "{} ({}), {} at {} tokens each: {}. Its files are {}; with the context it needs {} of GPU working set and {} of memory. On this machine {verdict}",
            loadout.name,
            loadout.source,
            loadout.members.join(" + "),
            tokens(loadout.context),
            loadout.claim,
            weights.both(),
            demand.gpu.both(),
            demand.total.both(),
        ),
    ))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory are below 2^53")]
const fn as_figure(bytes: Bytes) -> f64 {
    bytes.0 as f64
}
