//! What a model takes on a machine, in each of its variants.

use crate::catalog::schema::{Model, Variant};
use crate::catalog::{weights_of, whole_of};
use crate::machine::GpuMemory;
use crate::memory::limits::{Demand, Limits};
use crate::memory::offload::Apart;
use crate::memory::{CpuExperts, Engine, Ledger, Settings};
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
    /// What of its experts lies in ordinary memory beside the card then.
    pub cpu_experts: Option<CpuExperts>,
}

impl Held<'_> {
    /// The same, of a mixture that a card does not hold with the experts of as few layers beside it as
    /// it takes.
    #[must_use]
    pub fn or_apart(self, model: &Model, context: u32, limits: &Limits) -> Self {
        let llama_cpp = self.variant.engine == Engine::LlamaCpp.id();
        if self.fits || !llama_cpp || limits.gpu_memory != GpuMemory::Own {
            return self;
        }
        let apart = || {
            let whole = whole_of(model, self.variant)?;
            let of = whole.arch.layers;
            let context = context.min(model.context_length);
            let settings = Settings::lm_studio(Engine::LlamaCpp, context);
            let demand = |layers| {
                let apart = Apart::from_flags(None, Some(layers), false);
                Demand::from(&whole.offloaded(&settings, apart))
            };
            let layers = whole.fewest_cpu_experts(|n| limits.holds(demand(n)))?;
            Some(Self {
                bytes: demand(layers).total,
                fits: true,
                cpu_experts: Some(CpuExperts { layers, of }),
                ..self
            })
        };
        apart().unwrap_or(self)
    }
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
                cpu_experts: None,
            })
        })
        .collect();
    all.sort_by(|a, b| {
        let by_size = a.bytes.cmp(&b.bytes);
        by_size.then_with(|| a.variant.id.cmp(&b.variant.id))
    });
    all
}
