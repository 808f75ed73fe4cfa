//! What is known of a file's layers one by one, and what is told of two memories that share it.

use std::collections::BTreeMap;

use crate::model::gguf::{self, LayerBytes};
use crate::units::Bytes;

/// What is known of the layers of a file, one by one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inside {
    /// Bytes of each layer by the file's tensor table; empty where that was not read.
    pub layers: BTreeMap<u32, LayerBytes>,
    /// What both memories hold, because the input matrix is the output matrix too.
    pub twice: Bytes,
    /// Parameters of the model: all of them, and those that work on one token, where the look-up of a
    /// mixture's embedding counts as none.
    pub parameters: Option<(u64, u64)>,
}

impl Inside {
    /// Of a file whose tensor table was read.
    #[must_use]
    pub fn of_header(sums: &gguf::Weights) -> Self {
        Self {
            layers: sums.layers.clone(),
            twice: sums.both,
            parameters: None,
        }
    }

    /// The same of another file of the model, which nobody opened.
    #[must_use]
    pub fn of_another_file(&self) -> Self {
        Self {
            parameters: self.parameters,
            ..Self::default()
        }
    }
}

/// Bytes in both memories, which together hold all of it, and what more may lie in each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread {
    pub(super) gpu: Bytes,
    pub(super) cpu: Bytes,
    pub(super) more_gpu: Bytes,
    pub(super) more_cpu: Bytes,
}

impl Spread {
    pub(super) const fn is_exact(self) -> bool {
        self.more_gpu.0 == 0 && self.more_cpu.0 == 0
    }
}

/// What of a model with so many layers is left to the processor: the first `on_cpu` whole, then experts
/// up to `experts`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) layers: u32,
    pub(super) on_cpu: u32,
    pub(super) experts: u32,
    pub(super) output_on_cpu: bool,
}
