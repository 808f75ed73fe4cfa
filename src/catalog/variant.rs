//! What a variant is called, and its weights as the ledger counts them.

use super::roles::Projector;
use super::schema::{Model, SizeBasis, Variant};
use crate::basis::Basis;
use crate::memory::Weights;
use crate::memory::inside::Inside;
use crate::memory::shard::{Stored, Whole};
use crate::units::Bytes;

/// `model/variant`.
#[must_use]
pub fn full_name(model: &Model, variant: &Variant) -> String {
    format!("{}/{}", model.id, variant.id)
}

/// `Qwen3.8 27B 4bit`: the model's name and the quantization.
#[must_use]
pub fn title(model: &Model, variant: &Variant) -> String {
    format!("{} {}", model.name, variant.quantization)
}

/// Weights of a variant for the ledger. Where the split is not known all of them count against the
/// GPU, which is never too little.
#[must_use]
pub fn weights_of(variant: &Variant) -> Weights {
    let cpu = variant.cpu_weights_bytes.unwrap_or(Bytes::ZERO);
    Weights {
        gpu: variant.weights_bytes.saturating_sub(cpu),
        cpu,
        basis: match variant.size {
            SizeBasis::Exact => Basis::Computed,
            SizeBasis::Published | SizeBasis::Rounded => Basis::Assumed,
        },
        source: variant.source.clone(),
    }
}

/// A variant as it may be split between memories; none where its architecture is not known.
#[must_use]
pub fn whole_of<'m>(model: &'m Model, variant: &Variant) -> Option<Whole<'m>> {
    let arch = model.architecture.as_ref()?;
    Some(Whole {
        arch,
        weights: weights_of(variant),
        beside: variant.other_weights_bytes.unwrap_or(Bytes::ZERO),
        stored: Stored::of(&variant.quantization, arch.experts.is_some()),
        inside: Inside {
            parameters: Some((model.parameters_total, model.parameters_active)),
            ..Inside::default()
        },
    })
}

/// A vision part in a file of its own, as the ledger counts it: sizes of these are published rounded.
#[must_use]
pub fn weights_of_projector(projector: &Projector) -> Weights {
    Weights {
        gpu: projector.bytes,
        cpu: Bytes::ZERO,
        basis: Basis::Assumed,
        source: projector.source.clone(),
    }
}
