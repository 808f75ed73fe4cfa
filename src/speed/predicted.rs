//! A predicted decode speed.

/// A decode speed from the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The figure, tokens per second at an (almost) empty context.
    pub decode_tokens_per_second: f64,
    /// Low end of the range: the figure over 1 + error.
    pub low: f64,
    /// High end: the figure by 1 + error, never above what the bandwidth allows.
    pub high: f64,
    /// The class that it belongs to.
    pub class: String,
    /// Relative error that the range stands for: about four of five predictions keep to it.
    pub error: f64,
    /// How many variants, each measured on a chip, it rests on.
    pub rows: usize,
    /// In words.
    pub source: String,
}
