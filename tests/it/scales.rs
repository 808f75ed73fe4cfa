//! What a profile's scales make of figures: what is better counts for more, wherever it stands.

use planner::scenario::{Candidate, Prepared};
use planner::speed::Workload;
use planner::task;
use planner::task::{Scales, TaskProfile};

use crate::world::{World, request};

/// From a millisecond to four months, each a tenth longer.
fn times() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(0.001), |s| Some(s * 1.1)).take_while(|s| *s < 1e7)
}

/// A profile whose turns are worth what these anchors say.
fn with_turns(anchors: &str) -> Result<TaskProfile, String> {
    let text = format!(
        "id = \"a\"\nsummary = \"b\"\n[weights]\nquality = 0.5\nspeed = 0.5\n\
         [scales.turn]\nmissing = 0.3\nanchors = {anchors}\n"
    );
    task::parse("a.toml", &text).map_err(|e| e.to_string())
}

/// Of every two times the shorter is worth more, within 0 and 1: of the shipped tasks, of planner's
/// own scale, and of profiles that leave no room beyond their anchors.
#[test]
fn less_time_is_always_worth_more() {
    let mut scales: Vec<_> = task::embedded().unwrap().into_values().collect();
    for own in ["[[5, 1.0], [60, 0.0]]", "[[1, 0.99], [2, 0.5], [3, 0.01]]"] {
        scales.push(with_turns(own).unwrap());
    }
    scales.push(TaskProfile {
        scales: Scales::default(),
        ..scales[0].clone()
    });
    for task in &scales {
        let turn = &task.scales.turn;
        let worth: Vec<f64> = times().map(|s| turn.at_time(s)).collect();
        for (n, pair) in worth.windows(2).enumerate() {
            assert!(pair[0] > pair[1], "{}: step {n} of {pair:?}", task.id);
        }
        assert!(worth.iter().all(|w| (0.0..=1.0).contains(w)), "{}", task.id);
        // Without a step at the anchors, where one rule ends and another begins.
        for [seconds, _] in &turn.anchors {
            let beside = [0.999_999, 1.000_001].map(|f| turn.at_time(seconds * f));
            assert!(beside[0] - beside[1] < 1e-4, "{}: {beside:?}", task.id);
        }
    }
}

/// What the anchors of a shipped task say is what counts; beyond them halves and doublings do.
#[test]
fn anchors_hold_and_what_is_left_halves_beyond_them() {
    for task in task::embedded().unwrap().values() {
        let turn = &task.scales.turn;
        for [seconds, worth] in &turn.anchors {
            let at = turn.at_time(*seconds);
            assert!((at - worth).abs() < 1e-12, "{}: {at} at {seconds}", task.id);
        }
        let ([fast, most], [slow, least]) = (turn.anchors[0], turn.anchors.last().unwrap());
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{}: {a}, {b}", task.id);
        near(turn.at_time(slow * 2.0), least / 2.0);
        near(turn.at_time(slow * 8.0), least / 8.0);
        near(1.0 - turn.at_time(fast / 2.0), (1.0 - most) / 2.0);
    }
}

#[test]
fn seconds_that_gain_worth_are_refused() {
    for wrong in ["[[5, 0.5], [60, 0.9]]", "[[5, 0.5], [60, 0.5]]"] {
        let error = with_turns(wrong).unwrap_err();
        assert!(error.contains("utilities must fall"), "{error}");
    }
}

/// A file scores more where its turns are shorter and nothing else is otherwise, on a Mac where many
/// are beyond what a task's anchors tell apart.
#[test]
fn every_candidate_scores_more_where_it_is_faster() {
    let world = World::new("macbook-air-m1-16gb");
    let request = request(&["constrained", "quick", "reasoning"]);
    let scenario = world.scenario(&request);
    let pool = Prepared::to_vary(&scenario).pool;
    let (mut slow, mut fast) = (0, 0);
    for ladder in &pool.ladders {
        let c = ladder.base();
        for (t, (task, _)) in request.tasks.iter().enumerate() {
            let Some(turn) = c.turn(t).filter(|turn| turn.work.output_tokens > 20) else {
                continue;
            };
            let [few, low, high] = [
                turn.work.output_tokens,
                turn.work.output_range.0,
                turn.work.output_range.1,
            ]
            .map(|tokens| tokens * 9 / 10);
            let shorter = turn.clone().writes(Workload {
                output_tokens: few,
                output_range: (low, high),
                ..turn.work
            });
            let mut turns = c.turns.to_vec();
            turns[t] = Some(shorter);
            let faster = Candidate {
                turns: turns.into(),
                ..c.clone()
            };
            let [now, then] = [c, &faster].map(|c| c.score(t, task).steps());
            assert!(then > now, "{}: {}: {now}, {then}", task.id, c.name());
            let anchors = &task.scales.turn.anchors;
            slow += usize::from(turn.deciding_seconds() > anchors[anchors.len() - 1][0]);
            fast += usize::from(turn.deciding_seconds() < anchors[0][0]);
        }
    }
    assert!(slow > 50 && fast > 10, "{slow} slow, {fast} fast");
}
