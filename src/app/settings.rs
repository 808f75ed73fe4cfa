//! How a model is loaded, but for its engine and context.

use anyhow::{Result, bail};

use crate::fault;
use crate::memory::{Engine, KvType, Settings};

/// What changes a model's memory beside engine and context. The default is LM Studio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadSettings {
    /// Requests at once.
    pub slots: u32,
    /// Slots share one pool of cells; else each has its own.
    pub kv_unified: bool,
    /// Type of the KV cache's keys.
    pub kv_type_k: KvType,
    /// Type of the KV cache's values.
    pub kv_type_v: KvType,
    /// Flash attention.
    pub flash_attention: bool,
    /// Tokens of a physical batch.
    pub ubatch: u32,
    /// Sliding-window layers keep the whole context.
    pub swa_full: bool,
}

impl Default for LoadSettings {
    fn default() -> Self {
        let own = Settings::lm_studio(Engine::LlamaCpp, 0);
        Self {
            slots: own.slots,
            kv_unified: own.kv_unified,
            kv_type_k: own.kv_type_k,
            kv_type_v: own.kv_type_v,
            flash_attention: own.flash_attention,
            ubatch: own.ubatch,
            swa_full: own.swa_full,
        }
    }
}

impl LoadSettings {
    /// The settings of a load in this engine, at this context in tokens.
    ///
    /// # Errors
    /// When the engine would refuse them whatever the model.
    pub fn at(&self, engine: Engine, context: u32) -> Result<Settings> {
        let (k, v) = (self.kv_type_k, self.kv_type_v);
        if !self.flash_attention && v.is_quantized() {
            bail!(fault!(
                "values of type {v} need flash attention";
                "leave `--flash-attention off` out, or give `--kv-type {k},f16`"
            ));
        }
        Ok(Settings {
            engine,
            context,
            slots: self.slots,
            kv_unified: self.kv_unified,
            kv_type_k: k,
            kv_type_v: v,
            flash_attention: self.flash_attention,
            ubatch: self.ubatch,
            swa_full: self.swa_full,
            output_rows: None,
            draft_tokens: None,
        })
    }

    /// The settings of a request for a plan, whose engine and context are each candidate's own.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn of_request(&self) -> Result<Settings> {
        self.at(Engine::LlamaCpp, crate::memory::settings::SHORTEST_CONTEXT)
    }
}
