//! Asks one task after another, and keeps the result on disk all along.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use crate::app::bench::choose::Chosen;
use crate::app::bench::steps::Steps;
use crate::app::events::Events;
use crate::edge::openai::Server;
use crate::edge::sandbox::Cage;
use crate::edge::{clock, files};
use crate::measure::document::{Outcome, Status};
use crate::measure::timeline::Completion;
use crate::measure::{Problem, ProblemKind};
use crate::printable::printable;
use crate::trial::document::{ModelTrials, TaskOutcome, TaskResult, TrialRun, TrialSummary};
use crate::trial::{Judged, Task, Verdict, compared, judge, judge_run, out_of_length, summary};

/// So many requests in a row without an answer say that the next one has none either.
const UNANSWERED_IN_A_ROW: usize = 3;

/// A run under way.
pub(super) struct Session<'a> {
    server: &'a Server,
    cage: Option<Result<Cage, String>>,
    run: TrialRun,
    out: PathBuf,
    stop: &'a AtomicBool,
    events: &'a dyn Events,
    began: f64,
}

impl<'a> Session<'a> {
    /// A run that has not begun.
    pub(super) fn new(
        server: &'a Server,
        cage: Option<Result<Cage, String>>,
        run: TrialRun,
        out: PathBuf,
        stop: &'a AtomicBool,
        events: &'a dyn Events,
    ) -> Self {
        Self {
            server,
            cage,
            run,
            out,
            stop,
            events,
            began: clock::seconds(),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks one model everything.
    pub(super) fn ask(
        &mut self,
        chosen: Chosen,
        tasks: &[Task],
        earlier: &[TrialRun],
    ) -> Result<()> {
        if self.is_stopped() {
            return Ok(());
        }
        let (variant, known_by) = chosen.variant.unzip();
        let mut model = ModelTrials {
            model: chosen.served.id,
            variant,
            variant_known_by: known_by,
            context_tokens: chosen.served.context_tokens,
            summary: TrialSummary::default(),
            tasks: Vec::new(),
            others: Vec::new(),
            notes: Vec::new(),
        };
        let bar = Steps::new(self.events, tasks.len() as u64, &model.model);
        let mut silent = 0;
        for task in tasks {
            bar.doing(&task.id);
            let result = self.one(&model, task);
            if self.is_stopped() {
                break;
            }
            silent = match result.outcome {
                TaskOutcome::Unanswered => silent + 1,
                TaskOutcome::LeftOut => silent,
                _ => 0,
            };
            model.tasks.push(result);
            model.summary = summary(&model.tasks);
            bar.step();
            self.save(Some(&model))?;
            if silent >= UNANSWERED_IN_A_ROW {
                model.notes.push(format!(
                    "{UNANSWERED_IN_A_ROW} requests in a row had no answer; the rest was left out"
                ));
                break;
            }
        }
        model.others = compared(&self.run, &model, earlier);
        self.run.models.push(model);
        self.save(None)
    }

    fn one(&self, model: &ModelTrials, task: &Task) -> TaskResult {
        let mut result = TaskResult {
            task: task.id.clone(),
            kind: task.kind,
            outcome: TaskOutcome::LeftOut,
            why: None,
            answer: None,
            prompt_tokens: None,
            completion_tokens: None,
            seconds: None,
            check_seconds: None,
        };
        if let Some(context) = model.context_tokens.filter(|c| !task.fits(*c)) {
            result.why = Some(format!(
                "it may not fit the context of {context} that the model is loaded with"
            ));
            return result;
        }
        if let (true, Some(Err(why))) = (task.runs(), &self.cage) {
            result.why = Some(why.clone());
            return result;
        }
        let url = format!("{}/chat/completions", self.server.base());
        let body = task.body(&model.model, self.run.settings.max_tokens);
        let (_, answer) = self.server.chat(&url, &body, self.stop);
        result.prompt_tokens = answer.figures.prompt_tokens;
        result.completion_tokens = answer.figures.completion_tokens;
        if let Some(problem) = unanswered(&answer) {
            result.outcome = TaskOutcome::Unanswered;
            result.why = Some(printable(&problem.explanation).into_owned());
            return result;
        }
        result.seconds = Some(answer.figures.seconds);
        match self.verdict(task, &answer, &mut result) {
            Ok(()) => result.outcome = TaskOutcome::Passed,
            Err(why) => {
                result.outcome = TaskOutcome::Failed;
                result.why = Some(printable(&why).into_owned());
                result.answer = Some(shown(&answer));
            }
        }
        result
    }

    fn verdict(&self, task: &Task, answer: &Completion, result: &mut TaskResult) -> Verdict {
        if answer.figures.finish_reason.as_deref() == Some("length") {
            return Err(out_of_length(self.run.settings.max_tokens));
        }
        let program = match judge(task, &answer.said) {
            Judged::Settled(verdict) => return verdict,
            Judged::Run(program) => program,
        };
        let Some(Ok(cage)) = &self.cage else {
            return Err("nothing could run it".to_owned());
        };
        let (ran, seconds) = cage
            .run(&program, self.stop)
            .map_err(|error| format!("its check could not run: {error:#}"))?;
        result.check_seconds = Some((seconds * 1000.0).round() / 1000.0);
        judge_run(task, &ran)
    }

    /// The result as it is at the end.
    pub(super) fn finish(mut self) -> Result<(TrialRun, PathBuf)> {
        self.run.status = match self.is_stopped() {
            true => Status::Interrupted,
            false => Status::Complete,
        };
        self.save(None)?;
        Ok((self.run, self.out))
    }

    /// Writes what there is, and with it the model that is being asked.
    fn save(&mut self, model: Option<&ModelTrials>) -> Result<()> {
        self.run.seconds = clock::seconds() - self.began;
        let asked = model.into_iter().cloned();
        self.run.models.extend(asked);
        let written = files::write_json(&self.out, &self.run);
        if model.is_some() {
            self.run.models.pop();
        }
        written
    }
}

/// Why no whole answer came; an empty one is an answer.
fn unanswered(answer: &Completion) -> Option<&Problem> {
    let problem = answer.problem.as_ref()?;
    let failed = answer.outcome == Outcome::Failed && problem.kind != ProblemKind::EmptyAnswer;
    failed.then_some(problem)
}

/// The beginning of an answer, with nothing hidden in it.
fn shown(answer: &Completion) -> String {
    let said = &answer.said;
    let calls = said
        .calls
        .iter()
        .map(|c| format!("{}({})", c.name, c.arguments));
    let parts: Vec<String> = [said.text.trim().to_owned()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(calls)
        .collect();
    printable(&parts.join(" ")).into_owned()
}
