//! Everything that an answer is made from, and changes to it that are made by hand.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use planner::advise::explain::{Explanation, explain};
use planner::advise::recommend;
use planner::catalog::Catalog;
use planner::catalog::schema::{Measurement, Method};
use planner::machine::{Machine, Profiles};
use planner::plan::document::Member;
use planner::plan::{Plan, Request};
use planner::scenario::{Candidate, Pool, Scenario, again};
use planner::solve::Deadline;
use planner::speed::SpeedModel;
use planner::speed::measured::run_decode;
use planner::task;
use planner::task::{TaskProfile, Utility};

/// Everything that an answer is made from.
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) profiles: Profiles,
    pub(crate) machine: Machine,
    pub(crate) speed: SpeedModel,
}

impl World {
    pub(crate) fn new(machine: &str) -> Self {
        // Reading and fitting take most of a test's time, and are the same for all.
        static SHIPPED: OnceLock<(Profiles, Catalog, SpeedModel)> = OnceLock::new();
        let (profiles, catalog, speed) = SHIPPED.get_or_init(|| {
            let profiles = Profiles::embedded().unwrap();
            let catalog = Catalog::embedded().unwrap();
            let speed = SpeedModel::of(&catalog, &profiles.chips).unwrap();
            (profiles, catalog, speed)
        });
        let profile = profiles.machine(machine).unwrap();
        Self {
            machine: Machine::from_profile(profile, &profiles.chips).unwrap(),
            speed: speed.clone(),
            profiles: profiles.clone(),
            catalog: catalog.clone(),
        }
    }

    pub(crate) fn plan(&self, request: &Request) -> Plan {
        recommend(&self.scenario(request), &|| 0.0).unwrap()
    }

    pub(crate) fn scenario(&self, request: &Request) -> Scenario<'_> {
        Scenario::new(&self.catalog, &self.machine, &self.speed, request)
    }

    pub(crate) fn explain(&self, plan: &Plan, why_not: Option<&str>) -> Explanation {
        let request = again::request(plan);
        explain(&self.scenario(&request), plan, why_not, Deadline::never()).unwrap()
    }
}

/// Every candidate of a pool, at every context.
pub(crate) fn candidates<'s>(pool: &Pool<'s>) -> Vec<Candidate<'s>> {
    (0..pool.len()).map(|i| pool.candidate(i)).collect()
}

pub(crate) fn names(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan
        .loadout
        .iter()
        .map(|e| format!("{}/{}", e.model, e.variant))
        .collect();
    names.sort_unstable();
    names
}

/// Name, context and tasks of each model.
pub(crate) type Serving = BTreeSet<(String, u32, Vec<String>)>;

pub(crate) fn served(plan: &Plan) -> Serving {
    let of = plan.loadout.iter();
    of.map(|e| {
        let name = format!("{}/{}", e.model, e.variant);
        (name, e.settings.context, e.tasks.clone())
    })
    .collect()
}

pub(crate) fn serving(members: &[Member]) -> Serving {
    let of = members.iter();
    of.map(|m| (m.variant.clone(), m.context, m.tasks.clone()))
        .collect()
}

pub(crate) fn request(tasks: &[&str]) -> Request {
    let all = task::embedded().unwrap();
    Request::new(tasks.iter().map(|t| (all[*t].clone(), 1.0)).collect())
}

pub(crate) fn set_weight(task: &mut TaskProfile, utility: &str, new: f64) {
    let utility = Utility::ALL
        .into_iter()
        .find(|u| u.id() == utility)
        .unwrap();
    let rest = 1.0 - task.weights.of(utility);
    for u in Utility::ALL {
        let weight = task.weights.of(u);
        let scaled = weight * (1.0 - new) / rest;
        task.weights.set(u, if u == utility { new } else { scaled });
    }
}

/// The request with one weight, or one share, at another value.
pub(crate) fn reweighed(request: &Request, task: &str, utility: Option<&str>, new: f64) -> Request {
    let mut request = request.clone();
    let sum: f64 = request.tasks.iter().map(|(_, w)| w).sum();
    let others = 1.0 - request.tasks.iter().find(|(t, _)| t.id == task).unwrap().1 / sum;
    for (t, weight) in &mut request.tasks {
        match utility {
            Some(utility) if t.id == task => set_weight(t, utility, new),
            Some(_) => {}
            None if t.id == task => *weight = new,
            None => *weight = *weight / sum * (1.0 - new) / others,
        }
    }
    request
}

pub(crate) fn measurement(world: &World, variant: &str, engine: &str, speed: f64) -> Measurement {
    let chip = world.machine.chip.as_ref().unwrap();
    Measurement {
        variant: variant.to_owned(),
        chip: chip.id.clone(),
        gpu_cores: chip.gpu_cores,
        memory_gib: None,
        engine: engine.to_owned(),
        app: None,
        date: None,
        campaign: None,
        method: Method::Decode,
        method_note: None,
        depth_tokens: None,
        concurrency: 1,
        decode_tokens_per_second: Some(speed),
        prefill_tokens_per_second: None,
        prefill_tokens: None,
        prefill_after_tokens: None,
        time_to_first_token_seconds: None,
        load_seconds: None,
        peak_memory_bytes: None,
        peak_memory_of: None,
        reported_mean_tokens_per_second: None,
        tests: Vec::new(),
        own: false,
        suspect: None,
        confidence: None,
        source: "a test".to_owned(),
        notes: Vec::new(),
    }
}

/// The world with a variant measured at a speed, and nothing else known of its speed.
pub(crate) fn measured_at(world: &World, name: &str, speed: f64) -> World {
    let (model, variant) = name.split_once('/').unwrap();
    let mut catalog = world.catalog.clone();
    let found = catalog.models.iter_mut().find(|m| m.id == model).unwrap();
    let engine = found.variant(variant).unwrap().engine.clone();
    let chip = &world.machine.chip.as_ref().unwrap().id;
    // Its other runs stand for its pass rate, which must not change.
    let here = |m: &Measurement| m.variant == variant && m.chip == *chip && m.engine == engine;
    for m in found.measurements.iter_mut().filter(|m| here(m)) {
        m.decode_tokens_per_second = None;
        if run_decode(m).is_some() {
            m.suspect = m.suspect.clone().or(Some("a test".to_owned()));
        }
    }
    found
        .measurements
        .push(measurement(world, variant, &engine, speed));
    World {
        catalog,
        profiles: world.profiles.clone(),
        machine: world.machine.clone(),
        speed: world.speed.clone(),
    }
}
