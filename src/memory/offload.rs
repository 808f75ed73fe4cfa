//! What a model takes of two memories, where only some of its layers or experts lie on the GPU.
//!
//! llama.cpp puts the last layers there with their part of the cache, and counts the output matrix as
//! one of them (`-ngl 33` leaves 32 of 64 layers to the processor, ggml-org/llama.cpp pull request
//! 26622). The others and their cache lie in ordinary memory, and so do the routed experts of the first
//! layers by `--n-cpu-moe`. For a batch their weights are copied to the GPU, one tensor after the other,
//! of which none is larger than its layer.

use super::inside::{Cut, Spread};
use super::ledger::{Ledger, Weights};
use super::limits::Demand;
use super::line::{Line, LineKind, Part, Place, line};
use super::llama_cpp_gpu::gpu_compute;
use super::settings::Settings;
use super::shard::{Whole, caches};
use crate::basis::Basis;
use crate::units::Bytes;

/// What the lines of ordinary memory rest on.
const BESIDE: &str = "llama.cpp's own allocation rule, a layer's cache where the layer is";
const EVENLY: &str = "llama.cpp's own allocation rule, the cache spread evenly over the layers";
const MORE_CACHE: &str = "so much more at most: which layers keep the most is not known";
const MORE_WEIGHTS: &str = "so much more at most, where the layers of the file are unlike: its header tells (`planner fit` with the file, or hf:OWNER/REPO)";
const COPIES: &str = "for a batch llama.cpp copies the weights of layers on the processor to the GPU: a layer's at most";
const ON_PROCESSOR: &str = "what the processor works in for its layers: no more than the GPU would";

/// What is left to the processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Apart {
    /// The layers on the GPU, the output matrix counted as one; none for all of them.
    pub gpu_layers: Option<u32>,
    /// Of so many layers, the first ones, the routed experts lie in ordinary memory.
    pub cpu_experts: u32,
}

impl Apart {
    /// As llama.cpp's flags say it.
    #[must_use]
    pub const fn from_flags(
        gpu_layers: Option<u32>,
        n_cpu_moe: Option<u32>,
        cpu_moe: bool,
    ) -> Self {
        let cpu_experts = match (cpu_moe, n_cpu_moe) {
            (true, _) => u32::MAX,
            (false, Some(layers)) => layers,
            (false, None) => 0,
        };
        Self {
            gpu_layers,
            cpu_experts,
        }
    }
}

impl Cut {
    fn of(apart: Apart, layers: u32) -> Self {
        let given = apart.gpu_layers.unwrap_or(layers + 1).min(layers + 1);
        let on_cpu = layers - given.saturating_sub(1);
        Self {
            layers,
            on_cpu,
            experts: apart.cpu_experts.clamp(on_cpu, layers),
            output_on_cpu: given == 0,
        }
    }

    const fn is_whole(self) -> bool {
        self.experts == 0 && !self.output_on_cpu
    }

    pub(super) const fn on_gpu(self) -> u32 {
        self.layers - self.on_cpu
    }
}

impl Whole<'_> {
    /// As many as can lie on the GPU: all layers and the output matrix.
    #[must_use]
    pub const fn all_layers(&self) -> u32 {
        self.arch.layers + 1
    }

    /// What it takes apart like this, line by line: both memories together hold the file and its
    /// context, and where it is not known which layers are the large ones, further lines say how much
    /// more of them may lie in each.
    #[must_use]
    pub fn offloaded(&self, settings: &Settings, apart: Apart) -> Ledger {
        let cut = Cut::of(apart, self.arch.layers);
        if cut.is_whole() {
            return Ledger::of(self.arch, &self.weights, settings);
        }
        let spread = self.spread(cut);
        let [kv, state] = kept(self, settings, cut);
        let weights = Weights {
            gpu: spread.gpu,
            cpu: spread.cpu,
            source: format!("{}: {}", self.words(cut), self.weights.source),
            basis: match spread.is_exact() {
                true => self.weights.basis,
                false => Basis::Predicted,
            },
        };
        let mut ledger = Ledger::shard(self.arch, &weights, settings, (kv.gpu, state.gpu), true);
        ledger.add(Part::Model, self.beside(settings, cut, [kv, state]));
        ledger.add(Part::Model, more(LineKind::Weights, spread, MORE_WEIGHTS));
        for (kind, spread) in [(LineKind::KvCache, kv), (LineKind::RecurrentState, state)] {
            let (basis, rule) = rests_on(spread);
            ledger = ledger.resting(kind, basis, rule);
            ledger.add(Part::Model, more(kind, spread, MORE_CACHE));
        }
        ledger
    }

    /// What the experts of so many layers in ordinary memory make of its weights, with what the GPU
    /// copies of them: of [`Self::offloaded`] all that no setting changes.
    #[must_use]
    pub fn with_experts_apart(&self, layers: u32) -> Demand {
        let cut = Cut::of(
            Apart::from_flags(None, Some(layers), false),
            self.arch.layers,
        );
        if cut.is_whole() {
            let Weights { gpu, cpu, .. } = self.weights;
            return Demand {
                gpu,
                total: gpu + cpu,
            };
        }
        let spread = self.spread(cut);
        let gpu = spread.gpu + spread.more_gpu + self.largest_left(cut);
        Demand {
            gpu,
            total: gpu + spread.cpu + spread.more_cpu,
        }
    }

    /// What else lies in ordinary memory, and what the GPU copies from there.
    fn beside(&self, settings: &Settings, cut: Cut, caches: [Spread; 2]) -> [Line; 4] {
        let [kv, state] = caches;
        let (cpu, gpu) = (Place::Cpu, Place::Gpu);
        let compute = gpu_compute(self.arch, settings);
        let copied = self.largest_left(cut);
        let predicted = Basis::Predicted;
        let kept = |kind, spread: Spread| {
            let (basis, rule) = rests_on(spread);
            line(kind, cpu, spread.cpu, basis, rule)
        };
        [
            kept(LineKind::KvCache, kv),
            kept(LineKind::RecurrentState, state),
            line(LineKind::Compute, gpu, copied, predicted, COPIES),
            line(LineKind::Compute, cpu, compute, predicted, ON_PROCESSOR),
        ]
    }

    fn words(&self, cut: Cut) -> String {
        let layers = format!("{} of {} layers on the GPU", cut.on_gpu(), cut.layers);
        match cut.experts > cut.on_cpu {
            true => format!("{layers}, without the experts of the first {}", cut.experts),
            false => layers,
        }
    }

    /// The most layers on the GPU with which it holds; none where it does with none.
    #[must_use]
    pub fn most_on_gpu(&self, holds: impl Fn(u32) -> bool) -> Option<u32> {
        // Fewer there are more in ordinary memory, so that too few may not hold either.
        (0..=self.all_layers()).rev().find(|&layers| holds(layers))
    }

    /// The least layers whose experts have to lie in ordinary memory for it to hold, all else on the
    /// GPU; none where no number does.
    #[must_use]
    pub fn fewest_cpu_experts(&self, holds: impl Fn(u32) -> bool) -> Option<u32> {
        let mixture = self.arch.experts.is_some();
        let mut each = 1..=self.arch.layers;
        mixture.then(|| each.find(|&layers| holds(layers)))?
    }
}

/// KV cache and recurrent state in both memories.
fn kept(whole: &Whole<'_>, settings: &Settings, cut: Cut) -> [Spread; 2] {
    let of = |layers| caches(whole.arch, settings, layers);
    let (all, gpu, cpu) = (of(cut.layers), of(cut.on_gpu()), of(cut.on_cpu));
    [
        Spread::evenly(all.0, (gpu.0, cpu.0), cut),
        Spread::evenly(all.1, (gpu.1, cpu.1), cut),
    ]
}

const fn rests_on(spread: Spread) -> (Basis, &'static str) {
    match spread.is_exact() {
        true => (Basis::Computed, BESIDE),
        false => (Basis::Predicted, EVENLY),
    }
}

/// What may lie in each memory beyond its even part.
fn more(kind: LineKind, spread: Spread, rule: &str) -> [Line; 2] {
    let of = |place, bytes| line(kind, place, bytes, Basis::Predicted, rule);
    [
        of(Place::Gpu, spread.more_gpu),
        of(Place::Cpu, spread.more_cpu),
    ]
}

impl Spread {
    /// Something of all layers: the same part for each, and the bounds of both memories.
    fn evenly(all: Bytes, (most_gpu, most_cpu): (Bytes, Bytes), cut: Cut) -> Self {
        let layers = u128::from(cut.layers.max(1));
        let part = u128::from(all.0) * u128::from(cut.on_gpu()) / layers;
        let gpu = Bytes(u64::try_from(part).unwrap_or(all.0));
        let cpu = all.saturating_sub(gpu);
        Self {
            gpu,
            cpu,
            more_gpu: most_gpu.saturating_sub(gpu),
            more_cpu: most_cpu.saturating_sub(cpu),
        }
    }
}
