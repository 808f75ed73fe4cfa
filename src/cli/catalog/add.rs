//! `planner catalog add`: a catalog entry from a model's own files, ready to be measured.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use crate::app::Workspace;
use crate::audit;
use crate::basis::Basis;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::{Catalog, Layer};
use crate::cli::fit::remote;
use crate::cli::fit::remote::Remote;
use crate::cli::fit::target;
use crate::cli::fit::target::Found;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::edge::{files, hub};
use crate::fault;
use crate::machine::Profiles;
use crate::memory::Companion;
use crate::model::gguf::PartName;
use crate::model::repository::quantization;
use crate::suggest;

/// Arguments of `catalog add`.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct AddArgs {
    /// A .gguf file, a folder with config.json and safetensors, or hf:OWNER/REPOSITORY[:QUANTIZATION]
    model: String,
    /// Id of the new model; from its name when left out
    #[arg(long, value_name = "ID", conflicts_with = "extends")]
    id: Option<String>,
    /// Add a variant to this model of the catalog instead
    #[arg(long, value_name = "MODEL")]
    extends: Option<String>,
    /// The file to write; one in your own catalog folder when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = hub::ENDPOINT)]
    endpoint: String,
}

/// Runs the command.
pub(super) fn run(args: &AddArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let catalog = workspace.catalog()?;
    let found = find(args, catalog, output)?;
    let facts = facts(args, found, catalog)?;
    let text = match args.extends {
        Some(_) => facts.extending_file(),
        None => facts.new_file(),
    }
    .context("can't write the entry as TOML")?;
    let path = match &args.out {
        Some(path) => path.clone(),
        None => in_own_catalog(&facts)?,
    };
    if files::is_file(&path) {
        bail!(fault!(
            "{} is there already", path.display();
            "move it away, or name another file with --out"
        ));
    }
    for finding in findings(&path, &text, &facts, catalog)? {
        output.note(&format!("check: {finding}"));
    }
    files::write_atomic(&path, text.as_bytes())?;
    let variant = facts.variant();
    output.text(&format!(
        "{}/{} written to {}\n",
        facts.id,
        variant.id,
        path.display()
    ))?;
    Ok(Outcome::Done)
}

fn find(args: &AddArgs, catalog: &Catalog, output: &Output) -> Result<Found> {
    if !remote::is_remote(&args.model) {
        return target::find(&args.model, None, catalog);
    }
    let reading = remote::find(&args.model, &args.endpoint)?;
    output.note(&reading.told);
    match reading.remote {
        Remote::One(found) => Ok(*found),
        Remote::Several(_, sets) => {
            let names: Vec<&str> = sets.iter().map(|s| s.quantization.as_str()).collect();
            bail!(fault!(
                "{} has several models", args.model;
                "name one with :QUANTIZATION, of {}", names.join(", ")
            ))
        }
    }
}

fn facts(args: &AddArgs, found: Found, catalog: &Catalog) -> Result<Facts> {
    let Found {
        subject,
        about,
        senses,
        ..
    } = found;
    let Some(context_length) = subject.context_length else {
        bail!(
            "{} does not say which context it was trained for",
            subject.name
        );
    };
    if about.parameters.active == 0 {
        bail!(fault!(
            "{} is in the catalog already, or has no tensors", args.model;
            "give a file, a folder or a repository"
        ));
    }
    let name = about.title.unwrap_or_else(|| stem(&subject.name));
    let mut notes = subject.notes;
    if let Err(reason) = &subject.architecture {
        notes.push(format!("its memory is not known: {reason}"));
    }
    Ok(Facts {
        id: id(args, &name, catalog)?,
        name,
        publisher: about.publisher.unwrap_or_else(|| "unknown".to_owned()),
        parameters_total: about.parameters.total,
        parameters_active: about.parameters.active,
        context_length,
        architecture: subject.architecture.ok(),
        vision: matches!(senses, Some(Companion::Vision { .. })),
        engine: subject.engine.id().to_owned(),
        quantization: about.quantization.unwrap_or_else(|| "unknown".to_owned()),
        weights_bytes: subject.weights.gpu + subject.weights.cpu,
        cpu_weights_bytes: subject.weights.cpu,
        counted: subject.weights.basis == Basis::Computed,
        source: format!(
            "{} ({})",
            subject.weights.source,
            place(args, about.files.as_deref())
        ),
        repository: about.repository,
        files: about.files,
        notes,
    })
}

/// Where it was read; of a path on this machine only the name.
fn place(args: &AddArgs, file: Option<&str>) -> String {
    match file {
        Some(file) => file.to_owned(),
        None if remote::is_remote(&args.model) => args.model.clone(),
        None => Path::new(&args.model)
            .file_name()
            .map_or_else(|| args.model.clone(), |n| n.to_string_lossy().into_owned()),
    }
}

/// The name of a file without its ending, part and quantization.
fn stem(file: &str) -> String {
    let stem = PartName::parse(file).map_or_else(
        || file.trim_end_matches(".gguf").to_owned(),
        |part| part.stem,
    );
    match quantization(&stem) {
        Some(q) if stem.len() > q.len() => stem[..stem.len() - q.len()]
            .trim_end_matches(['-', '.'])
            .to_owned(),
        _ => stem,
    }
}

fn id(args: &AddArgs, name: &str, catalog: &Catalog) -> Result<String> {
    if let Some(id) = &args.extends {
        return match catalog.model(id) {
            Some(_) => Ok(id.clone()),
            None => {
                let ids = catalog.models.iter().map(|m| m.id.as_str());
                let near = suggest::or_nothing(suggest::nearest(id, ids).as_deref());
                bail!(fault!(
                    "`--extends {id}`: model not found{near}";
                    "`planner catalog list` shows them"
                ))
            }
        };
    }
    let id = args.id.clone().unwrap_or_else(|| id_of(name));
    if id != id_of(&id) || id.is_empty() {
        bail!(
            fault!("`{id}` is not an id"; "use lower case, digits, dots and dashes: `--id {}`", id_of(name))
        );
    }
    if catalog.model(&id).is_some() {
        bail!(fault!(
            "the catalog has a model `{id}` already";
            "--extends {id} adds these files to it, --id names another model"
        ));
    }
    Ok(id)
}

fn in_own_catalog(facts: &Facts) -> Result<PathBuf> {
    let folder = files::user_catalog_path()
        .with_context(|| fault!("no configuration folder is known"; "name a file with --out"))?;
    files::make_folder(&folder)?;
    Ok(folder.join(format!("{}-{}.toml", facts.id, facts.variant().id)))
}

/// What the check finds of the new entry, which is read as any catalog is.
fn findings(path: &Path, text: &str, facts: &Facts, catalog: &Catalog) -> Result<Vec<String>> {
    let shown = path.display().to_string();
    let layer = Layer::read([(shown.as_str(), text)])?;
    let catalog = catalog.clone().with_layer(&layer)?;
    let own = format!("{}/{}", facts.id, facts.variant().id);
    let all = audit::check(&catalog, &Profiles::embedded()?.chips);
    Ok(all
        .into_iter()
        .filter(|f| f.explanation.is_none() && f.subject.contains(&own))
        .map(|f| format!("{}: {}; {}", f.subject, f.evidence, f.remedy))
        .collect())
}
