//! Saved plans.

use std::path::Path;

use anyhow::{Result, bail};
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fault::{Fault, plainly};
use crate::fleet::document::is_fleet_plan;
use crate::plan::Plan;
use crate::plan::document::{Entry, SCHEMA};
use crate::plan::place::{Place, Step};
use crate::plan::sound::{Unsound, below_zero, contradiction};
use crate::plan::{known, older};
use crate::printable::{hidden_in, printable};
use crate::suggest;

/// Just the version of a plan's shape: another version may lack anything else.
#[derive(Deserialize)]
struct Shape {
    schema: u32,
}

/// Where a plan that planner wrote comes from.
const SAVE: &str = "`planner recommend --out plan.json` saves one";
/// What to do about one that was changed since.
const ANEW: &str = "a plan is not edited by hand: make it anew with `planner recommend --out`, with the flags that give what you want";

/// A file that holds a plan, of one machine or of a fleet.
pub(super) struct Saved<'a> {
    pub(super) path: &'a Path,
    pub(super) text: String,
    /// What to do where it was edited.
    anew: &'static str,
}

impl Saved<'_> {
    pub(super) fn unsound(&self, unsound: &Unsound) -> Fault {
        let (place, line) = (&unsound.place, unsound.place.line(&self.text));
        fault!(
            "{}, line {line}: `{place}` {}", self.path.display(), unsound.what;
            "{}", self.anew
        )
    }

    fn plan(&self) -> Result<Plan> {
        let shown = self.path.display();
        let none =
            |e: serde_json::Error| fault!("{shown} is not a plan of planner's: {e}"; "{SAVE}");
        let document: Value = serde_json::from_str(&self.text).map_err(none)?;
        if !document.is_object() {
            bail!(fault!("{shown} is not a plan of planner's: it is not a JSON object"; "{SAVE}"));
        }
        if is_fleet_plan(&document) {
            bail!(fault!(
                "{shown} is the plan of a fleet, and one machine's is wanted";
                "`status`, `get`, `explain`, `apply` and `emit` take it as it is; for a node alone, `planner recommend --machine NAME --task TASK --out plan.json` makes a plan"
            ));
        }
        // planner writes no such plan, and whatever is made of one would carry it on.
        if let Some(place) = hidden_in(&document) {
            bail!(fault!(
                "{shown} is not a plan of planner's: `{}` contains invisible characters", printable(&place);
                "{SAVE}"
            ));
        }
        let schema = Shape::deserialize(&document).map_err(none)?.schema;
        self.nothing_below_zero(&document)?;
        let Some(document) = older::to_present(schema, document) else {
            bail!(fault!(
                "{shown} has schema version {schema}; this planner reads versions {} to {SCHEMA}", older::OLDEST;
                "{SAVE}"
            ));
        };
        let plan: Plan = self.shaped(document)?;
        match contradiction(&plan) {
            Some(unsound) => bail!(self.unsound(&unsound)),
            None => Ok(plan),
        }
    }

    /// No figure below zero where none can be.
    pub(super) fn nothing_below_zero(&self, document: &Value) -> Result<()> {
        match below_zero(document) {
            Some(unsound) => bail!(self.unsound(&unsound)),
            None => Ok(()),
        }
    }

    /// A document as what it is: what another version added is passed over, and what can't be read is
    /// told by field and line.
    pub(super) fn shaped<T: DeserializeOwned + JsonSchema>(
        &self,
        mut document: Value,
    ) -> Result<T> {
        known::only(&mut document, schema_for!(T).as_value());
        let shaped = serde_path_to_error::deserialize(&document).map_err(|e| {
            let place = place(e.path());
            let what = match place.find(&document) {
                Some(found) if !found.is_object() => format!("is {found}, which it can't be"),
                _ => format!("can't be read: {}", plainly(&e.inner().to_string())),
            };
            match place.0[..] {
                [] => fault!("{} can't be read: {}", self.path.display(), plainly(&e.inner().to_string()); "{}", self.anew),
                _ => self.unsound(&Unsound { place, what }),
            }
        });
        Ok(shaped?)
    }

    /// Whether the catalog has every model that is loaded.
    pub(super) fn of_known_models(&self, loadout: &[Entry], catalog: &Catalog) -> Result<()> {
        for (n, entry) in loadout.iter().enumerate() {
            self.of_known_model(n, entry, catalog)?;
        }
        Ok(())
    }

    fn of_known_model(&self, n: usize, entry: &Entry, catalog: &Catalog) -> Result<()> {
        let at = |fields: &[&str]| Place::in_item(&["loadout"], n, fields);
        let name = entry.full_name();
        if let Some((model, Some(_))) = catalog.find(&name) {
            let (context, most) = (entry.settings.context, model.context_length);
            if context > most {
                let what = format!(
                    "is {context}, and `{}` knows contexts up to {most}",
                    model.id
                );
                let place = at(&["settings", "context"]);
                bail!(self.unsound(&Unsound { place, what }));
            }
            return Ok(());
        }
        let field = match catalog.find(&entry.model) {
            Some(_) => "variant",
            None => "model",
        };
        let place = at(&[field]);
        let names: Vec<String> = catalog.names().collect();
        let near = suggest::nearest(&name, names.iter().map(String::as_str));
        bail!(fault!(
            "{}, line {}: `{place}`: the catalog has no `{name}`{}",
            self.path.display(), place.line(&self.text), suggest::or_nothing(near.as_deref());
            "give the catalog that the plan was made with by `--catalog DIR` (`planner catalog add` keeps a model of `--with`); if the file was edited, make it anew with `planner recommend --out`"
        ));
    }
}

fn place(path: &serde_path_to_error::Path) -> Place {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Map { key } => Some(Step::Field(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    Place(path.iter().filter_map(step).collect())
}

pub(super) fn saved<'a>(path: &'a Path, anew: &'static str) -> Result<Saved<'a>> {
    if !files::is_there(path) {
        let shown = path.display();
        bail!(fault!(
            "can't read {shown}: there is no such file";
            "`planner recommend --out {shown}` writes one"
        ));
    }
    let text = files::read_text(path)?;
    Ok(Saved { path, text, anew })
}

/// Reads a saved plan.
///
/// # Errors
/// When the file can't be read, is no plan, is one of another version, or says what no plan says.
pub fn read(path: &Path) -> Result<Plan> {
    saved(path, ANEW)?.plan()
}

/// Reads a saved plan of models that the catalog has.
///
/// # Errors
/// As [`read`], and when the catalog lacks a model of it.
pub fn read_known(path: &Path, catalog: &Catalog) -> Result<Plan> {
    let saved = saved(path, ANEW)?;
    let plan = saved.plan()?;
    saved.of_known_models(&plan.loadout, catalog)?;
    Ok(plan)
}

/// Reads a saved plan that has models.
///
/// # Errors
/// As [`read`], and when nothing fitted.
pub fn read_loadout(path: &Path) -> Result<Plan> {
    with_models(path, read(path)?)
}

/// Reads a saved plan that has models, all of which the catalog has.
///
/// # Errors
/// As [`read_known`], and when nothing fitted.
pub fn read_known_loadout(path: &Path, catalog: &Catalog) -> Result<Plan> {
    with_models(path, read_known(path, catalog)?)
}

fn with_models(path: &Path, plan: Plan) -> Result<Plan> {
    if plan.loadout.is_empty() {
        bail!(fault!(
            "{} has no models: nothing fitted", path.display();
            "`planner recommend` says why"
        ));
    }
    Ok(plan)
}
