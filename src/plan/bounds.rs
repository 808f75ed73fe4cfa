//! How much can be asked of a plan: the same on the command line, of agents and in files.

/// Models loaded at once, at most.
pub const MOST_MODELS: u8 = 8;
/// Conversations at once, at most.
pub const MOST_AGENTS: u32 = 64;
/// Slots of a model, at most.
pub const MOST_SLOTS: u32 = 1023;
/// Decoded tokens per second that nobody asks for.
pub const BEYOND_TOKENS_PER_SECOND: f64 = 100_000.0;
