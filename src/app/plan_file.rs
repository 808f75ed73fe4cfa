//! Saved plans.

use std::path::Path;

use anyhow::{Result, bail};
use schemars::schema_for;
use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::catalog::Catalog;
use crate::edge::files;
use crate::fault;
use crate::fault::Fault;
use crate::fleet::document::is_fleet_plan;
use crate::plan::Plan;
use crate::plan::document::SCHEMA;
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

/// A file that holds a plan.
struct Saved<'a> {
    path: &'a Path,
    text: String,
}

impl Saved<'_> {
    fn unsound(&self, unsound: &Unsound) -> Fault {
        let (place, line) = (&unsound.place, unsound.place.line(&self.text));
        fault!(
            "{}, line {line}: `{place}` {}", self.path.display(), unsound.what;
            "{ANEW}"
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
        if let Some(unsound) = below_zero(&document) {
            bail!(self.unsound(&unsound));
        }
        let Some(mut document) = older::to_present(schema, document) else {
            bail!(fault!(
                "{shown} has schema version {schema}; this planner reads versions {} to {SCHEMA}", older::OLDEST;
                "{SAVE}"
            ));
        };
        known::only(&mut document, schema_for!(Plan).as_value());
        let plan: Plan = serde_path_to_error::deserialize(&document).map_err(|e| {
            let place = place(e.path());
            let what = match place.find(&document) {
                Some(found) if !found.is_object() => format!("is {found}, which it can't be"),
                _ => format!("can't be read: {}", e.inner()),
            };
            match place.0[..] {
                [] => fault!("{shown} can't be read: {}", e.inner(); "{ANEW}"),
                _ => self.unsound(&Unsound { place, what }),
            }
        })?;
        match contradiction(&plan) {
            Some(unsound) => bail!(self.unsound(&unsound)),
            None => Ok(plan),
        }
    }

    /// Whether the catalog has every model that the plan loads.
    fn of_known_models(&self, plan: &Plan, catalog: &Catalog) -> Result<()> {
        for (n, entry) in plan.loadout.iter().enumerate() {
            let name = format!("{}/{}", entry.model, entry.variant);
            if let Some((model, Some(_))) = catalog.find(&name) {
                let (context, most) = (entry.settings.context, model.context_length);
                if context > most {
                    let place = Place::of(&["loadout"]).then(Step::Item(n));
                    let place = place.then(Step::Field("settings".to_owned()));
                    let what = format!(
                        "is {context}, and `{}` knows contexts up to {most}",
                        model.id
                    );
                    let place = place.then(Step::Field("context".to_owned()));
                    bail!(self.unsound(&Unsound { place, what }));
                }
                continue;
            }
            let field = match catalog.find(&entry.model) {
                Some(_) => "variant",
                None => "model",
            };
            let place = Place::of(&["loadout"]).then(Step::Item(n));
            let place = place.then(Step::Field(field.to_owned()));
            let names: Vec<String> = catalog.names().collect();
            let near = suggest::nearest(&name, names.iter().map(String::as_str));
            bail!(fault!(
                "{}, line {}: `{place}`: the catalog has no `{name}`{}",
                self.path.display(), place.line(&self.text), suggest::or_nothing(near.as_deref());
                "give the catalog that the plan was made with by `--catalog DIR` (`planner catalog add` keeps a model of `--with`); if the file was edited, make it anew with `planner recommend --out`"
            ));
        }
        Ok(())
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

fn saved(path: &Path) -> Result<Saved<'_>> {
    let text = files::read_text(path)?;
    Ok(Saved { path, text })
}

/// Reads a saved plan.
///
/// # Errors
/// When the file can't be read, is no plan, is one of another version, or says what no plan says.
pub fn read(path: &Path) -> Result<Plan> {
    saved(path)?.plan()
}

/// Reads a saved plan of models that the catalog has.
///
/// # Errors
/// As [`read`], and when the catalog lacks a model of it.
pub fn read_known(path: &Path, catalog: &Catalog) -> Result<Plan> {
    let saved = saved(path)?;
    let plan = saved.plan()?;
    saved.of_known_models(&plan, catalog)?;
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
