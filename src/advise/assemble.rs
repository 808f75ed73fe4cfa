//! The parts of the plan as a document: entries, runners-up, proof, rejections, summaries.

use crate::plan::document::{
    Alternative, Entry, Member, Memory, Optimality, Rejected, Score, ScorePart, SpeedAtDepth,
    SpeedSummary,
};
use crate::plan::request::Request;
use crate::scenario::candidates::{Candidate, Pool, Setting};
use crate::scenario::refusal::RejectionKind;
use crate::scenario::solved::{Solved, points};
use crate::solve::Solution;
use crate::speed::Speed;

/// Tokens in the context at which a plan tells the speed, beside a full one.
const WORKING_DEPTH: u32 = 32_768;

pub(super) fn entries(setting: Setting<'_>, solved: &Solved<'_>) -> Vec<Entry> {
    let request = setting.request;
    let Some(best) = solved.solutions.first() else {
        return Vec::new();
    };
    let servers = &best.servers;
    let shares = request.shares();
    let mut entries: Vec<(usize, Entry)> = best
        .items
        .iter()
        .map(|&i| {
            let served: Vec<usize> = (0..servers.len()).filter(|&t| servers[t] == i).collect();
            let first = served.first().copied().unwrap_or(usize::MAX);
            (
                first,
                entry(setting, &solved.pool.candidates[i], &served, &shares),
            )
        })
        .collect();
    // In the order of the tasks that were asked for.
    entries.sort_by_key(|(first, _)| *first);
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, e)| e).collect();
    name_apart(&mut entries);
    entries
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

fn entry(setting: Setting<'_>, c: &Candidate<'_>, served: &[usize], shares: &[f64]) -> Entry {
    let request = setting.request;
    let ledger = c.ledger();
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
        settings: c.settings,
        memory: Memory::of(&ledger),
        ledger: ledger.lines().to_vec(),
        speed: c.speed.as_deref().map(|s| SpeedSummary {
            deeper: deeper(setting, c, s),
            ..SpeedSummary::of(s)
        }),
        score: score_of(c, served, shares, request),
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
            let score = c.score(&request.tasks[t].0);
            score.parts.into_iter().map(move |p| ScorePart {
                task: score.task.clone(),
                utility: p.utility.id().to_owned(),
                weight: p.weight,
                figure: p.figure,
                value: p.value,
                contribution: p.contribution * share,
                note: p.note,
            })
        })
        .collect();
    Score {
        total: parts.iter().map(|p| p.contribution).sum(),
        parts,
    }
}

fn deeper(setting: Setting<'_>, c: &Candidate<'_>, speed: &Speed) -> Vec<SpeedAtDepth> {
    let full = c.settings.context;
    let depths = [WORKING_DEPTH].into_iter().filter(|d| *d < full);
    let predicted = depths.chain([full]).filter_map(|depth| {
        let (machine, predictor) = (setting.machine, setting.predictor);
        let at = predictor.at_depth(c.model, c.variant, machine, speed, depth)?;
        Some(SpeedAtDepth {
            depth_tokens: depth,
            decode_tokens_per_second: at.decode_tokens_per_second,
            low: at.low,
            high: at.high,
        })
    });
    predicted.collect()
}

pub(super) fn alternative(
    solved: &Solved<'_>,
    solution: &Solution,
    request: &Request,
) -> Alternative {
    let members = solved.members(solution);
    Alternative {
        gpu_total_bytes: members.iter().map(|c| c.demand.gpu).sum(),
        members: members_of(solved, solution, request),
        objective: points(solution.objective),
    }
}

/// The models of a set, each with the tasks that it serves.
pub(super) fn members_of(
    solved: &Solved<'_>,
    solution: &Solution,
    request: &Request,
) -> Vec<Member> {
    let servers = &solution.servers;
    let member = |&i: &usize| {
        let c = &solved.pool.candidates[i];
        let served = (0..servers.len()).filter(|&t| servers[t] == i);
        Member {
            variant: c.name(),
            context: c.settings.context,
            tasks: served.map(|t| request.tasks[t].0.id.clone()).collect(),
            decode_tokens_per_second: c.speed.as_ref().map(|s| s.decode()),
            basis: c.speed.as_ref().map(|s| s.basis()),
        }
    };
    solution.items.iter().map(member).collect()
}

pub(super) fn optimality(solved: &Solved<'_>, seconds: f64) -> Optimality {
    let objective = solved.score();
    let bound = points(solved.bound).max(objective);
    let status = match (solved.solutions.is_empty(), solved.proven) {
        (true, true) => "infeasible",
        (true, false) => "nothing_found",
        (false, true) => "optimal",
        (false, false) => "best_found",
    };
    Optimality {
        status: status.to_owned(),
        method: solved.method.clone(),
        objective,
        bound,
        gap: points(
            solved.bound
                - solved
                    .solutions
                    .first()
                    .map_or(solved.bound, |s| s.objective),
        ),
        candidates: solved.pool.candidates.len(),
        after_presolve: solved.kept,
        seconds,
    }
}

pub(super) fn rejected(pool: &Pool<'_>) -> Vec<Rejected> {
    let mut all: Vec<_> = pool.rejections.iter().collect();
    // Within a kind the nearest miss comes first.
    all.sort_by(|a, b| {
        a.kind
            .cmp(&b.kind)
            .then(a.excess.cmp(&b.excess))
            .then_with(|| a.variant.cmp(&b.variant))
    });
    all.into_iter()
        .map(|r| Rejected {
            variant: r.variant.clone(),
            kind: r.kind.id().to_owned(),
            reason: r.reason.clone(),
        })
        .collect()
}

impl RejectionKind {
    /// The name in the document.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Floor => "floor",
            Self::Request => "request",
            Self::Engine => "engine",
            Self::Unknown => "unknown",
        }
    }
}
