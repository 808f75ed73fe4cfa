//! How models are loaded, as far as a request decides it: all but engine and context.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fault;
use crate::fault::Fault;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, KvType, Settings};

/// The settings that all models of a request share. The default is LM Studio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadSettings {
    /// Requests that can run at once.
    pub slots: u32,
    /// All slots share one pool of cells; else each has its own.
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
    /// Context checkpoints that a slot keeps at most; chosen where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<u32>,
    /// MiB in which a server keeps finished prompts at most; chosen where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_ram_mib: Option<u32>,
}

impl From<&Settings> for LoadSettings {
    fn from(s: &Settings) -> Self {
        Self {
            slots: s.slots,
            kv_unified: s.kv_unified,
            kv_type_k: s.kv_type_k,
            kv_type_v: s.kv_type_v,
            flash_attention: s.flash_attention,
            ubatch: s.ubatch,
            swa_full: s.swa_full,
            checkpoints: s.checkpoints,
            cache_ram_mib: s.cache_ram_mib,
        }
    }
}

impl Default for LoadSettings {
    fn default() -> Self {
        Self::from(&Settings::lm_studio(Engine::LlamaCpp, SHORTEST_CONTEXT))
    }
}

impl LoadSettings {
    /// The settings of a load in this engine, at this context in tokens.
    #[must_use]
    pub const fn at(&self, engine: Engine, context: u32) -> Settings {
        Settings {
            engine,
            context,
            slots: self.slots,
            kv_unified: self.kv_unified,
            kv_type_k: self.kv_type_k,
            kv_type_v: self.kv_type_v,
            flash_attention: self.flash_attention,
            ubatch: self.ubatch,
            swa_full: self.swa_full,
            output_rows: None,
            draft_tokens: None,
            checkpoints: self.checkpoints,
            cache_ram_mib: self.cache_ram_mib,
            cpu_experts: None,
        }
    }

    /// The settings of a request for a plan, whose engine and context are each candidate's own.
    #[must_use]
    pub const fn of_request(&self) -> Settings {
        self.at(Engine::LlamaCpp, SHORTEST_CONTEXT)
    }

    /// Whether an engine takes them at all.
    ///
    /// # Errors
    /// When the engine would refuse them whatever the model.
    pub fn checked(self) -> Result<Self, Fault> {
        let (k, v) = (self.kv_type_k, self.kv_type_v);
        if !self.flash_attention && v.is_quantized() {
            return Err(fault!(
                "values of type {v} need flash attention";
                "leave `--flash-attention off` out, or give `--kv-type {k},f16`"
            ));
        }
        Ok(self)
    }
}
