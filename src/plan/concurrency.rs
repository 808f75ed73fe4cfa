//! What happens when the models of a plan generate at once.

use super::candidates::Candidate;
use super::document::{Concurrency, Stream};
use crate::basis::Basis;
use crate::machine::Machine;
use crate::speed::{Speed, shared};

/// The speed of each model beside the others; none for a single model, or where a speed or the
/// bandwidth is not known.
#[must_use]
pub fn of(chosen: &[&Candidate<'_>], machine: &Machine) -> Option<Concurrency> {
    let bandwidth = machine.bandwidth()?;
    if chosen.len() < 2 {
        return None;
    }
    let stream = |c: &&Candidate<'_>| {
        let alone: &Speed = c.alone.as_deref()?;
        let active = c.model.active_bytes(c.variant);
        let together = shared::shared(alone, active, bandwidth, chosen.len());
        Some(Stream {
            variant: c.name(),
            alone_tokens_per_second: alone.decode(),
            together_tokens_per_second: together.decode_tokens_per_second,
            low: together.low,
            high: together.high,
        })
    };
    let streams: Vec<Stream> = chosen.iter().map(stream).collect::<Option<_>>()?;
    Some(Concurrency {
        basis: Basis::Predicted,
        rule: shared::RULE.to_owned(),
        total_tokens_per_second: streams.iter().map(|s| s.together_tokens_per_second).sum(),
        streams,
    })
}
