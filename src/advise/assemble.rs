//! The parts of the plan as a document: entries, runners-up, proof, rejections, summaries.

use crate::advise::{caps, efforts};
use crate::catalog::roles::Role;
use crate::memory::Settings;
use crate::plan::document::{
    Alternative, Entry, ExpectedQuality, Idle, Memory, Optimality, OptimalityStatus, Rejected,
    Scope, Score, ScorePart, SpeedSummary, Turn,
};
use crate::plan::expected_quality::Asked;
use crate::plan::request::Request;
use crate::scenario::ladder::Ladder;
use crate::scenario::problem::points;
use crate::scenario::{Candidate, Pool, Prepared, Scenario};
use crate::solve::{Found, Solution, Status};
use crate::speed::Estimate;
use crate::task::TaskProfile;

/// The models of a solution, each with the tasks of the request that it serves.
pub(super) fn entries(prepared: &Prepared<'_>, best: &Solution) -> Vec<Entry> {
    let servers: Vec<Option<usize>> = best.servers.iter().map(|&i| Some(i)).collect();
    entries_of(prepared, &best.items, &servers)
}

/// Candidates as entries, by what serves each task of the request; none where that is loaded
/// elsewhere.
pub(crate) fn entries_of(
    prepared: &Prepared<'_>,
    items: &[usize],
    servers: &[Option<usize>],
) -> Vec<Entry> {
    let shares = prepared.scenario.request.shares();
    let members: Vec<_> = items.iter().map(|&i| prepared.pool.candidate(i)).collect();
    let settings = caps::settings(prepared, &members);
    let entry_of = |(&i, settings): (&usize, &Settings)| {
        let served: Vec<usize> = (0..servers.len())
            .filter(|&t| servers[t] == Some(i))
            .collect();
        let first = served.first().copied().unwrap_or(usize::MAX);
        let candidate = prepared.pool.candidate(i);
        let entry = Entry {
            idle: served.is_empty().then(|| why_idle(prepared, &candidate)),
            ..entry(prepared.scenario, &candidate, settings, &served, &shares)
        };
        (first, entry)
    };
    let members = items.iter().zip(&settings);
    let mut entries: Vec<(usize, Entry)> = members.map(entry_of).collect();
    // In the order of the tasks that were asked for.
    entries.sort_by_key(|(first, _)| *first);
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, e)| e).collect();
    name_apart(&mut entries);
    entries
}

/// Why a model serves no task. As it was loaded to idle it may be below floors that it meets at another
/// context, or in another file.
fn why_idle(prepared: &Prepared<'_>, c: &Candidate<'_>) -> Idle {
    let own = prepared.pool.ladders.iter();
    let mut own = own.filter(|ladder| ladder.base().model.id == c.model.id);
    // What a context rules out, the longest does not.
    let serves = |ladder: &Ladder<'_>| {
        let longest = ladder.candidate(ladder.len() - 1);
        longest.scores.iter().any(Option::is_some)
    };
    match own.any(serves) {
        true => Idle::OthersServe,
        false => Idle::BelowFloors,
    }
}

/// Two variants of one model can't both go by the model's name.
fn name_apart(entries: &mut [Entry]) {
    let models: Vec<String> = entries.iter().map(|e| e.model.clone()).collect();
    for entry in entries {
        if models.iter().filter(|m| **m == entry.model).count() > 1 {
            entry.identifier = format!("{}-{}", entry.model, entry.variant);
        }
    }
}

/// A candidate as an entry, with the tasks of the request that it serves; why it serves none is for
/// whoever knows the others to say.
pub(super) fn entry(
    scenario: &Scenario<'_>,
    c: &Candidate<'_>,
    settings: &Settings,
    served: &[usize],
    shares: &[f64],
) -> Entry {
    let request = &scenario.request;
    let ledger = c.ledger_at(settings);
    Entry {
        model: c.model.id.clone(),
        name: c.model.name.clone(),
        variant: c.variant.id.clone(),
        identifier: c.model.id.clone(),
        engine: c.settings.engine,
        quantization: c.variant.quantization.clone(),
        repository: c.variant.repository.clone(),
        files: c.variant.files.clone(),
        tasks: served
            .iter()
            .map(|&t| request.tasks[t].0.id.clone())
            .collect(),
        settings: *settings,
        memory: Memory::of(&ledger),
        ledger: (ledger.lines().iter())
            .map(|line| line.told_on(scenario.machine.gpu_memory))
            .collect(),
        speed: c.speed.as_deref().map(|s| SpeedSummary {
            turns: turns(request, c, served),
            ..SpeedSummary::of(s)
        }),
        quality: served
            .iter()
            .filter_map(|&t| {
                let asked = Asked {
                    setting: c.setting(t),
                    effort: c.way(t)?.effort,
                };
                ExpectedQuality::of(&request.tasks[t].0, c.model, &asked, &c.loss)
            })
            .collect(),
        efforts: efforts::by_task(request, c, served),
        embedding: c.model.embedding.clone(),
        completes: served
            .iter()
            .map(|&t| &request.tasks[t].0)
            .filter(|task| task.role == Role::Autocomplete)
            .map(|task| task.id.clone())
            .collect(),
        score: score_of(c, served, shares, request),
        idle: None,
        node: None,
        shards: Vec::new(),
        stands_by_for: Vec::new(),
        sampling: served
            .iter()
            .find_map(|&t| request.tasks[t].0.sampling.clone())
            .or_else(|| c.model.sampling.clone()),
    }
}

fn score_of(c: &Candidate<'_>, served: &[usize], shares: &[f64], request: &Request) -> Score {
    let all: f64 = served.iter().map(|&t| shares[t]).sum();
    let parts: Vec<ScorePart> = served
        .iter()
        .flat_map(|&t| {
            let share = shares[t] / all;
            let score = c.score(t, &request.tasks[t].0);
            score.parts.into_iter().map(move |p| ScorePart {
                task: score.task.clone(),
                utility: p.utility,
                weight: p.weight,
                figure: p.figure,
                value: p.value,
                contribution: p.contribution,
                share,
                note: p.note,
            })
        })
        .collect();
    Score {
        total: parts.iter().map(|p| p.contribution * p.share).sum(),
        parts,
    }
}

/// The turns of the tasks that it serves; where it serves none, of all that its context holds.
fn turns(request: &Request, c: &Candidate<'_>, served: &[usize]) -> Vec<Turn> {
    let tasks = request.tasks.iter().zip(c.turns.iter()).enumerate();
    let holds = |turn: &Option<Estimate>| {
        let tokens = turn.as_ref().map(|turn| turn.work.tokens());
        tokens.is_some_and(|tokens| tokens <= c.settings.context)
    };
    let shown = tasks.filter(|(t, (_, turn))| match served.is_empty() {
        true => holds(turn),
        false => served.contains(t),
    });
    let turn = |(t, ((task, _), turn)): (usize, (&(TaskProfile, f64), &Option<Estimate>))| {
        Some(Turn::of(&task.id, c.setting(t), turn.as_ref()?))
    };
    shown.filter_map(turn).collect()
}

pub(super) fn alternative(prepared: &Prepared<'_>, solution: &Solution) -> Alternative {
    let answer = prepared.answer(solution);
    Alternative {
        gpu_total_bytes: answer.demand.gpu,
        objective: answer.score(),
        members: answer.members,
        proven: solution.proven,
    }
}

/// The score of the best set; 0 where there is none.
pub(super) fn score(found: &Found) -> f64 {
    found.solutions.first().map_or(0.0, |s| points(s.objective))
}

pub(super) fn optimality(
    prepared: &Prepared<'_>,
    found: &Found,
    unguarded: Option<&Found>,
    seconds: f64,
) -> Optimality {
    let objective = score(found);
    let bound = found.bound.map_or(0.0, points).max(objective);
    let status = match found.status {
        Status::Proven => OptimalityStatus::Optimal,
        Status::BestFound => OptimalityStatus::BestFound,
        Status::Infeasible => OptimalityStatus::Infeasible,
        Status::NothingFound => OptimalityStatus::NothingFound,
    };
    Optimality {
        status,
        method: found.solver,
        objective,
        bound,
        gap: found.solutions.first().map_or(0.0, |s| {
            points(found.bound.unwrap_or(s.objective) - s.objective)
        }),
        scope: Scope::of(
            prepared.scenario.request.context,
            &prepared.limits,
            unguarded.filter(|u| u.is_proven()).map(score),
        ),
        candidates: prepared.pool.fitting(&prepared.limits),
        after_presolve: found.after_presolve,
        seconds,
    }
}

pub(super) fn rejected(pool: &Pool<'_>) -> Vec<Rejected> {
    let mut all: Vec<_> = pool.rejections.iter().collect();
    // Within a kind the nearest miss comes first.
    all.sort_by(|a, b| {
        a.why
            .kind()
            .cmp(&b.why.kind())
            .then(a.excess.cmp(&b.excess))
            .then_with(|| a.variant.cmp(&b.variant))
    });
    all.into_iter().map(|r| r.document()).collect()
}
