//! What happens when the tasks of a request generate at once, each a stream of its own.

use crate::basis::Basis;
use crate::plan::document::{Concurrency, Stream};
use crate::scenario::Prepared;
use crate::solve::Solution;
use crate::speed::{Figure, shared};

/// The speed of each model that serves a task, beside all other streams; none for a single task, or
/// where a speed or the bandwidth is not known.
#[must_use]
pub fn at_once(prepared: &Prepared<'_>, best: &Solution) -> Option<Concurrency> {
    let bandwidth = prepared.scenario.machine.bandwidth()?;
    let streams = prepared.scenario.request.streams();
    if streams < 2 {
        return None;
    }
    let serving = &best.servers;
    let stream = |&item: &usize| {
        let c = prepared.pool.base(item);
        let alone: &Figure = c.alone.as_deref()?;
        let active = c.model.active_bytes(c.variant);
        let together = shared::shared(alone, active, bandwidth, streams);
        Some(Stream {
            variant: c.name(),
            tasks: serving.iter().filter(|&&i| i == item).count(),
            alone_tokens_per_second: alone.value(),
            together_tokens_per_second: together.value(),
            low: together.range().0,
            high: together.range().1,
        })
    };
    let serve = best.items.iter().filter(|i| serving.contains(i));
    let streams: Vec<Stream> = serve.map(stream).collect::<Option<_>>()?;
    Some(Concurrency {
        basis: Basis::Predicted,
        rule: shared::RULE.to_owned(),
        total_tokens_per_second: streams.iter().map(total).sum(),
        streams,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a handful of tasks")]
fn total(stream: &Stream) -> f64 {
    stream.together_tokens_per_second * stream.tasks as f64
}
