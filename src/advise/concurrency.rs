//! What happens when the tasks of a request generate at once, each a stream of its own.

use crate::basis::Basis;
use crate::plan::document::{Concurrency, Stream};
use crate::scenario::candidates::Setting;
use crate::scenario::solved::Solved;
use crate::speed::{Speed, shared};

/// The speed of each model that serves a task, beside all other streams; none for a single task, or
/// where a speed or the bandwidth is not known.
#[must_use]
pub fn of(solved: &Solved<'_>, setting: Setting<'_>) -> Option<Concurrency> {
    let bandwidth = setting.machine.bandwidth()?;
    let streams = setting.request.streams();
    if streams < 2 {
        return None;
    }
    let best = solved.solutions.first()?;
    let serving = &best.servers;
    let stream = |&item: &usize| {
        let c = &solved.pool.candidates[item];
        let alone: &Speed = c.alone.as_deref()?;
        let active = c.model.active_bytes(c.variant);
        let together = shared::shared(alone, active, bandwidth, streams);
        Some(Stream {
            variant: c.name(),
            tasks: serving.iter().filter(|&&i| i == item).count(),
            alone_tokens_per_second: alone.decode(),
            together_tokens_per_second: together.decode_tokens_per_second,
            low: together.low,
            high: together.high,
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
