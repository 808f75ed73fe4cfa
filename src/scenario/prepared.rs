//! A scenario made ready to be solved, and solved again under changes.

use std::cell::OnceCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use crate::memory::limits::Limits;
use crate::plan::score;
use crate::plan::score::{Values, within};
use crate::scenario::answer::Answer;
use crate::scenario::assumed::Assumed;
use crate::scenario::candidate::Candidate;
use crate::scenario::change::Change;
use crate::scenario::error::RecommendError;
use crate::scenario::exact;
use crate::scenario::inputs::Scenario;
use crate::scenario::ladder::Ladder;
use crate::scenario::pool::Extent;
use crate::scenario::pool::Pool;
use crate::scenario::problem::{Question, budgets, item, steps};
use crate::scenario::refusal::reaches_beside_context;
use crate::scenario::span::Span;
use crate::scenario::speeds::assumed_turns;
use crate::scenario::ways::Way;
use crate::solve::{Deadline, Found, Solution};
use crate::task::TaskProfile;

/// Every utility of a variant, by task and way, but for what its context decides; none below a
/// floor.
type OfVariant = Vec<Vec<Option<Values>>>;

/// A scenario with its candidates.
#[derive(Debug)]
pub struct Prepared<'s> {
    /// What was prepared.
    pub scenario: &'s Scenario<'s>,
    /// What its machine can hold.
    pub limits: Limits,
    /// Its candidates, and what is none.
    pub pool: Pool<'s>,
    shares: Vec<f64>,
    /// Every utility of each variant, for weights to be moved.
    values: OnceCell<Vec<OfVariant>>,
}

/// What a candidate scores for a task in place of its own score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Its own.
    Own,
    /// So many steps, where it serves the task.
    Steps(i64),
    /// It may not serve it.
    Nothing,
}

/// A task that a machine has a part in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Duty {
    /// The task, by its number in the request.
    pub(crate) task: usize,
    /// How much of the task's share its score counts.
    pub(crate) counts: f64,
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
        Self {
            scenario,
            limits: scenario.limits(),
            pool: Pool::of(scenario, extent),
            shares: scenario.request.shares(),
            values: OnceCell::new(),
        }
    }

    /// Solves for the best sets, until the deadline: then the answer is the best found, with its
    /// bound.
    ///
    /// # Errors
    /// When the request pins too much, or the solver fails.
    pub fn solve(&self, count: usize, deadline: Deadline<'_>) -> Result<Found, RecommendError> {
        let mut question = self.question();
        question.sets = count;
        solved(self.scenario, &self.pool, &question, deadline)
    }

    /// The best set under limits that leave more room than its own: without the guard, or with the
    /// GPU's limit raised. `found` is what its own came to.
    ///
    /// # Errors
    /// When the solver fails.
    pub fn with_more_room(
        &self,
        limits: &Limits,
        found: &Found,
        deadline: Deadline<'_>,
    ) -> Result<Found, RecommendError> {
        let mut question = self.question();
        question.budgets = budgets(limits, &self.scenario.request);
        question.known = found.solutions.first().map(|set| set.objective);
        solved(self.scenario, &self.pool, &question, deadline)
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
            let question = self.question_of(&there);
            let set = proven(&there, &self.pool, &question, deadline)?;
            let answer = |set| Answer::new(&there.request, &self.pool, Some(&there), &set);
            Ok(set.map(answer))
        }
    }

    /// The proven best answer; none where nothing is feasible.
    ///
    /// # Errors
    /// When the deadline comes first, or the solver fails.
    pub fn best(&self, deadline: Deadline<'_>) -> Result<Option<Answer>, RecommendError> {
        self.best_of(&self.question(), deadline)
    }

    /// The proven best answer to another question over these candidates.
    pub(crate) fn best_of(
        &self,
        question: &Question<'_>,
        deadline: Deadline<'_>,
    ) -> Result<Option<Answer>, RecommendError> {
        let set = proven(self.scenario, &self.pool, question, deadline)?;
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
    pub fn members(&self, solution: &Solution) -> Vec<Candidate<'s>> {
        let of = |&i: &usize| self.pool.candidate(i);
        solution.items.iter().map(of).collect()
    }

    /// The numbers of the models of candidates, rising, each once.
    pub(crate) fn families(&self, items: &[usize]) -> Vec<usize> {
        let of = |&i: &usize| self.pool.base(i).model_number;
        let mut families: Vec<usize> = items.iter().map(of).collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// What the scenario asks.
    pub(crate) fn question(&self) -> Question<'_> {
        self.asking(|ladder, t, rungs| {
            let score = ladder.score(t, rungs)?;
            Some(steps(score, self.shares[t]))
        })
    }

    /// The best set for some of the tasks, where each score counts so much of its task's share and
    /// only these variants may serve it. Servers stand in the order of the duties.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub(crate) fn for_duties(
        &self,
        duties: &[Duty],
        may: impl Fn(usize, &Candidate<'s>) -> bool,
        deadline: Deadline<'_>,
    ) -> Result<Found, RecommendError> {
        let of = |ladder: &Ladder<'s>| -> Vec<bool> {
            let duties = duties.iter();
            duties.map(|d| may(d.task, ladder.base())).collect()
        };
        let told: Vec<Vec<bool>> = self.pool.ladders.iter().map(of).collect();
        let price = |span: Span| {
            let ladder = &self.pool.ladders[span.ladder];
            let score = |(n, duty): (usize, &Duty)| {
                let rungs = span.from..=span.to;
                let score = ladder.score(duty.task, rungs)?;
                let counted = self.shares[duty.task] * duty.counts;
                told[ladder.number][n].then(|| steps(score, counted))
            };
            let scores = duties.iter().enumerate().map(score).collect();
            item(self.scenario, ladder, span, |r| ladder.demand(r), scores)
        };
        let mut question = Question::new(self.scenario, &self.limits, &self.pool, price);
        question.tasks = duties.len();
        solved(self.scenario, &self.pool, &question, deadline)
    }

    /// The same with other scores, told by variant and task; what may not serve a task still may
    /// not.
    pub(crate) fn rescored(
        &self,
        instead: impl Fn(&Candidate<'s>, usize) -> Instead,
    ) -> Question<'_> {
        let tasks = 0..self.shares.len();
        let of = |ladder: &Ladder<'s>| -> Vec<Instead> {
            tasks.clone().map(|t| instead(ladder.base(), t)).collect()
        };
        let told: Vec<Vec<Instead>> = self.pool.ladders.iter().map(of).collect();
        self.asking(move |ladder, t, rungs| match told[ladder.number][t] {
            Instead::Nothing => None,
            Instead::Steps(steps) => ladder.scores(t, &rungs).then_some(steps),
            Instead::Own => Some(steps(ladder.score(t, rungs)?, self.shares[t])),
        })
    }

    fn asking<'q>(
        &'q self,
        score: impl Fn(&Ladder<'s>, usize, RangeInclusive<usize>) -> Option<i64> + 'q,
    ) -> Question<'q> {
        let price = move |span: Span| {
            let ladder = &self.pool.ladders[span.ladder];
            let scores = 0..self.shares.len();
            let scores = scores.map(|t| score(ladder, t, span.from..=span.to));
            let demand = |rung| ladder.demand(rung);
            item(self.scenario, ladder, span, demand, scores.collect())
        };
        Question::new(self.scenario, &self.limits, &self.pool, price)
    }

    /// What a scenario asks of the same candidates that differs in limits, weights, pins or assumed
    /// figures.
    pub(crate) fn question_of<'q>(&'q self, there: &'q Scenario<'_>) -> Question<'q> {
        let tasks = there.request.tasks.iter();
        let weights: Vec<Values> = tasks.map(|(task, _)| task.weights.all()).collect();
        let (known, shares) = (self.values(), there.request.shares());
        let moved = self.moved(there);
        let price = move |span: Span| {
            let ladder = &self.pool.ladders[span.ladder];
            let c = ladder.base();
            let values = moved[span.ladder].as_ref().unwrap_or(&known[span.ladder]);
            let own = |rung| ladder.demand(rung);
            let demand = |rung| there.assumed.demand(c.model, c.variant, own(rung));
            let rungs = span.from..=span.to;
            let score = |(t, ways): (usize, &Vec<Option<Values>>)| {
                let task = &there.request.tasks[t].0;
                let reached = ladder.reaches(t, &rungs);
                let ways = ways.iter().flatten().filter(|_| reached);
                let at = ladder.stretch(t, rungs.clone(), demand);
                let scores = ways.map(|values| within(task, values, &weights[t], &at));
                Some(steps(scores.max_by(f64::total_cmp)?, shares[t]))
            };
            let scores = values.iter().enumerate().map(score);
            item(there, ladder, span, demand, scores.collect())
        };
        Question::new(there, &there.limits(), &self.pool, price)
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
                let (number, rung) = self.pool.place(item);
                let ladder = &self.pool.ladders[number];
                let at = ladder.stretch(t, rung..=rung, |rung| ladder.demand(rung));
                let weights = task.weights.all();
                let values = known[number][t][answer.ways[t]];
                values.map_or(0.0, |v| share * within(task, &v, &weights, &at)) * score::STEPS
            })
            .sum()
    }

    fn values(&self) -> &Vec<OfVariant> {
        self.values.get_or_init(|| {
            let all = self.pool.ladders.iter();
            all.map(|l| values(self.scenario, l.base())).collect()
        })
    }

    /// Every utility of the variants whose speed another scenario assumes.
    fn moved(&self, there: &Scenario<'_>) -> Vec<Option<OfVariant>> {
        let of = |ladder: &Ladder<'s>| {
            let c = ladder.base();
            let turns = assumed_turns(there, c)?;
            let speed = c.speed.as_deref().cloned();
            let speed = there.assumed.speed(c.model, c.variant, speed);
            let moved = Candidate {
                turns,
                speed: speed.map(Rc::new),
                ..c.clone()
            };
            Some(values(there, &moved))
        };
        self.pool.ladders.iter().map(of).collect()
    }
}

fn solved(
    scenario: &Scenario<'_>,
    pool: &Pool<'_>,
    question: &Question<'_>,
    deadline: Deadline<'_>,
) -> Result<Found, RecommendError> {
    let request = &scenario.request;
    if request.pins.len() > request.max_models {
        return Err(RecommendError::TooManyPins {
            pins: request.pins.len(),
            models: request.max_models,
        });
    }
    Ok(exact::solve(pool, question, request, deadline))
}

/// The proven best set; none where nothing is feasible.
fn proven(
    scenario: &Scenario<'_>,
    pool: &Pool<'_>,
    question: &Question<'_>,
    deadline: Deadline<'_>,
) -> Result<Option<Solution>, RecommendError> {
    let found = solved(scenario, pool, question, deadline)?;
    if !found.is_proven() {
        return Err(RecommendError::OutOfTime);
    }
    Ok(found.solutions.into_iter().next())
}

fn values(scenario: &Scenario<'_>, c: &Candidate<'_>) -> OfVariant {
    let request = &scenario.request;
    let value = |(t, (task, _)): (usize, &(TaskProfile, f64))| {
        let of_way = |(number, way): (usize, &Way)| {
            let mut chosen = c.chosen.to_vec();
            chosen[t] = number;
            let asked = c.asked(&chosen);
            let figures = asked.figures(t);
            let reached = reaches_beside_context(request, task, &figures);
            reached.then(|| score::values(task, &way.worth, &figures))
        };
        c.ways[t].iter().enumerate().map(of_way).collect()
    };
    request.tasks.iter().enumerate().map(value).collect()
}
