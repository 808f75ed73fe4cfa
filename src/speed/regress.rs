//! Robust ridge regression of logarithms: constants held to their guesses, and effects of groups
//! held to nothing, fitted together.
//!
//! Gauss and Newton steps on the most probable values. A row that lies far off pulls no harder than
//! one at the edge (Huber), so that an odd one does not bend the fit.

/// Beyond so many spreads a row pulls no harder.
const PULL: f64 = 1.5;
/// Steps at most; it settles before.
const STEPS: usize = 14;
/// The longest step of a constant's logarithm.
const STRIDE: f64 = 0.5;
/// A step this short is the last.
const SETTLED: f64 = 1e-3;
/// For derivatives.
const NUDGE: f64 = 1e-4;

/// One row as the regression sees it.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Logarithm of the measured seconds.
    pub(super) log: f64,
    /// 1 of a sound row.
    pub(super) weight: f64,
    /// The effects that add to its logarithm.
    pub(super) effects: Vec<usize>,
}

/// Guess and spread of each value.
#[derive(Debug, Clone, Default)]
pub(super) struct Prior {
    /// Of the constants' logarithms.
    pub(super) constants: Vec<(f64, f64)>,
    /// Spread of each effect.
    pub(super) effects: Vec<f64>,
    /// Spread of a row's logarithm that neither explains.
    pub(super) noise: f64,
}

/// Fitted logarithms of the constants, and effects.
#[derive(Debug, Clone, Default)]
pub(super) struct Fit {
    pub(super) constants: Vec<f64>,
    pub(super) effects: Vec<f64>,
}

/// Fits, from `start` where it is given; `predict` gives the logarithms of all rows for logarithms
/// of the constants.
pub(super) fn fit(
    points: &[Point],
    prior: &Prior,
    start: Option<&Fit>,
    predict: impl Fn(&[f64]) -> Vec<f64>,
) -> Fit {
    let constants = prior.constants.len();
    let mut now = start.cloned().unwrap_or_else(|| Fit {
        constants: prior.constants.iter().map(|(guess, _)| *guess).collect(),
        effects: Vec::new(),
    });
    now.effects.resize(prior.effects.len(), 0.0);
    for _ in 0..STEPS {
        let base = predict(&now.constants);
        let slopes = slopes(&now.constants, &base, &predict);
        let mut normal = Normal::new(prior, &now);
        for (row, point) in points.iter().enumerate() {
            let by_effects: f64 = point.effects.iter().map(|e| now.effects[*e]).sum();
            let miss = point.log - base[row] - by_effects;
            let far = (miss / prior.noise).abs();
            let pull = if far > PULL { PULL / far } else { 1.0 };
            normal.add(
                slopes.iter().map(|s| s[row]),
                constants,
                &point.effects,
                miss,
                point.weight * pull / prior.noise.powi(2),
            );
        }
        let step = normal.solve();
        let longest = step[..constants]
            .iter()
            .fold(0.0_f64, |m, s| m.max(s.abs()));
        let scale = (STRIDE / longest.max(STRIDE)).min(1.0);
        for (value, by) in now.constants.iter_mut().chain(&mut now.effects).zip(&step) {
            *value += scale * by;
        }
        if step.iter().all(|by| by.abs() < SETTLED) {
            break;
        }
    }
    now
}

/// Derivatives of every row's logarithm by each constant's.
fn slopes(at: &[f64], base: &[f64], predict: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Vec<f64>> {
    (0..at.len())
        .map(|i| {
            let mut nudged = at.to_vec();
            nudged[i] += NUDGE;
            let moved = predict(&nudged);
            moved
                .iter()
                .zip(base)
                .map(|(m, b)| (m - b) / NUDGE)
                .collect()
        })
        .collect()
}

/// The normal equations: the lower triangle, row by row.
struct Normal {
    matrix: Vec<Vec<f64>>,
    right: Vec<f64>,
}

impl Normal {
    /// With what holds constants to their guesses and effects to nothing.
    fn new(prior: &Prior, now: &Fit) -> Self {
        let held = prior
            .constants
            .iter()
            .zip(&now.constants)
            .map(|((guess, spread), at)| (guess - at, *spread))
            .chain(
                prior
                    .effects
                    .iter()
                    .zip(&now.effects)
                    .map(|(s, at)| (-at, *s)),
            );
        let (mut matrix, mut right) = (Vec::new(), Vec::new());
        for (i, (off, spread)) in held.enumerate() {
            let firm = spread.powi(-2);
            let mut row = vec![0.0; i + 1];
            row[i] = firm;
            matrix.push(row);
            right.push(off * firm);
        }
        Self { matrix, right }
    }

    fn add(
        &mut self,
        slopes: impl Iterator<Item = f64>,
        constants: usize,
        effects: &[usize],
        miss: f64,
        weight: f64,
    ) {
        let row: Vec<(usize, f64)> = slopes
            .enumerate()
            .filter(|(_, slope)| *slope != 0.0)
            .chain(effects.iter().map(|e| (constants + e, 1.0)))
            .collect();
        for &(i, a) in &row {
            self.right[i] += weight * a * miss;
            for &(j, b) in row.iter().filter(|(j, _)| *j <= i) {
                self.matrix[i][j] += weight * a * b;
            }
        }
    }

    /// Cholesky; the matrix is positive, since every value is held.
    fn solve(mut self) -> Vec<f64> {
        let n = self.right.len();
        for i in 0..n {
            let (above, rest) = self.matrix.split_at_mut(i);
            let row = &mut rest[0];
            for j in 0..i {
                let left: f64 = row[..j]
                    .iter()
                    .zip(&above[j][..j])
                    .map(|(a, b)| a * b)
                    .sum();
                row[j] = (row[j] - left) / above[j][j];
            }
            let own: f64 = row[..i].iter().map(|a| a * a).sum();
            row[i] = (row[i] - own).max(f64::MIN_POSITIVE).sqrt();
        }
        let mut x = self.right;
        for i in 0..n {
            let left: f64 = self.matrix[i][..i].iter().zip(&x).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - left) / self.matrix[i][i];
        }
        for i in (0..n).rev() {
            x[i] /= self.matrix[i][i];
            let at = x[i];
            for (value, by) in x[..i].iter_mut().zip(&self.matrix[i][..i]) {
                *value -= at * by;
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Solved by hand: one constant held at 0 within 1, two rows at 1 within 1.
    #[test]
    fn a_constant_is_held_to_its_guess_as_by_one_row() {
        let point = Point {
            log: 1.0,
            weight: 1.0,
            effects: Vec::new(),
        };
        let prior = Prior {
            constants: vec![(0.0, 1.0)],
            effects: Vec::new(),
            noise: 1.0,
        };
        let points = [point.clone(), point];
        let fitted = fit(&points, &prior, None, |c| vec![c[0]; 2]);
        assert!((fitted.constants[0] - 2.0 / 3.0).abs() < 1e-6);
    }

    /// Two groups that lie 1 above and below: the mean stays, the effects take what the ridge
    /// leaves them (4 rows within 0.5 against a spread of 1: 16/17).
    #[test]
    fn effects_take_what_differs_between_groups() {
        let group = |log: f64, effect: usize| Point {
            log,
            weight: 1.0,
            effects: vec![effect],
        };
        let points: Vec<Point> = (0..8)
            .map(|i| if i < 4 { group(1.0, 0) } else { group(-1.0, 1) })
            .collect();
        let prior = Prior {
            constants: vec![(0.0, 1.0)],
            effects: vec![1.0, 1.0],
            noise: 0.5,
        };
        let fitted = fit(&points, &prior, None, |c| vec![c[0]; 8]);
        assert!(fitted.constants[0].abs() < 1e-9);
        assert!((fitted.effects[0] - 16.0 / 17.0).abs() < 1e-2);
        assert!((fitted.effects[0] + fitted.effects[1]).abs() < 1e-9);
    }
}
