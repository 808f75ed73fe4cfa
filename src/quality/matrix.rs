//! The little linear algebra that the ability model needs: two by two, and one symmetric solve.

/// Two numbers: a model's ability and its tilt, or what a benchmark asks of each.
pub type Pair = [f64; 2];

/// A symmetric matrix of two by two: `[[a, b], [b, c]]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Symmetric {
    /// Upper left.
    pub a: f64,
    /// Off the diagonal.
    pub b: f64,
    /// Lower right.
    pub c: f64,
}

impl Symmetric {
    /// A matrix with nothing off its diagonal.
    #[must_use]
    pub const fn diagonal([a, c]: Pair) -> Self {
        Self { a, b: 0.0, c }
    }

    /// This plus `weight` x the outer product of a vector with itself.
    #[must_use]
    pub fn plus_outer(self, weight: f64, [x, y]: Pair) -> Self {
        Self {
            a: self.a + weight * x * x,
            b: self.b + weight * x * y,
            c: self.c + weight * y * y,
        }
    }

    /// This times a vector.
    #[must_use]
    pub fn times(self, [x, y]: Pair) -> Pair {
        [self.a * x + self.b * y, self.b * x + self.c * y]
    }

    /// A vector times this times the vector.
    #[must_use]
    pub fn quadratic(self, v: Pair) -> f64 {
        dot(v, self.times(v))
    }

    /// The inverse of a positive definite matrix.
    #[must_use]
    pub fn inverse(self) -> Self {
        let determinant = self.a * self.c - self.b * self.b;
        Self {
            a: self.c / determinant,
            b: -self.b / determinant,
            c: self.a / determinant,
        }
    }
}

/// The inner product.
#[must_use]
pub fn dot([a, b]: Pair, [x, y]: Pair) -> f64 {
    a * x + b * y
}

/// The solution of `matrix` x = `right` for a symmetric positive definite matrix, given by rows of
/// which what lies right of the diagonal is not looked at (Cholesky's decomposition).
#[must_use]
pub fn solve(mut matrix: Vec<Vec<f64>>, right: &[f64]) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let both = matrix[i][..j].iter().zip(&matrix[j][..j]);
            let inner: f64 = both.map(|(a, b)| a * b).sum();
            let rest = matrix[i][j] - inner;
            matrix[i][j] = if i == j {
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / matrix[j][j]
            };
        }
    }
    let mut x = right.to_vec();
    for i in 0..n {
        let both = matrix[i][..i].iter().zip(&x[..i]);
        let inner: f64 = both.map(|(a, b)| a * b).sum();
        x[i] = (x[i] - inner) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let inner: f64 = (i + 1..n).map(|k| matrix[k][i] * x[k]).sum();
        x[i] = (x[i] - inner) / matrix[i][i];
    }
    x
}
