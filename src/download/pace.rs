//! No faster than somebody allows.

/// A limit on bytes per second, over all connections together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    bytes_per_second: Option<f64>,
    free_at_seconds: f64,
}

impl Pace {
    /// At most so many bytes per second; as fast as it goes when left out.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a speed far below 2^53")]
    pub fn at_most(bytes_per_second: Option<u64>) -> Self {
        Self {
            bytes_per_second: bytes_per_second.map(|b| b.max(1) as f64),
            free_at_seconds: 0.0,
        }
    }

    /// So many bytes came at `now` (in seconds): how long to wait before the next are read, in
    /// seconds. What was not used of the past is not made up for.
    #[expect(clippy::cast_precision_loss, reason = "bytes of one read")]
    pub fn spent(&mut self, now: f64, bytes: u64) -> f64 {
        let Some(limit) = self.bytes_per_second else {
            return 0.0;
        };
        self.free_at_seconds = self.free_at_seconds.max(now) + bytes as f64 / limit;
        self.free_at_seconds - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_that_wait_as_told_keep_to_the_limit_together() {
        let mut pace = Pace::at_most(Some(1000));
        let mut free = [0.0_f64; 4];
        let mut bytes = 0;
        while let Some(n) = (0..4)
            .min_by(|a, b| free[*a].total_cmp(&free[*b]))
            .filter(|n| free[*n] < 60.0)
        {
            bytes += 100;
            free[n] += pace.spent(free[n], 100);
        }
        assert!((59_000..=60_500).contains(&bytes), "{bytes}");
        assert!(Pace::at_most(None).spent(1.0, 1 << 40) <= 0.0);
    }
}
