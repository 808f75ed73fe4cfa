//! Candidates: every variant x context that could be loaded, with its demand, speed and scores; and
//! every variant that could not, with the reason.
//!
//! There may be a hundred thousand, so a candidate holds what decides; its ledger and the parts of
//! its scores are made when they are asked for.

use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, full_name, weights_of};
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Ledger, Settings, Weights, llama_cpp};
use crate::model::Architecture;
use crate::plan::request::Request;
use crate::plan::score;
use crate::plan::score::{Figures, OfModel, TaskScore};
use crate::scenario::refusal::{
    Refused, Rejection, RejectionKind, floor_reason, reaches, refused, too_large, unmeasured,
};
use crate::speed::{Filter, Predictor, Reliability, Speed, measured, shared};
use crate::task::TaskProfile;
use crate::units::{Bytes, tokens};

/// A variant at settings that fit the machine on their own.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The model.
    pub model: &'a Model,
    /// The variant.
    pub variant: &'a Variant,
    /// Number of the variant among all of the catalog.
    pub variant_number: usize,
    /// Number of the model in the catalog.
    pub model_number: usize,
    /// What it is loaded with.
    pub settings: Settings,
    /// What it takes of both limits.
    pub demand: Demand,
    /// The speed that scores count, where known: beside the request's other streams, where they generate at once.
    pub speed: Option<Rc<Speed>>,
    /// Its speed alone, where known.
    pub alone: Option<Rc<Speed>>,
    /// Its pass rate and load time, where known.
    pub reliability: Reliability,
    /// Its score for each task of the request; none where it falls below a floor.
    pub scores: Vec<Option<f64>>,
}

impl Candidate<'_> {
    /// `model/variant`.
    #[must_use]
    pub fn name(&self) -> String {
        full_name(self.model, self.variant)
    }

    /// Its memory line by line.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let weights = weights_of(self.variant);
        // A model without architecture figures has no candidates.
        self.model
            .architecture
            .as_ref()
            .map_or_else(Ledger::default, |arch| {
                Ledger::of(arch, &weights, &self.settings)
            })
    }

    /// What its scores depend on.
    #[must_use]
    pub fn figures(&self) -> Figures<'_> {
        let speed = self.speed.as_deref();
        let context = self.settings.context;
        Figures::of(self.model, self.variant, context, speed, self.reliability)
    }

    /// Its score for a task, part by part, whether or not it reaches the floors.
    #[must_use]
    pub fn score(&self, task: &TaskProfile) -> TaskScore {
        score::score(task, &self.figures())
    }

    /// Whether a name, `model` or `model/variant`, means it.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        match name.split_once('/') {
            Some((model, variant)) => model == self.model.id && variant == self.variant.id,
            None => name == self.model.id,
        }
    }
}

/// All candidates and rejections, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Pool<'a> {
    /// What could be loaded.
    pub candidates: Vec<Candidate<'a>>,
    /// What could not.
    pub rejections: Vec<Rejection>,
}

/// Everything that building candidates needs.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The machine.
    pub machine: &'a Machine,
    /// Its limits.
    pub limits: &'a Limits,
    /// The fitted speed model.
    pub predictor: &'a Predictor,
    /// What was asked for.
    pub request: &'a Request,
}

/// Builds every candidate.
#[must_use]
pub fn pool<'a>(setting: Setting<'a>) -> Pool<'a> {
    let mut pool = Pool::default();
    let mut variant_number = 0;
    for (model_number, model) in setting.catalog.models.iter().enumerate() {
        let mut known = OfOneModel::new(setting.request, model);
        let mut variants: Vec<&Variant> = model.variants.iter().collect();
        variants.sort_by(|a, b| a.id.cmp(&b.id));
        for variant in variants {
            match candidates_of(setting, &mut known, variant) {
                Ok(found) => pool.candidates.extend(found.into_iter().map(|c| Candidate {
                    model_number,
                    variant_number,
                    ..c
                })),
                Err(refused) => pool.rejections.push(Rejection {
                    variant: full_name(model, variant),
                    kind: refused.kind,
                    reason: refused.reason,
                    excess: refused.excess,
                }),
            }
            variant_number += 1;
        }
    }
    pool
}

/// What all candidates of a model share.
struct OfOneModel<'a> {
    model: &'a Model,
    /// By task.
    scores: Vec<OfModel>,
    /// What a context takes beside the weights.
    contexts: HashMap<Settings, Demand>,
}

impl<'a> OfOneModel<'a> {
    fn new(request: &Request, model: &'a Model) -> Self {
        let scores = request
            .tasks
            .iter()
            .map(|(task, _)| OfModel::new(task, model));
        Self {
            model,
            scores: scores.collect(),
            contexts: HashMap::new(),
        }
    }

    fn demand(&mut self, arch: &Architecture, weights: &Weights, settings: &Settings) -> Demand {
        let beside = self.contexts.entry(*settings).or_insert_with(|| {
            let none = Weights {
                gpu: Bytes::ZERO,
                cpu: Bytes::ZERO,
                basis: weights.basis,
                source: String::new(),
            };
            Demand::from(&Ledger::of(arch, &none, settings))
        });
        let own = Demand {
            gpu: weights.gpu,
            total: weights.gpu + weights.cpu,
        };
        *beside + own
    }
}

fn candidates_of<'a>(
    setting: Setting<'a>,
    known: &mut OfOneModel<'a>,
    variant: &'a Variant,
) -> Result<Vec<Candidate<'a>>, Refused> {
    let model = known.model;
    let engine = runnable(setting, model, variant)?;
    let arch = model.architecture.as_ref().ok_or_else(|| {
        refused(
            RejectionKind::Unknown,
            "memory unknown: no confirmed architecture figures in the catalog",
        )
    })?;
    storable(arch, engine, setting.request)?;
    let (alone, reliability) = speed_of(setting, model, variant)?;
    let speed = beside_others(setting, model, variant, alone.as_ref());
    fast_enough(setting.request, speed.as_ref())?;
    let (speed, alone) = (speed.map(Rc::new), alone.map(Rc::new));
    let weights = weights_of(variant);
    let mut found: Vec<Candidate<'a>> = Vec::new();
    let mut smallest = None;
    for context in contexts(setting.request, model)? {
        let settings = Settings {
            engine,
            context,
            ..setting.request.settings
        };
        let demand = known.demand(arch, &weights, &settings);
        if !setting.limits.holds(demand) {
            smallest = smallest.or(Some((demand, context)));
            continue;
        }
        let mut candidate = Candidate {
            model,
            variant,
            model_number: 0,
            variant_number: 0,
            settings,
            demand,
            speed: speed.clone(),
            alone: alone.clone(),
            reliability,
            scores: Vec::new(),
        };
        candidate.scores = scores(setting.request, known, &candidate.figures());
        found.push(candidate);
    }
    match (found.is_empty(), smallest) {
        (true, Some((demand, context))) => Err(too_large(setting.limits, demand, context)),
        _ if found.iter().all(|c| c.scores.iter().all(Option::is_none)) => Err(refused(
            RejectionKind::Floor,
            floor_reason(
                setting.request,
                model,
                variant,
                speed.as_deref(),
                reliability,
            ),
        )),
        _ => Ok(found),
    }
}

/// Whether the request and the machine let this variant run at all, and by which engine.
fn runnable(setting: Setting<'_>, model: &Model, variant: &Variant) -> Result<Engine, Refused> {
    let request = setting.request;
    let named = |names: &[String]| {
        names
            .iter()
            .any(|n| *n == model.id || *n == full_name(model, variant))
    };
    let Some(engine) = Engine::from_id(&variant.engine) else {
        return Err(refused(
            RejectionKind::Engine,
            format!("runs in {}, not in LM Studio", variant.engine),
        ));
    };
    if let Some(why) = &variant.fails_to_load {
        return Err(refused(
            RejectionKind::Engine,
            format!("was seen not to load: {why}"),
        ));
    }
    if named(&request.excludes) {
        return Err(refused(RejectionKind::Request, "excluded"));
    }
    if request.engine.is_some_and(|wanted| wanted != engine) {
        return Err(refused(
            RejectionKind::Request,
            format!("runs in {engine}, which was not asked for"),
        ));
    }
    if engine == Engine::Mlx && !setting.machine.apple_silicon {
        return Err(refused(RejectionKind::Engine, "MLX needs Apple silicon"));
    }
    Ok(engine)
}

/// Whether the engine can store this architecture's cache in the types asked for.
fn storable(arch: &Architecture, engine: Engine, request: &Request) -> Result<(), Refused> {
    let (k, v) = (request.settings.kv_type_k, request.settings.kv_type_v);
    if engine == Engine::LlamaCpp && !llama_cpp::stores(arch, k, v) {
        let reason = format!(
            "llama.cpp stores its keys and values in one type, and {k} and {v} were asked for"
        );
        return Err(refused(RejectionKind::Request, reason));
    }
    Ok(())
}

fn speed_of(
    setting: Setting<'_>,
    model: &Model,
    variant: &Variant,
) -> Result<(Option<Speed>, Reliability), Refused> {
    let request = setting.request;
    let filter = Filter {
        campaign: request.campaign.as_deref(),
    };
    let chip = setting.machine.chip.as_ref();
    let seen = chip.and_then(|c| measured::decode(model, variant, c, filter));
    let reliability = chip.map_or_else(Reliability::default, |c| {
        measured::reliability(model, variant, c, filter)
    });
    let speed = match seen {
        Some(measured) => Some(Speed::Measured(measured)),
        None => {
            if let Some(campaign) = &request.campaign {
                return Err(refused(
                    RejectionKind::Request,
                    unmeasured(model, variant, campaign),
                ));
            }
            if request.measured_only {
                return Err(refused(
                    RejectionKind::Request,
                    "not measured on this class of machine",
                ));
            }
            setting
                .predictor
                .predict(model, variant, setting.machine)
                .map(Speed::Predicted)
        }
    };
    Ok((speed, reliability))
}

/// The speed of a variant on the setting's machine, where the request lets it be used.
#[must_use]
pub fn speed_on(setting: Setting<'_>, model: &Model, variant: &Variant) -> Option<Speed> {
    speed_of(setting, model, variant).ok()?.0
}

/// The speed that is left where the tasks of the request generate at once.
fn beside_others(
    setting: Setting<'_>,
    model: &Model,
    variant: &Variant,
    alone: Option<&Speed>,
) -> Option<Speed> {
    let streams = setting.request.streams();
    match (alone?, setting.machine.bandwidth()) {
        (alone, Some(bandwidth)) if setting.request.concurrent && streams > 1 => {
            let active = model.active_bytes(variant);
            let left = shared::shared(alone, active, bandwidth, streams);
            Some(Speed::Predicted(left))
        }
        (alone, _) => Some(alone.clone()),
    }
}

fn fast_enough(request: &Request, speed: Option<&Speed>) -> Result<(), Refused> {
    let Some(least) = request.min_tokens_per_second else {
        return Ok(());
    };
    let reason = match speed {
        None => format!("speed unknown, and at least {least} t/s was asked for"),
        Some(s) if s.deciding() < least => format!(
            "{:.1} t/s ({}), below the {least} t/s asked for",
            s.deciding(),
            s.basis()
        ),
        Some(_) => return Ok(()),
    };
    Err(refused(RejectionKind::Floor, reason))
}

/// The contexts to try: the one asked for, else a ladder of doublings up to the model's own.
fn contexts(request: &Request, model: &Model) -> Result<Vec<u32>, Refused> {
    let own = model.context_length;
    match request.context {
        Some(context) if context > own => Err(refused(
            RejectionKind::Request,
            format!(
                "trained for {} tokens, and {} were asked for",
                tokens(own),
                tokens(context)
            ),
        )),
        Some(context) => Ok(vec![context]),
        None => {
            let doublings = std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_mul(2));
            let mut ladder: Vec<u32> = doublings.take_while(|c| *c < own).collect();
            ladder.push(own);
            Ok(ladder)
        }
    }
}

fn scores(request: &Request, known: &OfOneModel<'_>, figures: &Figures<'_>) -> Vec<Option<f64>> {
    let tasks = request.tasks.iter().zip(&known.scores);
    tasks
        .map(|((task, _), of_model)| reaches(task, figures).then(|| of_model.total(task, figures)))
        .collect()
}
