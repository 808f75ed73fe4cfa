//! What llama.cpp knows of an architecture that the file does not say: which layers see a window
//! only, which keep a recurrent state, and who has an indexer.
//!
//! The forms of such knowledge; `rules_table` holds it. Figures always come from the header.

/// Which layers see a window of the last tokens only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowLayers {
    /// The engine ignores windows for this architecture.
    None,
    /// In each run of `period` layers one sees everything: the first or the last. The header may
    /// say otherwise with `attention.sliding_window_pattern`.
    Every {
        /// Length of a run.
        period: u32,
        /// The first layer of a run sees everything, not the last.
        full_first: bool,
    },
    /// `attention.sliding_window_pattern` lists them, and has to.
    Listed,
    /// All layers with attention.
    AllAttention,
}

/// How long the window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowLength {
    /// `attention.sliding_window`, which has to be there.
    Header,
    /// `attention.sliding_window`; missing or 0 means that all layers see everything.
    HeaderOrNone,
    /// `attention.sliding_window`, else this.
    HeaderOr(u32),
    /// This, whatever positive number the header has; missing or 0 means no window.
    FixedIfHeader(u32),
    /// This, unless the header has 0.
    FixedUnlessZero(u32),
}

/// Which layers keep a recurrent state, and which a KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recurrent {
    /// None: all layers are attention.
    None,
    /// All, and none has a KV cache.
    All,
    /// All, and all have a KV cache too.
    AllBesideAttention,
    /// Those without KV heads.
    WithoutKvHeads,
    /// Those without KV heads and without a feed-forward part; layers with one keep nothing.
    WithoutKvHeadsAndFeedForward,
    /// Those that `attention.recurrent_layers` lists, else all but every n-th, n from
    /// `full_attention_interval` or this number.
    Interval(u32),
}

/// Which layers cache keys for a sparse-attention indexer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indexer {
    /// None.
    None,
    /// All attention layers.
    All,
    /// Those that `attention.indexer.types` marks, else all.
    TypesOrAll,
    /// Those that `attention.indexer.types` marks, which has to be there.
    Types,
    /// As `Types`, and without an indexer where `attention.indexer.top_k` is missing or 0.
    TypesIfTopK,
    /// As `TypesOrAll`, but files of a million tokens and more without the key have an indexer
    /// on the first three layers and on every fourth after them.
    TypesOrByContext,
    /// Layers from `leading_dense_block_count` on, in a cache that holds values as well.
    AfterDenseWithValues,
    /// All attention layers, beside a cache of keys and values, where the header has a length.
    BesideValues,
}

/// What the engine keeps at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    /// A cache by the rules of this row.
    Cache,
    /// Nothing between calls: an encoder, a diffusion model, a vocoder.
    Nothing,
}

/// One architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) keeps: Keeps,
    pub(super) window: WindowLayers,
    pub(super) window_length: WindowLength,
    /// The window holds only for models of this many layers.
    pub(super) window_only_at: Option<u32>,
    pub(super) recurrent: Recurrent,
    /// The convolution runs over the inner size alone, whatever `ssm.group_count` says.
    pub(super) no_groups: bool,
    /// The state is one matrix of the key length per head (lightning attention).
    pub(super) lightning: bool,
    pub(super) indexer: Indexer,
    /// Keys are kept for a window and, compressed by `attention.compress_ratios`, for all tokens.
    pub(super) compressed: bool,
    /// Layers from the start that have a cache of their own; later ones reuse it.
    pub(super) own_cache: Option<u32>,
    /// `attention.shared_kv_layers` layers at the end reuse another layer's cache.
    pub(super) shared_at_end: bool,
    /// Layers for multi-token prediction keep a cache in the main context too.
    pub(super) keeps_prediction: bool,
    /// One more layer with a single head routes to adapters.
    pub(super) router: bool,
    /// The layers run `num_loops` times, each time with a cache of their own.
    pub(super) loops: bool,
    /// Key and value lengths count although the first layer has no attention.
    pub(super) lengths_always: bool,
    /// The file in llama.cpp that says so.
    pub(super) source: &'static str,
}
