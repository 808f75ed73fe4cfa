//! Which models of the catalog to list.

use anyhow::Result;

use crate::app::machine;
use crate::app::workspace::Workspace;
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, weights_of};
use crate::memory::limits::{Demand, Limits};
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Ledger, Settings};

/// Which models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// The id, name or publisher has all of these words.
    pub words: Vec<String>,
    /// Variants for this engine.
    pub engine: Option<Engine>,
    /// Variants that fit on this machine, at least with the shortest context worth loading.
    pub fits: Option<String>,
}

/// The catalog with what was asked for: a model without a variant left goes, but where nothing is
/// asked of variants.
///
/// # Errors
/// When the catalog can't be read, or there is no such machine.
pub fn list(workspace: &Workspace, request: &ListRequest) -> Result<Catalog> {
    request.keep(workspace.catalog()?.clone(), workspace)
}

impl ListRequest {
    fn keep(&self, mut catalog: Catalog, workspace: &Workspace) -> Result<Catalog> {
        let limits = match &self.fits {
            Some(name) => {
                let machine = machine::named(name, workspace.profiles())?;
                Some((Limits::of(&machine), machine.is_mac()))
            }
            None => None,
        };
        catalog.models.retain(|model| self.named(model));
        if self.engine.is_none() && limits.is_none() {
            return Ok(catalog);
        }
        for model in &mut catalog.models {
            let own = model.clone();
            model.variants.retain(|variant| {
                let engine = Engine::from_id(&variant.engine);
                self.engine.is_none_or(|e| engine == Some(e))
                    && limits
                        .as_ref()
                        .is_none_or(|(limits, mac)| fits(&own, variant, limits, *mac))
            });
            let kept = &model.variants;
            model
                .measurements
                .retain(|m| kept.iter().any(|v| v.id == m.variant));
        }
        catalog.models.retain(|model| !model.variants.is_empty());
        Ok(catalog)
    }

    fn named(&self, model: &Model) -> bool {
        let text = format!("{} {} {}", model.id, model.name, model.publisher).to_lowercase();
        self.words.iter().all(|w| text.contains(&w.to_lowercase()))
    }
}

/// Whether a variant fits with the shortest context that is worth loading; not where its memory is
/// not known.
fn fits(model: &Model, variant: &Variant, limits: &Limits, mac: bool) -> bool {
    let (Some(architecture), Some(engine)) =
        (&model.architecture, Engine::from_id(&variant.engine))
    else {
        return false;
    };
    let settings = Settings::lm_studio(engine, SHORTEST_CONTEXT.min(model.context_length));
    let ledger = Ledger::of(architecture, &weights_of(variant), &settings);
    (mac || engine != Engine::Mlx) && limits.holds(Demand::from(&ledger))
}
