//! The main job: from catalog, machine and request to the provably best plan.

use super::advice;
use super::candidates::{self, Candidate, Pool, RejectionKind, Setting};
use super::document::{
    Alternative, Entry, MachineSummary, Member, Memory, Optimality, Plan, Rejected, RequestSummary,
    SCHEMA, Score, ScorePart, SpeedSummary, WeightedTask,
};
use super::request::{Method, Request};
use super::score::STEPS;
use super::solve::milp::MilpError;
use super::solve::{Item, Problem, SEARCH_MODELS, Solution, milp, presolve, search};
use crate::catalog::Catalog;
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::speed::{Predictor, Speed};
use crate::suggest;

/// How many runners-up a plan names.
const RUNNERS_UP: usize = 5;

/// Why no plan could be attempted. "Nothing fits" is not an error but an empty plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecommendError {
    /// A pin or an exclusion names nothing.
    #[error("`{flag} {name}` names no model or variant{}\nhint: `planner catalog list` shows them", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownModel {
        /// The flag.
        flag: &'static str,
        /// The name given.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// No measurement belongs to the campaign.
    #[error("no measurement belongs to the campaign `{name}`{}\nhint: the campaigns are {known}", suggest::or_nothing(.suggestion.as_deref()))]
    UnknownCampaign {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// More pins than models.
    #[error(
        "{pins} models are pinned and at most {models} may be loaded\nhint: raise `--models` or pin fewer"
    )]
    TooManyPins {
        /// How many are pinned.
        pins: usize,
        /// How many may be loaded.
        models: usize,
    },
    /// The solver failed.
    #[error(transparent)]
    Milp(#[from] MilpError),
}

/// The solve with all that its answer is explained from.
#[derive(Debug, Clone)]
pub struct Solved<'a> {
    /// What could be loaded and what could not.
    pub pool: Pool<'a>,
    /// The problem in whole numbers; items stand as the pool's candidates.
    pub problem: Problem,
    /// Items that presolve left.
    pub kept: usize,
    /// The best and its runners-up; empty where nothing is feasible.
    pub solutions: Vec<Solution>,
    /// The method that solved it.
    pub method: String,
}

/// Recommends what to keep loaded. `now` gives seconds since some fixed moment, for the time of
/// the solve; nothing else depends on it.
///
/// # Errors
/// When the request names what does not exist, or the solver fails.
pub fn recommend(
    catalog: &Catalog,
    machine: &Machine,
    predictor: &Predictor,
    request: &Request,
    now: &dyn Fn() -> f64,
) -> Result<Plan, RecommendError> {
    check_names(catalog, request)?;
    let limits = Limits::of(machine);
    let setting = Setting {
        catalog,
        machine,
        limits: &limits,
        predictor,
        request,
    };
    let started = now();
    let solved = solve(setting, RUNNERS_UP + 1)?;
    let seconds = now() - started;
    let best = solved.solutions.first();
    let chosen: Vec<&Candidate<'_>> = best.map_or_else(Vec::new, |s| {
        s.items
            .iter()
            .map(|&i| &solved.pool.candidates[i])
            .collect()
    });
    let demand: Demand = chosen.iter().map(|c| Demand::from(&c.ledger)).sum();
    // The solver counts in whole MiB; the answer is checked again in bytes.
    assert!(
        chosen.is_empty() || limits.holds(demand),
        "the solver chose more than the machine holds"
    );
    let totals = chosen
        .iter()
        .map(|c| Memory::of(&c.ledger))
        .fold(Memory::default(), Memory::plus);
    let advice = advice::all(setting, &solved, machine)?;
    Ok(Plan {
        schema: SCHEMA,
        generator: concat!("planner ", env!("CARGO_PKG_VERSION")).to_owned(),
        machine: machine_summary(machine),
        request: request_summary(request),
        loadout: entries(&solved, request),
        totals,
        binding: limits.binding(demand),
        headroom_bytes: limits.headroom(demand),
        optimality: optimality(&solved, seconds),
        alternatives: solved
            .solutions
            .iter()
            .skip(1)
            .map(|s| alternative(&solved, s))
            .collect(),
        rejected: rejected(&solved.pool),
        limits,
        advice,
    })
}

/// Builds the candidates and solves for the best sets.
///
/// # Errors
/// When the request pins too much, or the solver fails.
pub fn solve(setting: Setting<'_>, count: usize) -> Result<Solved<'_>, RecommendError> {
    let request = setting.request;
    let pool = candidates::pool(setting);
    if request.pins.len() > request.max_models {
        return Err(RecommendError::TooManyPins {
            pins: request.pins.len(),
            models: request.max_models,
        });
    }
    let problem = problem(setting, &pool);
    let items = presolve::keep(&problem);
    let by_search = match request.method {
        Method::Search => true,
        Method::Milp => false,
        Method::Auto => request.max_models <= SEARCH_MODELS,
    };
    let (solutions, method) = if by_search {
        (
            search::best(&problem, &items, count),
            "exact search".to_owned(),
        )
    } else {
        (
            milp::best(&problem, &items, count)?,
            format!("integer program ({})", milp::backend()),
        )
    };
    Ok(Solved {
        pool,
        problem,
        kept: items.len(),
        solutions,
        method,
    })
}

fn check_names(catalog: &Catalog, request: &Request) -> Result<(), RecommendError> {
    for (flag, names) in [("--pin", &request.pins), ("--exclude", &request.excludes)] {
        if let Some(name) = names.iter().find(|n| catalog.find(n).is_none()) {
            let known: Vec<String> = catalog.names().collect();
            let suggestion = suggest::nearest(name, known.iter().map(String::as_str));
            return Err(RecommendError::UnknownModel {
                flag,
                name: name.clone(),
                suggestion,
            });
        }
    }
    let campaigns = catalog.campaigns();
    match &request.campaign {
        Some(name) if !campaigns.contains(&name.as_str()) => Err(RecommendError::UnknownCampaign {
            name: name.clone(),
            known: campaigns
                .iter()
                .map(|c| format!("`{c}`"))
                .collect::<Vec<_>>()
                .join(", "),
            suggestion: suggest::nearest(name, campaigns.iter().copied()),
        }),
        _ => Ok(()),
    }
}

/// Shares of the tasks, adding up to 1.
fn shares(request: &Request) -> Vec<f64> {
    let sum: f64 = request.tasks.iter().map(|(_, w)| w).sum();
    request.tasks.iter().map(|(_, w)| w / sum).collect()
}

fn problem(setting: Setting<'_>, pool: &Pool<'_>) -> Problem {
    let shares = shares(setting.request);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number from 0 to 1 times 100,000"
    )]
    let steps = |total: f64, share: f64| (total * share * STEPS).round() as i64;
    let items = pool.candidates.iter().map(|c| Item {
        family: c.model_number,
        variant: c.variant_number,
        memory: [c.ledger.gpu_total().mib_ceil(), c.ledger.total().mib_ceil()],
        scores: c
            .scores
            .iter()
            .zip(&shares)
            .map(|(score, share)| score.as_ref().map(|s| steps(s.total, *share)))
            .collect(),
    });
    let pins = setting.request.pins.iter().map(|pin| {
        let met = |c: &Candidate<'_>| {
            *pin == c.model.id || *pin == candidates::full_name(c.model, c.variant)
        };
        (0..pool.candidates.len())
            .filter(|&i| met(&pool.candidates[i]))
            .collect()
    });
    Problem {
        items: items.collect(),
        budgets: [
            setting.limits.gpu_budget().mib_floor(),
            setting.limits.physical_budget().mib_floor(),
        ],
        max_models: setting.request.max_models,
        tasks: setting.request.tasks.len(),
        pins: pins.collect(),
    }
}

/// Which of the chosen serves each task: the best score, the first where equal.
fn servers(solved: &Solved<'_>, chosen: &[usize]) -> Vec<usize> {
    (0..solved.problem.tasks)
        .filter_map(|t| {
            chosen
                .iter()
                .copied()
                .max_by_key(|&i| (solved.problem.items[i].scores[t], std::cmp::Reverse(i)))
        })
        .collect()
}

fn entries(solved: &Solved<'_>, request: &Request) -> Vec<Entry> {
    let Some(best) = solved.solutions.first() else {
        return Vec::new();
    };
    let servers = servers(solved, &best.items);
    let shares = shares(request);
    let mut entries: Vec<(usize, Entry)> = best
        .items
        .iter()
        .map(|&i| {
            let served: Vec<usize> = (0..servers.len()).filter(|&t| servers[t] == i).collect();
            let first = served.first().copied().unwrap_or(usize::MAX);
            (
                first,
                entry(&solved.pool.candidates[i], &served, &shares, request),
            )
        })
        .collect();
    // In the order of the tasks that were asked for.
    entries.sort_by_key(|(first, _)| *first);
    entries.into_iter().map(|(_, e)| e).collect()
}

fn entry(c: &Candidate<'_>, served: &[usize], shares: &[f64], request: &Request) -> Entry {
    Entry {
        model: c.model.id.clone(),
        name: c.model.name.clone(),
        variant: c.variant.id.clone(),
        engine: c.settings.engine,
        quantization: c.variant.quantization.clone(),
        repository: c.variant.repository.clone(),
        files: c.variant.files.clone(),
        tasks: served
            .iter()
            .map(|&t| request.tasks[t].0.id.clone())
            .collect(),
        settings: c.settings,
        memory: Memory::of(&c.ledger),
        ledger: c.ledger.lines().to_vec(),
        speed: c.speed.as_ref().map(speed_summary),
        score: score_of(c, served, shares),
    }
}

fn score_of(c: &Candidate<'_>, served: &[usize], shares: &[f64]) -> Score {
    let all: f64 = served.iter().map(|&t| shares[t]).sum();
    let parts: Vec<ScorePart> = served
        .iter()
        .filter_map(|&t| c.scores[t].as_ref().map(|s| (s, shares[t] / all)))
        .flat_map(|(score, share)| {
            score.parts.iter().map(move |p| ScorePart {
                task: score.task.clone(),
                utility: p.utility.id().to_owned(),
                weight: p.weight,
                figure: p.figure,
                value: p.value,
                contribution: p.contribution * share,
                note: p.note.clone(),
            })
        })
        .collect();
    Score {
        total: parts.iter().map(|p| p.contribution).sum(),
        parts,
    }
}

fn speed_summary(speed: &Speed) -> SpeedSummary {
    let (low, high) = speed.range();
    let (wall, depth) = match speed {
        Speed::Measured(m) => (m.wall_clock_tokens_per_second, m.depth_tokens),
        Speed::Predicted(_) => (None, None),
    };
    SpeedSummary {
        decode_tokens_per_second: speed.decode(),
        basis: speed.basis(),
        source: speed.source().to_owned(),
        low,
        high,
        wall_clock_tokens_per_second: wall,
        depth_tokens: depth,
    }
}

fn alternative(solved: &Solved<'_>, solution: &Solution) -> Alternative {
    let servers = servers(solved, &solution.items);
    let members = solution.items.iter().map(|&i| {
        let c = &solved.pool.candidates[i];
        let served = c
            .scores
            .iter()
            .enumerate()
            .filter(|(t, _)| servers[*t] == i);
        Member {
            variant: candidates::full_name(c.model, c.variant),
            context: c.settings.context,
            tasks: served
                .filter_map(|(_, s)| s.as_ref().map(|s| s.task.clone()))
                .collect(),
            decode_tokens_per_second: c.speed.as_ref().map(Speed::decode),
            basis: c.speed.as_ref().map(Speed::basis),
        }
    });
    Alternative {
        members: members.collect(),
        objective: points(solution.objective),
        gpu_total_bytes: solution
            .items
            .iter()
            .map(|&i| solved.pool.candidates[i].ledger.gpu_total())
            .sum(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "steps stay far below 2^53")]
pub(super) fn points(steps: i64) -> f64 {
    steps as f64 / STEPS
}

fn optimality(solved: &Solved<'_>, seconds: f64) -> Optimality {
    let objective = solved.solutions.first().map(|s| points(s.objective));
    Optimality {
        status: if objective.is_some() {
            "optimal"
        } else {
            "infeasible"
        }
        .to_owned(),
        method: solved.method.clone(),
        objective: objective.unwrap_or(0.0),
        bound: objective.unwrap_or(0.0),
        gap: 0.0,
        candidates: solved.pool.candidates.len(),
        after_presolve: solved.kept,
        seconds,
    }
}

fn rejected(pool: &Pool<'_>) -> Vec<Rejected> {
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

fn machine_summary(machine: &Machine) -> MachineSummary {
    MachineSummary {
        id: machine.id.clone(),
        name: machine.name.clone(),
        chip: machine.chip.as_ref().map(|c| c.brand.clone()),
        memory_bytes: machine.memory,
        bandwidth_bytes_per_second: machine.bandwidth(),
    }
}

fn request_summary(request: &Request) -> RequestSummary {
    let shares = shares(request);
    RequestSummary {
        tasks: request
            .tasks
            .iter()
            .zip(shares)
            .map(|((task, _), share)| WeightedTask {
                id: task.id.clone(),
                share,
            })
            .collect(),
        max_models: request.max_models,
        context: request.context,
        campaign: request.campaign.clone(),
        measured_only: request.measured_only,
    }
}
