//! How fast a model decodes, for the answer to `fit`: measured where the catalog has it measured on
//! this class of machine, else predicted. Never decides whether anything fits.

use crate::catalog::Catalog;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Variant};
use crate::fit::subject::{About, Subject, model_of};
use crate::machine::Machine;
use crate::plan::document::{SpeedSummary, Turn};
use crate::plan::request::Request;
use crate::quality::quantization::losses;
use crate::quality::talk::Lengths;
use crate::scenario::ways::best_way;
use crate::speed::{Filter, SpeedModel, Workload};
use crate::units::Bytes;

/// Files of one quantization differ by what their makers keep in wider types; beyond so many parts
/// per thousand they are another file.
const SAME_FILE_PER_MILLE: u64 = 20;

/// The speed of a model alone on a machine, and the time that turns take of the only task of each
/// of these requests, asked as it is best asked there. `known` is its `model/variant` where it was
/// asked for by that name; files are looked up by the name and the size that they have.
#[must_use]
pub fn speed(
    subject: &Subject,
    about: &About,
    known: Option<&str>,
    catalog: &Catalog,
    speeds: &SpeedModel,
    machine: &Machine,
    turns: &[Request],
) -> Option<SpeedSummary> {
    let of_variant = |model: &Model, variant: &Variant| {
        let lengths = Lengths::of(catalog);
        of_variant((model, variant), speeds, machine, &lengths, turns)
    };
    if let Some((model, variant)) = known.and_then(|name| catalog.find(name)) {
        return of_variant(model, variant?);
    }
    let model = model_of(catalog, subject, about);
    if let Some(model) = model
        && let Some(variant) = model.variants.iter().find(|v| is_file(v, subject))
    {
        return of_variant(model, variant);
    }
    let facts = facts(subject, about, model)?;
    of_variant(&facts.model(), &facts.variant())
}

fn of_variant(
    (model, variant): (&Model, &Variant),
    speeds: &SpeedModel,
    machine: &Machine,
    lengths: &Lengths<'_>,
    turns: &[Request],
) -> Option<SpeedSummary> {
    let file = speeds.on(model, variant, machine, Filter::default()).ok()?;
    let mut losses = model.variants.iter().zip(losses(model));
    let loss = losses.find(|(v, _)| v.id == variant.id)?.1;
    let turn = |request: &Request| {
        let turn = |work: &Workload| Some(file.estimate(work));
        let (way, turn) = best_way(request, (model, &loss), lengths, turn)?;
        Some(Turn::of(&request.tasks.first()?.0.id, way.setting, &turn?))
    };
    Some(SpeedSummary {
        turns: turns.iter().filter_map(turn).collect(),
        ..SpeedSummary::of(&file.decode(0))
    })
}

fn is_file(variant: &Variant, subject: &Subject) -> bool {
    let own = subject.weights.gpu + subject.weights.cpu;
    variant.engine == subject.engine.id() && as_large(variant.weights_bytes, own)
}

/// Whether a file is as large as another but for what their makers keep in wider types.
pub(super) const fn as_large(file: Bytes, other: Bytes) -> bool {
    let apart = file.0.abs_diff(other.0);
    apart.saturating_mul(1000) <= other.0.saturating_mul(SAME_FILE_PER_MILLE)
}

/// What a prediction needs, from the files themselves; of a known model under its id, so that its
/// measured quantizations count.
fn facts(subject: &Subject, about: &About, model: Option<&Model>) -> Option<Facts> {
    let known = model.map(|m| (m.parameters_total, m.parameters_active));
    let (total, active) = known.unwrap_or((about.parameters.total, about.parameters.active));
    if total == 0 || active == 0 {
        return None;
    }
    Some(Facts {
        id: model.map_or_else(|| id_of(&subject.name), |m| m.id.clone()),
        name: subject.name.clone(),
        publisher: String::new(),
        parameters_total: total,
        parameters_active: active,
        context_length: subject.context_length.unwrap_or_default(),
        architecture: subject.architecture.as_ref().ok().cloned(),
        vision: false,
        engine: subject.engine.id().to_owned(),
        quantization: about.quantization.clone().unwrap_or_default(),
        weights_bytes: subject.weights.gpu + subject.weights.cpu,
        cpu_weights_bytes: subject.weights.cpu,
        counted: true,
        repository: None,
        files: None,
        source: subject.weights.source.clone(),
        notes: Vec::new(),
    })
}
