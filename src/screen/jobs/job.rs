//! Changing what is loaded, and measuring it: one thing after another.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use anyhow::Result;

use super::shared::{Job, Shared, answer};
use super::telling::Telling;
use crate::app;
use crate::app::apply::{ApplyRequest, Goal};
use crate::app::bench::{BenchRequest, Models, USUAL_ADDRESS};
use crate::app::{plan_file, plans};
use crate::plan::Plan;
use crate::report;
use crate::report::Screen;
use crate::screen::event::{Effect, Event};

/// Works until nobody sends any more.
pub(super) fn work(shared: &Shared, jobs: &Receiver<Job>, answered: &Receiver<bool>) {
    while let Ok((effect, screen)) = jobs.recv() {
        shared.stop.store(false, Ordering::Relaxed);
        let telling = Telling::new(&shared.tell, answered, screen);
        let event = match effect {
            Effect::Bench => Event::Benched(answer(measured(shared, &telling, &screen))),
            Effect::TakeBack => applied(shared, &telling, None),
            Effect::Apply(plan) => {
                applied(shared, &telling, Some(("the plan of the screen", plan)))
            }
            Effect::Swap(name) => match saved(shared, &name) {
                Ok(plan) => applied(shared, &telling, Some((name.as_str(), plan))),
                Err(error) => Event::Applied {
                    plan: None,
                    report: answer(Err(error)),
                },
            },
            _ => continue,
        };
        // The screen is gone.
        let _ = shared.tell.send(event);
    }
}

fn saved(shared: &Shared, name: &str) -> Result<Box<Plan>> {
    let catalog = shared.workspace.catalog()?;
    plan_file::read_known_loadout(&plans::find(name)?, catalog).map(Box::new)
}

fn applied(shared: &Shared, telling: &Telling<'_>, plan: Option<(&str, Box<Plan>)>) -> Event {
    let goal = match &plan {
        Some((name, plan)) => Goal::Made {
            name: (*name).to_owned(),
            plan: plan.clone(),
        },
        None => Goal::Undo,
    };
    let request = ApplyRequest {
        studio: shared.options.studio.clone(),
        ..ApplyRequest::to(goal)
    };
    let report = app::apply(&shared.workspace, &request, telling, &shared.stop);
    Event::Applied {
        plan: plan.map(|(_, plan)| plan),
        report: answer(report).map(Box::new),
    }
}

fn measured(shared: &Shared, telling: &Telling<'_>, screen: &Screen) -> Result<String> {
    let mut request = BenchRequest::at(USUAL_ADDRESS);
    request.models = Models::AllLoaded;
    request.settings.runs = 1;
    let done = app::bench(&shared.workspace, &request, telling, &shared.stop)?;
    let saved = format!("\nsaved to {}\n", done.path.display());
    Ok(report::bench::text(&done.bench, screen) + &saved)
}
