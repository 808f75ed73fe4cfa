//! `planner catalog list`: which models to list.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app::{Workspace, machine};
use crate::catalog::schema::{Model, Variant};
use crate::catalog::{Catalog, weights_of};
use crate::cli::context;
use crate::memory::limits::{Demand, Limits};
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Ledger, Settings};

const EXAMPLES: &str = "\
Examples:
  planner catalog list qwen3 coder                     models whose id, name or publisher has both words
  planner catalog list --engine mlx --fits m4-max-64gb";

/// Arguments of `catalog list`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ListArgs {
    /// Only models whose id, name or publisher has all of these words
    words: Vec<String>,
    /// Only variants for this engine: llama.cpp or mlx
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg)]
    engine: Option<Engine>,
    /// Only variants that fit on this machine, at least with a context of 4,096 tokens
    #[arg(long, value_name = "MACHINE")]
    fits: Option<String>,
}

impl ListArgs {
    /// The catalog with what was asked for: a model without a variant left goes, but where nothing
    /// is asked of variants.
    pub(super) fn keep(&self, mut catalog: Catalog, workspace: &Workspace) -> Result<Catalog> {
        let limits = match &self.fits {
            Some(name) => {
                let machine = machine::named(name, workspace.profiles())?;
                Some((Limits::of(&machine), machine.apple_silicon))
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
