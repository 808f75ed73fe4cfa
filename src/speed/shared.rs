//! The speed that is left when several models generate at once: predicted, by a stated rule.
//!
//! A token costs the time to read the active weights, and the rest (launches, routing, small
//! matrices). With n streams the memory bandwidth is shared in equal parts, so that the first
//! takes n times as long; the rest is each stream's own. That is the hopeful end. At the other, the
//! GPU runs one stream after the other, and everything takes n times as long.

use super::{Predicted, Speed};

/// Share of the bandwidth that weights are read at, of either engine.
const BANDWIDTH_SHARE: f64 = 0.85;

/// The rule in a line, for people.
pub const RULE: &str = "predicted: reading weights takes n times as long when n models share the memory bandwidth, the rest of a token's time is each model's own; at worst the GPU serves one after the other, and all of it takes n times as long; the middle between both is shown";

/// The speed of one of `streams` models that generate at once. `active_bytes` are read per token,
/// `bandwidth` is in bytes per second.
#[must_use]
pub fn shared(alone: &Speed, active_bytes: f64, bandwidth: f64, streams: usize) -> Predicted {
    #[expect(clippy::cast_precision_loss, reason = "a handful of streams")]
    let n = streams.max(1) as f64;
    let reading = active_bytes / (BANDWIDTH_SHARE * bandwidth);
    let left = |tps: f64| {
        let token = 1.0 / tps;
        1.0 / (token + (n - 1.0) * reading.min(token))
    };
    let (low, high) = alone.range();
    // Between one after the other and the rest of a token's time to itself.
    let middle = f64::midpoint(alone.decode() / n, left(alone.decode()));
    Predicted {
        decode_tokens_per_second: middle,
        low: low / n,
        high: left(high),
        class: "shared bandwidth".to_owned(),
        error: 1.0 - (low / n) / middle,
        rows: 0,
        source: format!("{} alone, {streams} models at once: {RULE}", alone.basis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speed::Measured;

    fn measured(tps: f64) -> Speed {
        Speed::Measured(Measured {
            decode_tokens_per_second: tps,
            low: tps,
            high: tps,
            runs: 1,
            depth_tokens: None,
            wall_clock_tokens_per_second: None,
            source: String::new(),
        })
    }

    #[test]
    fn two_streams_halve_what_bandwidth_binds_and_leave_the_rest() {
        // 85 GB/s of usable bandwidth, 0.85 GB a token: 10 ms of reading.
        let of = |tps| shared(&measured(tps), 0.85e9, 100e9, 2).decode_tokens_per_second;
        assert!((of(100.0) - 50.0).abs() < 1e-9, "all of a token is reading");
        let range = shared(&measured(50.0), 0.85e9, 100e9, 2);
        assert!((range.low - 25.0).abs() < 1e-9);
        assert!((range.high - 1.0 / 0.030).abs() < 1e-9, "half of it is");
        let middle = range.decode_tokens_per_second;
        assert!((middle - f64::midpoint(range.low, range.high)).abs() < 1e-9);
    }
}
