//! What all calls of a server share: the workspace, and the plans that were made for its clients.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use super::options::Options;
use crate::app::{Workspace, plan_file, plans};
use crate::plan::Plan;

/// Plans that are kept at most; the oldest goes.
const PLANS: usize = 32;
/// What a plan is called where nobody says.
pub(super) const USUAL_NAME: &str = "plan";

/// What all calls share.
pub(super) struct Session {
    pub(super) workspace: Arc<Workspace>,
    pub(super) options: Options,
    made: Mutex<Made>,
}

/// The plans that were made, with the number of the call that made each.
#[derive(Default)]
struct Made {
    plans: BTreeMap<String, (u64, Plan)>,
    calls: u64,
}

impl Session {
    pub(super) fn new(workspace: Arc<Workspace>, options: Options) -> Arc<Self> {
        Arc::new(Self {
            workspace,
            options,
            made: Mutex::default(),
        })
    }

    /// Keeps a plan under a name while the server runs.
    pub(super) fn keep(&self, name: &str, plan: Plan) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.calls += 1;
        let call = made.calls;
        made.plans.insert(name.to_owned(), (call, plan));
        if made.plans.len() > PLANS {
            let oldest = made.plans.iter().min_by_key(|(_, (call, _))| *call);
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.and_then(|name| made.plans.remove(&name));
        }
    }

    /// A plan by the name it was made under, by that of a saved one, or by its file.
    ///
    /// # Errors
    /// When there is none, or its file can't be read.
    pub(super) fn plan(&self, name: Option<&str>) -> Result<(String, Plan)> {
        let name = name.unwrap_or(USUAL_NAME);
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = made.plans.get(name) {
            return Ok((name.to_owned(), plan.clone()));
        }
        drop(made);
        let catalog = self.workspace.models()?;
        let is_file = name.contains('/') || name.ends_with(".json");
        let path = match is_file {
            true => Path::new(name).to_owned(),
            false => plans::find(name)?,
        };
        Ok((name.to_owned(), plan_file::read_known(&path, catalog)?))
    }
}
