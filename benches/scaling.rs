//! How the exact solve grows with the catalog: one table of time, memory and proof.
//!
//! `cargo bench --bench scaling` prints the worst of several seeds for each kind of catalog and
//! size; `cargo bench --bench scaling -- subset-sum 100000` one row of it. Each row runs in a process
//! of its own, so that its peak of memory is its own (read on Linux only).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and runs itself"
)]

use std::process::Command;
use std::time::Instant;

use planner::solve::{Deadline, Item, Method, NO_LIMIT, Problem, solve};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
const SEEDS: u64 = 5;
const MODELS: usize = 4;
const TASKS: usize = 5;
/// The best set and five runners-up, as `recommend` asks for.
const SETS: usize = 6;
/// Where a solve is stopped, which the table then says.
const LIMIT: f64 = 20.0;

/// What kind of catalog, and how one item of it is made: its memory in MiB, and its scores.
type Make = fn(&mut Random, usize) -> (u64, Vec<i64>);
const KINDS: [(&str, Make); 12] = [
    ("catalog", catalog),
    ("random", random),
    ("equal", equal),
    ("nearly-equal", nearly_equal),
    ("equal-scores", equal_scores),
    ("strongly-correlated", strongly_correlated),
    ("subset-sum", subset_sum),
    ("subset-sum-even", subset_sum_even),
    ("subset-sum-trap", subset_sum_trap),
    ("residue-trap", residue_trap),
    ("profit-ceiling", profit_ceiling),
    ("concave", concave),
];

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    match args.as_slice() {
        [kind, size] => println!("{}", row(kind, size.parse().unwrap())),
        _ => {
            println!("{MODELS} models, {TASKS} tasks, {SETS} sets, worst of {SEEDS} seeds\n");
            println!(
                "| catalog | candidates | kept | best alone | with runners-up | memory | proof |"
            );
            println!("|---|---|---|---|---|---|---|");
            for (kind, _) in KINDS {
                for size in SIZES {
                    let own = Command::new(std::env::current_exe().unwrap());
                    let mut own = own;
                    let out = own.args([kind, &size.to_string()]).output().unwrap();
                    print!("{}", String::from_utf8_lossy(&out.stdout));
                }
            }
        }
    }
}

fn row(kind: &str, size: usize) -> String {
    let (_, make) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    let (mut alone, mut all, mut kept) = (0.0_f64, 0.0_f64, 0);
    let mut open = 0_i64;
    for seed in 1..=SEEDS {
        let mut problem = problem(*make, size, seed);
        let mut solve = |sets: usize| {
            problem.sets = sets;
            let start = Instant::now();
            let now = || start.elapsed().as_secs_f64();
            let deadline = Deadline::after(&now, Some(LIMIT));
            let found = solve(&problem, Method::Search, deadline);
            (now(), found)
        };
        let (seconds, found) = solve(1);
        alone = alone.max(seconds);
        kept = kept.max(found.after_presolve);
        let best = found.solutions.first().map_or(0, |s| s.objective);
        open = open.max(found.bound.unwrap_or(0) - best);
        all = all.max(solve(SETS).0);
    }
    let proof = if open == 0 {
        "optimal".to_owned()
    } else {
        format!("gap <= {open} steps")
    };
    format!(
        "| {kind} | {size} | {kept} | {alone:.3} s | {all:.3} s | {} | {proof} |",
        peak()
    )
}

/// The most memory that this process has held.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.map_or_else(
        || "not read".to_owned(),
        |kib| format!("{} MiB", kib / 1024),
    )
}

/// Families of 5 variants, each at 5 contexts and 2 types of KV cache.
fn problem(make: Make, size: usize, seed: u64) -> Problem {
    let mut random = Random(seed);
    let items = (0..size).map(|i| {
        let (memory, scores) = make(&mut random, i);
        Item {
            family: i / 50,
            group: i / 10,
            memory: [memory, memory + 300, 0].map(|mib| mib << 20),
            scores: scores.into_iter().map(Some).collect(),
            idle_worth: 0,
        }
    });
    Problem {
        items: items.collect(),
        budgets: [474_111 << 20, 507_904 << 20, NO_LIMIT],
        max_models: MODELS,
        tasks: TASKS,
        pins: Vec::new(),
        sets: SETS,
    }
}

/// A linear congruential generator: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn score(&mut self, n: u64) -> i64 {
        i64::try_from(self.below(n)).unwrap()
    }
}

/// One task's score where the item is made for it, another's elsewhere.
fn made_for(task: u64, score: i64, elsewhere: i64) -> Vec<i64> {
    let of = |t| if t == task { score } else { elsewhere };
    (0..TASKS as u64).map(of).collect()
}

/// What real catalogs look like: sizes of models and quantizations, contexts that cost and score.
fn catalog(random: &mut Random, i: usize) -> (u64, Vec<i64>) {
    let of = |n: usize, salt: u64| Random((n as u64) << 8 | salt).below(1 << 20);
    let (model, variant, context) = (i / 50, i / 10, (i % 10) as u64);
    let parameters = 2_000 + of(model, 1) % 400_000;
    let weights = parameters * [4, 5, 6, 8, 16][variant % 5] / 16;
    let memory = weights / 2 + (1 + of(model, 2) % 40) * (1 << context);
    let quality = parameters.ilog2() as i64 * 600;
    let scores = (0..TASKS as u64).map(|t| {
        let taste = i64::try_from(of(model, 10 + t) % 4_000).unwrap();
        let loss = [900, 500, 250, 50, 0][variant % 5];
        quality + taste - loss + i64::try_from(context).unwrap() * 60 + random.score(5)
    });
    (memory, scores.collect())
}

fn random(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 2_000 + random.below(200_000);
    let worth = i64::try_from(memory / 20).unwrap();
    (
        memory,
        (0..TASKS).map(|_| worth + random.score(10_000)).collect(),
    )
}

fn equal(_: &mut Random, _: usize) -> (u64, Vec<i64>) {
    (100_000, vec![10_000; TASKS])
}

fn nearly_equal(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 118_400 + random.below(400);
    (
        memory,
        (0..TASKS).map(|_| 15_000 + random.score(40)).collect(),
    )
}

fn equal_scores(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 20_000 + random.below(200_000);
    (
        memory,
        (0..TASKS).map(|_| 5_000 * (1 + random.score(3))).collect(),
    )
}

fn strongly_correlated(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 1_000 + random.below(300_000);
    let score = i64::try_from(memory / 10).unwrap() + 3_000;
    (
        memory,
        made_for(random.below(TASKS as u64), score, score / 4),
    )
}

fn subset_sum(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 1_000 + random.below(300_000);
    let score = i64::try_from(memory).unwrap();
    (memory, made_for(random.below(TASKS as u64), score, 0))
}

/// No set can take an odd amount, and the budget is odd.
fn subset_sum_even(random: &mut Random, i: usize) -> (u64, Vec<i64>) {
    let (memory, scores) = subset_sum(random, i);
    (memory & !1, scores.iter().map(|s| s & !1).collect())
}

/// The same, and one worthless item that takes an odd amount.
fn subset_sum_trap(random: &mut Random, i: usize) -> (u64, Vec<i64>) {
    if i == 0 {
        (101, vec![0; TASKS])
    } else {
        subset_sum_even(random, i)
    }
}

/// Sizes in steps of 17 that can't fill the budget; one in fifty takes some more, at a loss of one.
fn residue_trap(random: &mut Random, i: usize) -> (u64, Vec<i64>) {
    let (memory, scores) = subset_sum(random, i);
    let least = memory - memory % 17;
    let taken = least
        + if i.is_multiple_of(50) {
            1 + random.below(16)
        } else {
            0
        };
    let loss = i64::try_from(memory - least).unwrap() + i64::from(taken > least);
    let score = |s: &i64| if *s == 0 { 0 } else { s - loss };
    (taken, scores.iter().map(score).collect())
}

/// Scores in steps of 170 MiB: many sizes are worth the same, and just as much as more.
fn profit_ceiling(random: &mut Random, i: usize) -> (u64, Vec<i64>) {
    let (memory, scores) = subset_sum(random, i);
    let steps = |s: &i64| (s + 169) / 170 * 170;
    (memory, scores.iter().map(steps).collect())
}

/// Ever less score for ever more memory: nothing is dominated, everything is on the hull.
fn concave(random: &mut Random, _: usize) -> (u64, Vec<i64>) {
    let memory = 1_000 + random.below(300_000);
    let score = i64::try_from(memory.isqrt() * 30).unwrap();
    (
        memory,
        made_for(random.below(TASKS as u64), score, score / 3),
    )
}
