//! The variables of an integer program, and what each stands for.

use good_lp::{ProblemVariables, Variable, variable};

use crate::solve::problem::Problem;

/// One step of a task's worth.
pub(super) struct Level {
    pub(super) task: usize,
    pub(super) score: i64,
    /// Over the level below; the whole score for the lowest.
    pub(super) step: i64,
    pub(super) reached: Variable,
}

/// A task served by a pinned item.
pub(super) struct Served {
    pub(super) task: usize,
    pub(super) item: usize,
    pub(super) served: Variable,
}

pub(super) struct Variables {
    pub(super) all: ProblemVariables,
    pub(super) resident: Vec<Variable>,
    pub(super) levels: Vec<Level>,
    pub(super) served: Vec<Served>,
    /// For each pin whether it serves.
    pub(super) serving: Vec<Variable>,
    /// The pinned items, and whether each idles.
    pub(super) idle: Vec<(usize, Variable)>,
    /// By forbidden set and family in it whether it is there.
    pub(super) present: Vec<Vec<Variable>>,
}

/// The distinct scores of a task, rising.
pub(super) fn scores(problem: &Problem, task: usize) -> Vec<i64> {
    let mut scores: Vec<i64> = problem
        .items
        .iter()
        .filter_map(|i| i.scores[task])
        .collect();
    scores.sort_unstable();
    scores.dedup();
    scores
}

impl Variables {
    /// Those of a problem, with some sets of families forbidden.
    pub(super) fn of(problem: &Problem, forbidden: &[Vec<usize>]) -> Self {
        let mut all = ProblemVariables::new();
        let resident = problem
            .items
            .iter()
            .map(|_| all.add(variable().binary()))
            .collect();
        let share = |all: &mut ProblemVariables| all.add(variable().min(0.0).max(1.0));
        let mut levels = Vec::new();
        for task in 0..problem.tasks {
            let mut below = 0;
            for score in scores(problem, task) {
                levels.push(Level {
                    task,
                    score,
                    step: score - below,
                    reached: share(&mut all),
                });
                below = score;
            }
        }
        let met = problem.pins_met();
        let pinned: Vec<usize> = (0..met.len()).filter(|&i| met[i] != 0).collect();
        let mut served = Vec::new();
        for task in 0..problem.tasks {
            for &item in &pinned {
                if problem.items[item].scores[task].is_some() {
                    let by = all.add(variable().binary());
                    served.push(Served {
                        task,
                        item,
                        served: by,
                    });
                }
            }
        }
        let serving = problem
            .pins
            .iter()
            .map(|_| all.add(variable().binary()))
            .collect();
        let idle = pinned.iter().map(|&i| (i, share(&mut all))).collect();
        let of_set =
            |set: &Vec<usize>, all: &mut ProblemVariables| set.iter().map(|_| share(all)).collect();
        let present = forbidden.iter().map(|set| of_set(set, &mut all)).collect();
        Self {
            all,
            resident,
            levels,
            served,
            serving,
            idle,
            present,
        }
    }
}
