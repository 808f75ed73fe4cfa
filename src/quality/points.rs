//! Expected points of a model, and of one of its files.

use super::quantization::{Loss, LossBasis, retained};

/// Standard deviations on each side of a band that holds four of five.
pub const BAND: f64 = 1.2816;

/// Expected points out of 100, with their standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Points {
    /// The mean.
    pub mean: f64,
    /// Its standard error at the model's highest effort.
    pub error: f64,
    /// Standard error of what less effort costs; 0 at the highest.
    pub effort_error: f64,
    /// Somebody published a score of the model.
    pub scored: bool,
    /// The share of the task whose benchmarks were published of it, by their weights.
    pub published: f64,
}

impl Points {
    /// What a file keeps of them that loses so much: the error of the loss adds to the model's. A
    /// loss that nobody knows takes part at its cautious end.
    #[must_use]
    pub fn quantized(&self, loss: &Loss) -> Self {
        let deciding = loss.deciding();
        let kept = retained(deciding);
        let of_loss = match loss.basis {
            LossBasis::Unknown(_) => 0.0,
            _ if deciding <= 0.0 => 0.0,
            _ => self.mean * (retained(loss.low) - retained(loss.high)) / (2.0 * BAND),
        };
        Self {
            mean: self.mean * kept,
            error: (self.error * kept).hypot(of_loss),
            effort_error: self.effort_error * kept,
            scored: self.scored,
            published: self.published,
        }
    }

    /// Its whole standard error.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.error.hypot(self.effort_error)
    }

    /// Lower end of the band that holds four of five.
    #[must_use]
    pub fn low(&self) -> f64 {
        (self.mean - BAND * self.spread()).max(0.0)
    }

    /// Upper end.
    #[must_use]
    pub fn high(&self) -> f64 {
        (self.mean + BAND * self.spread()).min(100.0)
    }

    /// The mean less so many errors: what thin evidence is worth to the cautious. A model of which
    /// nobody published a score counts at the lower end of its band at best, and so does what less
    /// effort costs; the less of the task was published, the nearer the caution comes to a whole error.
    #[must_use]
    pub fn cautious(&self, caution: f64) -> f64 {
        let caution = if self.scored {
            caution + (1.0 - caution).max(0.0) * (1.0 - self.published)
        } else {
            caution.max(BAND)
        };
        (self.mean - caution * self.error - BAND * self.effort_error).max(0.0)
    }
}
