//! What a plan is asked for: where the sliders stand, and the pins.

use std::collections::BTreeSet;

use crate::app::{MachineChoice, Workspace, asked, defaults, tasks};
use crate::plan::request::Request;
use crate::task::TaskProfile;
use crate::units::Bytes;

/// What there is to choose from.
#[derive(Debug, Clone)]
pub(super) struct Choices {
    /// Every task.
    pub(super) tasks: Vec<TaskProfile>,
    /// Every machine by id, name and memory; the first is this one, or the one of the user's
    /// defaults, and has no id where it is this one.
    pub(super) machines: Vec<MachineRow>,
}

/// A machine to plan for.
#[derive(Debug, Clone)]
pub(super) struct MachineRow {
    /// Its id; none of the one that planner runs on.
    pub(super) id: Option<String>,
    /// What it is called.
    pub(super) name: String,
    /// Its memory, where it is known before it is read.
    pub(super) memory: Option<Bytes>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// The weight of each task, in the order of the choices; 0 leaves it out.
    pub(super) weights: Vec<f64>,
    /// Models at once, at most.
    pub(super) max_models: usize,
    /// Tokens in the context of a turn, where not as the profiles say.
    pub(super) depth: Option<u32>,
    /// Conversations at once, where not as the profiles say.
    pub(super) agents: Option<u32>,
    /// The machine, in the order of the choices.
    pub(super) machine: usize,
    /// The GPU's limit, where not the machine's.
    pub(super) wired_limit: Option<Bytes>,
    /// Memory left to the system, where not the usual.
    pub(super) reserve: Option<Bytes>,
    /// Models that must be loaded.
    pub(super) pins: BTreeSet<String>,
    /// Models that must not be.
    pub(super) excludes: BTreeSet<String>,
}

impl Choices {
    /// All tasks and machines.
    pub(super) fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let config = workspace.config();
        let usual = defaults::machine(config).name;
        let row = |id: &String, name: &String, memory| MachineRow {
            id: Some(id.clone()),
            name: name.clone(),
            memory,
        };
        let mut machines = vec![MachineRow {
            id: None,
            name: "this machine".to_owned(),
            memory: None,
        }];
        let known = workspace.profiles().machines.iter();
        machines.extend(known.map(|m| row(&m.id, &m.name, Some(m.memory_bytes))));
        if let Some(usual) = usual {
            match machines.iter().position(|m| m.id.as_ref() == Some(&usual)) {
                Some(at) => machines.swap(0, at),
                None => machines.insert(0, row(&usual, &usual, None)),
            }
        }
        Ok(Self {
            tasks: tasks::all()?,
            machines,
        })
    }
}

impl Wanted {
    /// What is asked for where nobody moved a slider: the user's defaults.
    pub(super) fn usual(choices: &Choices, workspace: &Workspace) -> anyhow::Result<Self> {
        let config = workspace.config();
        let given = asked(&[], None, config)?;
        let request = defaults::request(config, given);
        let weight = |task: &TaskProfile| {
            let mut same = request.tasks.iter().filter(|(t, _)| t.id == task.id);
            same.next().map_or(0.0, |(_, weight)| *weight)
        };
        let most = choices.tasks.iter().map(weight).fold(0.0, f64::max);
        // Shares become weights of which the largest is 2, so that there is room both ways.
        let whole = |task| (weight(task) / most.max(f64::MIN_POSITIVE) * 2.0 * 4.0).round() / 4.0;
        Ok(Self {
            weights: choices.tasks.iter().map(whole).collect(),
            max_models: request.max_models,
            depth: request.depth,
            agents: request.agents,
            machine: 0,
            wired_limit: None,
            reserve: defaults::machine(config).reserve,
            pins: BTreeSet::new(),
            excludes: BTreeSet::new(),
        })
    }

    /// The machine that is meant.
    pub(super) fn machine(&self, choices: &Choices) -> MachineChoice {
        let row = choices.machines.get(self.machine);
        MachineChoice {
            name: row.and_then(|row| row.id.clone()),
            wired_limit: self.wired_limit,
            reserve: self.reserve,
            ..MachineChoice::default()
        }
    }

    /// The request; none where no task has a weight.
    pub(super) fn request(&self, choices: &Choices, workspace: &Workspace) -> Option<Request> {
        let tasks: Vec<(TaskProfile, f64)> = (choices.tasks.iter().cloned())
            .zip(self.weights.iter().copied())
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        if tasks.is_empty() {
            return None;
        }
        let usual = defaults::request(workspace.config(), tasks);
        let request = Request {
            max_models: self.max_models,
            depth: self.depth,
            pins: self.pins.iter().cloned().collect(),
            excludes: self.excludes.iter().cloned().collect(),
            ..usual
        };
        Some(request.with_agents(self.agents))
    }

    /// The task of most weight, which models are ranked for.
    pub(super) fn first_task<'a>(&self, choices: &'a Choices) -> Option<&'a str> {
        let weighed = self.weights.iter().zip(&choices.tasks);
        let most = weighed.max_by(|a, b| a.0.total_cmp(b.0))?;
        (*most.0 > 0.0).then_some(most.1.id.as_str())
    }
}
