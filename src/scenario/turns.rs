//! How long the turns of a request's tasks take with a variant.

use std::rc::Rc;

use crate::quality::talk::Length;
use crate::speed::{Estimate, Workload};
use crate::task;

/// The turn of each task of the request; none where no speed is known.
pub type Turns = Rc<[Option<Estimate>]>;

/// A workload with one model: one that talks longer than is typical of its kind writes as much more,
/// and of a model that thinks that holds for its thoughts: what is asked for stays as long.
#[must_use]
pub fn work(work: &task::Workload, length: Length) -> Workload {
    let typically = f64::from(work.typical_output(length.thinks));
    let answer = f64::from(work.output_tokens);
    let asked_for = if length.thinks && typically > answer {
        answer
    } else {
        0.0
    };
    let tokens = |ratio: f64| whole(asked_for + (typically - asked_for) * ratio).max(1);
    Workload {
        depth_tokens: work.depth_tokens,
        new_tokens: work.new_tokens,
        output_tokens: tokens(length.ratio),
        output_range: (tokens(length.low), tokens(length.high)),
        first_prompt_tokens: work.first_prompt_tokens,
        streams: work.streams,
    }
}

/// A workload in which every model writes as much.
#[must_use]
pub fn as_it_is(work: &task::Workload) -> Workload {
    Workload {
        depth_tokens: work.depth_tokens,
        new_tokens: work.new_tokens,
        output_tokens: work.output_tokens,
        output_range: (work.output_tokens, work.output_tokens),
        first_prompt_tokens: work.first_prompt_tokens,
        streams: work.streams,
    }
}

/// Tokens to the nearest ten: nobody knows them finer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some thousands of tokens"
)]
fn whole(tokens: f64) -> u32 {
    if tokens < 100.0 {
        tokens.round() as u32
    } else {
        ((tokens / 10.0).round() * 10.0) as u32
    }
}
