//! Models that take turns in memory: which may be there together, as files for routers.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::emit::{Written, written};
use super::machine::MachineChoice;
use super::names::{LISTED, no_model};
use super::workspace::Workspace;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::weights_of;
use crate::emit::coexist::{Asked, Coexistence, LeftOut, MOST, Resident, coexist_artifacts};
use crate::fault;
use crate::machine::Machine;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, Ledger, Settings};
use crate::plan::document::{Entry, Memory, Score};
use crate::quality::held::{Held, held};

/// Which models, where, and where the files go.
#[derive(Debug, Clone, PartialEq)]
pub struct CoexistRequest {
    /// `model` or `model/variant`.
    pub models: Vec<String>,
    /// The machine.
    pub machine: MachineChoice,
    /// Context of each, in tokens; a model's own where that is less.
    pub context: u32,
    /// The engine of the files that are taken where none is named; llama.cpp, which every router
    /// starts, where it is left out and has one that fits.
    pub engine: Option<Engine>,
    /// The folder to write.
    pub folder: PathBuf,
}

/// The port that routers answer at.
const PORT: u16 = 8080;

/// Bytes of files loaded in a second where nobody measured it on this chip: what an M3 Ultra read from
/// its disk (5.9 to 6.2 GB; what it had read before came at 20).
const READ_PER_SECOND: f64 = 6e9;

/// Writes the files, and says which models may be in memory together.
///
/// # Errors
/// When a model or the machine is not known, or the folder can't be written.
pub fn coexist(workspace: &Workspace, request: &CoexistRequest) -> Result<(Coexistence, Written)> {
    let count = request.models.len();
    if count > MOST {
        bail!(fault!(
            "{count} models are more than sets are looked for among";
            "give {MOST} at most"
        ));
    }
    let catalog = workspace.models()?;
    let machine = request.machine.find(workspace.profiles())?;
    let limits = Limits::of(&machine).with_guard();
    let mut residents: Vec<Resident> = Vec::new();
    let mut left_out: Vec<LeftOut> = Vec::new();
    for name in &request.models {
        let Some((model, variant)) = catalog.find(name) else {
            bail!(no_model("", name, catalog, LISTED));
        };
        let known = |model: &str| {
            residents.iter().any(|r| r.entry.model == model)
                || left_out.iter().any(|l| l.model == model)
        };
        if known(&model.id) {
            bail!(fault!("`{}` is named twice", model.id; "name one file of each model"));
        }
        let variant = variant.or_else(|| chosen(model, request, &limits, &machine));
        let resident = match variant {
            Some(variant) => resident(model, variant, request.context, &machine),
            None => Err(unknown(model, request.engine)),
        };
        match resident {
            Ok(resident) => residents.push(resident),
            Err(why) if count == 1 => return Err(why),
            Err(why) => left_out.push(LeftOut {
                model: model.id.clone(),
                why: why.to_string(),
            }),
        }
    }
    residents.sort_by_key(|r| std::cmp::Reverse(r.demand.total));
    let asked = Asked {
        machine: &machine.name,
        limits: &limits,
        left_out: &left_out,
        port: PORT,
    };
    let (said, files) = coexist_artifacts(&asked, &residents)?;
    if said.sets.is_empty() {
        let reasons = left_out.iter().map(|l| format!("; {}", l.why));
        bail!(fault!(
            "none of these fits on {}{}", machine.name, reasons.collect::<String>();
            "`planner fit MODEL` says what would make one fit"
        ));
    }
    Ok((said, written(&request.folder, files)?))
}

/// Bits per weight from which a file is taken only where it is named: what 8 bits lose nobody could
/// measure, and a file for turns leaves room for others.
const AMPLE_BITS: f64 = 9.0;

/// Of a model the file of most bits, up to eight, that fits: of those that every router can load,
/// where there is one; where none fits the smallest.
fn chosen<'c>(
    model: &'c Model,
    request: &CoexistRequest,
    limits: &Limits,
    machine: &Machine,
) -> Option<&'c Variant> {
    let mut all = held(model, request.context, limits, machine.is_mac());
    let asked = request.engine.map(Engine::id);
    all.retain(|h| asked.is_none_or(|engine| h.variant.engine == engine));
    let best = |may: &dyn Fn(&Variant) -> bool| {
        let ample = |h: &&Held<'_>| model.bits_per_weight(h.variant) >= AMPLE_BITS;
        let fitting: Vec<&Held<'_>> = (all.iter()).filter(|h| h.fits && may(h.variant)).collect();
        let best = fitting.iter().rfind(|h| !ample(h)).or(fitting.first());
        best.map(|h| h.variant)
    };
    let any_router = |v: &Variant| v.engine == Engine::LlamaCpp.id();
    // Of a quantization that is told in words only the file's name is a tag.
    let tagged = |v: &Variant| v.files.is_some() || !v.quantization.contains(' ');
    let loads = |v: &Variant| v.repository.is_some() && tagged(v);
    best(&|v| any_router(v) && loads(v))
        .or_else(|| best(&loads))
        .or_else(|| all.iter().find(|h| loads(h.variant)).map(|h| h.variant))
        .or_else(|| all.first().map(|h| h.variant))
}

fn unknown(model: &Model, engine: Option<Engine>) -> anyhow::Error {
    let files = engine.map_or_else(|| "file".to_owned(), |engine| format!("file for {engine}"));
    anyhow::Error::new(fault!(
        "`{}` has no {files} that is known to load and whose memory is known", model.id;
        "`planner catalog show {}` lists its files", model.id
    ))
}

fn resident(model: &Model, variant: &Variant, context: u32, machine: &Machine) -> Result<Resident> {
    let name = format!("{}/{}", model.id, variant.id);
    let engine = Engine::from_id(&variant.engine);
    let (Some(engine), Some(architecture)) = (engine, model.architecture.as_ref()) else {
        bail!(fault!(
            "how much memory `{name}` takes is not known";
            "name a file for llama.cpp or MLX of a model whose architecture is known"
        ));
    };
    if engine == Engine::Mlx && !machine.is_mac() {
        bail!(fault!(
            "`{name}`: MLX needs Apple silicon, and {} is not a Mac with it", machine.name;
            "name a GGUF file of it: `planner catalog show {}`", model.id
        ));
    }
    if variant.repository.is_none() {
        bail!(fault!(
            "which repository has `{name}` is not known, so that no router can load it";
            "name another file of it: `planner catalog show {}`", model.id
        ));
    }
    let settings = Settings::lm_studio(engine, context.min(model.context_length));
    let ledger = Ledger::of(architecture, &weights_of(variant), &settings);
    let demand = Demand::from(&ledger);
    let files = variant.weights_bytes;
    Ok(Resident {
        load_seconds: measured(model, variant, machine).unwrap_or(bytes(files.0) / READ_PER_SECOND),
        demand,
        size: variant.size,
        entry: Entry {
            model: model.id.clone(),
            name: model.name.clone(),
            variant: variant.id.clone(),
            identifier: model.id.clone(),
            engine,
            quantization: variant.quantization.clone(),
            repository: variant.repository.clone(),
            files: variant.files.clone(),
            tasks: Vec::new(),
            node: None,
            stands_by_for: Vec::new(),
            shards: Vec::new(),
            settings,
            memory: Memory::of(&ledger),
            ledger: ledger.lines().to_vec(),
            speed: None,
            quality: Vec::new(),
            efforts: Vec::new(),
            embedding: model.embedding.clone(),
            completes: Vec::new(),
            score: Score {
                total: 0.0,
                parts: Vec::new(),
            },
            idle: None,
            sampling: model.sampling.clone(),
        },
    })
}

/// Seconds that loading was measured to take on this chip, the middle one.
fn measured(model: &Model, variant: &Variant, machine: &Machine) -> Option<f64> {
    let chip = machine.chip.as_ref()?;
    let here = model.measurements_of(variant);
    let here = here.filter(|m| m.chip == chip.id && m.suspect.is_none());
    middle(here.filter_map(|m| m.load_seconds).collect())
}

fn middle(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

#[expect(clippy::cast_precision_loss, reason = "a size for a rate")]
const fn bytes(n: u64) -> f64 {
    n as f64
}
