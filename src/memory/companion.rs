//! What is loaded with a model and works for it alone: a vision projector, a draft model, the
//! model's own layers for multi-token prediction. Each has lines of its own in the ledger.

use super::ledger::{Ledger, Weights};
use super::line::{Line, LineKind, Part, Place};
use super::settings::{KvType, Settings};
use crate::basis::Basis;
use crate::model::Architecture;
use crate::units::Bytes;

/// Something that is loaded with a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Companion {
    /// What sees or hears.
    Vision {
        /// Its weights.
        weights: Weights,
        /// Work space for one picture, where its size is known.
        compute: Option<Bytes>,
    },
    /// A smaller model that drafts tokens, with a context of its own.
    Draft {
        /// Its architecture.
        architecture: Box<Architecture>,
        /// Its weights.
        weights: Weights,
    },
    /// The model's own layers for multi-token prediction, with a context of their own.
    Prediction {
        /// Their caches, with the figures of the model that they belong to.
        architecture: Box<Architecture>,
        /// Their weights.
        weights: Weights,
    },
}

impl Ledger {
    /// This ledger with what is loaded beside the model.
    #[must_use]
    pub fn with(mut self, companion: &Companion, settings: &Settings) -> Self {
        match companion {
            Companion::Vision { weights, compute } => {
                let lines = Self::of_weights(weights).lines().to_vec();
                let work = compute.map(picture);
                self.add(Part::Vision, lines.into_iter().chain(work));
            }
            Companion::Draft {
                architecture,
                weights,
            } => self.add(Part::Draft, own_context(architecture, weights, settings)),
            Companion::Prediction {
                architecture,
                weights,
            } => self.add(
                Part::Prediction,
                own_context(architecture, weights, settings),
            ),
        }
        self
    }
}

fn picture(bytes: Bytes) -> Line {
    Line {
        line: LineKind::Compute,
        part: Part::Vision,
        place: Place::Gpu,
        bytes,
        worst_bytes: bytes,
        passing: true,
        bounded_by: None,
        basis: Basis::Predicted,
        source: "one picture of the projector's own size, scores of one layer held in full"
            .to_owned(),
    }
}

/// What drafts has the model's context and slots, and a cache in 16 bits whatever the model's
/// types are: engines have settings of their own for it.
fn own_context(
    architecture: &Architecture,
    weights: &Weights,
    settings: &Settings,
) -> impl Iterator<Item = Line> {
    let own = Settings {
        kv_type_k: KvType::F16,
        kv_type_v: KvType::F16,
        draft_tokens: None,
        ..*settings
    };
    Ledger::of(architecture, weights, &own).into_lines_of_its_own()
}
