//! A scenario made ready to be solved, and solved again under changes.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use crate::memory::limits::Limits;
use crate::plan::score;
use crate::plan::score::Values;
use crate::scenario::answer::Answer;
use crate::scenario::assumed::Assumed;
use crate::scenario::candidate::Candidate;
use crate::scenario::change::Change;
use crate::scenario::error::RecommendError;
use crate::scenario::inputs::Scenario;
use crate::scenario::pool::Extent;
use crate::scenario::pool::Pool;
use crate::scenario::problem::{budgets, problem};
use crate::scenario::refusal::reaches;
use crate::scenario::speeds::assumed_turns;
use crate::scenario::turns::Turns;
use crate::scenario::ways::Way;
use crate::solve;
use crate::solve::{Deadline, Found, Problem, Solution};
use crate::task::TaskProfile;

/// Every utility of a candidate, by task and way; none below a floor.
type OfCandidate = Vec<Vec<Option<Values>>>;

/// A scenario with its candidates and its problem.
#[derive(Debug)]
pub struct Prepared<'s> {
    /// What was prepared.
    pub scenario: &'s Scenario<'s>,
    /// What its machine can hold.
    pub limits: Limits,
    /// Its candidates, and what is none.
    pub pool: Pool<'s>,
    /// The problem in whole numbers; items stand as the pool's candidates.
    pub problem: Problem,
    /// Every utility of each candidate, by task and way; none below a floor. For weights to be moved.
    values: OnceCell<Vec<OfCandidate>>,
}

impl<'s> Prepared<'s> {
    /// For one solve.
    #[must_use]
    pub fn once(scenario: &'s Scenario<'s>) -> Self {
        Self::new(scenario, Extent::Machine)
    }

    /// For changes to be tried, whatever they make room for.
    #[must_use]
    pub fn to_vary(scenario: &'s Scenario<'s>) -> Self {
        Self::new(scenario, Extent::Any)
    }

    fn new(scenario: &'s Scenario<'s>, extent: Extent) -> Self {
        let limits = scenario.limits();
        let pool = Pool::of(scenario, extent);
        let candidates = &pool.candidates;
        let problem = problem(
            scenario,
            &limits,
            candidates,
            |c| c.demand,
            |_, c| c.scores.clone(),
        );
        Self {
            scenario,
            limits,
            problem,
            pool,
            values: OnceCell::new(),
        }
    }

    /// Solves for the best sets, until the deadline: then the answer is the best found, with its
    /// bound.
    ///
    /// # Errors
    /// When the request pins too much, or the solver fails.
    pub fn solve(&self, count: usize, deadline: Deadline<'_>) -> Result<Found, RecommendError> {
        let problem = Problem {
            sets: count,
            ..self.problem.clone()
        };
        solved(self.scenario, &problem, deadline)
    }

    /// The best set without the guard, where the guard leaves less room than the reserve.
    ///
    /// # Errors
    /// When the solver fails.
    pub fn unguarded(&self, deadline: Deadline<'_>) -> Result<Option<Found>, RecommendError> {
        if !self.limits.guard_cuts() {
            return Ok(None);
        }
        let problem = Problem {
            budgets: budgets(&self.limits.without_guard()),
            ..self.problem.clone()
        };
        solved(self.scenario, &problem, deadline).map(Some)
    }

    /// The proven best answer with changes made; none where nothing is feasible then.
    ///
    /// # Errors
    /// When a change names what does not exist, the deadline comes first, or the solver fails.
    pub fn under(
        &self,
        changes: &[Change],
        deadline: Deadline<'_>,
    ) -> Result<Option<Answer>, RecommendError> {
        let there = Change::apply_all(changes, self.scenario)?;
        let reprices = changes.iter().any(|c| c.reprices(self.scenario));
        if reprices || self.scenario.assumed != Assumed::default() {
            Prepared::once(&there).best(deadline)
        } else {
            let problem = self.problem_of(&there);
            let set = proven(&there, &problem, deadline)?;
            let answer = |set| Answer::new(&there.request, &self.pool, Some(&there), &set);
            Ok(set.map(answer))
        }
    }

    /// The proven best answer; none where nothing is feasible.
    ///
    /// # Errors
    /// When the deadline comes first, or the solver fails.
    pub fn best(&self, deadline: Deadline<'_>) -> Result<Option<Answer>, RecommendError> {
        self.best_of(&self.problem, deadline)
    }

    /// The proven best answer to another problem over these candidates.
    pub(crate) fn best_of(
        &self,
        problem: &Problem,
        deadline: Deadline<'_>,
    ) -> Result<Option<Answer>, RecommendError> {
        let set = proven(self.scenario, problem, deadline)?;
        Ok(set.map(|set| self.answer(&set)))
    }

    /// The answer that one of the solutions is.
    #[must_use]
    pub fn answer(&self, solution: &Solution) -> Answer {
        let request = &self.scenario.request;
        Answer::new(request, &self.pool, None, solution)
    }

    /// The candidates of a set.
    #[must_use]
    pub fn members(&self, solution: &Solution) -> Vec<&Candidate<'s>> {
        let of = |&i: &usize| &self.pool.candidates[i];
        solution.items.iter().map(of).collect()
    }

    /// The problem that the same candidates are in a scenario which differs in limits, weights,
    /// pins or assumed figures.
    #[must_use]
    pub(crate) fn problem_of(&self, there: &Scenario<'_>) -> Problem {
        let tasks = there.request.tasks.iter();
        let weights: Vec<Values> = tasks.map(|(task, _)| task.weights.all()).collect();
        let known = self.values();
        let demand = |c: &Candidate<'_>| there.assumed.demand(c.model, c.variant, c.demand);
        let moved = moved_turns(there, &self.pool.candidates);
        let scores = |n: usize, c: &Candidate<'_>| {
            let own;
            let values = if let Some(turns) = moved.get(&c.variant_number) {
                let speed = c.speed.as_deref().cloned();
                let speed = there.assumed.speed(c.model, c.variant, speed);
                let moved = Candidate {
                    turns: turns.clone(),
                    speed: speed.map(Rc::new),
                    ..c.clone()
                };
                own = values(there, &moved);
                &own
            } else {
                &known[n]
            };
            let best = |(ways, weights): (&Vec<Option<Values>>, &Values)| {
                let scores = ways.iter().flatten().map(|v| score::weigh(v, weights));
                scores.max_by(f64::total_cmp)
            };
            values.iter().zip(&weights).map(best).collect()
        };
        problem(
            there,
            &there.limits(),
            &self.pool.candidates,
            demand,
            scores,
        )
    }

    /// The worth of an answer in steps, not rounded, where these candidates serve under other
    /// weights and shares.
    #[must_use]
    pub(crate) fn worth(&self, there: &Scenario<'_>, answer: &Answer) -> f64 {
        let shares = there.request.shares();
        let tasks = there.request.tasks.iter().zip(&shares).zip(&answer.servers);
        let known = self.values();
        tasks
            .enumerate()
            .map(|(t, (((task, _), share), &item))| {
                let weights = task.weights.all();
                let values = known[item][t][answer.ways[t]];
                values.map_or(0.0, |v| share * score::weigh(&v, &weights)) * score::STEPS
            })
            .sum()
    }

    fn values(&self) -> &Vec<OfCandidate> {
        self.values.get_or_init(|| {
            let all = self.pool.candidates.iter();
            all.map(|c| values(self.scenario, c)).collect()
        })
    }
}

fn solved(
    scenario: &Scenario<'_>,
    problem: &Problem,
    deadline: Deadline<'_>,
) -> Result<Found, RecommendError> {
    let request = &scenario.request;
    if request.pins.len() > request.max_models {
        return Err(RecommendError::TooManyPins {
            pins: request.pins.len(),
            models: request.max_models,
        });
    }
    Ok(solve::solve(problem, request.method, deadline))
}

/// The proven best set; none where nothing is feasible.
fn proven(
    scenario: &Scenario<'_>,
    problem: &Problem,
    deadline: Deadline<'_>,
) -> Result<Option<Solution>, RecommendError> {
    let found = solved(scenario, problem, deadline)?;
    if !found.is_proven() {
        return Err(RecommendError::OutOfTime);
    }
    Ok(found.solutions.into_iter().next())
}

/// The turns of variants whose speed is assumed, by number.
fn moved_turns(there: &Scenario<'_>, candidates: &[Candidate<'_>]) -> HashMap<usize, Turns> {
    let mut moved = HashMap::new();
    for c in candidates {
        if let Entry::Vacant(place) = moved.entry(c.variant_number)
            && let Some(turns) = assumed_turns(there, c)
        {
            place.insert(turns);
        }
    }
    moved
}

fn values(scenario: &Scenario<'_>, c: &Candidate<'_>) -> OfCandidate {
    let request = &scenario.request;
    let value = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
        let of_way = |(number, way): (usize, &Way)| {
            let mut chosen = c.chosen.to_vec();
            chosen[t] = number;
            let asked = c.asked(&chosen);
            let figures = asked.figures(t);
            let reached = reaches(request, task, &figures);
            reached.then(|| score::values(task, &way.worth, &figures))
        };
        c.ways[t].iter().enumerate().map(of_way).collect()
    };
    request.tasks.iter().enumerate().map(value).collect()
}
