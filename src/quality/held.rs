//! What a model takes on a machine, in each of its variants.

use crate::catalog::schema::{Model, Variant};
use crate::catalog::weights_of;
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Engine, Ledger, Settings};
use crate::units::Bytes;

/// A variant as it would be loaded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held<'a> {
    /// The variant.
    pub variant: &'a Variant,
    /// All that it takes.
    pub bytes: Bytes,
    /// Whether the machine holds it.
    pub fits: bool,
}

/// The variants whose memory is known, at this context, the smallest first. MLX runs on Apple
/// silicon alone.
#[must_use]
pub fn held<'a>(
    model: &'a Model,
    context: u32,
    limits: &Limits,
    apple_silicon: bool,
) -> Vec<Held<'a>> {
    let Some(architecture) = &model.architecture else {
        return Vec::new();
    };
    let mut all: Vec<Held<'a>> = model
        .variants
        .iter()
        .filter(|v| v.fails_to_load.is_none())
        .filter_map(|variant| {
            let engine = Engine::from_id(&variant.engine)?;
            if engine == Engine::Mlx && !apple_silicon {
                return None;
            }
            let settings = Settings::lm_studio(engine, context.min(model.context_length));
            let ledger = Ledger::of(architecture, &weights_of(variant), &settings);
            let demand = Demand::from(&ledger);
            Some(Held {
                variant,
                bytes: demand.total,
                fits: limits.holds(demand),
            })
        })
        .collect();
    all.sort_by(|a, b| {
        let by_size = a.bytes.cmp(&b.bytes);
        by_size.then_with(|| a.variant.id.cmp(&b.variant.id))
    });
    all
}
