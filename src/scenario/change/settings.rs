//! Another way to load every model.

use super::flags::Flags;
use crate::memory::{KvType, Settings};
use crate::plan::request::Request;
use crate::units::exact_tokens;

/// A change to the settings of loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSettings {
    /// This context for every model; none leaves it to the solver.
    Context(Option<u32>),
    /// So many requests at once.
    Slots(u32),
    /// The KV cache in these types, keys and values.
    KvType(KvType, KvType),
    /// One pool of cells for all slots.
    UnifiedCache,
    /// Flash attention on.
    FlashAttention,
}

impl OnSettings {
    /// Settings with the change made.
    #[must_use]
    pub const fn on(self, settings: &Settings) -> Settings {
        let mut settings = *settings;
        match self {
            Self::Context(Some(context)) => settings.context = context,
            Self::Context(None) => {}
            Self::Slots(slots) => settings.slots = slots,
            Self::KvType(k, v) => (settings.kv_type_k, settings.kv_type_v) = (k, v),
            Self::UnifiedCache => settings.kv_unified = true,
            Self::FlashAttention => settings.flash_attention = true,
        }
        settings
    }

    pub(super) const fn apply(self, request: &mut Request) {
        match self {
            // A request keeps it apart: the solver chooses where it says none.
            Self::Context(context) => request.context = context,
            Self::Slots(_) => {
                request.settings = self.on(&request.settings);
                request.slots_asked = true;
            }
            _ => request.settings = self.on(&request.settings),
        }
    }

    /// What is otherwise than in `settings`, where `context` was asked for.
    #[must_use]
    pub fn describe(self, settings: &Settings, context: Option<u32>) -> String {
        match self {
            Self::Context(Some(new)) => {
                let instead = context.map_or_else(String::new, |old| {
                    format!(" instead of {}", exact_tokens(old))
                });
                format!(
                    "a context of {} for every model{instead}",
                    exact_tokens(new)
                )
            }
            Self::Context(None) => {
                "for each model the context of 4k, 8k and so on that scores best".to_owned()
            }
            Self::Slots(slots) if slots == settings.slots => match slots {
                1 => "1 slot for every model".to_owned(),
                n => format!("{n} slots for every model"),
            },
            Self::Slots(1) => format!("1 slot instead of {}", settings.slots),
            Self::Slots(slots) => format!("{slots} slots instead of {}", settings.slots),
            Self::KvType(k, v) if k == v => {
                format!("the KV cache in {k}, whose loss of quality is not counted")
            }
            Self::KvType(k, v) => {
                format!("the KV cache in {k} and {v}, whose loss of quality is not counted")
            }
            Self::UnifiedCache => "one pool of cells for all slots".to_owned(),
            Self::FlashAttention => "flash attention".to_owned(),
        }
    }

    /// The flags that make it; of `fit` as well as of `recommend`.
    #[must_use]
    pub fn flags(self, context: Option<u32>) -> Option<Flags> {
        match self {
            Self::Context(Some(new)) => Flags::with(["--context", &new.to_string()]),
            Self::Context(None) => {
                context.and_then(|old| Flags::without(["--context", &old.to_string()]))
            }
            Self::Slots(slots) => Flags::with(["--slots", &slots.to_string()]),
            Self::KvType(k, v) if k == v => Flags::with(["--kv-type", k.id()]),
            Self::KvType(k, v) => Flags::with(["--kv-type", &format!("{},{}", k.id(), v.id())]),
            Self::UnifiedCache => Flags::with(["--kv", "unified"]),
            Self::FlashAttention => Flags::with(["--flash-attention", "on"]),
        }
    }
}
