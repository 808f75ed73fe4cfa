//! `planner catalog import`: what other programs measured, into the user's own catalog.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app;
use crate::app::Workspace;
use crate::catalog::schema::Measurement;
use crate::catalog::{Catalog, Layer, write};
use crate::edge::{clock, files};
use crate::fault;
use crate::import;
use crate::import::document::{Became, Import, ImportedFile};
use crate::import::{Imported, Overrides, Resolved, resolve};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog import --dry-run results/*.json            say what would come of it
  planner catalog import bench.jsonl --chip m3-ultra         llama-bench -o jsonl
  planner catalog import run.json --as minimax-m2.1/gguf-q4_k_s --chip m3-ultra
  planner catalog import mlx.txt --as qwen3-8b/mlx-4bit --chip m4-max --out ./my-catalog

Reads results of planner bench, the JSON of the study llm-mac-512, llama-bench and
llama-batched-bench, mlx_lm.benchmark, LM Studio's stats, vllm bench serve, genai-perf.
Exit codes: 0 every row was placed or known, 1 some were refused, 2 a file can't be read.";

/// Arguments of `catalog import`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which variant of the catalog every row is of, where the files do not say
    #[arg(long = "as", value_name = "MODEL/VARIANT")]
    variant: Option<String>,
    /// Which chip every row was measured on, such as m3-ultra, where the files do not say
    #[arg(long, value_name = "CHIP")]
    chip: Option<String>,
    /// Which engine ran, where the files do not say
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// The study that the rows belong to
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The catalog folder to write into; your own when left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say what would come of it, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let catalog = workspace.catalog()?;
    let profiles = workspace.profiles();
    if let Some(variant) = &args.variant {
        app::variant(variant, catalog)?;
    }
    if let Some(chip) = &args.chip {
        app::chip(chip, profiles)?;
    }
    let say = Overrides {
        variant: args.variant.as_deref(),
        chip: args.chip.as_deref(),
        engine: args.engine.as_deref(),
        campaign: args.campaign.as_deref(),
    };
    let mut answer = Import {
        schema: 1,
        files: Vec::new(),
        new: 0,
        known: 0,
        refused: 0,
        written: Vec::new(),
    };
    let mut all: Vec<(String, Measurement)> = Vec::new();
    for (file, imported) in read(&args.files)? {
        let resolved: Vec<Resolved> = imported
            .rows
            .iter()
            .map(|row| resolve(row, catalog, &profiles.chips, &say))
            .collect();
        answer
            .files
            .push(ImportedFile::of(&file, &imported, &resolved));
        all.extend(resolved.into_iter().filter_map(|r| match r {
            Resolved::New { model, measurement } => Some((model, *measurement)),
            _ => None,
        }));
    }
    let of = |kind| answer.files.iter().map(|f| f.count(kind)).sum();
    (answer.new, answer.known, answer.refused) =
        (of(Became::New), of(Became::Known), of(Became::Refused));
    if !args.dry_run {
        answer.written = write_all(args, all, catalog)?;
    }
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => {
            output.text(&report::import::text(&answer, args.dry_run, &output.screen))?
        }
    }
    for path in &answer.written {
        output.note(&format!("written to {path}"));
    }
    Ok(if answer.refused == 0 {
        Outcome::Done
    } else {
        Outcome::No
    })
}

/// Reads every file; one that can't be read stops it all, so that nothing is half done.
fn read(paths: &[PathBuf]) -> Result<Vec<(String, Imported)>> {
    paths
        .iter()
        .map(|path| {
            let text = files::read_text(path)?;
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy();
            let imported = import::read(&name, &text)
                .with_context(|| format!("can't import {}", path.display()))?;
            Ok((path.display().to_string(), imported))
        })
        .collect()
}

/// One new file per model. The catalog that results is put together first, so that no file is
/// written that could not be read again.
fn write_all(
    args: &Args,
    mut all: Vec<(String, Measurement)>,
    catalog: &Catalog,
) -> Result<Vec<String>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => files::user_catalog_path().with_context(
            || fault!("the home folder is not known"; "say where to write with `--out DIR`"),
        )?,
    };
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let now = clock::utc();
    let mut texts = Vec::new();
    for of_model in all.chunk_by(|a, b| a.0 == b.0) {
        let model = &of_model[0].0;
        let rows: Vec<Measurement> = of_model.iter().map(|(_, m)| m.clone()).collect();
        let text = write::extension(model, &rows, "Written by planner catalog import.")?;
        texts.push((format!("import-{model}-{}", now.replace(':', "")), text));
    }
    let layer = Layer::read(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )?;
    if let Err(error) = catalog.clone().with_layer(&layer) {
        bail!("the measurements can't be added to the catalog: {error}");
    }
    texts
        .iter()
        .map(|(name, text)| {
            let path = files::write_new(&folder, name, "toml", text.as_bytes())?;
            Ok(path.display().to_string())
        })
        .collect()
}
