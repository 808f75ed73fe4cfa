//! Solving: the newest question first, and an older one not at all.

use std::sync::mpsc::Receiver;

use anyhow::Result;

use super::shared::{Job, Shared, answer};
use crate::app;
use crate::app::{ExplainRequest, Silent};
use crate::plan::Plan;
use crate::report;
use crate::report::Screen;
use crate::screen::event::{Answer, Effect, Event, Problem};
use crate::screen::models::{Row, rows};
use crate::screen::wanted::Wanted;

/// Seconds that an explanation takes at most.
const PATIENCE: f64 = 10.0;

/// Works until nobody sends any more.
pub(super) fn work(shared: &Shared, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut waiting: Vec<Job> = std::iter::once(first).chain(jobs.try_iter()).collect();
        while !waiting.is_empty() {
            let (effect, screen) = waiting.remove(0);
            let newer =
                |job: &Job| std::mem::discriminant(&job.0) == std::mem::discriminant(&effect);
            // Of each kind the last is wanted.
            if !waiting.iter().any(newer) {
                tell(shared, effect, screen);
            }
            waiting.extend(jobs.try_iter());
        }
    }
}

fn tell(shared: &Shared, effect: Effect, screen: Screen) {
    let event = match effect {
        Effect::Solve(wanted) => solved(shared, wanted),
        Effect::Rank(wanted) => Event::Ranked(ranked(shared, &wanted)),
        Effect::Describe(model, plan) => {
            let text = described(shared, &model, plan.as_deref(), &screen);
            Event::Text(model, answer(text))
        }
        Effect::Explain(plan) => {
            let text = explained(shared, &plan, None).map(|e| report::explain::text(&e, &screen));
            Event::Text("Why".to_owned(), answer(text))
        }
        _ => return,
    };
    // The screen is gone.
    let _ = shared.tell.send(event);
}

fn no_task() -> Problem {
    Problem {
        error: "no task has a weight".to_owned(),
        hint: Some("give one some".to_owned()),
    }
}

fn solved(shared: &Shared, wanted: Box<Wanted>) -> Event {
    let workspace = &shared.workspace;
    let machine = wanted.machine(&shared.choices);
    let plan = match wanted.request(&shared.choices, workspace) {
        None => Err(no_task()),
        Some(request) => answer(app::recommend(workspace, &machine, &request, &Silent)),
    };
    let memory = match &plan {
        Ok(plan) => Some(plan.machine.memory_bytes),
        Err(_) => machine.find(workspace.profiles()).ok().map(|m| m.memory),
    };
    Event::Solved {
        wanted,
        plan: plan.map(Box::new),
        memory,
    }
}

fn ranked(shared: &Shared, wanted: &Wanted) -> Answer<Vec<Row>> {
    let task = wanted.first_task(&shared.choices).ok_or_else(no_task)?;
    let machine = wanted.machine(&shared.choices);
    let ranking = app::rank(&shared.workspace, task, Some(&machine));
    answer(ranking.and_then(|ranking| rows(&ranking, &shared.workspace)))
}

fn explained(
    shared: &Shared,
    plan: &Plan,
    why_not: Option<&str>,
) -> Result<crate::advise::explain::Explanation> {
    let request = ExplainRequest {
        why_not: why_not.map(str::to_owned),
        time_limit: Some(PATIENCE),
        ..ExplainRequest::default()
    };
    app::explain(&shared.workspace, plan, &request, &Silent)
}

/// What is known of a model, after why it does not serve in the plan.
fn described(shared: &Shared, model: &str, plan: Option<&Plan>, screen: &Screen) -> Result<String> {
    let catalog = shared.workspace.models()?;
    let known = catalog
        .model(model)
        .map(|m| report::catalog::show(m, screen));
    let idle = plan.filter(|plan| plan.loadout.iter().all(|e| e.model != model));
    let why_not = match idle {
        Some(plan) => report::explain::why_not(&explained(shared, plan, Some(model))?, screen),
        None => None,
    };
    Ok([why_not, known]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n"))
}
