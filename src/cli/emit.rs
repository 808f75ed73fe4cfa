//! `planner emit`: a saved plan as files, and LM Studio's own files put in place.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use super::plan_file;
use super::plan_file::Choices;
use crate::app;
use crate::edge::folder;
use crate::edge::folder::Standing;
use crate::edge::install;
use crate::edge::lms;
use crate::edge::lms::Lms;
use crate::emit::{Artifact, MANIFEST, Manifest, Options, artifacts};
use crate::fault;
use crate::memory::Engine;
use crate::plan::Plan;
use crate::report::Screen;

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code --task general --out plan.json
  planner emit plan.json --out loadout          scripts, LM Studio's files, clients, other engines
  planner emit plan.json --install              merge the models' defaults into LM Studio's home
  planner emit --undo                           take that back";

/// Arguments of `emit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("where").required(true))]
pub(super) struct Args {
    /// A plan, saved with `planner recommend --out`
    #[arg(value_name = "PLAN", required_unless_present = "undo")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// The folder to write; an earlier one is kept beside it
    #[arg(long, value_name = "DIR", group = "where")]
    out: Option<PathBuf>,
    /// Put the models' defaults and presets into LM Studio's home, merged into what is there
    #[arg(long, group = "where")]
    install: bool,
    /// Take the last `--install` back
    #[arg(long, group = "where")]
    undo: bool,
    /// Also write model.yaml files for LM Studio's hub
    #[arg(long)]
    model_yaml: bool,
    /// LM Studio's home, where it is not the usual one (its newer sibling Bionic has its own)
    #[arg(long, value_name = "DIR")]
    lmstudio_home: Option<PathBuf>,
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    folder: &'a Path,
    backup: Option<PathBuf>,
    files: Vec<&'a str>,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Outcome> {
    let path = match &args.plan {
        Some(path) if !args.undo => path,
        _ => return undo(output),
    };
    let plan = app::plan_file::read_loadout(path)?;
    let options = Options {
        model_yaml: args.model_yaml,
        ..args.choices.options()
    };
    if let Some(folder) = &args.out {
        return write(&plan, &options, folder, output);
    }
    let home = args.lmstudio_home.clone().or_else(lms::home).with_context(
        || fault!("LM Studio's home is not known"; "give it with `--lmstudio-home DIR`"),
    )?;
    install(&plan, &options, &home, output)
}

/// Writes the folder of a plan just made, as it is.
pub(super) fn write_quietly(plan: &Plan, path: &Path) -> Result<()> {
    replaceable(path)?;
    folder::write(path, &artifacts(plan, &Options::default())?).map(drop)
}

/// Writes the folder, and says what is in it.
fn write(plan: &Plan, options: &Options, path: &Path, output: &Output) -> Result<Outcome> {
    let files = artifacts(plan, options)?;
    if let Some(caution) = caution(plan) {
        output.note(&caution);
    }
    replaceable(path)?;
    let backup = folder::write(path, &files)?;
    match output.format {
        Format::Json => output.json(&Written {
            schema: 1,
            folder: path,
            backup,
            files: files.iter().map(|f| f.path.as_str()).collect(),
        })?,
        Format::Text => {
            output.text(&listing(path, &files, &output.screen))?;
            if let Some(backup) = backup {
                output.note(&format!("what was there is now {}", backup.display()));
            }
        }
    }
    Ok(Outcome::Done)
}

/// What could keep a plan from holding once it is loaded, said before anybody loads it.
fn caution(plan: &Plan) -> Option<String> {
    let names: Vec<String> = plan
        .loadout
        .iter()
        .filter(|e| e.settings.engine == Engine::Mlx && e.settings.slots > 1)
        .map(|e| format!("`{}`", e.identifier))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "note: some versions of LM Studio's MLX engine replace the context that was asked for, unless a model is loaded with one slot: {} {} more than one; `planner recommend --slots 1` plans so",
            names.join(", "),
            if names.len() == 1 { "has" } else { "have" }
        )
    })
}

/// Only an empty folder, or one of our own, gives way.
fn replaceable(path: &Path) -> Result<()> {
    let ours = match folder::standing(path, MANIFEST)? {
        Standing::Free => true,
        Standing::With(text) => serde_json::from_str::<Manifest>(&text).is_ok(),
        Standing::Other => false,
    };
    if ours {
        return Ok(());
    }
    bail!(fault!(
        "{} is there and was not written by planner", path.display();
        "give the name of a new folder"
    ))
}

fn listing(path: &Path, files: &[Artifact], screen: &Screen) -> String {
    let widest = files.iter().map(|f| f.path.len()).max().unwrap_or(0);
    let mut text = format!("{}\n", path.display());
    for file in files {
        // Beside its name where both have room, else below it.
        text.push_str(&if widest * 2 < screen.width {
            let first = format!("  {:widest$}  ", file.path);
            screen.fold(&first, &" ".repeat(first.len()), file.purpose)
        } else {
            format!(
                "  {}\n{}",
                file.path,
                screen.fold("      ", "      ", file.purpose)
            )
        });
    }
    let run = path.join("launch.sh");
    text.push_str(&format!(
        "\nNext: {} --dry-run\n",
        shlex::try_quote(&run.to_string_lossy()).unwrap_or_default()
    ));
    text
}

fn install(plan: &Plan, options: &Options, home: &Path, output: &Output) -> Result<Outcome> {
    if let Some(caution) = caution(plan) {
        output.note(&caution);
    }
    let all = Lms::find()?.installed()?;
    let found = plan_file::installed(plan, options, &all)?;
    let models: Vec<_> = found.into_iter().map(|(model, _)| model).collect();
    let placements = crate::emit::placements(plan, &models)?;
    let done = install::install(home, &placements)?;
    let mut text = String::new();
    for file in &done.files {
        let how = match &file.before {
            Some(before) if *before == file.after => "as it was",
            Some(_) => "merged",
            None => "new",
        };
        text.push_str(&format!("{how:9}  {}\n", file.path.display()));
    }
    output.text(&text)?;
    if let Some(sibling) = install::sibling(home) {
        output.note(&format!(
            "Bionic keeps files of its own: for it, add `--lmstudio-home {}`",
            sibling.display()
        ));
    }
    output.note(&format!(
        "what was there is kept in {}; `planner emit --undo` puts it back",
        install::record_path()?.display()
    ));
    Ok(Outcome::Done)
}

fn undo(output: &Output) -> Result<Outcome> {
    let undone = install::undo()?;
    let mut text = String::new();
    for (path, what) in &undone {
        text.push_str(&format!("{:9}  {}\n", what.words(), path.display()));
    }
    output.text(&text)?;
    let all = undone
        .iter()
        .all(|(_, what)| *what != install::Undone::Changed);
    Ok(if all { Outcome::Done } else { Outcome::No })
}
