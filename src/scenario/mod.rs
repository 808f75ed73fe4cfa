//! A scenario: all that an answer is made from; a change to it; and the way from it to the answer.
//!
//! Each variant is met once ([`pool`]), becomes whole numbers once ([`problem`]), and is solved
//! ([`prepared`]). Whoever asks "what if" applies a [`Change`] and solves again; what was prepared
//! is used again where the change leaves it valid.
//!
//! A variant is a [`ladder`] of contexts, a mixture that a card does not hold at all of them one more
//! for each number of layers whose experts may lie in ordinary memory (`experts`). [`turns`] and [`ways`]
//! say what a task takes with it, at each reasoning effort: the best is chosen where a file is priced,
//! so that efforts multiply no candidates.
//! `exact` solves over spans of contexts, and splits them until the answer is proven over all.
//! [`again`] turns a saved plan back into what it was made from.

mod admission;
pub mod again;
mod answer;
mod assumed;
pub mod candidate;
pub mod change;
mod contexts;
pub mod demands;
pub mod error;
mod exact;
mod experts;
mod inputs;
pub mod ladder;
pub mod new_model;
mod of_one;
pub mod pool;
pub mod prepared;
pub mod problem;
pub mod refusal;
mod servers;
mod sharding;
pub mod span;
mod speeds;
pub mod turns;
pub mod ways;

pub(crate) use admission::download;
pub use answer::{Answer, turn_times};
pub use assumed::Assumed;
pub use candidate::Candidate;
pub use change::Change;
pub use inputs::Scenario;
pub use ladder::Ladder;
pub use pool::Pool;
pub(crate) use prepared::Duty;
pub use prepared::Prepared;
pub use servers::{best_among, best_of, best_servers};
pub use sharding::{Sharding, Split};
pub use speeds::{counted_speed, speed_on, turn_of};
