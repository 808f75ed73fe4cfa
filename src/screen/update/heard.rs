//! What work brought.

use super::asking::look;
use crate::apply::document::Outcome;
use crate::screen::event::{Effect, Event};
use crate::screen::state::{Job, Note, Over, State};

/// What work brought.
pub(super) fn heard(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Solved {
            wanted,
            plan,
            memory,
        } => {
            state.memory = memory.or(state.memory);
            // What was solved for an earlier question is shown until its own answer comes.
            if let (Some((_, Ok(shown))), Ok(_)) = (state.plan.take(), &plan) {
                state.last = Some(shown);
            }
            state.scroll = if state.over.is_none() {
                0
            } else {
                state.scroll
            };
            state.plan = Some((*wanted, plan));
        }
        Event::Ranked(rows) => state.table.rows = Some(rows),
        Event::Status(status) => {
            (state.reading, state.age) = (false, 0);
            state.status = Some(status);
        }
        Event::Here(text) => state.here = text,
        Event::Saved(Ok(names)) => state.saved = names,
        Event::Saved(Err(problem)) => state.note = Some(Note::Wrong(problem)),
        Event::Kept(Ok(name)) => {
            state.note = Some(Note::Done(format!("saved as {name}")));
            return vec![Effect::ListSaved];
        }
        Event::Kept(Err(problem)) => state.note = Some(Note::Wrong(problem)),
        Event::Text(title, Ok(text)) => {
            (state.note, state.scroll) = (None, 0);
            state.over = Some(Over::Text(title, text));
        }
        Event::Text(_, Err(problem)) => state.note = Some(Note::Wrong(problem)),
        Event::Asks(text) => {
            state.over = Some(Over::Question(text));
            state.scroll = 0;
        }
        Event::Says(line) => state.say(line),
        Event::Applied { plan, report } => {
            state.job = None;
            match report {
                Ok(report) => {
                    let there = matches!(report.outcome, Outcome::Applied | Outcome::Unchanged);
                    if there {
                        state.watched = plan;
                    } else if report.outcome == Outcome::RolledBack {
                        state.watched = None;
                    }
                    state.note = Some(Note::Done(words(report.outcome).to_owned()));
                    if let Some(error) = report.error {
                        state.say(error);
                    }
                }
                Err(problem) => state.note = Some(Note::Wrong(problem)),
            }
            return look(state);
        }
        Event::Benched(result) => {
            state.job = state.job.filter(|job| *job != Job::Bench);
            state.bench = Some(result);
        }
        // The terminal's own events never come here.
        Event::Key(_) | Event::Click(..) | Event::Wheel(_) | Event::Resized(..) | Event::Tick => {}
    }
    Vec::new()
}

const fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unchanged => "that is loaded already",
        Outcome::NotStarted => "nothing was changed",
        Outcome::Applied => "the plan is loaded; u takes it back",
        Outcome::RolledBack => "what was loaded before is loaded again",
        Outcome::Stuck => "neither the plan nor what was before is loaded: see Now",
    }
}
