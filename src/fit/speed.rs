//! How fast a model decodes, for the answer to `fit`: measured where the catalog has it measured on
//! this class of machine, else predicted. Never decides whether anything fits.

use crate::catalog::Catalog;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Variant};
use crate::fit::document::SlowTurn;
use crate::fit::subject::{About, Subject, model_of};
use crate::machine::Machine;
use crate::plan::document::{ExpectedQuality, SpeedSummary, Turn};
use crate::plan::expected_quality::Asked;
use crate::plan::request::Request;
use crate::quality::quantization::losses;
use crate::quality::talk::Lengths;
use crate::scenario::demands::quick_enough;
use crate::scenario::ways::{BestWay, best_way, only_ways};
use crate::speed::{Estimate, Filter, OnMachine, SpeedModel, Workload};
use crate::units::Bytes;

/// Files of one quantization differ by what their makers keep in wider types; beyond so many parts
/// per thousand they are another file.
const SAME_FILE_PER_MILLE: u64 = 20;

/// How fast a model is, and which turns are slower than was demanded.
#[derive(Debug, Clone, Default)]
pub struct Paced {
    /// Its speed; none where it is not known.
    pub speed: Option<SpeedSummary>,
    /// How good it is expected to be, where the catalog has its model.
    pub quality: Vec<ExpectedQuality>,
    /// Turns that are too slow: all of them where no speed is known.
    pub too_slow: Vec<SlowTurn>,
}

/// The speed of a model alone on a machine, and the time that turns take of the only task of each
/// of these requests, asked as it is best asked there. `known` is its `model/variant` where it was
/// asked for by that name; files are looked up by the name and the size that they have. Prompts are read
/// in batches of so many tokens.
#[must_use]
pub fn speed(
    subject: &Subject,
    about: &About,
    known: Option<&str>,
    catalog: &Catalog,
    speeds: &SpeedModel,
    machine: &Machine,
    (turns, batch): (&[Request], u32),
) -> Paced {
    // Of whole layers on the processor too few runs were published.
    if subject.apart.gpu_layers.is_some() {
        return unknown(turns);
    }
    let of_variant = |model: &Model, variant: &Variant| {
        let lengths = Lengths::of(catalog);
        let file = speeds.on(model, variant, machine, Filter::default()).ok();
        let apart = subject.apart.cpu_experts;
        let file = file.map(|file| file.with_experts_in_ram(apart, batch));
        file.and_then(|file| of_variant((model, variant), &file, &lengths, turns))
            .unwrap_or_else(|| unknown(turns))
    };
    if let Some((model, variant)) = known.and_then(|name| catalog.find(name)) {
        return variant.map_or_else(|| unknown(turns), |variant| of_variant(model, variant));
    }
    let model = model_of(catalog, subject, about);
    if let Some(model) = model
        && let Some(variant) = model.variants.iter().find(|v| is_file(v, subject))
    {
        return of_variant(model, variant);
    }
    // What only its files tell of is no ground to judge its work by.
    facts(subject, about, model).map_or_else(
        || unknown(turns),
        |facts| Paced {
            quality: Vec::new(),
            ..of_variant(&facts.model(), &facts.variant())
        },
    )
}

/// The answer where no speed is known: what is demanded of it is not met.
#[must_use]
pub fn unknown(turns: &[Request]) -> Paced {
    Paced {
        speed: None,
        quality: Vec::new(),
        too_slow: turns.iter().filter_map(|t| slow_turn(t, None)).collect(),
    }
}

fn of_variant(
    (model, variant): (&Model, &Variant),
    file: &OnMachine<'_>,
    lengths: &Lengths<'_>,
    turns: &[Request],
) -> Option<Paced> {
    let mut losses = model.variants.iter().zip(losses(model));
    let loss = losses.find(|(v, _)| v.id == variant.id)?.1;
    let (mut too_slow, mut quality) = (Vec::new(), Vec::new());
    let mut turn = |request: &Request| {
        let turn = |work: &Workload| Some(file.estimate(work));
        let ways = only_ways(request, model, lengths)?;
        let BestWay { way, turn, .. } = best_way(request, &ways, &loss, turn)?;
        too_slow.extend(slow_turn(request, turn.as_ref()));
        let (task, _) = request.tasks.first()?;
        let asked = Asked {
            setting: way.setting,
            effort: way.effort,
        };
        quality.extend(ExpectedQuality::of(task, model, &asked, &loss));
        Some(Turn::of(&task.id, way.setting, &turn?))
    };
    let turns = turns.iter().filter_map(&mut turn).collect();
    Some(Paced {
        speed: Some(SpeedSummary {
            turns,
            ..SpeedSummary::of(&file.decode(0))
        }),
        quality,
        too_slow,
    })
}

fn slow_turn(request: &Request, turn: Option<&Estimate>) -> Option<SlowTurn> {
    let (task, _) = request.tasks.first()?;
    let why = quick_enough(request.demands(), turn).err()?;
    Some(SlowTurn {
        task: task.id.clone(),
        reason: why.to_string(),
        why,
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
        embeds: None,
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
