//! One integer program.
//!
//! x_i says that item i is resident. Task t is worth its scores in levels: c_tl may be 1 only when
//! a resident item reaches level l, which is when one has just that score or level l+1 is reached,
//! and each level is worth its step over the level below. With pins, a task may be served by a
//! pinned item by name instead (y_ti), which is what makes a pin serve; then it reaches no level.

use good_lp::solvers::{SolutionStatus, WithInitialSolution as _, WithTimeLimit as _};
use good_lp::{
    Constraint, Expression, ResolutionError, Solution as _, SolverModel as _, Variable, constraint,
};

use crate::solve::assign;
use crate::solve::deadline::Deadline;
use crate::solve::found::Instead;
use crate::solve::milp::backend::{Assignment, bound, build};
use crate::solve::milp::variables::{Served, Variables, scores};
use crate::solve::problem::{BUDGETS, NO_LIMIT, Problem, Serves};
use crate::solve::solution::Solution;

/// Which rule of the rank a program follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    PinsServing,
    Objective,
    Idle,
    Memory,
}

/// The programs of one set.
pub(super) struct Program<'a> {
    pub(super) problem: &'a Problem,
    /// Sets of families that the answer must not contain.
    pub(super) forbidden: &'a [Vec<usize>],
    /// Sets of items that the backend's tolerance let through, though they don't fit.
    pub(super) refused: Vec<Vec<usize>>,
    pub(super) deadline: Deadline<'a>,
}

/// What a program came to.
pub(super) struct Ran {
    pub(super) solution: Option<Solution>,
    /// What no set can exceed, where the backend says so.
    pub(super) bound: Option<i64>,
    /// Whether it came to its end: `solution` is the best, or there is none.
    pub(super) complete: bool,
}

impl Ran {
    const NONE: Self = Self {
        solution: None,
        bound: None,
        complete: true,
    };
    const NO_TIME: Self = Self {
        complete: false,
        ..Self::NONE
    };
}

/// How many rows the program of a problem has, about.
pub(super) fn rows(problem: &Problem) -> usize {
    let levels: usize = (0..problem.tasks).map(|t| scores(problem, t).len()).sum();
    let pinned = problem.pins_met().iter().filter(|met| **met != 0).count();
    let with_pins = if pinned > 0 {
        levels + pinned * (problem.tasks + 1)
    } else {
        0
    };
    levels + with_pins + problem.items.len()
}

impl Program<'_> {
    /// The best by one rule, with what the rules before it gave.
    pub(super) fn solve(
        &mut self,
        goal: Goal,
        held: &[(Goal, i64)],
        start: Option<&Solution>,
    ) -> Result<Ran, Instead> {
        if (0..self.problem.tasks).any(|t| scores(self.problem, t).is_empty()) {
            return Ok(Ran::NONE);
        }
        loop {
            let ran = self.solve_once(goal, held, start)?;
            match ran {
                Ok(ran) => return Ok(ran),
                Err(refused) => self.refused.push(refused),
            }
        }
    }

    /// The same; or a set that was let through and does not fit.
    fn solve_once(
        &self,
        goal: Goal,
        held: &[(Goal, i64)],
        start: Option<&Solution>,
    ) -> Result<Result<Ran, Vec<usize>>, Instead> {
        let mut variables = Variables::of(self.problem, self.forbidden);
        let all = std::mem::take(&mut variables.all);
        let mut model = build(all.maximise(self.worth(goal, &variables)));
        for row in self.rows(&variables) {
            model = model.with(row);
        }
        for (goal, value) in held {
            model = model.with(constraint!(
                self.worth(*goal, &variables) >= as_f64(*value) - 0.5
            ));
        }
        if let Some(start) = start {
            model = model.with_initial_solution(self.values(start, &variables));
        }
        match self.deadline.left() {
            Some(left) if left <= 0.0 => return Ok(Ok(Ran::NO_TIME)),
            Some(left) => model = model.with_time_limit(left),
            None => {}
        }
        self.ran(model.solve(), &variables.resident)
    }

    fn ran(
        &self,
        answer: Result<Assignment, ResolutionError>,
        resident: &[Variable],
    ) -> Result<Result<Ran, Vec<usize>>, Instead> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(ResolutionError::Infeasible) => return Ok(Ok(Ran::NONE)),
            Err(_) if self.deadline.passed() => return Ok(Ok(Ran::NO_TIME)),
            Err(other) => return Err(Instead::Failed(other.to_string())),
        };
        let chosen = resident.iter().enumerate();
        let chosen = chosen.filter(|(_, x)| answer.value(**x) > 0.5);
        let chosen: Vec<usize> = chosen.map(|(i, _)| i).collect();
        let complete = !matches!(answer.status(), SolutionStatus::TimeLimit);
        Ok(match assign::best(self.problem, &chosen) {
            None if complete => Err(chosen),
            solution => Ok(Ran {
                solution,
                bound: bound(answer),
                complete,
            }),
        })
    }

    /// What a rule counts, the most being the best.
    fn worth(&self, goal: Goal, v: &Variables) -> Expression {
        let problem = self.problem;
        match goal {
            Goal::PinsServing => {
                let pins = problem.pins.iter().zip(&v.serving);
                let pins = pins.filter(|(pin, _)| pin.serves == Serves::IfPossible);
                pins.map(|(_, serving)| *serving).sum()
            }
            Goal::Objective => {
                let score = |s: &Served| problem.items[s.item].scores[s.task].unwrap_or(0);
                let levels: Expression = v.levels.iter().map(|l| as_f64(l.step) * l.reached).sum();
                let served: Expression = v.served.iter().map(|s| as_f64(score(s)) * s.served).sum();
                levels + served
            }
            Goal::Idle => {
                let base = self.idle_base();
                let worth = |i: usize| as_f64(problem.items[i].idle_worth - base);
                v.idle.iter().map(|(i, idle)| worth(*i) * *idle).sum()
            }
            Goal::Memory => {
                let items = problem.items.iter().zip(&v.resident);
                let unit = self.unit(1);
                items
                    .map(|(item, x)| -bytes(item.memory[1]) / unit * *x)
                    .sum()
            }
        }
    }

    /// What a set is worth by a rule; memory is never held.
    pub(super) fn value(&self, goal: Goal, set: &Solution) -> i64 {
        let idle = i64::try_from(set.idle.len()).unwrap_or(i64::MAX);
        match goal {
            Goal::PinsServing => i64::try_from(set.pins_serving).unwrap_or(i64::MAX),
            Goal::Objective => set.objective,
            Goal::Idle => set.idle_worth - idle * self.idle_base(),
            Goal::Memory => i64::MIN,
        }
    }

    /// More than what any number of idle items can gain on one another.
    fn idle_base(&self) -> i64 {
        let worths = self.problem.items.iter().map(|i| i.idle_worth);
        let (least, most) = worths.fold((0, 0), |(l, m), w| (w.min(l), w.max(m)));
        let pins = i64::try_from(self.problem.pins.len()).unwrap_or(i64::MAX);
        most + pins * (most - least) + 1
    }

    /// A power of two that brings a memory to some million at most.
    fn unit(&self, dimension: usize) -> f64 {
        let largest = self.problem.items.iter().map(|i| i.memory[dimension]).max();
        let bits = u64::BITS - largest.unwrap_or(0).leading_zeros();
        f64::from(bits.saturating_sub(20)).exp2()
    }

    fn rows(&self, v: &Variables) -> Vec<Constraint> {
        let problem = self.problem;
        let mut rows = self.limits(v);
        rows.extend(self.served_once(v));
        rows.extend(self.levels(v));
        rows.extend(self.pins(v));
        for (set, of_set) in self.forbidden.iter().zip(&v.present) {
            for (family, present) in set.iter().zip(of_set) {
                let items = problem.items.iter().zip(&v.resident);
                let of_family = items.filter(|(item, _)| item.family == *family);
                rows.extend(of_family.map(|(_, x)| constraint!(*x <= *present)));
            }
            let present: Expression = of_set.iter().copied().sum();
            rows.push(constraint!(present <= count(set.len()) - 1.0));
        }
        for set in &self.refused {
            let present: Expression = set.iter().map(|&i| v.resident[i]).sum();
            rows.push(constraint!(present <= count(set.len()) - 1.0));
        }
        rows
    }

    /// Memory, the number of models, one item of each group.
    fn limits(&self, v: &Variables) -> Vec<Constraint> {
        let problem = self.problem;
        let models: Expression = v.resident.iter().copied().sum();
        let mut rows = vec![constraint!(models <= count(problem.max_models))];
        let bounded = (0..BUDGETS).filter(|d| problem.budgets[*d] != NO_LIMIT);
        for d in bounded {
            let unit = self.unit(d);
            let items = problem.items.iter().zip(&v.resident);
            let taken: Expression = items
                .map(|(item, x)| bytes(item.memory[d]) / unit * *x)
                .sum();
            rows.push(constraint!(taken <= bytes(problem.budgets[d]) / unit));
        }
        let mut of_group: Vec<(usize, Variable)> = problem
            .items
            .iter()
            .map(|i| i.group)
            .zip(v.resident.iter().copied())
            .collect();
        of_group.sort_by_key(|(group, _)| *group);
        let groups = of_group
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|same| same.len() > 1);
        rows.extend(groups.map(|same| {
            let present: Expression = same.iter().map(|(_, x)| *x).sum();
            constraint!(present <= 1.0)
        }));
        rows
    }

    /// Each task is served once: at its lowest level, or by a pinned item.
    fn served_once(&self, v: &Variables) -> Vec<Constraint> {
        let of_task = |t: usize| {
            let lowest = v.levels.iter().find(|l| l.task == t).map(|l| l.reached);
            let served = v.served.iter().filter(|s| s.task == t).map(|s| s.served);
            let once: Expression = lowest.into_iter().chain(served).sum();
            constraint!(once == 1.0)
        };
        (0..self.problem.tasks).map(of_task).collect()
    }

    fn levels(&self, v: &Variables) -> Vec<Constraint> {
        let problem = self.problem;
        let mut rows = Vec::new();
        for of_task in v.levels.chunk_by(|a, b| a.task == b.task) {
            let task = of_task[0].task;
            let mut by_score: Vec<(i64, Variable)> = Vec::new();
            for (item, x) in problem.items.iter().zip(&v.resident) {
                by_score.extend(item.scores[task].map(|score| (score, *x)));
            }
            by_score.sort_by_key(|(score, _)| *score);
            let exactly = by_score.chunk_by(|a, b| a.0 == b.0);
            for (n, (level, same)) in of_task.iter().zip(exactly).enumerate() {
                let above = of_task.get(n + 1).map(|l| l.reached);
                let reaching: Expression = same.iter().map(|(_, x)| *x).chain(above).sum();
                rows.push(constraint!(level.reached <= reaching));
                if n > 0 && !v.served.is_empty() {
                    rows.push(constraint!(level.reached <= of_task[0].reached));
                }
            }
        }
        rows
    }

    fn pins(&self, v: &Variables) -> Vec<Constraint> {
        let mut rows = Vec::new();
        for s in &v.served {
            rows.push(constraint!(s.served <= v.resident[s.item]));
        }
        for (i, idle) in &v.idle {
            let serves = v.served.iter().filter(|s| s.item == *i).map(|s| s.served);
            let serves: Expression = serves.sum();
            rows.push(constraint!(v.resident[*i] - serves <= *idle));
        }
        for (pin, serving) in self.problem.pins.iter().zip(&v.serving) {
            let present: Expression = pin.items.iter().map(|&i| v.resident[i]).sum();
            rows.push(constraint!(present >= 1.0));
            let serves = v.served.iter().filter(|s| pin.is_met_by(s.item));
            let serves: Expression = serves.map(|s| s.served).sum();
            rows.push(constraint!(*serving <= serves));
            if pin.serves == Serves::Must {
                rows.push(constraint!(*serving >= 1.0));
            }
        }
        rows
    }

    /// What the variables are in a set.
    fn values(&self, set: &Solution, v: &Variables) -> Vec<(Variable, f64)> {
        let is = |holds: bool| f64::from(u8::from(holds));
        let by_pinned = |t: usize| {
            v.served
                .iter()
                .any(|s| s.task == t && s.item == set.servers[t])
        };
        let score = |t: usize| self.problem.items[set.servers[t]].scores[t];
        let serves = |pin: usize| {
            let pin = &self.problem.pins[pin];
            set.servers.iter().any(|&i| pin.is_met_by(i))
        };
        let mut values = Vec::new();
        for (i, x) in v.resident.iter().enumerate() {
            values.push((*x, is(set.items.contains(&i))));
        }
        for l in &v.levels {
            let reached = !by_pinned(l.task) && score(l.task) >= Some(l.score);
            values.push((l.reached, is(reached)));
        }
        for s in &v.served {
            values.push((s.served, is(set.servers[s.task] == s.item)));
        }
        for (pin, serving) in v.serving.iter().enumerate() {
            values.push((*serving, is(serves(pin))));
        }
        for (i, idle) in &v.idle {
            values.push((*idle, is(set.idle.contains(i))));
        }
        values
    }
}

fn count(n: usize) -> f64 {
    as_f64(i64::try_from(n).unwrap_or(i64::MAX))
}

fn bytes(n: u64) -> f64 {
    as_f64(i64::try_from(n).unwrap_or(i64::MAX))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes and steps stay far below 2^53"
)]
const fn as_f64(n: i64) -> f64 {
    n as f64
}
