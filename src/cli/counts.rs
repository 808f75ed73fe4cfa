//! Numbers on the command line, within what can be asked of a plan.

use clap::builder::RangedI64ValueParser;
use clap::value_parser;

use crate::plan::bounds::{MOST_AGENTS, MOST_MODELS, MOST_SLOTS};

/// Models at once.
pub(super) fn models() -> RangedI64ValueParser<u8> {
    value_parser!(u8).range(1..=i64::from(MOST_MODELS))
}

/// Conversations at once.
pub(super) fn agents() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=i64::from(MOST_AGENTS))
}

/// Slots of a model, or streams through it.
pub(super) fn slots() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=i64::from(MOST_SLOTS))
}
