//! The files of models that take turns: llama-swap, llama-server's router, a policy for LM Studio.

use serde::Serialize;

use super::sets::{largest_that_always_fits, maximal};
use crate::basis::GENERATOR;
use crate::catalog::schema::SizeBasis;
use crate::emit::artifact::{Artifact, Template};
use crate::emit::artifacts::json_file;
use crate::emit::error::EmitError;
use crate::emit::manifest::{MANIFEST, Manifest};
use crate::emit::models::{Model, Options, model};
use crate::emit::render::filled;
use crate::lmstudio::matching::{Wanted, repository_path};
use crate::memory::Engine;
use crate::memory::limits::{Demand, Limits};
use crate::plan::document::Entry;

/// A model that is loaded when it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resident {
    /// What it is loaded with, and takes.
    pub entry: Entry,
    /// What it takes of both limits at a full context.
    pub demand: Demand,
    /// How the size of its files is known.
    pub size: SizeBasis,
    /// Seconds that loading it again takes.
    pub load_seconds: f64,
}

/// A model that is in no set, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Id of the model.
    pub model: String,
    /// Why it can't be loaded, or counted.
    pub why: String,
}

/// What sets are looked for on.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The machine's name.
    pub machine: &'a str,
    /// Its limits.
    pub limits: &'a Limits,
    /// Models that were asked for and are not among them.
    pub left_out: &'a [LeftOut],
    /// The port that routers answer at.
    pub port: u16,
}

/// Which models may be in memory together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coexistence {
    /// Version of this shape.
    pub schema: u32,
    /// The machine.
    pub machine: String,
    /// The models, the largest first.
    pub models: Vec<Member>,
    /// Every maximal set, by identifiers: none holds another model.
    pub sets: Vec<Vec<String>>,
    /// Bytes of memory that a set may take.
    pub most_bytes: u64,
    /// Whether that is the share of memory that plans fill, and not what the reserve leaves.
    pub guarded: bool,
    /// So many of them fit whichever they are.
    pub any: usize,
    /// Those that do not fit even alone.
    pub too_large: Vec<String>,
    /// Those that can't be loaded, or counted.
    pub left_out: Vec<LeftOut>,
    /// Sets that would take more than plans may, were every slot and cache of theirs full.
    pub may_outgrow: usize,
    /// Those that llama.cpp loads.
    pub gguf: usize,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The name that clients ask for.
    pub identifier: String,
    /// `model/variant`.
    pub variant: String,
    /// Context in tokens.
    pub context: u32,
    /// Bytes that it takes of the GPU's working set at a full context.
    pub gpu_bytes: u64,
    /// Bytes that it takes of memory.
    pub total_bytes: u64,
    /// How the size of its files is known.
    pub size: SizeBasis,
    /// Seconds that loading it takes, at least 1: what evicting it costs.
    pub load_seconds: u64,
}

const SCHEMA: u32 = 1;

const LLAMA_SWAP: Template = (
    "llama-swap.yaml",
    include_str!("../templates/engines/llama-swap.yaml"),
    false,
    "llama-swap: all models, and which may be loaded together",
);
const LLAMA_SERVER: Template = (
    "llama-server.ini",
    include_str!("../templates/engines/llama-server.ini"),
    false,
    "llama-server: all GGUF models, as a router preset",
);
const README: Template = (
    "README.md",
    include_str!("../templates/coexist.md"),
    false,
    "what is here, and a policy for LM Studio",
);

/// What templates are filled with.
#[derive(Serialize)]
struct Values<'a> {
    models: &'a [Model],
    sets: Vec<Set>,
    costs: Vec<u64>,
    machine: &'a str,
    coexistence: &'a Coexistence,
    /// So many models fit alone.
    fitting: usize,
    /// The largest of them fits beside no other.
    alone: bool,
    port: u16,
    /// The most models of any so many that fit, of those in llama.cpp's format.
    models_max: usize,
    /// Models are loaded when they are asked for.
    on_demand: bool,
    /// Seconds without a request after which LM Studio unloads what is not asked for.
    ttl: u64,
}

/// A set by the numbers of its models, from 1.
#[derive(Serialize)]
struct Set {
    members: Vec<usize>,
    names: Vec<String>,
}

/// The files, and what they say.
///
/// # Errors
/// When a name can't stand in a file.
pub fn coexist_artifacts(
    asked: &Asked<'_>,
    residents: &[Resident],
) -> Result<(Coexistence, Vec<Artifact>), EmitError> {
    let limits = asked.limits;
    let demands: Vec<Demand> = residents.iter().map(|r| r.demand).collect();
    let sets = maximal(&demands, limits);
    let name = |n: &usize| residents[*n].entry.identifier.clone();
    let alone = |n: &usize| !limits.holds(demands[*n]);
    let fitting: Vec<usize> = (0..residents.len()).filter(|n| !alone(n)).collect();
    let of_fitting: Vec<Demand> = fitting.iter().map(|n| demands[*n]).collect();
    let outgrows = |set: &&Vec<usize>| {
        let worst = set.iter().map(|n| residents[*n].entry.memory.worst());
        !limits.holds(worst.sum())
    };
    let is_gguf = |n: &usize| residents[*n].entry.engine == Engine::LlamaCpp;
    let coexistence = Coexistence {
        schema: SCHEMA,
        machine: asked.machine.to_owned(),
        models: residents.iter().map(member).collect(),
        sets: sets
            .iter()
            .map(|set| set.iter().map(name).collect())
            .collect(),
        most_bytes: limits.physical_budget().0,
        guarded: limits.guard_cuts(),
        any: largest_that_always_fits(&of_fitting, limits),
        too_large: (0..residents.len())
            .filter(alone)
            .map(|n| name(&n))
            .collect(),
        left_out: asked.left_out.to_vec(),
        may_outgrow: sets.iter().filter(|set| outgrows(set)).count(),
        gguf: fitting.iter().filter(|n| is_gguf(n)).count(),
    };
    let options = Options::default();
    let models: Vec<Model> = fitting
        .iter()
        .map(|n| one(&residents[*n].entry, &options))
        .collect();
    let place = |n: &usize| fitting.iter().position(|f| f == n).map(|at| at + 1);
    let of = |set: &Vec<usize>| Set {
        members: set.iter().filter_map(place).collect(),
        names: set.iter().map(name).collect(),
    };
    let gguf = fitting.iter().filter(|n| is_gguf(n));
    let gguf: Vec<Demand> = gguf.map(|n| demands[*n]).collect();
    let alone = fitting.first().is_some_and(|n| is_alone(*n, &sets)) && fitting.len() > 1;
    let values = Values {
        models: &models,
        sets: sets.iter().map(of).collect(),
        costs: fitting.iter().map(|n| seconds(&residents[*n])).collect(),
        machine: asked.machine,
        coexistence: &coexistence,
        fitting: fitting.len(),
        alone,
        port: asked.port,
        models_max: largest_that_always_fits(&gguf, limits),
        on_demand: true,
        ttl: 1800,
    };
    let named = models.iter().all(Model::is_named);
    let mut templates = vec![README];
    templates.extend((named && !models.is_empty()).then_some(LLAMA_SWAP));
    templates.extend((named && !gguf.is_empty()).then_some(LLAMA_SERVER));
    let mut files = filled(templates, &values)?;
    files.push(json_file(
        "coexistence.json",
        &coexistence,
        "every maximal set, in bytes",
    )?);
    let manifest = Manifest::of(GENERATOR, &files);
    files.push(json_file(MANIFEST, &manifest, "this list")?);
    Ok((coexistence, files))
}

/// Whether a model is beside no other in any set.
fn is_alone(number: usize, sets: &[Vec<usize>]) -> bool {
    let mut with = sets.iter().filter(|set| set.contains(&number));
    with.all(|set| set.len() == 1)
}

fn one(entry: &Entry, options: &Options) -> Model {
    let repository = entry.repository.as_deref().and_then(repository_path);
    let wanted = Wanted {
        repository: repository.map(str::to_owned),
        files: entry.files.clone(),
        quantization: entry.quantization.clone(),
        size: entry.memory.weights_bytes,
        key: None,
    };
    model(entry, wanted, entry.identifier.clone(), options)
}

fn member(resident: &Resident) -> Member {
    let entry = &resident.entry;
    Member {
        identifier: entry.identifier.clone(),
        variant: entry.full_name(),
        context: entry.settings.context,
        gpu_bytes: resident.demand.gpu.0,
        total_bytes: resident.demand.total.0,
        size: resident.size,
        load_seconds: seconds(resident),
    }
}

/// Whole seconds, at least one: costs of llama-swap are whole numbers above 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some seconds or minutes"
)]
fn seconds(resident: &Resident) -> u64 {
    resident.load_seconds.round().clamp(1.0, 1e6) as u64
}
