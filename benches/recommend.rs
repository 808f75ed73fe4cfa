//! How long an answer takes: the shipped catalog, and the solve alone as catalogs grow.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use planner::advise::recommend;
use planner::catalog::Catalog;
use planner::machine::{Machine, Profiles};
use planner::plan::request::Request;
use planner::scenario::Scenario;
use planner::solve::{Deadline, Item, Method, NO_LIMIT, Problem, solve};
use planner::speed::SpeedModel;
use planner::task;

fn shipped(c: &mut Criterion) {
    let profiles = Profiles::embedded().unwrap();
    let tasks = task::embedded().unwrap();
    let machine =
        Machine::from_profile(profiles.machine("m3-ultra-512gb").unwrap(), &profiles.chips)
            .unwrap();
    let mut group = c.benchmark_group("shipped catalog");
    group.sample_size(20);
    group.bench_function("read", |b| {
        b.iter(|| black_box(Catalog::embedded().unwrap()))
    });
    let catalog = Catalog::embedded().unwrap();
    group.bench_function("fit the speed model", |b| {
        b.iter(|| black_box(SpeedModel::of(&catalog, &profiles.chips).unwrap()))
    });
    let speed = SpeedModel::of(&catalog, &profiles.chips).unwrap();
    for names in [
        &["code"][..],
        &["code", "general"],
        &["code", "general", "quality"],
    ] {
        let request = Request::new(names.iter().map(|n| (tasks[*n].clone(), 1.0)).collect());
        group.bench_with_input(
            BenchmarkId::new("recommend, tasks", names.len()),
            &request,
            |b, request| {
                b.iter(|| {
                    let asked = Scenario::new(&catalog, &machine, &speed, request);
                    black_box(recommend(&asked, &|| 0.0).unwrap())
                });
            },
        );
    }
}

/// A catalog of `n` candidates in families of 20 variants x contexts, from a fixed generator.
fn synthetic(n: usize) -> Problem {
    let mut state = 42_u64;
    let mut next = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let items = (0..n)
        .map(|i| {
            let gpu = 2_000 + next(200_000);
            let worth = 20_000 + i64::try_from(next(20_000) + gpu / 10).unwrap();
            let scores = (0..5)
                .map(|_| Some(worth + i64::try_from(next(10_000)).unwrap()))
                .collect();
            Item {
                family: i / 20,
                group: i / 5,
                memory: [gpu, gpu + 300, 0].map(|mib| mib << 20),
                scores,
                idle_worth: 0,
            }
        })
        .collect();
    Problem {
        items,
        budgets: [474_112 << 20, 507_904 << 20, NO_LIMIT],
        max_models: 3,
        tasks: 5,
        pins: Vec::new(),
        sets: 6,
    }
}

fn solved(c: &mut Criterion) {
    let mut group = c.benchmark_group("solve, 5 tasks, 3 models");
    group.sample_size(10);
    for n in [100, 1_000, 5_000] {
        let problem = synthetic(n);
        group.bench_with_input(BenchmarkId::new("search", n), &problem, |b, p| {
            b.iter(|| black_box(solve(p, Method::Search, Deadline::never())));
        });
        if n <= 1_000 {
            let best_only = Problem { sets: 1, ..problem };
            let id = BenchmarkId::new("integer program, best only", n);
            group.bench_with_input(id, &best_only, |b, p| {
                b.iter(|| black_box(solve(p, Method::Milp, Deadline::never())));
            });
        }
    }
}

criterion_group!(benches, shipped, solved);
criterion_main!(benches);
