//! What a token costs by physics: a few constants, fitted to all rows together.
//!
//! seconds = active bytes / (share x bandwidth)
//!         + layers x tau x (width / 3072)^w x e^(-g (generation - 3)) x (cores / 40)^-c
//!
//! The first term reads the weights, at a share of the bandwidth that is the engine's. The second
//! is what each layer costs whatever its bytes (launches, routing, small matrices): tau of its kind
//! of architecture, times the engine's factor, less with each generation of chips and with more GPU
//! cores. Since g and c can't be negative, no Mac that has as much of everything is slower.
//!
//! Robust ridge regression of log seconds: every constant starts at a plain guess and is held to it
//! as by a few rows, so that a kind with few rows borrows instead of jumping.

use super::rows::{Engine, Job, Row, Shape};

/// Number of constants.
const N: usize = 12;
/// The guesses, as they are fitted: logits of the shares of llama.cpp and MLX; logs of llama.cpp's
/// factor, g and c; w; logs of each kind's tau in milliseconds.
const GUESS: [f64; N] = [
    1.5, 2.0, 0.4, -1.6, -1.9, 0.0, -2.1, -2.1, -1.8, -1.6, -1.2, -0.7,
];
/// How far each may lie from its guess, as one standard deviation.
const SPREAD: [f64; N] = [0.5, 0.5, 0.3, 0.5, 0.7, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
/// Spread of log seconds that the formula can't explain.
const NOISE: f64 = 0.15;
/// Beyond so many spreads a row pulls no harder: an odd one does not bend the fit.
const PULL: f64 = 1.5;
/// A mixture's usual width, generation and cores: where tau is told.
const REFERENCE: (f64, f64, f64) = (3072.0, 3.0, 40.0);

/// The fitted constants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Physics([f64; N]);

impl Default for Physics {
    fn default() -> Self {
        Self(GUESS)
    }
}

impl Physics {
    /// Fits the constants to rows; `steps` of Gauss and Newton from where they are.
    pub(super) fn fitted<'a>(
        mut self,
        rows: impl Iterator<Item = &'a Row> + Clone,
        steps: usize,
    ) -> Self {
        for _ in 0..steps {
            let step = self.step(rows.clone());
            for (constant, by) in self.0.iter_mut().zip(step) {
                *constant += by.clamp(-0.5, 0.5);
            }
            if step.iter().all(|by| by.abs() < 1e-7) {
                break;
            }
        }
        self
    }

    /// Seconds per token.
    pub(super) fn seconds(&self, job: &Job) -> f64 {
        let reading = job.active_bytes / (self.share(job.engine) * job.bandwidth);
        let (width, generation, cores) = REFERENCE;
        let scale = (job.width / width).powf(self.width_exponent())
            * (-self.generation_gain() * (job.generation - generation)).exp()
            * (job.cores / cores).powf(-self.cores_exponent());
        reading + job.layers * self.tau(job.engine, job.shape) * scale
    }

    /// Share of the bandwidth that an engine reads weights at.
    pub(super) fn share(&self, engine: Engine) -> f64 {
        let logit = match engine {
            Engine::LlamaCpp => self.0[0],
            Engine::Mlx => self.0[1],
        };
        1.0 / (1.0 + (-logit).exp())
    }

    /// Seconds per layer at the reference.
    pub(super) fn tau(&self, engine: Engine, shape: Shape) -> f64 {
        let factor = match engine {
            Engine::LlamaCpp => self.0[2],
            Engine::Mlx => 0.0,
        };
        1e-3 * (factor + self.0[6 + shape as usize]).exp()
    }

    pub(super) fn generation_gain(&self) -> f64 {
        self.0[3].exp()
    }

    pub(super) fn cores_exponent(&self) -> f64 {
        self.0[4].exp()
    }

    pub(super) const fn width_exponent(&self) -> f64 {
        self.0[5]
    }

    /// One step: the linear least squares around where the constants are.
    fn step<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> [f64; N] {
        let mut left = [[0.0; N]; N];
        let mut right = [0.0; N];
        for i in 0..N {
            let held = SPREAD[i].powi(-2);
            left[i][i] = held;
            right[i] = held * (GUESS[i] - self.0[i]);
        }
        for row in rows {
            let here = self.seconds(&row.job).ln();
            let miss = row.seconds.ln() - here;
            let pull = (PULL * NOISE / miss.abs()).min(1.0);
            let weight = row.weight * pull / (NOISE * NOISE);
            let slope = self.slope(&row.job, here);
            for i in 0..N {
                right[i] += weight * slope[i] * miss;
                for j in 0..N {
                    left[i][j] += weight * slope[i] * slope[j];
                }
            }
        }
        solved(left, right)
    }

    /// How log seconds change with each constant.
    fn slope(&self, job: &Job, here: f64) -> [f64; N] {
        const BY: f64 = 1e-5;
        std::array::from_fn(|i| {
            let mut moved = *self;
            moved.0[i] += BY;
            (moved.seconds(job).ln() - here) / BY
        })
    }
}

/// Solves a symmetric positive definite system by elimination; it needs no pivots.
fn solved(mut left: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for i in 0..N {
        let (pivot, top) = (left[i], right[i]);
        for j in i + 1..N {
            let factor = left[j][i] / pivot[i];
            right[j] -= factor * top;
            for (x, p) in left[j].iter_mut().zip(pivot) {
                *x -= factor * p;
            }
        }
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|j| left[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / left[i][i];
    }
    right
}
