//! `planner fit`: does this model fit on the machine, and up to which context.

use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::Outcome;
use super::context::{self, Common, Format, MachineArgs, SettingsArgs};
use super::output::Output;
use crate::basis::Basis;
use crate::edge::files;
use crate::machine::Profiles;
use crate::memory::limits::Limits;
use crate::memory::{Engine, Settings, Weights, llama_cpp};
use crate::model::gguf::{self, Header};
use crate::plan::candidates;
use crate::plan::fit::{Subject, Verdict, fit};
use crate::units::Bytes;
use crate::{report, suggest};

const EXAMPLES: &str = "\
Examples:
  planner fit qwen3-coder-next/gguf-q4_k_m --context 128k
  planner fit ~/models/model-00001-of-00009.gguf --machine m3-ultra-512gb
  planner fit model.gguf --slots 1 --kv-type q8_0 --format json";

/// Arguments of `fit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A variant of the catalog (`model/variant`), or a .gguf file (of a split file, any part)
    model: String,
    /// Context in tokens, such as 131072 or 128k; the model's own when left out
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg)]
    context: Option<u32>,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, common: &Common, output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    let machine = context::machine(&args.machine, &profiles)?;
    let (subject, engine) = if args.model.ends_with(".gguf") {
        (from_file(Path::new(&args.model))?, Engine::LlamaCpp)
    } else {
        from_catalog(&args.model, common)?
    };
    let context = args.context.unwrap_or(subject.context_length);
    let settings = args.settings.at(engine, context)?;
    check_types(&subject, &settings)?;
    let answer = fit(&subject, &settings, &machine.name, &Limits::of(&machine));
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::fit::text(&answer, &output.screen))?,
    }
    Ok(if answer.verdict == Verdict::Fits {
        Outcome::Done
    } else {
        Outcome::No
    })
}

fn check_types(subject: &Subject, settings: &Settings) -> Result<()> {
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    if settings.engine == Engine::LlamaCpp && !llama_cpp::stores(&subject.architecture, k, v) {
        bail!(
            "llama.cpp stores this model's keys and values in one type, and {k} and {v} were asked for\nhint: give one type: `--kv-type {k}`"
        );
    }
    Ok(())
}

fn from_catalog(name: &str, common: &Common) -> Result<(Subject, Engine)> {
    let catalog = context::catalog(common)?;
    let Some((model, variant)) = catalog.find(name) else {
        let known: Vec<String> = catalog.names().collect();
        let near = suggest::nearest(name, known.iter().map(String::as_str));
        bail!(
            "`{name}` names no variant of the catalog{}\nhint: give `model/variant` (`planner catalog show MODEL` lists them) or a .gguf file",
            suggest::or_nothing(near.as_deref())
        );
    };
    let Some(variant) = variant else {
        let ids: Vec<String> = model
            .variants
            .iter()
            .map(|v| candidates::full_name(model, v))
            .collect();
        bail!(
            "`{name}` has several variants\nhint: give one of {}",
            ids.join(", ")
        );
    };
    let Some(architecture) = model.architecture.clone() else {
        bail!(
            "the memory of `{name}` is not known: the catalog has no confirmed architecture figures for it\nhint: point planner at the .gguf file, whose header has them"
        );
    };
    let Some(engine) = Engine::from_id(&variant.engine) else {
        bail!(
            "`{name}` runs in {}, whose memory planner does not know",
            variant.engine
        );
    };
    let subject = Subject {
        name: format!("{} {}", model.name, variant.quantization),
        architecture,
        weights: candidates::weights_of(variant),
        context_length: model.context_length,
        notes: variant.notes.clone(),
    };
    Ok((subject, engine))
}

/// A GGUF file, with all its parts where it is split. Only headers are read.
fn from_file(path: &Path) -> Result<Subject> {
    let headers = read_parts(path)?;
    let tensors = gguf::join(&headers).with_context(|| path.display().to_string())?;
    let reading = gguf::architecture(&headers).with_context(|| path.display().to_string())?;
    let arch = reading.architecture;
    let sums = gguf::weights(&tensors, arch.layers, arch.tied_embeddings)
        .with_context(|| path.display().to_string())?;
    let Some(context_length) = reading.context_length.filter(|c| *c > 0) else {
        bail!(
            "{}: the header does not say which context the model was trained for",
            path.display()
        );
    };
    let mut notes = reading.notes;
    if !reading.recognised {
        notes.push(format!("the architecture `{}` is not one whose rules are known; it was computed from its plain attention keys", arch.name));
    }
    if sums.prediction > Bytes::ZERO {
        notes.push(format!(
            "{} of layers for multi-token prediction are not loaded unless prediction is on",
            sums.prediction.both()
        ));
    }
    Ok(Subject {
        name: path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        weights: Weights {
            gpu: sums.gpu,
            // A matrix that serves as input and output is mapped once.
            cpu: sums.cpu.saturating_sub(sums.both),
            basis: Basis::Computed,
            source: "the file's own tensor table".to_owned(),
        },
        architecture: arch,
        context_length,
        notes,
    })
}

fn read_parts(path: &Path) -> Result<Vec<Header>> {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let names: Vec<String> = match gguf::PartName::parse(&name) {
        Some(part) => part.all().collect(),
        None => vec![name],
    };
    let mut headers = Vec::with_capacity(names.len());
    for name in names {
        let part = path.with_file_name(&name);
        let (file, length) = files::open(&part)?;
        let header =
            gguf::read(BufReader::new(file)).with_context(|| part.display().to_string())?;
        if let Some(truncation) = header.truncation(length) {
            bail!(
                "{}: {truncation}\nhint: is it still downloading? download it again or wait",
                part.display()
            );
        }
        headers.push(header);
    }
    Ok(headers)
}
