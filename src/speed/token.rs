//! The time of one generated token.
//!
//! seconds = max(read, unpack) + layers x tau + attention(depth)
//!
//! Reading the weights and unpacking them overlap, so the slower one decides. Every layer costs
//! its launches whatever its bytes. Attention reads the cache and multiplies it by each query head.

use super::attention;
use super::attention::Cost;
use super::constants::{Constants, Decode as C};
use super::job::{Gpu, Job, Shape};
use super::kernels::{Coding, Kernels};

/// The last generation that runs were seen of: a later one is taken to be no slower, and no faster
/// than its bandwidth and cores say.
pub(super) const LAST_GENERATION: f64 = 5.0;
/// The generation and cores that constants are told for.
const REFERENCE: (f64, f64) = (3.0, 40.0);
/// Depth from which ds4's indexer has more keys than it selects.
const INDEXER_FROM: f64 = 3000.0;

/// A token to generate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token {
    /// Tokens before it.
    pub(super) depth: f64,
    /// By the kernels of ds4 before August 2026.
    pub(super) old: bool,
    cost: Cost,
}

impl Token {
    pub(super) fn new(job: &Job<'_>, depth: f64, old: bool) -> Self {
        Self {
            depth,
            old,
            cost: attention::of_token(&job.arch, depth),
        }
    }
}

/// Powers that a GPU's generation and cores come in, whatever is generated on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Powers {
    attend: f64,
    unpack: f64,
    layer_llama_cpp: f64,
    layer: f64,
    layer_cores: f64,
}

impl Powers {
    pub(super) fn of(c: &Constants<C>, gpu: &Gpu) -> Self {
        let generation = gpu.generation.min(LAST_GENERATION);
        let (later, earlier) = (generation - REFERENCE.0, REFERENCE.0 - generation);
        Self {
            attend: c[C::AttendGeneration].powf(later),
            unpack: c[C::UnpackGeneration].powf((generation - 2.0).max(0.0)),
            // Told apart, rows of sources and Macs left out were met nearer.
            layer_llama_cpp: c[C::LayerGenerationLlamaCpp].powf(earlier),
            layer: c[C::LayerGeneration].powf(earlier),
            layer_cores: (gpu.cores / REFERENCE.1).powf(-c[C::LayerCores].ln()),
        }
    }
}

/// Seconds of a token on a GPU.
pub(super) fn seconds(
    c: &Constants<C>,
    job: &Job<'_>,
    (gpu, powers): (&Gpu, &Powers),
    token: &Token,
) -> f64 {
    let compute = powers.attend * gpu.cores * 1e9;
    let ds4 = job.kernels == Kernels::Ds4;
    let start = if ds4 && job.shape == Shape::Compressed && token.depth > INDEXER_FROM {
        c[C::IndexerStart] * 1e-3
    } else {
        0.0
    };
    let all = weights(c, job, gpu, powers)
        + job.layers * per_layer(c, job, gpu, powers)
        + attention(c, job, gpu, &token.cost, compute)
        + start;
    if ds4 && token.old {
        all * c[C::OldDs4]
    } else {
        all
    }
}

fn weights(c: &Constants<C>, job: &Job<'_>, gpu: &Gpu, powers: &Powers) -> f64 {
    let share = match job.kernels {
        Kernels::LlamaCpp => c[C::ReadLlamaCpp],
        Kernels::Mlx => c[C::ReadMlx],
        Kernels::Ds4 => c[C::ReadDs4],
    } * if gpu.ultra { c[C::ReadUltra] } else { 1.0 };
    let read = job.weights.active() / (share * gpu.bandwidth);
    let coding = match job.coding {
        Coding::Plain => return read,
        Coding::I if job.kernels == Kernels::LlamaCpp => c[C::UnpackI],
        Coding::K | Coding::I => 1.0,
        Coding::Affine => c[C::UnpackAffine],
    };
    let kernels = if job.kernels == Kernels::Ds4 {
        c[C::UnpackDs4]
    } else {
        1.0
    };
    let rate = c[C::Unpack] * 1e9 * powers.unpack;
    let numbers = job.weights.active() / job.weights.precision;
    let unpack = numbers / (rate * coding * kernels * gpu.cores);
    read.max(unpack)
}

fn per_layer(c: &Constants<C>, job: &Job<'_>, gpu: &Gpu, powers: &Powers) -> f64 {
    let tau = match job.shape {
        Shape::Dense => c[C::LayerDense],
        Shape::HybridDense => c[C::LayerHybridDense],
        Shape::Mixture => c[C::LayerMixture],
        Shape::HybridMixture => c[C::LayerHybridMixture],
        Shape::Latent => c[C::LayerLatent],
        Shape::Compressed => c[C::LayerCompressed],
    } * 1e-6;
    let recurrent = matches!(job.shape, Shape::HybridDense | Shape::HybridMixture);
    let kernels = match job.kernels {
        Kernels::LlamaCpp if recurrent => c[C::LayerRecurrentLlamaCpp],
        Kernels::Ds4 => c[C::LayerDs4],
        _ => 1.0,
    };
    let dies = if gpu.ultra { c[C::LayerUltra] } else { 1.0 };
    let saves = match job.kernels {
        Kernels::LlamaCpp => powers.layer_llama_cpp,
        Kernels::Mlx | Kernels::Ds4 => powers.layer,
    };
    tau * kernels * dies * saves * powers.layer_cores
}

fn attention(c: &Constants<C>, job: &Job<'_>, gpu: &Gpu, cost: &Cost, compute: f64) -> f64 {
    let mlx = job.kernels == Kernels::Mlx;
    let grouped = if mlx {
        c[C::AttendMlx]
    } else {
        c[C::AttendLlamaCpp]
    };
    let latent = match (job.shape, job.kernels) {
        (Shape::Compressed, _) => c[C::AttendCompressed],
        (_, Kernels::Ds4) => c[C::AttendLatentDs4],
        (_, Kernels::Mlx) => c[C::AttendLatentMlx],
        (_, Kernels::LlamaCpp) => c[C::AttendLatentLlamaCpp],
    };
    cost.bytes / (gpu.bandwidth * c[C::CacheShare])
        + (cost.grouped / grouped + cost.latent / latent + cost.index / c[C::AttendIndex]) / compute
}
