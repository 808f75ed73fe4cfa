//! Looking at LM Studio, and at the saved plans.

use std::sync::mpsc::Receiver;

use anyhow::Result;

use super::shared::{Job, Shared, answer};
use crate::app;
use crate::app::{machine, plans};
use crate::apply::document::StatusReport;
use crate::emit::Options;
use crate::plan::Plan;
use crate::report;
use crate::report::Screen;
use crate::screen::event::{Effect, Event};

/// Works until nobody sends any more.
pub(super) fn work(shared: &Shared, jobs: &Receiver<Job>) {
    while let Ok((effect, screen)) = jobs.recv() {
        let event = match effect {
            Effect::ReadStatus(plan) => {
                let status = answer(status(shared, plan.as_deref())).map(Box::new);
                if status.is_err() {
                    let _ = shared.tell.send(Event::Here(here(shared, &screen)));
                }
                Event::Status(status)
            }
            Effect::ListSaved => Event::Saved(answer(plans::names())),
            Effect::Keep(name, plan) => {
                Event::Kept(answer(plans::keep(&name, &plan)).map(|_| name))
            }
            _ => continue,
        };
        // The screen is gone.
        let _ = shared.tell.send(event);
    }
}

/// What this machine has, and what of it is in use.
fn here(shared: &Shared, screen: &Screen) -> String {
    let probe = machine::probe(&shared.workspace);
    report::machine::probe(&probe.reading, probe.machine.as_ref(), screen)
}

fn status(shared: &Shared, plan: Option<&Plan>) -> Result<StatusReport> {
    let studio = shared.options.studio.open_running()?;
    app::status(&shared.workspace, &studio, plan, &Options::default())
}
