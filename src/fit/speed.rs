//! How fast a model decodes, for the answer to `fit`: measured where the catalog has it measured on
//! this class of machine, else predicted. Never decides whether anything fits.

use crate::catalog::Catalog;
use crate::catalog::effort::Setting;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Variant};
use crate::fit::document::SlowTurn;
use crate::fit::subject::{About, Subject, model_of};
use crate::machine::Machine;
use crate::plan::document::{SpeedSummary, Turn};
use crate::plan::request::Demands;
use crate::quality::talk::{Length, Lengths};
use crate::scenario::demands::quick_enough;
use crate::scenario::turns::work;
use crate::speed::{Estimate, Filter, OnMachine, SpeedModel};
use crate::task::Workload;
use crate::units::Bytes;

/// Files of one quantization differ by what their makers keep in wider types; beyond so many parts
/// per thousand they are another file.
const SAME_FILE_PER_MILLE: u64 = 20;

/// What turns are timed and judged by.
#[derive(Debug, Clone)]
pub struct Work {
    /// What each task repeats, by its id.
    pub turns: Vec<(String, Workload)>,
    /// How quick that has to be.
    pub demands: Demands,
}

/// How fast a model is, and which turns are slower than was demanded.
#[derive(Debug, Clone, Default)]
pub struct Paced {
    /// Its speed; none where it is not known.
    pub speed: Option<SpeedSummary>,
    /// Turns that are too slow: all of them where no speed is known.
    pub too_slow: Vec<SlowTurn>,
}

/// The speed of a model alone on a machine, and the time that turns take. `known` is its
/// `model/variant` where it was asked for by that name; files are looked up by the name and the size
/// that they have.
#[must_use]
pub fn speed(
    subject: &Subject,
    about: &About,
    known: Option<&str>,
    catalog: &Catalog,
    speeds: &SpeedModel,
    machine: &Machine,
    asked: &Work,
) -> Paced {
    let of_variant = |model: &Model, variant: &Variant| {
        let length = Lengths::of(catalog).at(model, None);
        let file = speeds.on(model, variant, machine, Filter::default()).ok();
        paced(file.as_ref(), length, asked)
    };
    if let Some((model, variant)) = known.and_then(|name| catalog.find(name)) {
        return variant.map_or_else(|| unknown(asked), |variant| of_variant(model, variant));
    }
    let model = model_of(catalog, subject, about);
    if let Some(model) = model
        && let Some(variant) = model.variants.iter().find(|v| is_file(v, subject))
    {
        return of_variant(model, variant);
    }
    facts(subject, about, model).map_or_else(
        || unknown(asked),
        |facts| of_variant(&facts.model(), &facts.variant()),
    )
}

/// The answer where no speed is known: what is demanded of it is not met.
#[must_use]
pub fn unknown(asked: &Work) -> Paced {
    let slow = |(task, _): &(String, Workload)| slow_turn(task, asked.demands, None);
    Paced {
        speed: None,
        too_slow: asked.turns.iter().filter_map(slow).collect(),
    }
}

fn paced(file: Option<&OnMachine<'_>>, length: Length, asked: &Work) -> Paced {
    let Some(file) = file else {
        return unknown(asked);
    };
    let estimate = |(task, typical): &(String, Workload)| {
        (task.clone(), file.estimate(&work(typical, length)))
    };
    let turns: Vec<(String, Estimate)> = asked.turns.iter().map(estimate).collect();
    let told = |(task, turn): &(String, Estimate)| Turn::of(task, Setting::Default, turn);
    Paced {
        speed: Some(SpeedSummary {
            turns: turns.iter().map(told).collect(),
            ..SpeedSummary::of(&file.decode(0))
        }),
        too_slow: turns
            .iter()
            .filter_map(|(task, turn)| slow_turn(task, asked.demands, Some(turn)))
            .collect(),
    }
}

fn slow_turn(task: &str, demands: Demands, turn: Option<&Estimate>) -> Option<SlowTurn> {
    quick_enough(demands, turn).err().map(|why| SlowTurn {
        task: task.to_owned(),
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
