//! How fast a model decodes, for the answer to `fit`: measured where the catalog has it measured on
//! this class of machine, else predicted. Never decides whether anything fits.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::Catalog;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Variant};
use crate::fit::document::SlowTurn;
use crate::fit::subject::{About, Subject, model_of};
use crate::machine::Machine;
use crate::plan::document::{ExpectedQuality, SpeedSummary, Turn};
use crate::plan::expected_quality::Asked;
use crate::plan::request::Request;
use crate::quality::quantization::{Loss, losses};
use crate::quality::talk::Lengths;
use crate::scenario::demands::quick_enough;
use crate::scenario::ways::{BestWay, Way, best_way, only_ways};
use crate::speed::{Estimate, Filter, SpeedModel, Workload};
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

/// What models' speeds are told by, on a machine.
pub struct Pacing<'a> {
    /// What is known of models.
    pub catalog: &'a Catalog,
    /// The speed model.
    pub speeds: &'a SpeedModel,
    /// The machine.
    pub machine: &'a Machine,
    /// The turns whose time is told, each of the only task of a request.
    pub turns: &'a [Request],
    /// The models of the catalog that were asked for, by id: each has several files.
    known: RefCell<HashMap<String, Rc<OfModel>>>,
}

/// What the files of a model share.
struct OfModel {
    /// What each file loses.
    losses: Vec<Loss>,
    /// By turn, the ways to ask it.
    ways: Vec<Option<Vec<Way>>>,
}

impl<'a> Pacing<'a> {
    /// By a catalog and a speed model.
    #[must_use]
    pub fn new(
        catalog: &'a Catalog,
        speeds: &'a SpeedModel,
        machine: &'a Machine,
        turns: &'a [Request],
    ) -> Self {
        Self {
            catalog,
            speeds,
            machine,
            turns,
            known: RefCell::default(),
        }
    }

    /// The speed of a model alone on the machine, and the time that its turns take, asked as it is
    /// best asked there. `known` is its `model/variant` where it was asked for by that name; files
    /// are looked up by the name and the size that they have. Prompts are read in batches of so many
    /// tokens.
    #[must_use]
    pub fn speed(
        &self,
        subject: &Subject,
        about: &About,
        known: Option<&str>,
        batch: u32,
    ) -> Paced {
        // Of whole layers on the processor too few runs were published.
        if subject.apart.gpu_layers.is_some() {
            return unknown(self.turns);
        }
        let beside = (subject.apart.cpu_experts, batch);
        let of_variant = |model: &Model, variant: &Variant, of: &dyn Fn() -> Rc<OfModel>| {
            let paced = self.of_variant((model, variant), of, beside);
            paced.unwrap_or_else(|| unknown(self.turns))
        };
        let file_of = |model, variant| of_variant(model, variant, &|| self.known(model));
        if let Some((model, variant)) = known.and_then(|name| self.catalog.find(name)) {
            return variant.map_or_else(|| unknown(self.turns), |v| file_of(model, v));
        }
        let model = model_of(self.catalog, subject, about);
        if let Some(model) = model
            && let Some(variant) = model.variants.iter().find(|v| is_file(v, subject))
        {
            return file_of(model, variant);
        }
        let Some(facts) = facts(subject, about, model) else {
            return unknown(self.turns);
        };
        let model = facts.model();
        // What only its files tell of is no ground to judge its work by.
        Paced {
            quality: Vec::new(),
            ..of_variant(&model, &facts.variant(), &|| Rc::new(self.of_model(&model)))
        }
    }

    /// What the files of a model of the catalog share.
    fn known(&self, model: &Model) -> Rc<OfModel> {
        let mut known = self.known.borrow_mut();
        let known = known.entry(model.id.clone());
        Rc::clone(known.or_insert_with(|| Rc::new(self.of_model(model))))
    }

    fn of_model(&self, model: &Model) -> OfModel {
        let lengths = Lengths::of(self.catalog);
        let ways = self.turns.iter();
        OfModel {
            losses: losses(model),
            ways: ways.map(|turn| only_ways(turn, model, &lengths)).collect(),
        }
    }

    fn of_variant(
        &self,
        (model, variant): (&Model, &Variant),
        of: &dyn Fn() -> Rc<OfModel>,
        (apart, batch): (u32, u32),
    ) -> Option<Paced> {
        let file = (self.speeds).on(model, variant, self.machine, Filter::default());
        let file = file.ok()?.with_experts_in_ram(apart, batch);
        let of = of();
        let mut losses = model.variants.iter().zip(&of.losses);
        let (_, loss) = losses.find(|(v, _)| v.id == variant.id)?;
        let (mut too_slow, mut quality) = (Vec::new(), Vec::new());
        let mut turn = |(request, ways): (&Request, &Option<Vec<Way>>)| {
            let turn = |work: &Workload| Some(file.estimate(work));
            let BestWay { way, turn, .. } = best_way(request, ways.as_ref()?, loss, turn)?;
            too_slow.extend(slow_turn(request, turn.as_ref()));
            let (task, _) = request.tasks.first()?;
            let asked = Asked {
                setting: way.setting,
                effort: way.effort,
            };
            quality.extend(ExpectedQuality::of(task, model, &asked, loss));
            Some(Turn::of(&task.id, way.setting, &turn?))
        };
        let turns = self.turns.iter().zip(&of.ways);
        let turns = turns.filter_map(&mut turn).collect();
        Some(Paced {
            speed: Some(SpeedSummary {
                turns,
                ..SpeedSummary::of(&file.decode(0))
            }),
            quality,
            too_slow,
        })
    }
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
