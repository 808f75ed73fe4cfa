//! An entry of the catalog from a model's own files, and from what its hub says of it.

use std::path::Path;

use anyhow::{Result, bail};

use super::events::Events;
use super::from_hub;
use super::names::{LISTED, no_model};
use super::read;
use super::read::{Found, Remote};
use crate::audit::MOST_SCORE;
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::catalog::entry::{Facts, id_of};
use crate::catalog::schema::{Model, Reporter, Score, SizeBasis, Variant};
use crate::edge::hub::Hub;
use crate::fault;
use crate::memory::Companion;
use crate::model::gguf::PartName;
use crate::model::repository::{GgufSet, quantization};
use crate::quality::constants::Constants;
use crate::suggest;

/// Which model, and as what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// A file, a folder, an address, or a repository of a hub.
    pub(super) model: &'a str,
    /// Id of the entry; from the model's name when left out.
    pub(super) id: Option<&'a str>,
    /// The model of the catalog that it is a variant of.
    pub(super) extends: Option<&'a str>,
    /// Scores by benchmark, on the benchmark's own scale.
    pub(super) scores: &'a [(String, f64)],
    /// The hub that is asked for repositories.
    pub(super) endpoint: &'a str,
}

/// The model with every file of it that was found: one where one was named, else all quantizations
/// of the repository, of which the smallest is read.
///
/// # Errors
/// When it can't be read or lacks what an entry needs, its id is taken, or a score is of no
/// benchmark that is known.
pub(super) fn read(wanted: &Wanted<'_>, catalog: &Catalog, events: &dyn Events) -> Result<Model> {
    let scores = scores(wanted.scores)?;
    let (found, sets) = found(wanted, catalog, events)?;
    let facts = facts(wanted, found, catalog)?;
    let read = facts.variant();
    let mut model = facts.model();
    let others = sets.iter().filter(|s| s.quantization != read.quantization);
    model.variants.extend(others.map(|set| other(&read, set)));
    model.scores = scores;
    if let Some(repository) = wanted.model.strip_prefix("hf:") {
        let hub = Hub::at(wanted.endpoint)?;
        from_hub::add(&mut model, repository, &hub, catalog);
    }
    Ok(model)
}

/// The model, and all quantizations of its repository where none was named.
fn found(
    wanted: &Wanted<'_>,
    catalog: &Catalog,
    events: &dyn Events,
) -> Result<(Found, Vec<GgufSet>)> {
    if !read::is_remote(wanted.model) {
        return Ok((read::find(wanted.model, None, catalog)?, Vec::new()));
    }
    Ok(match read::remote(wanted.model, wanted.endpoint, events)? {
        Remote::One(found) => (*found, Vec::new()),
        Remote::Several(found, sets) => (*found, sets),
    })
}

fn facts(wanted: &Wanted<'_>, found: Found, catalog: &Catalog) -> Result<Facts> {
    let Found {
        subject,
        about,
        senses,
        ..
    } = found;
    let Some(context_length) = subject.context_length else {
        bail!(fault!(
            "{} does not say its trained context", subject.name;
            "give another file of the model, or write its entry by hand: catalog/README.md explains each field"
        ));
    };
    if about.parameters.active == 0 {
        bail!(fault!(
            "{} is already in the catalog, or has no tensors", wanted.model;
            "give a file, a folder or a repository"
        ));
    }
    let name = about.title.unwrap_or_else(|| stem(&subject.name));
    let mut notes = subject.notes;
    if let Err(reason) = &subject.architecture {
        notes.push(format!("its memory is not known: {reason}"));
    }
    Ok(Facts {
        id: id(wanted, &name, catalog)?,
        name,
        publisher: about.publisher.unwrap_or_else(|| "unknown".to_owned()),
        parameters_total: about.parameters.total,
        parameters_active: about.parameters.active,
        context_length,
        architecture: subject.architecture.ok(),
        embeds: about.embeds,
        vision: matches!(senses, Some(Companion::Vision { .. })),
        engine: subject.engine.id().to_owned(),
        quantization: about.quantization.unwrap_or_else(|| "unknown".to_owned()),
        weights_bytes: subject.weights.gpu + subject.weights.cpu,
        cpu_weights_bytes: subject.weights.cpu,
        counted: subject.weights.basis == Basis::Computed,
        source: format!(
            "{} ({})",
            subject.weights.source,
            place(wanted, about.files.as_deref())
        ),
        repository: about.repository,
        files: about.files,
        notes,
    })
}

/// Another quantization of a file that was read: its size is that of its files.
fn other(read: &Variant, set: &GgufSet) -> Variant {
    Variant {
        id: format!("gguf-{}", set.quantization.to_ascii_lowercase()),
        quantization: set.quantization.clone(),
        weights_bytes: set.bytes,
        size: SizeBasis::Exact,
        cpu_weights_bytes: None,
        files: set.paths.first().cloned(),
        source: "the repository's list of files".to_owned(),
        notes: vec!["The size is that of whole files, header and tokenizer included.".to_owned()],
        ..read.clone()
    }
}

/// Where it was read; of a path on this machine only the name.
fn place(wanted: &Wanted<'_>, file: Option<&str>) -> String {
    match file {
        Some(file) => file.to_owned(),
        None if read::is_remote(wanted.model) => wanted.model.to_owned(),
        None => Path::new(wanted.model).file_name().map_or_else(
            || wanted.model.to_owned(),
            |n| n.to_string_lossy().into_owned(),
        ),
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

fn id(wanted: &Wanted<'_>, name: &str, catalog: &Catalog) -> Result<String> {
    if let Some(id) = wanted.extends {
        return match catalog.model(id) {
            Some(_) => Ok(id.to_owned()),
            None => bail!(no_model("`--extends`: ", id, catalog, LISTED)),
        };
    }
    let id = wanted.id.map_or_else(|| id_of(name), str::to_owned);
    if id != id_of(&id) || id.is_empty() {
        bail!(fault!(
            "invalid id `{id}`";
            "use lower case, digits, dots and dashes: `--id {}`", id_of(name)
        ));
    }
    if catalog.model(&id).is_some() {
        bail!(fault!(
            "the catalog already has a model `{id}`";
            "`planner fit` sizes these files; `planner catalog add --extends {id}` adds them to it, and `--id` names another model"
        ));
    }
    Ok(id)
}

fn scores(given: &[(String, f64)]) -> Result<Vec<Score>> {
    for (n, (benchmark, score)) in given.iter().enumerate() {
        if !(0.0..=MOST_SCORE).contains(score) {
            bail!(fault!(
                "`--score {benchmark}={score}`: a score goes from 0 to {MOST_SCORE}";
                "give it in percent, as its publisher does"
            ));
        }
        if given[..n].iter().any(|(other, _)| other == benchmark) {
            bail!(fault!(
                "`--score {benchmark}` is given twice";
                "give each benchmark once: several reports of one are `[[scores]]` of an entry"
            ));
        }
    }
    let constants = Constants::shipped();
    let known = |name: &str| constants.benchmark(name).is_some();
    let score = |(benchmark, score): &(String, f64)| {
        if !known(benchmark) {
            let all = constants.benchmarks.iter().map(|b| b.name.as_str());
            let near = suggest::nearest(benchmark, all.clone());
            bail!(fault!(
                "`--score {benchmark}={score}`: benchmark not found{}", suggest::or_nothing(near.as_deref());
                "known are {}", all.collect::<Vec<_>>().join(", ")
            ));
        }
        Ok(Score {
            benchmark: benchmark.clone(),
            score: *score,
            harness: None,
            effort: None,
            reporter: Reporter::Unclear,
            reported_by: "you".to_owned(),
            source: "given with --score".to_owned(),
        })
    };
    given.iter().map(score).collect()
}
