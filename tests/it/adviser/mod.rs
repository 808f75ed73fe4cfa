//! What the adviser says would change an answer is changed, and the answer asked for again.

mod changes;
mod conflicts;

use std::collections::BTreeSet;

use planner::memory::limits::Demand;
use planner::plan::Plan;
use planner::scenario::{Prepared, again};
use planner::task::Utility;

use crate::support::{plan, plan_or_none, rounds};
use crate::world::{World, measured_at, names, request, reweighed, served, serving};

#[test]
fn a_saved_plan_holds_all_that_it_was_made_from() {
    let world = World::new("m4-max-64gb");
    let mut request = request(&["code", "general"]);
    request.min_tokens_per_second = Some(12.5);
    request.excludes = vec!["gpt-oss-120b".to_owned()];
    request.settings.slots = 2;
    let plan = world.plan(&request);
    let text = serde_json::to_string(&plan).unwrap();
    let read: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(again::request(&read), request);
    assert_eq!(again::machine(&read, &world.profiles.chips), world.machine);
    assert_eq!(world.plan(&again::request(&read)), plan);
}

#[test]
fn a_candidates_score_is_the_sum_of_its_parts() {
    let world = World::new("m3-ultra-512gb");
    let request = request(&["code", "general", "quality", "constrained"]);
    let scenario = world.scenario(&request);
    let pool = Prepared::once(&scenario).pool;
    assert!(pool.len() > 5000);
    for c in (0..pool.len()).step_by(13).map(|i| pool.candidate(i)) {
        for (t, ((task, _), score)) in request.tasks.iter().zip(&c.scores).enumerate() {
            if let Some(score) = score {
                assert_eq!(
                    score.to_bits(),
                    c.score(t, task).total.to_bits(),
                    "{}",
                    c.name()
                );
            }
        }
        assert_eq!(
            Demand::from(&c.ledger_at(&c.settings)),
            c.demand,
            "{}",
            c.name()
        );
    }
}

#[test]
fn weights_keep_the_answer_as_far_as_is_said_and_no_further() {
    let cases = [
        ("m4-max-128gb", &["code", "general"][..]),
        ("m4-max-64gb", &["agent"]),
    ];
    let steps = rounds(2, 4);
    for (machine, tasks) in &cases[rounds(1, 0) as usize..] {
        let world = World::new(machine);
        let request = request(tasks);
        let plan = world.plan(&request);
        let answer = world.explain(&plan, None);
        assert!(answer.unchanged && answer.loadout == names(&plan));
        let now = served(&plan);
        let mut changes = 0;
        for r in &answer.weights {
            let at = |value: f64| {
                let utility = r.utility.map(Utility::id);
                served(&world.plan(&reweighed(&request, &r.task, utility, value)))
            };
            for n in 0..=steps {
                let place = r.low + (r.high - r.low) * f64::from(n) / f64::from(steps);
                assert_eq!(at(place), now, "{r:?} at {place}");
            }
            let sides = [
                (r.low, r.below_at, &r.below),
                (r.high, r.above_at, &r.above),
            ];
            for (edge, beyond, other) in sides {
                if let (Some(beyond), Some(other)) = (beyond, other) {
                    changes += 1;
                    assert_eq!(at(beyond), serving(other), "{r:?} at {beyond}");
                    assert!((beyond - edge).abs() <= 0.001 && serving(other) != now);
                }
            }
        }
        assert!(changes >= 4, "{changes}");
    }
}

#[test]
fn predicted_speeds_change_the_answer_where_is_said() {
    let world = World::new("m4-max-128gb");
    let plan = world.plan(&request(&["code", "general"]));
    let answer = world.explain(&plan, None);
    let mut changes = 0;
    for s in &answer.speeds {
        let at = |speed: f64| {
            names(&measured_at(&world, &s.variant, speed).plan(&again::request(&plan)))
        };
        let Some(edge) = s.changes_at_tokens_per_second else {
            assert_eq!(at(0.01), answer.loadout);
            continue;
        };
        changes += 1;
        assert_eq!(at(edge), s.loadout, "{s:?}");
        if s.in_loadout && edge.to_bits() == s.expected.to_bits() {
            continue; // A run as fast as expected changes it already.
        }
        let before = if s.in_loadout {
            edge + 0.11
        } else {
            edge - 0.11
        };
        assert_eq!(at(before), answer.loadout, "{s:?}");
    }
    assert!(changes > 0);
}

#[test]
fn runners_up_are_as_many_as_asked_for_distinct_and_in_order() {
    let args = [
        "--machine",
        "m4-max-64gb",
        "--task",
        "code",
        "--task",
        "general",
    ];
    let with = |n: &str| {
        let mut all = args.to_vec();
        all.extend(["--alternatives", n]);
        plan(&all)
    };
    assert!(with("0")["alternatives"].as_array().unwrap().is_empty());
    // What can't be told from the best is so whether or not runners-up are shown.
    assert!(!with("0")["ties"].as_array().unwrap().is_empty());
    assert_eq!(with("0")["ties"], with("12")["ties"]);
    let many = with("12");
    let few = with("3");
    let alternatives = many["alternatives"].as_array().unwrap();
    assert_eq!(alternatives.len(), 12);
    assert_eq!(
        few["alternatives"].as_array().unwrap()[..],
        alternatives[..3]
    );
    let models = |a: &serde_json::Value| -> BTreeSet<String> {
        let members = a["members"].as_array().unwrap();
        members
            .iter()
            .map(|m| {
                m["variant"]
                    .as_str()
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let sets: BTreeSet<_> = alternatives.iter().map(models).collect();
    assert_eq!(sets.len(), 12);
    let scores: Vec<f64> = alternatives
        .iter()
        .map(|a| a["objective"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn nothing_on_the_front_is_beaten_and_its_speeds_are_as_good_as_they_get() {
    let args = [
        "--machine",
        "m4-max-64gb",
        "--task",
        "code",
        "--task",
        "general",
    ];
    let mut all = args.to_vec();
    all.push("--pareto");
    let front = plan(&all);
    let points = front["pareto"].as_array().unwrap();
    assert!(points.len() > 10);
    let figures = |p: &serde_json::Value| {
        let speed = p["slowest_tokens_per_second"].as_f64().unwrap_or(0.0);
        (
            p["objective"].as_f64().unwrap(),
            p["total_bytes"].as_u64().unwrap(),
            speed,
        )
    };
    let all_points: Vec<_> = points.iter().map(figures).collect();
    for a in &all_points {
        let beats = |b: &&(f64, u64, f64)| b != &a && b.0 >= a.0 && b.1 <= a.1 && b.2 >= a.2;
        assert_eq!(all_points.iter().find(beats), None, "{a:?}");
    }
    let best = front["optimality"]["objective"].as_f64().unwrap();
    assert_eq!(all_points[0].0.to_bits(), best.to_bits());
    let best_above = |speed: f64| {
        let least = speed.to_string();
        let plan = plan_or_none(&[&args[..], &["--min-tps", &least]].concat())?;
        plan["optimality"]["objective"].as_f64()
    };
    for (_, _, speed) in all_points.iter().filter(|p| p.2 > 0.0).step_by(8) {
        let fast = all_points.iter().filter(|p| p.2 >= *speed).map(|p| p.0);
        let on_front = fast.fold(0.0, f64::max);
        let best = best_above(speed - 1e-9).unwrap();
        assert!(on_front <= best + 1e-9, "{speed}: {on_front}, {best}");
        // Points that differ in trifles stand as one, up to 3 % of a score, and the levels of speed
        // that are traced are 5 % apart: what is as fast as the next level is not missed.
        let faster = best_above(speed * 1.05).unwrap_or(0.0);
        assert!(on_front >= faster * 0.97, "{speed}: {on_front}, {faster}");
    }
}
