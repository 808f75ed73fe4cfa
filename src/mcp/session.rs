//! What all calls of a server share: the workspace, and the plans that were made for its clients.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};
use tokio_util::task::TaskTracker;

use super::options::Options;
use crate::app::{Workspace, plan_file, plans};
use crate::catalog::bundle::sha256;
use crate::fault;
use crate::plan::Plan;

/// Plans that are kept at most; the oldest goes.
const PLANS: usize = 32;
/// What a plan is called where nobody says.
const USUAL_NAME: &str = "plan";

/// What all calls share.
pub(super) struct Session {
    pub(super) workspace: Arc<Workspace>,
    pub(super) options: Options,
    /// Changes of what is loaded that are under way: no server ends in the middle of one.
    pub(super) applies: TaskTracker,
    /// Whether the calls are of several clients that nothing tells apart.
    of_many: bool,
    made: Mutex<Made>,
}

/// The plans that were made, with the number of the call that made each.
#[derive(Default)]
struct Made {
    plans: BTreeMap<String, (u64, Plan)>,
    calls: u64,
}

impl Session {
    /// A client's own.
    pub(super) fn new(workspace: Arc<Workspace>, options: Options) -> Arc<Self> {
        Arc::new(Self {
            workspace,
            options,
            applies: TaskTracker::new(),
            of_many: false,
            made: Mutex::default(),
        })
    }

    /// Another of the same server.
    pub(super) fn beside(&self, of_many: bool) -> Arc<Self> {
        Arc::new(Self {
            workspace: Arc::clone(&self.workspace),
            options: self.options.clone(),
            applies: self.applies.clone(),
            of_many,
            made: Mutex::default(),
        })
    }

    /// What a plan is called that nobody named: the usual name, but where that would be another
    /// client's plan to some, one by what the plan says.
    pub(super) fn name_for(&self, plan: &Plan) -> Result<String> {
        if !self.of_many {
            return Ok(USUAL_NAME.to_owned());
        }
        let hash = sha256(&serde_json::to_vec(plan)?);
        Ok(format!("{USUAL_NAME}-{}", &hash[..8]))
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
        if name.is_none() && self.of_many {
            bail!(fault!(
                "which plan? no session tells this client from others";
                "give `plan` the name that `recommend` told with its answer"
            ));
        }
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
