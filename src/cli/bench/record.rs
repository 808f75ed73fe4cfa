//! `--record`: a result becomes measurements of the user's own catalog.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::subject::{Chosen, Found};
use crate::app;
use crate::catalog::{Catalog, write};
use crate::cli::output::Output;
use crate::edge::files;
use crate::fault;
use crate::machine::Profiles;
use crate::measure::document::Bench;
use crate::measure::record;
use crate::measure::record::Target;
use crate::measure::server::Kind;

#[derive(Debug, Args)]
#[command(next_help_heading = "Recording")]
pub(super) struct RecordArgs {
    /// Add the measurements to your own catalog, for `planner recommend`
    #[arg(long)]
    record: bool,
    /// Which variant of the catalog it is: model/variant; by the plan or `lms ps` when left out
    #[arg(long = "as", value_name = "MODEL/VARIANT")]
    pub(super) variant: Option<String>,
    /// The chip that the server runs on, such as m3-ultra; this machine's when left out
    #[arg(long, value_name = "CHIP")]
    chip: Option<String>,
    /// The engine behind another server than LM Studio and llama.cpp
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
}

/// Everything that recording needs, known before the first request.
pub(super) struct Recording {
    folder: PathBuf,
    models: Vec<(String, Target)>,
}

impl RecordArgs {
    /// What to record to; none without `--record`.
    pub(super) fn prepare(
        &self,
        chosen: &[Chosen],
        found: &Found,
        catalog: &Catalog,
    ) -> Result<Option<Recording>> {
        if !self.record {
            return Ok(None);
        }
        let folder = files::user_catalog_path().with_context(|| {
            fault!(
                "the home folder is not known, so there is no catalog to record into";
                "set HOME"
            )
        })?;
        let chip = self.chip(found)?;
        let models = chosen
            .iter()
            .map(|c| self.target(c, found, catalog, &chip))
            .collect::<Result<_>>()?;
        Ok(Some(Recording { folder, models }))
    }

    fn target(
        &self,
        chosen: &Chosen,
        found: &Found,
        catalog: &Catalog,
        chip: &str,
    ) -> Result<(String, Target)> {
        let name = chosen.name();
        let Some((known, _)) = &chosen.variant else {
            bail!(fault!(
                "it is not known which variant of the catalog `{name}` is, so its figures can't be recorded";
                "say so with `--as MODEL/VARIANT` (`planner catalog list`)"
            ));
        };
        let Some((model, Some(variant))) = catalog.find(known) else {
            bail!(fault!("the catalog has no variant `{known}`"; "say which it is with `--as`"));
        };
        let engine = match (&self.engine, found.kind) {
            (Some(engine), _) => engine.clone(),
            // LM Studio runs a variant on the engine that its format is for.
            (None, Some(Kind::LmStudio)) => variant.engine.clone(),
            (None, Some(Kind::LlamaCpp)) => "llama.cpp".to_owned(),
            (None, None) => bail!(fault!(
                "it is not known which engine the server runs, so its figures can't be recorded";
                "say so with `--engine llama.cpp` or `--engine mlx`"
            )),
        };
        // Cores and memory are this machine's, and say nothing of another chip.
        let machine = found
            .machine
            .as_ref()
            .filter(|m| m.chip.as_deref() == Some(chip));
        Ok((
            model.id.clone(),
            Target {
                variant: variant.id.clone(),
                engine,
                chip: chip.to_owned(),
                gpu_cores: machine.and_then(|m| m.gpu_cores),
                memory: machine.and_then(|m| m.memory_physical_bytes),
                file: String::new(),
                own: true,
            },
        ))
    }

    fn chip(&self, found: &Found) -> Result<String> {
        if let Some(chip) = &self.chip {
            return app::chip(chip, &Profiles::embedded()?);
        }
        let read = found.machine.as_ref().and_then(|m| m.chip.clone());
        read.with_context(|| {
            fault!(
                "the chip that the server runs on is not known, so its figures can't be recorded";
                "say so with `--chip`, such as `--chip m3-ultra` (`planner machines`)"
            )
        })
    }
}

impl Recording {
    /// Writes one new file per model into the user's catalog. Gives none where nothing was
    /// measured.
    pub(super) fn write(&self, bench: &Bench, result: &Path, output: &Output) -> Result<()> {
        for (measured, (model, target)) in bench.models.iter().zip(&self.models) {
            let target = Target {
                file: result
                    .file_name()
                    .map(|n| n.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                ..target.clone()
            };
            let rows = record::measurements(bench, measured, &target);
            if rows.is_empty() {
                output.note(&format!(
                    "nothing of `{}` was measured, so nothing was recorded",
                    measured.model
                ));
                continue;
            }
            let comment = format!(
                "Written by planner bench; the whole result is {}.",
                result.display()
            );
            let text = write::extension(model, &rows, &comment)?;
            let stem = format!("bench-{model}-{}", bench.started.replace(':', ""));
            let path = files::write_new(&self.folder, &stem, "toml", text.as_bytes())?;
            output.note(&format!(
                "recorded {} as `{model}/{}` in {}",
                counted(rows.len()),
                target.variant,
                path.display()
            ));
        }
        Ok(())
    }
}

fn counted(n: usize) -> String {
    match n {
        1 => "1 measurement".to_owned(),
        n => format!("{n} measurements"),
    }
}
