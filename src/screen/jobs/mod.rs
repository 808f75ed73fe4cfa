//! Effects carried out, each kind on a thread of its own: solving, looking at LM Studio, and
//! changing or measuring it. What comes of them is heard as events.

mod job;
mod look;
mod shared;
mod solve;
mod telling;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::event::{Effect, Event};
use super::options::Options;
use super::wanted::Choices;
use crate::app::Workspace;
use crate::report::Screen;
use shared::{Job, Shared};

/// The threads.
pub(super) struct Jobs {
    solver: Sender<Job>,
    looker: Sender<Job>,
    doer: Sender<Job>,
    answers: Sender<bool>,
    stop: Arc<AtomicBool>,
}

impl Jobs {
    /// Threads that tell what comes of their work.
    pub(super) fn begin(
        workspace: &Arc<Workspace>,
        choices: &Choices,
        options: &Options,
        tell: &Sender<Event>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let shared = Shared {
            workspace: Arc::clone(workspace),
            choices: Arc::new(choices.clone()),
            options: options.clone(),
            tell: tell.clone(),
            stop: Arc::clone(&stop),
        };
        let (answers, answered) = channel();
        let solver = on_a_thread(&shared, |shared, jobs| {
            solve::work(shared, &jobs);
        });
        let looker = on_a_thread(&shared, |shared, jobs| {
            look::work(shared, &jobs);
        });
        let doer = on_a_thread(&shared, move |shared, jobs| {
            job::work(shared, &jobs, &answered);
        });
        Self {
            solver,
            looker,
            doer,
            answers,
            stop,
        }
    }

    /// Has an effect carried out.
    pub(super) fn carry_out(&self, effect: Effect, screen: Screen) {
        let thread = match effect {
            Effect::Answer(yes) => {
                // Nobody asks any more where the thread is gone.
                let _ = self.answers.send(yes);
                return;
            }
            Effect::Stop => {
                self.stop.store(true, Ordering::Relaxed);
                return;
            }
            Effect::Solve(_) | Effect::Rank(_) | Effect::Describe(..) | Effect::Explain(_) => {
                &self.solver
            }
            Effect::ReadStatus(_) | Effect::ListSaved | Effect::Keep(..) => &self.looker,
            Effect::Apply(_) | Effect::Swap(_) | Effect::TakeBack | Effect::Bench => &self.doer,
            Effect::Quit => return,
        };
        let _ = thread.send((effect, screen));
    }
}

fn on_a_thread(
    shared: &Shared,
    work: impl FnOnce(&Shared, Receiver<Job>) + Send + 'static,
) -> Sender<Job> {
    let (send, jobs) = channel();
    let shared = shared.clone();
    thread::spawn(move || work(&shared, jobs));
    send
}
