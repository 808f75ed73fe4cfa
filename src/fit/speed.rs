//! How fast a model decodes, for the answer to `fit`: measured where the catalog has it measured on
//! this class of machine, else predicted. Never decides whether anything fits.

use crate::catalog::Catalog;
use crate::catalog::effort::Setting;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Variant};
use crate::fit::subject::{About, Subject, model_of};
use crate::machine::Machine;
use crate::plan::document::{SpeedSummary, Turn};
use crate::quality::talk::{Length, Lengths};
use crate::scenario::turns::work;
use crate::speed::{Filter, SpeedModel};
use crate::task::Workload;
use crate::units::Bytes;

/// Files of one quantization differ by what their makers keep in wider types; beyond so many parts
/// per thousand they are another file.
const SAME_FILE_PER_MILLE: u64 = 20;

/// The speed of a model alone on a machine, and the time that turns of these tasks take. `known` is its `model/variant` where it was asked for by
/// that name; files are looked up by the name and the size that they have.
#[must_use]
pub fn speed(
    subject: &Subject,
    about: &About,
    known: Option<&str>,
    catalog: &Catalog,
    speeds: &SpeedModel,
    machine: &Machine,
    turns: &[(String, Workload)],
) -> Option<SpeedSummary> {
    let of_variant = |model: &Model, variant: &Variant| {
        let length = Lengths::of(catalog).at(model, None);
        of_variant((model, variant), speeds, machine, length, turns)
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
    length: Length,
    turns: &[(String, Workload)],
) -> Option<SpeedSummary> {
    let file = speeds.on(model, variant, machine, Filter::default()).ok()?;
    let turn = |(task, typical): &(String, Workload)| {
        Turn::of(
            task,
            Setting::Default,
            &file.estimate(&work(typical, length)),
        )
    };
    Some(SpeedSummary {
        turns: turns.iter().map(turn).collect(),
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
