//! What was asked for.

use super::disk::DiskLimit;
use super::document::{RequestSummary, WeightedTask};
use super::load_settings::LoadSettings;
use crate::catalog::effort::Setting;
use crate::catalog::roles::Role;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Settings};
use crate::solve::Method;
use crate::task::{Floors, TaskProfile, Workload};

/// How many models converse at once, at most, unless told.
const CONVERSING_MODELS: usize = 3;

/// How many runners-up a plan names unless told.
pub const RUNNERS_UP: usize = 5;

/// A request for a plan. Everything that can be left to the solver is an `Option`.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The tasks and how much each counts, against each other.
    pub tasks: Vec<(TaskProfile, f64)>,
    /// Models resident at once, at most.
    pub max_models: usize,
    /// A fixed context; else the solver chooses.
    pub context: Option<u32>,
    /// What every model is loaded with; engine and context are each candidate's own.
    pub settings: Settings,
    /// The number of slots was asked for, and stays; else caches that slots do not share may take fewer.
    pub slots_asked: bool,
    /// Tokens in the context of a turn, where not as the tasks' profiles say.
    pub depth: Option<u32>,
    /// Conversations at once, where not as the tasks' profiles say.
    pub agents: Option<u32>,
    /// The reasoning effort of every model that thinks; else the solver chooses.
    pub effort: Option<Setting>,
    /// Slowest decode speed to accept, at the depth of each task's turns.
    pub min_tokens_per_second: Option<f64>,
    /// Most seconds to the first token of a turn.
    pub max_first_token_seconds: Option<f64>,
    /// Most seconds of a turn.
    pub max_turn_seconds: Option<f64>,
    /// Only this engine.
    pub engine: Option<Engine>,
    /// Models or variants that must be resident.
    pub pins: Vec<String>,
    /// Models or variants that must not be.
    pub excludes: Vec<String>,
    /// Only these variants (`model/variant`): those on the disk.
    pub installed: Option<Vec<String>>,
    /// What may be downloaded at most, and what need not be.
    pub disk: Option<DiskLimit>,
    /// Only what this campaign measured.
    pub campaign: Option<String>,
    /// No predicted speeds.
    pub measured_only: bool,
    /// Memory may be filled up to the reserve, beyond the share that was seen to fail.
    pub fill: bool,
    /// Which method solves.
    pub method: Method,
    /// The tasks generate at once: scores count the speeds that this leaves.
    pub concurrent: bool,
    /// How many runners-up to name.
    pub alternatives: usize,
    /// Trace the front of score, memory and speed too.
    pub pareto: bool,
    /// When to stop the search, in seconds; the exact search keeps to it.
    pub time_limit_seconds: Option<f64>,
}

/// What is demanded of the time that turns take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Demands {
    /// Slowest decode speed to accept, at the depth of the turn.
    pub min_tokens_per_second: Option<f64>,
    /// Most seconds to the first token of a turn.
    pub max_first_token_seconds: Option<f64>,
    /// Most seconds of a turn.
    pub max_turn_seconds: Option<f64>,
}

impl Demands {
    /// Whether anything is demanded.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.min_tokens_per_second.is_some()
            || self.max_first_token_seconds.is_some()
            || self.max_turn_seconds.is_some()
    }
}

impl Request {
    /// A request with LM Studio's defaults.
    #[must_use]
    pub fn new(tasks: Vec<(TaskProfile, f64)>) -> Self {
        Self {
            max_models: Self::usual_models(&tasks),
            tasks,
            context: None,
            settings: Settings::lm_studio(Engine::LlamaCpp, SHORTEST_CONTEXT),
            slots_asked: false,
            depth: None,
            agents: None,
            effort: None,
            min_tokens_per_second: None,
            max_first_token_seconds: None,
            max_turn_seconds: None,
            engine: None,
            pins: Vec::new(),
            excludes: Vec::new(),
            installed: None,
            disk: None,
            campaign: None,
            measured_only: false,
            fill: false,
            method: Method::Auto,
            concurrent: false,
            alternatives: RUNNERS_UP,
            pareto: false,
            time_limit_seconds: None,
        }
    }

    /// Streams where all tasks generate at once: one each, whichever models serve them.
    #[must_use]
    pub const fn streams(&self) -> usize {
        self.tasks.len()
    }

    /// What a task repeats, as the request has it. Depth and agents are asked of conversations: a
    /// text to embed and a gap in code are as long as they are.
    #[must_use]
    pub fn workload(&self, task: &TaskProfile) -> Workload {
        match task.role.converses() {
            true => task.workload.at(self.depth, self.agents),
            false => task.workload,
        }
    }

    /// Whether a task asks about pictures: then what sees is loaded with every model that can.
    #[must_use]
    pub fn sees(&self) -> bool {
        self.tasks.iter().any(|(task, _)| task.role == Role::Vision)
    }

    /// How many models a request may keep unless told: a few for conversations, and one for each task
    /// that models of their own are made for.
    #[must_use]
    pub fn usual_models(tasks: &[(TaskProfile, f64)]) -> usize {
        let own = tasks
            .iter()
            .filter(|(task, _)| task.role.wants_its_own_model());
        CONVERSING_MODELS + own.count()
    }

    /// The same for so many conversations at once, with a slot for each.
    #[must_use]
    pub fn with_agents(mut self, agents: Option<u32>) -> Self {
        self.agents = agents;
        self.settings.slots = self.settings.slots.max(agents.unwrap_or(1));
        self
    }

    /// The same with these demands, each in place of what a task's profile assumes of it.
    #[must_use]
    pub fn demanding(mut self, demands: Demands) -> Self {
        self.demand_speed(demands.min_tokens_per_second);
        self.demand_first_token(demands.max_first_token_seconds);
        self.demand_turn(demands.max_turn_seconds);
        self
    }

    /// Demands a decode speed; none leaves the tasks' own floors as they are.
    pub fn demand_speed(&mut self, least: Option<f64>) {
        self.min_tokens_per_second = least;
        self.lift(least, |floors| floors.decode_tokens_per_second = 0.0);
    }

    /// Demands a time to the first token; none leaves the tasks' own floors as they are.
    pub fn demand_first_token(&mut self, most: Option<f64>) {
        self.max_first_token_seconds = most;
        self.lift(most, |floors| floors.max_first_token_seconds = None);
    }

    /// Demands a time of a turn; none leaves the tasks' own floors as they are.
    pub fn demand_turn(&mut self, most: Option<f64>) {
        self.max_turn_seconds = most;
        self.lift(most, |floors| floors.max_turn_seconds = None);
    }

    fn lift(&mut self, demanded: Option<f64>, floor: impl Fn(&mut Floors)) {
        if demanded.is_some() {
            let tasks = self.tasks.iter_mut();
            tasks.for_each(|(task, _)| floor(&mut task.floors));
        }
    }

    /// What it demands of the time that turns take.
    #[must_use]
    pub const fn demands(&self) -> Demands {
        Demands {
            min_tokens_per_second: self.min_tokens_per_second,
            max_first_token_seconds: self.max_first_token_seconds,
            max_turn_seconds: self.max_turn_seconds,
        }
    }

    /// The least context for a task: its floor, and room for a turn of each conversation with its
    /// answer.
    #[must_use]
    pub fn least_context(&self, task: &TaskProfile) -> u32 {
        let work = self.workload(task);
        let one = work.depth_tokens.saturating_add(work.typical_output(true));
        let all = one.saturating_mul(self.held_at_once(&work));
        task.floors.context.max(all)
    }

    /// The context for a task that holds nine of ten turns of each conversation.
    #[must_use]
    pub fn deep_context(&self, task: &TaskProfile) -> u32 {
        let work = self.workload(task);
        let deep = work.deep().saturating_mul(self.held_at_once(&work));
        deep.max(self.least_context(task))
    }

    /// How many conversations a context is divided among.
    fn held_at_once(&self, work: &Workload) -> u32 {
        match (work.streams, self.settings.kv_unified) {
            (0 | 1, _) => 1,
            (streams, true) => streams,
            // Where every slot has cells of its own, those of idle ones lie empty.
            (streams, false) => self.settings.slots.max(streams),
        }
    }

    /// Shares of the tasks, adding up to 1.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.tasks.iter().map(|(_, w)| w).sum();
        self.tasks.iter().map(|(_, w)| w / sum).collect()
    }

    /// The whole request as a document.
    #[must_use]
    pub fn summary(&self) -> RequestSummary {
        let tasks = self.tasks.iter().zip(self.shares());
        RequestSummary {
            tasks: tasks
                .map(|((task, weight), share)| WeightedTask {
                    id: task.id.clone(),
                    share,
                    sampling: task.sampling.clone(),
                    weight: *weight,
                    profile: task.clone(),
                })
                .collect(),
            max_models: self.max_models,
            context: self.context,
            campaign: self.campaign.clone(),
            measured_only: self.measured_only,
            fill: self.fill,
            settings: LoadSettings::from(&self.settings),
            slots_asked: self.slots_asked,
            depth_tokens: self.depth,
            agents: self.agents,
            effort: self.effort,
            min_tokens_per_second: self.min_tokens_per_second,
            max_first_token_seconds: self.max_first_token_seconds,
            max_turn_seconds: self.max_turn_seconds,
            engine: self.engine,
            pins: self.pins.clone(),
            excludes: self.excludes.clone(),
            installed: self.installed.clone(),
            disk: self.disk.clone(),
            concurrent: self.concurrent,
            alternatives: self.alternatives,
            pareto: self.pareto,
            method: self.method,
            time_limit_seconds: self.time_limit_seconds,
        }
    }

    /// The request that a document was made from.
    #[must_use]
    pub fn from_summary(summary: &RequestSummary) -> Self {
        let tasks = summary.tasks.iter().map(|t| (t.profile.clone(), t.weight));
        Self {
            tasks: tasks.collect(),
            max_models: summary.max_models,
            context: summary.context,
            settings: summary.settings.of_request(),
            slots_asked: summary.slots_asked,
            depth: summary.depth_tokens,
            agents: summary.agents,
            effort: summary.effort,
            min_tokens_per_second: summary.min_tokens_per_second,
            max_first_token_seconds: summary.max_first_token_seconds,
            max_turn_seconds: summary.max_turn_seconds,
            engine: summary.engine,
            pins: summary.pins.clone(),
            excludes: summary.excludes.clone(),
            installed: summary.installed.clone(),
            disk: summary.disk.clone(),
            campaign: summary.campaign.clone(),
            measured_only: summary.measured_only,
            fill: summary.fill,
            method: summary.method,
            concurrent: summary.concurrent,
            alternatives: summary.alternatives,
            pareto: summary.pareto,
            time_limit_seconds: summary.time_limit_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::KvType;
    use crate::units::Bytes;

    /// Nothing that can be asked for is lost in a saved plan.
    #[test]
    fn every_field_survives_the_document() {
        let profile = crate::task::embedded().unwrap().remove("code").unwrap();
        let request = Request {
            max_models: 2,
            context: Some(65_536),
            settings: Settings {
                slots: 3,
                kv_unified: false,
                kv_type_k: KvType::Q8_0,
                kv_type_v: KvType::Q4_0,
                flash_attention: false,
                ubatch: 1024,
                swa_full: true,
                ..Settings::lm_studio(Engine::LlamaCpp, SHORTEST_CONTEXT)
            },
            depth: Some(60_000),
            agents: Some(3),
            effort: Some(Setting::Off),
            min_tokens_per_second: Some(12.5),
            max_first_token_seconds: Some(30.0),
            max_turn_seconds: Some(60.0),
            engine: Some(Engine::Mlx),
            pins: vec!["a".to_owned()],
            excludes: vec!["b".to_owned()],
            installed: Some(vec!["d/e".to_owned()]),
            disk: Some(DiskLimit {
                most_bytes: Bytes(7),
                here: vec!["f/g".to_owned()],
            }),
            campaign: Some("c".to_owned()),
            measured_only: true,
            method: Method::Milp,
            concurrent: true,
            fill: true,
            alternatives: 7,
            pareto: true,
            time_limit_seconds: Some(3.5),
            ..Request::new(vec![(profile, 2.0)])
        };
        let json = serde_json::to_string(&request.summary()).unwrap();
        let read: RequestSummary = serde_json::from_str(&json).unwrap();
        assert_eq!(Request::from_summary(&read), request);
    }
}
