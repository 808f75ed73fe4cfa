//! The turn of one model of a study.

use std::path::Path;

use anyhow::{Result, bail};

use super::small_tasks;
use super::turn::{Turn, folder_of, interrupted, plan_of};
use crate::app::apply::{ApplyRequest, Goal, apply};
use crate::app::bench::{BenchRequest, Models, RecordRequest, bench};
use crate::app::get::{GetRequest, get};
use crate::app::hints::hint_of;
use crate::app::machine::MachineChoice;
use crate::app::on_disk::on_disk;
use crate::app::recommend::recommend;
use crate::app::{names, tasks, trial};
use crate::apply::document::Outcome;
use crate::campaign::{Stage, VariantRun};
use crate::download::document::GetOutcome;
use crate::edge::files;
use crate::fault;
use crate::fault::Fault;
use crate::measure::document::BenchSettings;
use crate::plan::Plan;
use crate::plan::refusal::RejectionKind;
use crate::plan::request::Request;
use crate::task::{Floors, TaskProfile};
use crate::units::Bytes;

impl Turn<'_> {
    /// Plans, downloads, loads and measures a model; `keep` is called before each step.
    pub(super) fn take(
        &self,
        row: &mut VariantRun,
        keep: &mut dyn FnMut(&VariantRun) -> Result<()>,
    ) -> Result<()> {
        let path = plan_of(self.folder, &row.variant);
        files::write_json(&path, &self.plan(&row.variant)?)?;
        row.stage = Stage::Downloading;
        keep(row)?;
        self.download(row)?;
        row.stage = Stage::Loaded;
        keep(row)?;
        self.load(row, &path)?;
        keep(row)?;
        if self.file.times() {
            let measured = self.measure(row, &path);
            keep(row)?;
            measured?;
        }
        row.small_tasks.clear();
        for what in small_tasks::asked(self.file, &self.request.file) {
            let tasks = self.try_tasks(what, row, &path)?;
            row.small_tasks.extend(tasks);
            keep(row)?;
        }
        Ok(())
    }

    /// The plan of this model alone, within the machine's limits.
    fn plan(&self, variant: &str) -> Result<Plan> {
        let (file, task) = (self.file, tasks::find(&self.file.task)?);
        // What is too slow or too weak for the task is measured all the same.
        let task = TaskProfile {
            floors: Floors::default(),
            ..task
        };
        let request = Request {
            max_models: 1,
            context: file.context,
            depth: file.greatest_depth(),
            // Nothing else is weighed against it.
            installed: Some(vec![variant.to_owned()]),
            pins: vec![variant.to_owned()],
            alternatives: 0,
            ..Request::new(vec![(task, 1.0)])
        };
        let request = request.with_agents(file.most_streams());
        let plan = recommend(self.workspace, &self.request.machine, &request, self.events)?;
        if plan.loadout.is_empty() {
            bail!(not_planned(variant, &plan, file.context.is_some()));
        }
        Ok(plan)
    }

    /// Whether the study can be run at all, and which of its models that are to come can't be
    /// measured, told with their rows: before anything is downloaded.
    ///
    /// # Errors
    /// When its task, its machine or its chip is not there.
    pub(super) fn look_ahead(&self, rows: &mut [VariantRun]) -> Result<()> {
        let profiles = self.workspace.profiles();
        for what in small_tasks::asked(self.file, &self.request.file) {
            trial::tasks(&what)?;
        }
        tasks::find(&self.file.task)?;
        self.request.machine.find(profiles)?;
        match &self.file.chip {
            Some(chip) => drop(names::chip(chip, profiles)?),
            None if MachineChoice::default().find(profiles)?.chip.is_some() => {}
            None => bail!(fault!(
                "can't record the figures: this machine's chip is not known";
                "write it into the study, such as `chip = \"m3-ultra\"` (`planner machines`)"
            )),
        }
        for row in rows.iter_mut().filter(|row| row.stage == Stage::Pending) {
            if let Err(error) = self.plan(&row.variant) {
                (row.why, row.hint) = (Some(format!("{error:#}")), hint_of(&error));
            }
        }
        Ok(())
    }

    fn download(&self, row: &mut VariantRun) -> Result<()> {
        let request = GetRequest {
            what: row.variant.clone(),
            endpoint: self.request.endpoint.clone(),
            models_folder: self.request.models_folder.clone(),
            limit: self.request.limit,
            connections: self.request.connections,
            dry_run: false,
        };
        let got = get(self.workspace, &request, self.events, self.stop.step)?;
        let came: Bytes = got
            .models
            .iter()
            .flat_map(|m| &m.files)
            .map(|f| f.received_bytes)
            .sum();
        row.downloaded_bytes += came;
        if came > Bytes::ZERO {
            row.download_seconds += got.seconds;
        }
        match got.outcome {
            GetOutcome::Done => Ok(()),
            GetOutcome::NoRoom => bail!(fault!(
                "the disk has no room for {} more", got.missing_bytes.both();
                "make room, and run the study with `--again`"
            )),
            GetOutcome::NotStarted | GetOutcome::Interrupted => bail!(interrupted()),
        }
    }

    fn load(&self, row: &mut VariantRun, plan: &Path) -> Result<()> {
        self.is_listed(&row.variant)?;
        let request = ApplyRequest {
            studio: self.request.studio.clone(),
            any_machine: self.request.machine.name.is_some(),
            ..ApplyRequest::to(Goal::Plan(plan.to_owned()))
        };
        let report = apply(self.workspace, &request, self.events, self.stop.step)?;
        row.load_seconds = report.loads.first().map(|load| load.seconds());
        match report.outcome {
            Outcome::Applied | Outcome::Unchanged => Ok(()),
            _ => {
                let why = report
                    .error
                    .unwrap_or_else(|| "it was not loaded".to_owned());
                let hint = report
                    .hint
                    .unwrap_or_else(|| "look into LM Studio's log".to_owned());
                bail!(fault!("{why}"; "{hint}"))
            }
        }
    }

    /// That LM Studio has seen the files that came.
    fn is_listed(&self, variant: &str) -> Result<()> {
        let there = on_disk(self.workspace, &self.request.studio, self.events);
        if there.is_ok_and(|there| there.names().iter().any(|name| name == variant)) {
            return Ok(());
        }
        bail!(fault!(
            "its files are here, and LM Studio does not list `{variant}` among its models";
            "look at `lms ls`: `--models-folder` has to be the folder that LM Studio reads"
        ))
    }

    fn measure(&self, row: &mut VariantRun, plan: &Path) -> Result<()> {
        let place = folder_of(self.folder, &row.variant).join("bench.json");
        let base = BenchRequest::at(&self.request.base_url);
        let request = BenchRequest {
            models: Models::OfPlan(plan.to_owned()),
            token: self.request.token.clone(),
            settings: BenchSettings {
                language: self.file.language,
                runs: self.file.runs,
                depths_tokens: self.file.depths.clone(),
                concurrency: self.file.streams.clone(),
                ..base.settings.clone()
            },
            out: Some(place),
            record: Some(RecordRequest {
                chip: self.file.chip.clone(),
                engine: None,
            }),
            ..base
        };
        let done = bench(self.workspace, &request, self.events, self.stop.step)?;
        row.measure_seconds += done.bench.seconds;
        row.result = Some(done.path.display().to_string());
        let memory = done
            .bench
            .models
            .iter()
            .flat_map(|m| &m.memory)
            .map(|m| m.engines_bytes);
        row.engines_memory_bytes = memory.max().filter(|bytes| *bytes > Bytes::ZERO);
        if self.stop.all.load(std::sync::atomic::Ordering::Relaxed) {
            bail!(interrupted());
        }
        done.record(self.events)?;
        row.recorded = u32::try_from(self.events.recorded()).unwrap_or(u32::MAX);
        let requests = done.bench.models.iter().map(|m| &m.summary);
        let failed: usize = requests.map(|s| s.failed + s.unmeasured).sum();
        if row.recorded == 0 {
            bail!(fault!(
                "none of its requests gave a figure";
                "the result says why: {}", done.path.display()
            ));
        }
        if failed > 0 {
            row.why = Some(format!("{failed} of its requests failed or gave no figure"));
        }
        Ok(())
    }
}

/// Why a model alone is no plan. Of floors only what a turn of the task needs is left.
fn not_planned(variant: &str, plan: &Plan, context_given: bool) -> Fault {
    let why = plan.rejected.iter().find(|r| r.variant == variant);
    match why.filter(|r| r.kind != RejectionKind::Memory) {
        Some(why) if why.kind == RejectionKind::Floor && context_given => fault!(
            "`{variant}` can't be measured as the study asks for it: {}", why.reason;
            "leave the study's `context` out, or make it longer"
        ),
        Some(why) => fault!(
            "`{variant}` can't be measured on this machine: {}", why.reason;
            "leave it out of the study"
        ),
        None => fault!(
            "`{variant}` does not fit on this machine as the study asks for it";
            "`planner fit {variant}` says up to which context it does"
        ),
    }
}
