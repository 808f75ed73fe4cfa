//! Which runners-up cannot be told from the best: their scores differ by less than the error of the
//! difference, and what that error comes from would decide.

use crate::advise::loadouts::Loadout;
use crate::plan::document::{DecidedBy, Doubt, Tie};
use crate::plan::request::Request;
use crate::plan::score::share_that_counts;
use crate::quality::quality;
use crate::quality::{Constants, ScoreBasis};
use crate::scenario::problem::points;
use crate::scenario::{Candidate, Prepared};
use crate::solve::Solution;
use crate::task::{TaskProfile, Utility};

/// Standard deviations on each side of a speed's range, which holds 85 of a hundred.
const RANGE: f64 = 1.44;

/// The runners-up within the error of the first solution.
pub(super) fn ties(prepared: &Prepared<'_>, solutions: &[Solution]) -> Vec<Tie> {
    let Some((best, others)) = solutions.split_first() else {
        return Vec::new();
    };
    let request = &prepared.scenario.request;
    let tie = |other: &Solution| {
        let difference = points(best.objective - other.objective);
        let (first, second) = (loadout(prepared, best), loadout(prepared, other));
        // Of a model that nobody scored nothing is known by which it would be as good.
        let guessed = |t| first.server(t).scored(t) && !second.server(t).scored(t);
        if (0..request.tasks.len()).any(guessed) {
            return None;
        }
        let terms = terms(request, |t| [first.server(t), second.server(t)]);
        let error = together(&terms);
        let most = terms.iter().max_by(|a, b| a.error.total_cmp(&b.error))?;
        (difference <= error).then(|| Tie {
            loadout: second.chosen(),
            difference,
            error,
            totals: Some(second.totals()),
            quality: second.quality(),
            expected_seconds_per_turn: second.expected_seconds(),
            decided_by: most.decides(prepared),
        })
    };
    others.iter().filter_map(tie).collect()
}

fn loadout<'p, 's>(prepared: &'p Prepared<'s>, of: &'p Solution) -> Loadout<'p, 's> {
    Loadout::of(prepared, &of.items, &of.servers)
}

/// One figure whose error parts the scores of two loadouts.
struct Term<'s> {
    candidate: Candidate<'s>,
    task: usize,
    figure: Doubt,
    /// Standard error in the score.
    error: f64,
}

/// The standard error of the difference between two loadouts' scores, by what serves each task of
/// a request in both.
pub(super) fn error<'s>(request: &Request, pair: impl Fn(usize) -> [Candidate<'s>; 2]) -> f64 {
    together(&terms(request, pair))
}

fn together(terms: &[Term<'_>]) -> f64 {
    terms.iter().map(|t| t.error * t.error).sum::<f64>().sqrt()
}

/// The figures in which two loadouts differ, each with its error: what serves a task in both has
/// none, and two files of one model share the error of its quality.
fn terms<'s>(request: &Request, pair: impl Fn(usize) -> [Candidate<'s>; 2]) -> Vec<Term<'s>> {
    let mut terms = Vec::new();
    for (t, ((task, _), share)) in request.tasks.iter().zip(request.shares()).enumerate() {
        let pair = pair(t);
        if pair[0].variant_number == pair[1].variant_number {
            continue;
        }
        let one_model = pair[0].model_number == pair[1].model_number;
        for candidate in pair {
            let mut term = |figure, error: f64| {
                terms.push(Term {
                    candidate: candidate.clone(),
                    task: t,
                    figure,
                    error: error * share * share_that_counts(&candidate.reliability),
                });
            };
            term(Doubt::Speed, of_speed(task, &candidate, t));
            if !one_model {
                term(Doubt::Quality, of_quality(task, &candidate, t));
            }
        }
    }
    terms
}

fn of_quality(task: &TaskProfile, c: &Candidate<'_>, t: usize) -> f64 {
    let worth = |points: f64| task.scales.quality.at(points);
    c.points(t).map_or(0.0, |p| {
        let range = worth(p.mean + p.spread()) - worth(p.mean - p.spread());
        task.weights.of(Utility::Quality) * range / 2.0
    })
}

fn of_speed(task: &TaskProfile, c: &Candidate<'_>, t: usize) -> f64 {
    let worth = |seconds: f64| task.scales.turn.at_time(seconds);
    c.turn(t).map_or(0.0, |turn| {
        let range = worth(turn.best_seconds()) - worth(turn.deciding_seconds());
        task.weights.of(Utility::Speed) * range / (2.0 * RANGE)
    })
}

impl Term<'_> {
    fn decides(&self, prepared: &Prepared<'_>) -> DecidedBy {
        let task = &prepared.scenario.request.tasks[self.task].0;
        let c = &self.candidate;
        DecidedBy {
            figure: self.figure,
            variant: c.name(),
            task: task.id.clone(),
            text: match self.figure {
                Doubt::Quality => format!(
                    "how good {} is at {}: {}",
                    c.model.name,
                    task.id,
                    evidence(task, c)
                ),
                Doubt::Speed => format!("how fast {} is here: measure it", c.name()),
            },
        }
    }
}

/// What would narrow a model's quality most.
fn evidence(task: &TaskProfile, c: &Candidate<'_>) -> String {
    let expected = quality(Constants::of(task.role), task, c.model);
    let estimated = |name: &str| {
        expected.as_ref().is_some_and(|q| {
            let of = q.expected.iter().find(|e| e.benchmark == name);
            of.is_some_and(|e| e.basis == ScoreBasis::Estimated)
        })
    };
    let missing = task.benchmarks.iter().filter(|b| estimated(&b.name));
    match missing.max_by(|a, b| a.weight.total_cmp(&b.weight)) {
        Some(benchmark) => format!("no score on {} was published", benchmark.name),
        None => "try both on your own prompts".to_owned(),
    }
}
