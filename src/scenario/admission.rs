//! Whether the request and the machine let a variant run at all: by which engine, how fast, at
//! which contexts. Each no has its reason.

use crate::catalog::schema::{Model, Variant};
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, llama_cpp};
use crate::model::Architecture;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::scenario::candidate::means;
use crate::scenario::inputs::Scenario;
use crate::scenario::refusal::{Refused, unmeasured};
use crate::speed::{Figure, Filter, Reliability, measured, shared};

/// Whether the request and the machine let this variant run, and by which engine.
pub(super) fn runnable(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
) -> Result<Engine, Refused> {
    let request = &scenario.request;
    let Some(engine) = Engine::from_id(&variant.engine) else {
        return Err(Refusal::NotInLmStudio {
            engine: variant.engine.clone(),
        }
        .into());
    };
    if let Some(why) = &variant.fails_to_load {
        return Err(Refusal::FailsToLoad { seen: why.clone() }.into());
    }
    if request.excludes.iter().any(|n| means(n, model, variant)) {
        return Err(Refusal::Excluded.into());
    }
    if request.engine.is_some_and(|wanted| wanted != engine) {
        return Err(Refusal::OtherEngine {
            engine: engine.id().to_owned(),
        }
        .into());
    }
    if engine == Engine::Mlx && !scenario.machine.apple_silicon {
        return Err(Refusal::NeedsAppleSilicon.into());
    }
    Ok(engine)
}

/// Its architecture, where it is known and the engine can store its cache in the types asked for.
pub(super) fn storable<'m>(
    model: &'m Model,
    engine: Engine,
    request: &Request,
) -> Result<&'m Architecture, Refused> {
    let arch = model.architecture.as_ref().ok_or(Refusal::NoArchitecture)?;
    let (k, v) = (request.settings.kv_type_k, request.settings.kv_type_v);
    if engine == Engine::LlamaCpp && !llama_cpp::stores(arch, k, v) {
        return Err(Refusal::OneKvType { keys: k, values: v }.into());
    }
    Ok(arch)
}

/// How fast a variant is: alone, and as scores count it.
#[derive(Debug, Clone, Default)]
pub(super) struct Speeds {
    pub(super) alone: Option<Figure>,
    pub(super) counted: Option<Figure>,
    pub(super) reliability: Reliability,
}

/// The speeds of a variant, where the request lets them be used and they are enough.
pub(super) fn speeds(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
) -> Result<Speeds, Refused> {
    let (alone, reliability) = alone(scenario, model, variant)?;
    let counted = beside_others(scenario, model, variant, alone.as_ref());
    let counted = scenario.assumed.speed(model, variant, counted);
    fast_enough(&scenario.request, counted.as_ref())?;
    Ok(Speeds {
        alone,
        counted,
        reliability,
    })
}

/// The speed of a variant alone on the machine, where the request lets it be used.
#[must_use]
pub fn speed_on(scenario: &Scenario<'_>, model: &Model, variant: &Variant) -> Option<Figure> {
    alone(scenario, model, variant).ok()?.0
}

/// The speed of a variant that scores count, where the request lets it be used.
#[must_use]
pub fn counted_speed(scenario: &Scenario<'_>, model: &Model, variant: &Variant) -> Option<Figure> {
    speeds(scenario, model, variant).ok()?.counted
}

fn alone(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
) -> Result<(Option<Figure>, Reliability), Refused> {
    let request = &scenario.request;
    let filter = filter(request);
    let chip = scenario.machine.chip.as_ref();
    let reliability = chip.map_or_else(Reliability::default, |c| {
        measured::reliability(model, variant, c, filter)
    });
    let speed = decode_at(scenario, model, variant, 0);
    if matches!(speed, Some(Figure::Measured(_))) {
        return Ok((speed, reliability));
    }
    if let Some(campaign) = &request.campaign {
        return Err(unmeasured(model, variant, campaign).into());
    }
    if request.measured_only {
        return Err(Refusal::NotMeasured { campaign: None }.into());
    }
    Ok((speed, reliability))
}

/// Which measurements the request lets be used.
fn filter(request: &Request) -> Filter<'_> {
    Filter {
        campaign: request.campaign.as_deref(),
    }
}

/// The speed of a variant alone with so many tokens in the context, measured or predicted.
#[must_use]
pub fn decode_at(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
    depth: u32,
) -> Option<Figure> {
    let filter = filter(&scenario.request);
    let decode = scenario
        .speed
        .decode(model, variant, &scenario.machine, depth, filter);
    decode.ok()
}

/// The speed that is left where the tasks of the request generate at once.
fn beside_others(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
    alone: Option<&Figure>,
) -> Option<Figure> {
    let streams = scenario.request.streams();
    match (alone?, scenario.machine.bandwidth()) {
        (alone, Some(bandwidth)) if scenario.request.concurrent && streams > 1 => {
            let active = model.active_bytes(variant);
            let left = shared::shared(alone, active, bandwidth, streams);
            Some(left)
        }
        (alone, _) => Some(alone.clone()),
    }
}

fn fast_enough(request: &Request, speed: Option<&Figure>) -> Result<(), Refused> {
    let Some(least) = request.min_tokens_per_second else {
        return Ok(());
    };
    match speed {
        Some(s) if s.deciding() >= least => Ok(()),
        speed => Err(Refusal::TooSlow {
            tokens_per_second: speed.map(Figure::deciding),
            basis: speed.map(Figure::basis),
            least,
        }
        .into()),
    }
}

/// The contexts to try: the one asked for, else a ladder of doublings up to the model's own.
pub(super) fn contexts(request: &Request, model: &Model) -> Result<Vec<u32>, Refused> {
    let own = model.context_length;
    match request.context {
        Some(context) if context > own => Err(Refusal::NotTrainedFor {
            trained: own,
            asked: context,
        }
        .into()),
        Some(context) => Ok(vec![context]),
        None => {
            let doublings = std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_mul(2));
            let mut ladder: Vec<u32> = doublings.take_while(|c| *c < own).collect();
            ladder.push(own);
            Ok(ladder)
        }
    }
}
