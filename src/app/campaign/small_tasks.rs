//! Small tasks of a study's model, while it is loaded.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Result, bail};

use super::turn::{Turn, folder_of, interrupted};
use crate::app::bench::Models;
use crate::app::trial::{TrialRequest, What, trial};
use crate::campaign::{SmallTasks, StudyFile, VariantRun};

/// Which tasks a study asks; a folder is seen from the study's file.
pub(super) fn asked(file: &StudyFile, study: &Path) -> Vec<What> {
    let beside = study.parent().unwrap_or_else(|| Path::new(""));
    let own = file
        .tasks
        .as_ref()
        .map(|folder| What::Folder(beside.join(folder)));
    let shipped = file.quality.then_some(What::Shipped);
    shipped.into_iter().chain(own).collect()
}

impl Turn<'_> {
    /// Asks the model of a plan, which is loaded.
    pub(super) fn try_tasks(
        &self,
        what: What,
        row: &VariantRun,
        plan: &Path,
    ) -> Result<Option<SmallTasks>> {
        let name = name(&what);
        let of = |variant: &str| folder_of(self.folder, variant).join(name);
        let others = self.file.variants.iter().filter(|v| **v != row.variant);
        let beside: Vec<PathBuf> = others.map(|v| of(v)).collect();
        let request = TrialRequest {
            models: Models::OfPlan(plan.to_owned()),
            token: self.request.token.clone(),
            unsandboxed: self.file.unsandboxed,
            out: Some(of(&row.variant)),
            beside,
            ..TrialRequest::at(&self.request.base_url, what)
        };
        let tried = trial(self.workspace, &request, self.events, self.stop.step)?;
        if self.stop.all.load(Ordering::Relaxed) {
            bail!(interrupted());
        }
        Ok(SmallTasks::of(&tried.run, tried.path.display().to_string()))
    }
}

/// The file of a result, in a model's folder.
const fn name(what: &What) -> &'static str {
    match what {
        What::Shipped => "quality.json",
        What::Folder(_) => "tasks.json",
    }
}
