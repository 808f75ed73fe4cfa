//! The settings that a model is loaded with, as far as they change its memory.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shortest context worth loading: LM Studio's own default, which made requests fail.
pub const SHORTEST_CONTEXT: u32 = 4096;

/// Contexts are chosen in steps of this many tokens.
pub const CONTEXT_STEP: u32 = 4096;

/// The two engines of LM Studio.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Engine {
    /// llama.cpp, which runs GGUF files.
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    /// MLX, which runs safetensors folders on Apple silicon.
    #[serde(rename = "mlx")]
    Mlx,
}

impl Engine {
    /// Both, in a fixed order.
    pub const ALL: [Self; 2] = [Self::LlamaCpp, Self::Mlx];

    /// The engine of this id; none for an engine that LM Studio does not have.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.id() == id)
    }

    /// The id used in the catalog and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Mlx => "mlx",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// The type that keys or values are stored in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum KvType {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point, the default everywhere.
    F16,
    /// 16-bit brain floating point.
    Bf16,
    /// 8-bit blocks.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// 5-bit blocks with a minimum.
    #[serde(rename = "q5_1")]
    Q5_1,
    /// 5-bit blocks.
    #[serde(rename = "q5_0")]
    Q5_0,
    /// 4-bit blocks with a minimum.
    #[serde(rename = "q4_1")]
    Q4_1,
    /// 4-bit blocks.
    #[serde(rename = "q4_0")]
    Q4_0,
    /// 4-bit blocks with a non-linear scale.
    #[serde(rename = "iq4_nl")]
    Iq4Nl,
}

impl KvType {
    /// Every type, as llama.cpp's `--cache-type-k` lists them.
    pub const ALL: [Self; 9] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q8_0,
        Self::Q5_1,
        Self::Q5_0,
        Self::Q4_1,
        Self::Q4_0,
        Self::Iq4Nl,
    ];

    /// Elements in a block, and bytes of a block (ggml's block layouts).
    #[must_use]
    pub const fn block(self) -> (u64, u64) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Q8_0 => (32, 34),
            Self::Q5_1 => (32, 24),
            Self::Q5_0 => (32, 22),
            Self::Q4_1 => (32, 20),
            Self::Q4_0 | Self::Iq4Nl => (32, 18),
        }
    }

    /// Bytes of a row of `elements`, in whole blocks.
    #[must_use]
    pub const fn row_bytes(self, elements: u64) -> u64 {
        let (per_block, bytes) = self.block();
        elements.div_ceil(per_block) * bytes
    }

    /// Stored in blocks, and so refused for values without flash attention.
    #[must_use]
    pub const fn is_quantized(self) -> bool {
        self.block().0 > 1
    }

    /// The name that engines use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Q8_0 => "q8_0",
            Self::Q5_1 => "q5_1",
            Self::Q5_0 => "q5_0",
            Self::Q4_1 => "q4_1",
            Self::Q4_0 => "q4_0",
            Self::Iq4Nl => "iq4_nl",
        }
    }
}

impl fmt::Display for KvType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A KV cache type that no engine has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a KV cache type: use one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl, or two of them for keys and values (`q8_0,q4_0`)"
)]
pub struct UnknownKvType(pub String);

impl FromStr for KvType {
    type Err = UnknownKvType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim().to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|t| t.id() == wanted)
            .ok_or_else(|| UnknownKvType(text.to_owned()))
    }
}

/// Routed experts in ordinary memory: those of the first layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CpuExperts {
    /// Of so many layers: llama.cpp's `--n-cpu-moe`.
    pub layers: u32,
    /// Layers of the model.
    pub of: u32,
}

impl fmt::Display for CpuExperts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layers >= self.of {
            true => f.pad("the experts of all layers"),
            false => f.pad(&format!(
                "the experts of {} of {} layers",
                self.layers, self.of
            )),
        }
    }
}

/// Everything about a load that changes its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// The engine.
    pub engine: Engine,
    /// Context length in tokens.
    pub context: u32,
    /// Requests that can run at once (LM Studio's parallel sessions).
    pub slots: u32,
    /// All slots share one pool of `context` tokens.
    pub kv_unified: bool,
    /// Type of the keys.
    pub kv_type_k: KvType,
    /// Type of the values.
    pub kv_type_v: KvType,
    /// Flash attention.
    pub flash_attention: bool,
    /// Tokens of one physical batch.
    pub ubatch: u32,
    /// Sliding-window layers keep the whole context.
    pub swa_full: bool,
    /// Rows of logits the compute buffer holds; none for as many as the batch has tokens, which
    /// older engines reserve and which is the most that any engine does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_rows: Option<u32>,
    /// Tokens that the model's own prediction layers draft ahead, for each of which recurrent layers
    /// keep a copy of their state; none where they are off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft_tokens: Option<u32>,
    /// Context checkpoints that a slot keeps at most; none for the engine's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<u32>,
    /// MiB in which a server keeps finished prompts at most; none for the engine's own figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_ram_mib: Option<u32>,
    /// The experts that lie in ordinary memory beside a graphics card; none where all are on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_experts: Option<CpuExperts>,
}

impl Settings {
    /// The same without caps on what the engine may come to keep: of MLX, whose slots share no cache,
    /// slots beyond two are one.
    #[must_use]
    pub const fn uncapped(self) -> Self {
        Self {
            slots: match (self.engine, self.slots) {
                (Engine::Mlx, 2..) => 2,
                (_, slots) => slots,
            },
            checkpoints: None,
            cache_ram_mib: None,
            ..self
        }
    }

    /// LM Studio's defaults: 4 slots over one shared pool, keys and values in 16 bits, flash
    /// attention on, batches of 512.
    #[must_use]
    pub const fn lm_studio(engine: Engine, context: u32) -> Self {
        Self {
            engine,
            context,
            slots: 4,
            kv_unified: true,
            kv_type_k: KvType::F16,
            kv_type_v: KvType::F16,
            flash_attention: true,
            ubatch: 512,
            swa_full: false,
            output_rows: None,
            draft_tokens: None,
            checkpoints: None,
            cache_ram_mib: None,
            cpu_experts: None,
        }
    }

    /// The same settings at another context.
    #[must_use]
    pub const fn with_context(mut self, context: u32) -> Self {
        self.context = context;
        self
    }
}
