//! Stories of keys and answers, without a terminal.

use crossterm::event::KeyCode;

use super::{first, update};
use crate::app::{Silent, Workspace, recommend};
use crate::plan::Plan;
use crate::screen::event::{Effect, Event, Problem};
use crate::screen::state::{Job, Over, Pane, State};
use crate::screen::wanted::{Choices, Wanted};

fn workspace() -> Workspace {
    Workspace::new(crate::app::Layers {
        own: false,
        ..crate::app::Layers::default()
    })
    .unwrap()
}

fn state() -> State {
    let workspace = workspace();
    let choices = Choices::of(&workspace).unwrap();
    let mut wanted = Wanted::usual(&choices, &workspace).unwrap();
    wanted.machine = choices
        .machines
        .iter()
        .position(|m| m.id.as_deref() == Some("macbook-air-m4-16gb"))
        .unwrap();
    let mut state = State::new(choices, wanted, (80, 24), false);
    let begun = first(&mut state);
    assert!(matches!(begun[0], Effect::Solve(_)));
    state
}

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let keys = keys.chars().map(|key| match key {
        '>' => KeyCode::Right,
        '<' => KeyCode::Left,
        '\n' => KeyCode::Enter,
        '\u{1b}' => KeyCode::Esc,
        other => KeyCode::Char(other),
    });
    keys.flat_map(|key| update(state, Event::Key(key)))
        .collect()
}

/// Answers what was asked last, as the solver does.
fn solve(state: &mut State, effect: Effect) -> Plan {
    let Effect::Solve(wanted) = effect else {
        panic!("not to be solved: {effect:?}");
    };
    let workspace = workspace();
    let machine = wanted.machine(&state.choices);
    let request = wanted.request(&state.choices, &workspace).unwrap();
    let plan = recommend(&workspace, &machine, &request, &Silent).unwrap();
    let answer = Event::Solved {
        wanted,
        plan: Ok(Box::new(plan.clone())),
        memory: None,
    };
    assert!(update(state, answer).is_empty());
    plan
}

#[test]
fn a_slider_is_moved_answered_and_moved_back() {
    let mut state = state();
    let before = state.wanted.clone();
    assert!(press(&mut state, "a").is_empty(), "there is no plan yet");
    assert!(state.note.take().is_some(), "and that is said");
    let plan = solve(&mut state, Effect::Solve(Box::new(before.clone())));
    assert_eq!(state.settled(), Some(&plan));

    let moved = press(&mut state, ">");
    assert_ne!(state.wanted, before);
    assert!(
        state.solving() && state.shown() == Some(&plan),
        "the last answer stays in sight"
    );
    assert!(
        press(&mut state, "a").is_empty(),
        "and can't be applied for the new question"
    );
    solve(&mut state, moved.into_iter().next().unwrap());
    assert!(state.settled().is_some());

    let back = press(&mut state, "z");
    assert_eq!(state.wanted, before);
    assert_eq!(back, [Effect::Solve(Box::new(before))]);
    assert!(press(&mut state, "z").is_empty(), "nothing is left to undo");
}

#[test]
fn every_slider_can_be_moved_both_ways_and_comes_back() {
    let mut state = state();
    for at in 0..state.sliders.len() {
        state.held = at;
        let before = state.wanted.clone();
        press(&mut state, "><");
        let slider = state.sliders[at];
        assert_eq!(state.wanted, before, "{slider:?}");
        press(&mut state, "<<<<<<<<<");
        let low = slider.value(&state.wanted, &state.choices);
        press(&mut state, ">>>>>>>>>");
        assert_ne!(
            slider.value(&state.wanted, &state.choices),
            low,
            "{slider:?}"
        );
        while !state.before.is_empty() {
            press(&mut state, "z");
        }
        assert_eq!(state.wanted, before, "{slider:?}");
    }
}

#[test]
fn a_question_is_answered_once_and_a_load_is_not_left() {
    let mut state = state();
    let asked = state.wanted.clone();
    let plan = solve(&mut state, Effect::Solve(Box::new(asked)));
    assert_eq!(
        press(&mut state, "a"),
        [Effect::Apply(Box::new(plan.clone()))]
    );
    assert!(press(&mut state, "a1u").is_empty(), "one thing at a time");
    update(&mut state, Event::Asks("Change what is loaded?".to_owned()));
    assert!(press(&mut state, "m>x ").is_empty() && state.pane == Pane::Plan);
    assert_eq!(press(&mut state, "y"), [Effect::Answer(true)]);
    assert!(press(&mut state, "yq").is_empty() && state.job == Some(Job::Apply));
    assert_eq!(press(&mut state, "\u{1b}"), [Effect::Stop]);
    let failed = Event::Applied {
        plan: Some(Box::new(plan)),
        report: Err(Problem {
            error: "no".to_owned(),
            hint: None,
        }),
    };
    assert!(matches!(
        update(&mut state, failed)[..],
        [Effect::ReadStatus(None)]
    ));
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);
}

#[test]
fn what_is_typed_is_text() {
    let mut state = state();
    assert!(matches!(press(&mut state, "/")[..], [Effect::Rank(_)]));
    assert!(press(&mut state, "qpa1").is_empty());
    assert_eq!(state.table.filter, "qpa1");
    press(&mut state, "\n");
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);

    let asked = state.wanted.clone();
    let plan = solve(&mut state, Effect::Solve(Box::new(asked)));
    press(&mut state, "sday-1");
    assert_eq!(state.over, Some(Over::Name("day-1".to_owned())));
    assert_eq!(
        press(&mut state, "\n"),
        [Effect::Keep("day-1".to_owned(), Box::new(plan))]
    );
}

#[test]
fn what_is_loaded_is_read_again_after_a_while_and_not_while_it_is_read() {
    let mut state = state();
    let tick = |state: &mut State| update(state, Event::Tick).len();
    assert_eq!(
        (0..20).map(|_| tick(&mut state)).sum::<usize>(),
        0,
        "it is being read"
    );
    let none = Problem {
        error: "no LM Studio".to_owned(),
        hint: None,
    };
    update(&mut state, Event::Status(Err(none)));
    assert_eq!((0..9).map(|_| tick(&mut state)).sum::<usize>(), 0);
    assert_eq!(tick(&mut state), 1);
}
