//! The speed that is left when several streams generate at once: predicted, by a stated rule.
//!
//! A token costs the time to read the active weights, and the rest (launches, routing, small
//! matrices). With n streams the memory bandwidth is shared in equal parts, so that the first
//! takes n times as long; the rest is each stream's own. That is the hopeful end. At the other, the
//! GPU runs one stream after the other, and everything takes n times as long.
//!
//! It makes no difference whether the streams are of one model or of several. A server that decodes
//! the streams of one model as one batch reads the weights once for all of them, but what that gains
//! depends on engine and depth too much to be promised. Both on an M3 Ultra: oMLX gave 1.7
//! times the tokens for two streams and 2.3 times for four (DeepSeek-V4.1-Flash, oMLX's
//! `docs/experimental/dsv41_fast_path_m3ultra.md`); llama.cpp 1.4 and 1.8 times at 256 tokens, but 0.4
//! and 0.3 times at 16K (Qwen3.8-Flash-Next Q8_0, ggml-org/llama.cpp issue 29335). No such figure is
//! known of LM Studio's engines.

use super::figure::{Expected, Figure};

/// Share of the bandwidth that weights are read at, of either engine.
const BANDWIDTH_SHARE: f64 = 0.85;

/// The rule in a line, for people.
pub const RULE: &str = "predicted: each of the n tasks is a stream, and all share the GPU equally, whichever models serve them: reading weights takes n times as long, the rest of a token's time is each stream's own; at worst the GPU serves one after the other, and all of it takes n times as long; the middle between both is shown. What streams of one model gain as one batch is not counted: seen from 1.7 times the tokens for two (oMLX) down to 0.4 times (llama.cpp at 16K)";

/// The speed of one of `streams` that generate at once. `active_bytes` are read per token,
/// `bandwidth` is in bytes per second.
#[must_use]
pub fn shared(alone: &Figure, active_bytes: f64, bandwidth: f64, streams: usize) -> Figure {
    #[expect(clippy::cast_precision_loss, reason = "a handful of streams")]
    let n = streams.max(1) as f64;
    let reading = active_bytes / (BANDWIDTH_SHARE * bandwidth);
    let left = |tps: f64| {
        let token = 1.0 / tps;
        1.0 / (token + (n - 1.0) * reading.min(token))
    };
    let (low, high) = alone.range();
    // Between one after the other and the rest of a token's time to itself.
    let middle = f64::midpoint(alone.value() / n, left(alone.value()));
    Figure::Predicted(Expected {
        value: middle,
        low: low / n,
        high: left(high),
        runs: alone.runs(),
        source: format!("{} alone, {streams} streams at once: {RULE}", alone.basis()).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    fn alone(tps: f64) -> Figure {
        Figure::Predicted(Expected {
            value: tps,
            low: tps,
            high: tps,
            runs: 0,
            source: "".into(),
        })
    }

    #[test]
    fn two_streams_halve_what_bandwidth_binds_and_leave_the_rest() {
        // 85 GB/s of usable bandwidth, 0.85 GB a token: 10 ms of reading.
        let of = |tps| shared(&alone(tps), 0.85e9, 100e9, 2).value();
        assert!((of(100.0) - 50.0).abs() < 1e-9, "all of a token is reading");
        let (low, high) = shared(&alone(50.0), 0.85e9, 100e9, 2).range();
        assert!((low - 25.0).abs() < 1e-9);
        assert!((high - 1.0 / 0.030).abs() < 1e-9, "half of it is");
        let middle = of(50.0);
        assert!((middle - f64::midpoint(low, high)).abs() < 1e-9);
    }
}
