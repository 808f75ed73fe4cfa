//! Which model, and which file of it, a figure of quality is of.
//!
//! Names are compared whole: the catalog's own, a repository's, or the last part of one.

use super::figure::{EvidenceRow, Figure};
use crate::catalog::Catalog;
use crate::catalog::schema::{Loss, Model, Reporter, Score};
use crate::lmstudio::matching::repository_path;

/// What a figure came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Placed {
    /// A score of the model of this id.
    Score(String, Score),
    /// What a file of the model of this id loses.
    Loss(String, Loss),
    /// The catalog has it, from this source.
    Known(String),
    /// It can't be placed, and why.
    Refused(String),
}

/// Finds a figure's place in the catalog. `said` is the `model` or `model/variant` that the user
/// names, `source` the file that the figure is from.
#[must_use]
pub fn place(row: &EvidenceRow, catalog: &Catalog, said: Option<&str>, source: &str) -> Placed {
    let (model, variant) = match found(row, catalog, said) {
        Ok(found) => found,
        Err(reason) => return Placed::Refused(reason),
    };
    match &row.figure {
        Figure::Score {
            benchmark,
            score,
            harness,
        } => {
            let on = variant.map_or(String::new(), |v| format!(", on {v}"));
            let placed = Score {
                benchmark: (*benchmark).to_owned(),
                score: *score,
                harness: Some(format!("{harness}{on}")),
                effort: None,
                reporter: Reporter::ThirdParty,
                reported_by: "imported".to_owned(),
                source: source.to_owned(),
            };
            let same = |known: &&Score| {
                known.benchmark == placed.benchmark
                    && (known.score - placed.score).abs() < 0.05
                    && known.harness == placed.harness
            };
            match model.scores.iter().find(same) {
                Some(known) => Placed::Known(known.source.clone()),
                None => Placed::Score(model.id.clone(), placed),
            }
        }
        Figure::Loss { nats, error } => {
            let Some(variant) = variant else {
                return Placed::Refused(
                    "a loss is of a file; say which with `--as MODEL/VARIANT`".to_owned(),
                );
            };
            let error = error.map(|e| format!("standard error {e} nats"));
            let placed = Loss {
                variant: variant.to_owned(),
                nats: *nats,
                source: source.to_owned(),
                notes: error.into_iter().collect(),
            };
            let same = |known: &&Loss| {
                known.variant == placed.variant && (known.nats - placed.nats).abs() < 1e-6
            };
            match model.losses.iter().find(same) {
                Some(known) => Placed::Known(known.source.clone()),
                None => Placed::Loss(model.id.clone(), placed),
            }
        }
    }
}

type Found<'a> = (&'a Model, Option<&'a str>);

fn found<'a>(
    row: &EvidenceRow,
    catalog: &'a Catalog,
    said: Option<&str>,
) -> Result<Found<'a>, String> {
    let say_so = "say which with `--as MODEL` or `--as MODEL/VARIANT`";
    if let Some(name) = said {
        let found = catalog
            .find(name)
            .ok_or_else(|| format!("model not found: `{name}`"))?;
        return Ok((found.0, found.1.map(|v| v.id.as_str())));
    }
    let Some(name) = row.model.as_deref() else {
        return Err(format!("it does not name the model; {say_so}"));
    };
    if let Some((model, variant)) = catalog.find(name) {
        return Ok((model, variant.map(|v| v.id.as_str())));
    }
    let models = || catalog.models.iter();
    let is_named = |model: &&Model| {
        let path = model.repository.as_deref().and_then(repository_path);
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_lowercase();
        path.is_some_and(|path| path == name || last(path) == name.to_lowercase())
            || model.name.eq_ignore_ascii_case(name)
    };
    let named: Vec<&Model> = models().filter(is_named).collect();
    if let [one] = named.as_slice() {
        return Ok((one, None));
    }
    let mut of_repository = (catalog.files())
        .filter(|(_, v)| v.repository.as_deref().and_then(repository_path) == Some(name));
    match (of_repository.next(), of_repository.next()) {
        (Some((model, variant)), None) => Ok((model, Some(variant.id.as_str()))),
        _ => Err(format!(
            "no model of the catalog is `{name}`, or more than one; {say_so}"
        )),
    }
}
