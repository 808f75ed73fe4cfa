//! `--record`: a result becomes measurements of the user's own catalog.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::choose::Chosen;
use super::discover::Found;
use super::request::RecordRequest;
use crate::app::events::{Event, Events};
use crate::app::names;
use crate::app::workspace::Workspace;
use crate::catalog::write::Rows;
use crate::catalog::{Catalog, write};
use crate::edge::files;
use crate::edge::places;
use crate::fault;
use crate::machine::Profiles;
use crate::measure::document::Bench;
use crate::measure::record;
use crate::measure::record::Target;
use crate::measure::server::Kind;

/// Everything that recording needs, known before the first request.
#[derive(Debug)]
pub(super) struct Recording {
    folder: PathBuf,
    models: Vec<(String, Target)>,
}

impl RecordRequest {
    /// What to record to.
    pub(super) fn prepare(
        &self,
        chosen: &[Chosen],
        found: &Found,
        workspace: &Workspace,
    ) -> Result<Recording> {
        let folder = places::user_catalog_path().with_context(|| {
            fault!(
                "can't record the figures: the home folder is not known";
                "set HOME"
            )
        })?;
        let chip = self.chip(found, workspace.profiles())?;
        let catalog = workspace.catalog()?;
        let models = chosen
            .iter()
            .map(|c| self.target(c, found, catalog, &chip))
            .collect::<Result<_>>()?;
        Ok(Recording { folder, models })
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
                "can't record the figures of `{name}`: its variant of the catalog is not known";
                "say so with `--as MODEL/VARIANT` (`planner catalog list`)"
            ));
        };
        let Some((model, Some(variant))) = catalog.find(known) else {
            bail!(fault!("variant not found: `{known}`"; "say which it is with `--as`"));
        };
        let engine = match (&self.engine, found.kind) {
            (Some(engine), _) => engine.clone(),
            // LM Studio runs a variant on the engine that its format is for.
            (None, Some(Kind::LmStudio)) => variant.engine.clone(),
            (None, Some(Kind::LlamaCpp)) => "llama.cpp".to_owned(),
            (None, None) => bail!(fault!(
                "can't record the figures: the server's engine is not known";
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

    fn chip(&self, found: &Found, profiles: &Profiles) -> Result<String> {
        if let Some(chip) = &self.chip {
            return names::chip(chip, profiles);
        }
        let read = found.machine.as_ref().and_then(|m| m.chip.clone());
        read.with_context(|| {
            fault!(
                "can't record the figures: the server's chip is not known";
                "say so with `--chip`, such as `--chip m3-ultra` (`planner machines`)"
            )
        })
    }
}

impl Recording {
    /// Writes one new file per model into the user's catalog. Gives none where nothing was
    /// measured.
    pub(super) fn write(&self, bench: &Bench, result: &Path, events: &dyn Events) -> Result<()> {
        for (measured, (model, target)) in bench.models.iter().zip(&self.models) {
            let target = Target {
                file: result
                    .file_name()
                    .map(|n| n.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                ..target.clone()
            };
            let measurements = record::measurements(bench, measured, &target);
            if measurements.is_empty() {
                events.tell(Event::NothingRecorded {
                    model: &measured.model,
                });
                continue;
            }
            let comment = format!(
                "Written by planner bench; the whole result is {}.",
                result.display()
            );
            let rows = measurements.len();
            let measurements = Rows {
                measurements,
                ..Rows::default()
            };
            let text = write::extension(model, &measurements, &comment)?;
            let stem = format!("bench-{model}-{}", bench.started.replace(':', ""));
            let path = files::write_new(&self.folder, &stem, "toml", text.as_bytes())?;
            events.tell(Event::Recorded {
                rows,
                variant: &format!("{model}/{}", target.variant),
                path: &path,
            });
        }
        Ok(())
    }
}
