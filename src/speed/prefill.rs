//! The time to read a prompt.
//!
//! seconds = start + 2 x parameters x tokens / rate + loads of the weights + attention + recurrence
//!
//! The rate is that of the GPU's cores by generation, less what the engine's kernels leave of it.
//! Weights are loaded once for each batch: in a mixture, as many experts as its tokens touch.

use super::attention;
use super::attention::Cost;
use super::constants::{Constants, Prefill as C};
use super::job::{Gpu, Job, Shape};
use super::kernels::{Coding, Kernels};
use super::token::LAST_GENERATION;
use crate::model::CacheShape;

/// Tokens of a batch: llama.cpp's default, and MLX's step.
const BATCH: (f64, f64) = (512.0, 2048.0);

/// Which tokens are read, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    /// Tokens before them.
    pub(super) from: f64,
    /// How many.
    pub(super) tokens: f64,
    /// Tokens of a physical batch, where it is not the engine's default.
    pub(super) batch: Option<f64>,
    /// Which engine's ways.
    pub(super) ways: Ways,
    cost: Cost,
}

/// What a program does otherwise than the engine that it is built upon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// oMLX has kernels of its own for the fifth generation.
    pub(super) omlx: bool,
    /// The output matrix works on every token of the prompt, not on the last alone.
    pub(super) all_outputs: bool,
    /// ds4 before August 2026.
    pub(super) old: bool,
    /// A client waits for a server, and not a benchmark for the engine in its own process.
    pub(super) served: bool,
}

impl Stretch {
    /// So many tokens after others.
    pub(super) fn new(job: &Job<'_>, from: f64, tokens: f64, ways: Ways) -> Self {
        Self {
            from,
            tokens,
            batch: None,
            ways,
            cost: attention::of_stretch(&job.arch, from, tokens),
        }
    }

    /// The same in physical batches of another size than the engine's default.
    pub(super) const fn in_batches_of(self, tokens: f64) -> Self {
        Self {
            batch: Some(tokens),
            ..self
        }
    }
}

/// Seconds to read a stretch of a prompt.
pub(super) fn seconds(c: &Constants<C>, job: &Job<'_>, gpu: &Gpu, stretch: &Stretch) -> f64 {
    Reading::of(c, job, stretch).seconds(c, job, gpu)
}

/// What is to be done for a stretch, whatever the GPU.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    ways: Ways,
    start: f64,
    /// Operations of weights.
    products: f64,
    /// What of its experts is used, as a factor of the rate.
    used: f64,
    /// Bytes of weights to load.
    bytes: f64,
    /// What attention takes, in operations of the rate.
    attention: f64,
    /// Operations of recurrent layers.
    recurrence: f64,
}

impl Reading {
    pub(super) fn of(c: &Constants<C>, job: &Job<'_>, stretch: &Stretch) -> Self {
        let outputs = if stretch.ways.all_outputs {
            job.weights.output_parameters
        } else {
            0.0
        };
        let parameters = job.weights.prompt_parameters + outputs;
        let start = if stretch.ways.served {
            c[C::StartServed]
        } else {
            c[C::Start]
        };
        Self {
            ways: stretch.ways,
            start,
            products: 2.0 * parameters * stretch.tokens,
            used: if job.weights.used > 0.0 {
                (32.0 * job.weights.used).powf(c[C::MixtureUsed].ln())
            } else {
                1.0
            },
            bytes: loads(job, stretch),
            attention: attention(c, job, &stretch.cost),
            recurrence: recurrence(c, job, stretch),
        }
    }

    /// Seconds that it takes on a GPU.
    pub(super) fn seconds(&self, c: &Constants<C>, job: &Job<'_>, gpu: &Gpu) -> f64 {
        let generation = gpu.generation.min(LAST_GENERATION);
        let rate = gpu.cores * 1e12 * rate(c, generation);
        let all = self.start
            + self.products / (rate * self.kernels(c, job, generation))
            + self.bytes / (c[C::Load] * gpu.bandwidth)
            + self.attention / (rate * tensor(c, job, generation))
            + self.recurrence / rate;
        if job.kernels == Kernels::Ds4 && self.ways.old {
            all * c[C::OldDs4]
        } else {
            all
        }
    }

    /// What an engine's kernels leave of the GPU's rate.
    fn kernels(&self, c: &Constants<C>, job: &Job<'_>, generation: f64) -> f64 {
        let (early, tensor) = (generation < 2.5, generation > 4.5);
        let when = |is: bool, constant: C| if is { c[constant] } else { 1.0 };
        let engine = match job.kernels {
            Kernels::Mlx => {
                when(early, C::MlxEarly)
                    * when(tensor, C::MlxTensor)
                    * when(tensor && self.ways.omlx, C::OmlxTensor)
            }
            Kernels::LlamaCpp => when(tensor, C::LlamaCppTensor),
            Kernels::Ds4 => 1.0,
        };
        let coding = match job.coding {
            Coding::K | Coding::I => {
                when(early, C::KEarly)
                    * when(!early, C::KLater)
                    * when(job.coding == Coding::I, C::I)
            }
            Coding::Affine | Coding::Plain => 1.0,
        };
        let mixture = if job.weights.used > 0.0 {
            let engine = match job.kernels {
                Kernels::Mlx => c[C::MixtureMlx],
                Kernels::LlamaCpp => c[C::MixtureLlamaCpp],
                Kernels::Ds4 => c[C::MixtureDs4] * when(early, C::MixtureDs4Early),
            };
            engine
                * when(generation < 1.5, C::MixtureFirst)
                * when(tensor, C::MixtureTensor)
                * self.used
        } else {
            1.0
        };
        engine * coding * mixture
    }
}

fn rate(c: &Constants<C>, generation: f64) -> f64 {
    c[match generation {
        g if g < 1.5 => C::Rate1,
        g if g < 2.5 => C::Rate2,
        g if g < 3.5 => C::Rate3,
        g if g < 4.5 => C::Rate4,
        _ => C::Rate5,
    }]
}

/// Bytes of weights that are loaded, once for each batch.
fn loads(job: &Job<'_>, stretch: &Stretch) -> f64 {
    let usual = match job.kernels {
        Kernels::LlamaCpp => BATCH.0,
        Kernels::Mlx | Kernels::Ds4 => BATCH.1,
    };
    let batch = stretch.batch.unwrap_or(usual).min(stretch.tokens).max(1.0);
    let touched = 1.0 - (1.0 - job.weights.used).powf(batch);
    let bytes = job.weights.experts * touched + job.weights.rest;
    stretch.tokens / batch * bytes
}

fn attention(c: &Constants<C>, job: &Job<'_>, cost: &Cost) -> f64 {
    let mlx = job.kernels == Kernels::Mlx;
    let grouped = if mlx {
        c[C::AttendMlx]
    } else {
        c[C::AttendLlamaCpp]
    };
    let indexed = |a: &CacheShape| matches!(a, CacheShape::Indexer { .. });
    let (latent, index) = if job.shape == Shape::Compressed {
        (c[C::AttendCompressed], c[C::AttendIndexCompressed])
    } else {
        let latent = if mlx {
            c[C::AttendLatentMlx]
        } else {
            c[C::AttendLatentLlamaCpp]
        };
        let index = if job.arch.attention.iter().any(|g| indexed(&g.cache)) {
            c[C::AttendIndexGrouped]
        } else {
            c[C::AttendIndexLatent]
        };
        (latent, index)
    };
    cost.grouped / grouped + cost.latent / latent + cost.index / index
}

/// By how much a generation's attention is faster than its rate.
fn tensor(c: &Constants<C>, job: &Job<'_>, generation: f64) -> f64 {
    match generation {
        g if g < 4.5 => 1.0,
        _ if job.kernels == Kernels::Mlx => c[C::AttendTensor],
        _ => c[C::AttendTensorLlamaCpp],
    }
}

/// Operations of recurrent layers.
#[expect(clippy::cast_precision_loss, reason = "an input of a speed prediction")]
fn recurrence(c: &Constants<C>, job: &Job<'_>, stretch: &Stretch) -> f64 {
    if job.shape == Shape::Compressed {
        return 0.0;
    }
    let layers: u32 = job.arch.recurrent.iter().map(|r| r.layers).sum();
    2.0 * stretch.tokens * f64::from(layers) * job.arch.embedding_length as f64 * c[C::Recurrent]
}
