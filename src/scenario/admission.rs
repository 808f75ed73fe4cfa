//! Whether the request and the machine let a variant run at all: by which engine, at which contexts.
//! Each no has its reason.

use crate::catalog::loads::harm;
use crate::catalog::roles::Projector;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{full_name, weights_of};
use crate::memory::limits::Demand;
use crate::memory::settings::{CONTEXT_STEP, SHORTEST_CONTEXT};
use crate::memory::{Engine, llama_cpp};
use crate::model::Architecture;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::scenario::candidate::means;
use crate::scenario::inputs::Scenario;
use crate::scenario::refusal::Refused;
use crate::units::Bytes;

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
    let installed = request.installed.as_ref();
    if installed.is_some_and(|names| !names.contains(&full_name(model, variant))) {
        return Err(Refusal::NotInstalled.into());
    }
    let needed_bytes = download(request, model, variant);
    if let Some(disk) = request
        .disk
        .as_ref()
        .filter(|d| needed_bytes > d.most_bytes)
    {
        return Err(Refusal::TooMuchToDownload {
            needed_bytes,
            most_bytes: disk.most_bytes,
        }
        .into());
    }
    if request.engine.is_some_and(|wanted| wanted != engine) {
        return Err(Refusal::OtherEngine {
            engine: engine.id().to_owned(),
        }
        .into());
    }
    if engine == Engine::Mlx && !scenario.machine.is_mac() {
        return Err(Refusal::NeedsAppleSilicon.into());
    }
    Ok(engine)
}

/// What of a variant has to be downloaded, where that is limited; else nothing is counted.
pub(crate) fn download(request: &Request, model: &Model, variant: &Variant) -> Bytes {
    let limited = request.disk.as_ref();
    match limited.filter(|disk| !disk.has(&full_name(model, variant))) {
        Some(_) => model.download_bytes(variant, request.sees()),
        None => Bytes::ZERO,
    }
}

/// Its architecture, where it is known, the engine can store its cache in the types asked for, and
/// they are not known to harm it.
pub(super) fn storable<'m>(
    scenario: &Scenario<'_>,
    model: &'m Model,
    engine: Engine,
) -> Result<&'m Architecture, Refused> {
    let request = &scenario.request;
    let arch = model.architecture.as_ref().ok_or(Refusal::NoArchitecture)?;
    let (k, v) = (request.settings.kv_type_k, request.settings.kv_type_v);
    if engine == Engine::LlamaCpp && !llama_cpp::stores(arch, k, v) {
        return Err(Refusal::OneKvType { keys: k, values: v }.into());
    }
    let loads = &scenario.catalog.loads;
    let harm = harm(loads, &arch.name, engine.id()).filter(|_| k.is_quantized());
    match harm.map(str::to_owned) {
        Some(because) => Err(Refusal::QuantizedKeys { because }.into()),
        None => Ok(arch),
    }
}

/// The contexts to choose from, rising: the one asked for, else steps up to the model's own.
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
            let steps =
                std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_add(CONTEXT_STEP));
            Ok(steps.take_while(|c| *c < own).chain([own]).collect())
        }
    }
}

/// What is loaded of a variant for a request: its weights, and what sees beside them where a task asks
/// about pictures.
pub(super) fn loaded<'s>(
    request: &Request,
    model: &'s Model,
    variant: &Variant,
) -> (Option<&'s Projector>, Demand) {
    let weights = weights_of(variant);
    let projector = model.projector_of(variant).filter(|_| request.sees());
    let sight = projector.map_or(Bytes::ZERO, |p| p.bytes);
    let demand = Demand {
        gpu: weights.gpu + sight,
        total: weights.gpu + weights.cpu + sight,
    };
    (projector, demand)
}
