//! What a model takes of two memories, where only some of its layers lie on the GPU.
//!
//! llama.cpp puts the last layers there with their part of the cache, and counts the output matrix as
//! one of them (`-ngl 33` leaves 32 of 64 layers to the processor, ggml-org/llama.cpp pull request
//! 26622). The others and their cache lie in ordinary memory. For a batch their weights are copied to
//! the GPU, one tensor after the other, of which none is larger than its layer.

use super::ledger::{Ledger, Weights};
use super::line::{LineKind, Part, Place, line};
use super::llama_cpp_gpu::gpu_compute;
use super::settings::Settings;
use super::shard::{Stored, Whole, caches};
use crate::basis::Basis;
use crate::units::Bytes;

/// What the lines of ordinary memory rest on.
const BESIDE: &str = "llama.cpp's own allocation rule, a layer's cache where the layer is";
const BOUNDED: &str = "llama.cpp's own allocation rule, each memory with those layers that keep most: which they are is not known";
const COPIES: &str = "for a batch llama.cpp copies the weights of layers on the processor to the GPU: a layer's at most";
const ON_PROCESSOR: &str = "what the processor works in for its layers: no more than the GPU would";

impl Whole<'_> {
    /// As many as can lie on the GPU: all layers and the output matrix.
    #[must_use]
    pub const fn all_layers(&self) -> u32 {
        self.arch.layers + 1
    }

    /// What it takes with so many layers on the GPU, the output matrix counted as one, line by line:
    /// in each of both memories no less than it takes there, and to the byte where layers are alike.
    #[must_use]
    pub fn offloaded(&self, settings: &Settings, gpu_layers: u32) -> Ledger {
        if gpu_layers >= self.all_layers() {
            return Ledger::of(self.arch, &self.weights, settings);
        }
        let on_gpu = gpu_layers.saturating_sub(1);
        let on_cpu = self.arch.layers - on_gpu;
        let weights = self.apart(gpu_layers, (on_gpu, on_cpu));
        let of_gpu = caches(self.arch, settings, on_gpu);
        let of_cpu = caches(self.arch, settings, on_cpu);
        let mut ledger = Ledger::shard(self.arch, &weights, settings, of_gpu, true);
        let (each, _) = self.parts();
        let (cpu, gpu) = (Place::Cpu, Place::Gpu);
        let compute = gpu_compute(self.arch, settings);
        let predicted = Basis::Predicted;
        let unlike = self.arch.attention.len() + self.arch.recurrent.len() > 1;
        let (basis, rule) = match unlike {
            true => (Basis::Predicted, BOUNDED),
            false => (Basis::Computed, BESIDE),
        };
        ledger.add(
            Part::Model,
            [
                line(LineKind::KvCache, cpu, of_cpu.0, basis, rule),
                line(LineKind::RecurrentState, cpu, of_cpu.1, basis, rule),
                line(LineKind::Compute, gpu, Bytes(each), predicted, COPIES),
                line(LineKind::Compute, cpu, compute, predicted, ON_PROCESSOR),
            ],
        );
        let kept = [LineKind::KvCache, LineKind::RecurrentState];
        kept.into_iter()
            .fold(ledger, |ledger, kind| ledger.resting(kind, basis, rule))
    }

    /// The most layers on the GPU with which it holds; none where it does with none.
    #[must_use]
    pub fn most_on_gpu(&self, holds: impl Fn(u32) -> bool) -> Option<u32> {
        // Fewer there are more in ordinary memory, so that too few may not hold either.
        (0..=self.all_layers()).rev().find(|&layers| holds(layers))
    }

    fn apart(&self, gpu_layers: u32, (on_gpu, on_cpu): (u32, u32)) -> Weights {
        let (each, output) = self.parts();
        let of = |layers: u32| Bytes(u64::from(layers) * each);
        let (there, here) = match gpu_layers {
            0 => (Bytes::ZERO, output),
            _ => (output, Bytes::ZERO),
        };
        let language = self.weights.gpu.saturating_sub(self.beside);
        Weights {
            gpu: (of(on_gpu) + there).min(language) + self.beside,
            cpu: self.weights.cpu + (of(on_cpu) + here).min(language),
            basis: match self.stored {
                Stored::Alike { .. } => self.weights.basis,
                Stored::Within { .. } => Basis::Predicted,
            },
            source: format!(
                "{on_gpu} of {} layers on the GPU: {}",
                self.arch.layers, self.weights.source
            ),
        }
    }
}
