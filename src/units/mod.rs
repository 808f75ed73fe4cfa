//! Quantities and how people write them: bytes, sizes on the command line, token counts.
//!
//! Bytes are whole numbers inside. `GB` is always 10^9 and `GiB` always 2^30; a size without a
//! unit is refused rather than guessed. Nothing here rounds a figure that is later computed with.

mod bytes;
mod counts;
mod parse;

pub use bytes::{Bytes, apart};
pub use counts::{exact_tokens, thousands, tokens};
pub use parse::{MOST_TOKENS, ParseQuantityError, parse_seconds, parse_tokens};
