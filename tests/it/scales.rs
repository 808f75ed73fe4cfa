//! What a profile's scales make of figures: what is better counts for more, wherever it stands.

use planner::memory::Settings;
use planner::scenario::{Candidate, Prepared};
use planner::speed::Workload;
use planner::task;
use planner::task::{Scales, TaskProfile, Utility};

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
        assert!((turn.at_time(0.0) - 1.0).abs() < 1e-12, "{}", task.id);
        assert!(turn.at_time(f64::INFINITY).abs() < 1e-12, "{}", task.id);
        assert!((turn.at_time(f64::NAN) - turn.missing).abs() < 1e-12);
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

/// The shipped tasks whose contexts count.
fn with_contexts() -> impl Iterator<Item = TaskProfile> {
    let all = task::embedded().unwrap().into_values();
    all.filter(|task| task.weights.of(Utility::Context) > 0.0)
}

/// A context is worth more up to the deep turns of its task, hardly more beyond, and nowhere less.
#[test]
fn contexts_count_up_to_the_deep_turns() {
    let mut tasks = 0;
    for task in with_contexts() {
        let (scale, deep) = (&task.scales.context, task.workload.deep());
        let at = |tokens: u32| scale.at(f64::from(tokens));
        let steps = || (4096..=1_048_576).step_by(4096);
        for (shorter, longer) in steps().zip(steps().skip(1)) {
            assert!(at(shorter) <= at(longer), "{}: {longer}", task.id);
            let rises = at(shorter) < at(longer);
            assert!(longer > deep || rises, "{}: {longer}", task.id);
        }
        assert!((at(deep) - 0.99).abs() < 1e-9, "{}", task.id);
        assert!((at(2 * deep) - 0.995).abs() < 1e-9, "{}", task.id);
        assert!(task.floors.context <= deep, "{}", task.id);
        tasks += 1;
    }
    assert_eq!(tasks, 9);
}

/// Whose turns sit deeper has deeper deep turns; a profile that does not say them has them too.
#[test]
fn deep_turns_follow_the_depth() {
    for task in with_contexts() {
        let work = task.workload;
        let twice = work.at(Some(2 * work.depth_tokens), None);
        assert_eq!(twice.deep(), 2 * work.deep(), "{}", task.id);
        assert_eq!(work.at(None, Some(3)).deep(), work.deep());
    }
    let text = "id = \"a\"\nsummary = \"b\"\n[weights]\nquality = 1.0\n[workload]\n\
                depth_tokens = 1000\nnew_tokens = 10\noutput_tokens = 10\nfirst_prompt_tokens = 10\n";
    let read = |text: &str| task::parse("a.toml", text);
    assert_eq!(read(text).unwrap().workload.deep(), 2000);
    let shallow = read(&format!("{text}deep_tokens = 999\n")).unwrap_err();
    assert!(shallow.to_string().contains("at least `depth_tokens`"));
}

/// What the book says in a sentence, of plans for small and large Macs: a context longer than the
/// deep turns need adds no more than a tenth to what the model takes with each doubling, and one that
/// is left out would add as much or not fit.
#[test]
fn memory_is_left_free_rather_than_spent_on_contexts_that_are_hardly_used() {
    let (mut longer, mut left) = (0, 0);
    for machine in [
        "mac-mini-m4-16gb",
        "macbook-pro-m4-pro-24gb",
        "macbook-pro-m3-max-36gb",
        "m4-max-64gb",
        "m4-max-128gb",
        "m3-ultra-512gb",
    ] {
        let world = World::new(machine);
        for task in ["code", "general", "long-form", "agent"] {
            let request = request(&[task]);
            let deep = request.tasks[0].0.workload.deep();
            let scenario = world.scenario(&request);
            let prepared = Prepared::once(&scenario);
            let found = prepared
                .solve(1, planner::solve::Deadline::never())
                .unwrap();
            let chosen = prepared.members(&found.solutions[0]).remove(0);
            let context = chosen.settings.context;
            let taken = |context: u32| {
                let settings = Settings {
                    context,
                    ..chosen.settings
                };
                chosen.ledger_at(&settings).total().gib()
            };
            let doubling = taken(deep) / 10.0;
            let what = format!("{machine} {task}: {} at {context}", chosen.name());
            if context > deep {
                let doublings = f64::from(context / deep).log2().ceil().max(1.0);
                assert!(
                    taken(context) - taken(deep) <= doublings * doubling,
                    "{what}"
                );
                longer += 1;
            } else if context == deep && deep * 2 <= chosen.model.context_length {
                let more = taken(deep * 2) - taken(deep);
                let room = prepared.limits.headroom(chosen.demand);
                let fits = planner::units::Bytes(room.unsigned_abs()).gib() >= more;
                assert!(more >= doubling * 0.9 || !fits, "{what}: {more}");
                left += usize::from(fits);
            }
        }
    }
    assert!(longer > 3 && left > 1, "{longer} longer, {left} left free");
}
