//! What a part of a model takes on one of several machines, where llama.cpp splits it by whole layers.
//!
//! Layers lie with their part of the cache. The head, where clients ask, holds the output matrix
//! beside its layers, and in ordinary memory the token embedding, the batch's inputs and all that
//! grows with use. Which layers are the large ones is not known of a file that nobody opened, so of a
//! mixed one every layer counts as the largest may be, and its cache as that of the largest.

use super::inside::Inside;
use super::ledger::{Ledger, Weights};
use super::limits::Demand;
use super::llama_cpp::{cells, layer_bytes, widest_values};
use super::settings::Settings;
use crate::basis::Basis;
use crate::model::{Architecture, AttentionLayers, CacheShape};
use crate::units::Bytes;

/// How unlike the layers of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// All alike, and the output matrix in the same type: so many bytes for so many values.
    Alike {
        /// Bytes of a block.
        bytes: u64,
        /// Values of a block.
        values: u64,
    },
    /// No layer takes more than so many eighths of the mean.
    Within {
        /// Eighths of the mean.
        eighths: u64,
    },
}

impl Stored {
    /// Of a file of this quantization. K-quants give two tensors of every third layer two bits more,
    /// which is 7 % of a layer, and the dense first layers of a mixture leave 5 % more to the others
    /// (llama.cpp, `llama_tensor_get_type_impl`); other mixes are taken to differ by a quarter.
    #[must_use]
    pub fn of(quantization: &str, mixture: bool) -> Self {
        let alike = |bytes, values| Self::Alike { bytes, values };
        match quantization {
            "F32" if !mixture => alike(4, 1),
            "F16" | "BF16" if !mixture => alike(2, 1),
            "Q8_0" if !mixture => alike(34, 32),
            "F32" | "F16" | "BF16" | "Q8_0" | "MXFP4" | "Q2_K" | "Q3_K_S" | "Q3_K_M" | "Q3_K_L"
            | "Q4_K_S" | "Q4_K_M" | "Q5_K_S" | "Q5_K_M" | "Q6_K" => Self::Within { eighths: 9 },
            _ => Self::Within { eighths: 10 },
        }
    }
}

/// A model to be split.
#[derive(Debug, Clone)]
pub struct Whole<'a> {
    /// Its architecture.
    pub arch: &'a Architecture,
    /// Its weights.
    pub weights: Weights,
    /// The part of them that is not the language model's, and stays with the head.
    pub beside: Bytes,
    /// How unlike its layers are.
    pub stored: Stored,
    /// What is known of them one by one.
    pub inside: Inside,
}

impl Whole<'_> {
    /// What so many layers take on one machine, line by line: to the byte where layers are alike,
    /// else no less than they take.
    #[must_use]
    pub fn shard(&self, settings: &Settings, layers: u32, is_head: bool) -> Ledger {
        let (each, output) = self.parts();
        let own = Bytes(u64::from(layers) * each);
        let (output, cpu) = match is_head {
            true => (output + self.beside, self.weights.cpu),
            false => (Bytes::ZERO, Bytes::ZERO),
        };
        let basis = match self.stored {
            Stored::Alike { .. } => self.weights.basis,
            Stored::Within { .. } => Basis::Predicted,
        };
        let weights = Weights {
            gpu: (own + output).min(self.weights.gpu),
            cpu,
            basis,
            source: format!(
                "{layers} of {} layers: {}",
                self.arch.layers, self.weights.source
            ),
        };
        let caches = caches(self.arch, settings, layers);
        Ledger::shard(self.arch, &weights, settings, caches, is_head)
    }

    /// The most layers that a machine holds; 0 where none.
    #[must_use]
    pub fn most(&self, settings: &Settings, is_head: bool, holds: impl Fn(Demand) -> bool) -> u32 {
        let fits = |layers| holds(Demand::from(&self.shard(settings, layers, is_head)));
        let (mut fit, mut beyond) = (0, self.arch.layers + 1);
        while fit + 1 < beyond {
            let middle = fit.midpoint(beyond);
            match fits(middle) {
                true => fit = middle,
                false => beyond = middle,
            }
        }
        fit
    }

    /// What one layer may take at most of something that all layers have.
    pub(super) fn largest_part(&self, of_all: u64) -> u64 {
        let layers = u64::from(self.arch.layers.max(1));
        match self.stored {
            Stored::Alike { .. } => of_all.div_ceil(layers),
            Stored::Within { eighths } => (of_all * eighths).div_ceil(8 * layers),
        }
    }

    /// Bytes of a layer, and of the output matrix with its norm.
    pub(super) fn parts(&self) -> (u64, Bytes) {
        let layers = u64::from(self.arch.layers.max(1));
        let values = self.arch.vocabulary * self.arch.embedding_length;
        let norm = self.arch.embedding_length * 4;
        let language = self.weights.gpu.saturating_sub(self.beside);
        match self.stored {
            Stored::Alike { bytes, values: of } => {
                let output = Bytes(values / of * bytes + norm);
                let rest = language.saturating_sub(output).0;
                (rest.div_ceil(layers), output)
            }
            Stored::Within { .. } => {
                // The output matrix is kept in eight and a half bits at most.
                let output = Bytes(values / 16 * 17 + norm);
                (self.largest_part(language.0), output)
            }
        }
    }
}

/// KV cache and recurrent state of so many layers: those that keep most.
pub(super) fn caches(arch: &Architecture, settings: &Settings, layers: u32) -> (Bytes, Bytes) {
    let (cells, widest) = (cells(settings), widest_values(arch, settings));
    let copies = 1 + u64::from(settings.draft_tokens.unwrap_or(0));
    let slots = u64::from(settings.slots.max(1));
    let mixes = |g: &&AttentionLayers| !matches!(g.cache, CacheShape::Indexer { .. });
    let attending: u32 = arch.attention.iter().filter(mixes).map(|g| g.layers).sum();
    let recurring: u32 = arch.recurrent.iter().map(|g| g.layers).sum();
    let attention = arch.attention.iter().map(|g| {
        let kept = layer_bytes(&g.cache, settings, cells, widest);
        let beside = if mixes(&g) {
            Beside::Nothing
        } else {
            Beside::Index
        };
        (g.layers, beside, kept, 0)
    });
    let recurrent = arch.recurrent.iter().map(|g| {
        let state = (g.convolution_elements + g.state_elements) * 4 * slots * copies;
        // More than there are layers: some have a cache and a state.
        let beside = match attending.saturating_add(recurring) > arch.layers {
            true => Beside::State,
            false => Beside::Nothing,
        };
        (g.layers, beside, 0, state)
    });
    let mut groups: Vec<(u32, Beside, u64, u64)> = attention.chain(recurrent).collect();
    groups.sort_by_key(|(_, _, kept, state)| std::cmp::Reverse(kept + state));
    let mut left = [layers; 3];
    let mut sums = (0, 0);
    for (count, beside, kept, state) in groups {
        let left = &mut left[beside as usize];
        let taken = count.min(*left);
        *left -= taken;
        sums.0 += u64::from(taken) * kept;
        sums.1 += u64::from(taken) * state;
    }
    (Bytes(sums.0), Bytes(sums.1))
}

/// What a layer has beside another of the same layer.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Index,
    State,
}
