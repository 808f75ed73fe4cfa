//! What an engine comes to keep beyond what loading takes, as a bound: it grows with use and is
//! never given back before the model is unloaded.
//!
//! llama.cpp's server (`tools/server/server-context.cpp`, `common/common.h`, b11434): each slot keeps
//! states of its sequence to return to, where a cache can't be cut back; finished prompts go to
//! ordinary memory. mlx-engine (08f0c07): its batched kit gives each sequence a cache of its own and
//! keeps one finished conversation; its sequential kit, for one slot, keeps ten.

use super::llama_cpp;
use super::mlx;
use super::settings::{Engine, Settings};
use crate::model::Architecture;
use crate::units::Bytes;

/// Checkpoints that llama.cpp's server keeps per slot unless told otherwise.
pub const CHECKPOINTS: u32 = 32;
/// MiB of ordinary memory in which it keeps finished prompts unless told otherwise.
pub const CACHE_RAM_MIB: u32 = 8192;
/// Fewer than this and a conversation is read anew at many turns: one at the last turn, one near the
/// end of the prompt.
const USEFUL_CHECKPOINTS: u64 = 2;
/// Finished conversations that mlx-engine keeps: of several slots, of one.
const CONVERSATIONS: (u64, u64) = (1, 10);

/// One checkpoint of llama.cpp's server: recurrent state, and all cells that sliding-window layers
/// hold of a sequence, which may be as many as the layer has.
fn checkpoint(arch: &Architecture, settings: &Settings) -> Bytes {
    let one = Settings {
        slots: 1,
        draft_tokens: None,
        ..*settings
    };
    let recurrent = llama_cpp::recurrent_state(arch, &one);
    if settings.swa_full {
        return recurrent;
    }
    recurrent + llama_cpp::sliding_cache(arch, settings)
}

/// Checkpoints of all slots at most; none where the whole cache can be cut back.
pub(super) fn checkpoints(arch: &Architecture, settings: &Settings) -> Bytes {
    let most = u64::from(settings.checkpoints.unwrap_or(CHECKPOINTS));
    Bytes(checkpoint(arch, settings).0 * u64::from(settings.slots.max(1)) * most)
}

/// Finished prompts that llama.cpp's server keeps at most.
pub(super) fn prompt_cache(settings: &Settings) -> Bytes {
    Bytes::from_mib(u64::from(settings.cache_ram_mib.unwrap_or(CACHE_RAM_MIB)))
}

/// Caches that mlx-engine's batched kit adds to the first at most: one of a full context for each
/// further slot, since slots share none.
pub(super) fn batch_caches(arch: &Architecture, settings: &Settings) -> Bytes {
    let one = mlx::kv_cache(
        arch,
        &Settings {
            slots: 1,
            ..*settings
        },
    );
    let counted = mlx::kv_cache(arch, settings);
    Bytes(one.0 * u64::from(settings.slots.max(1))).saturating_sub(counted)
}

/// Finished conversations that mlx-engine keeps at most, each of a full context.
pub(super) fn kept_conversations(arch: &Architecture, settings: &Settings) -> Bytes {
    let one = Settings {
        slots: 1,
        ..*settings
    };
    let each = mlx::kv_cache(arch, &one) + mlx::recurrent_state(arch, &one);
    let kept = if settings.slots > 1 {
        CONVERSATIONS.0
    } else {
        CONVERSATIONS.1
    };
    Bytes(each.0 * kept)
}

/// The most slots of MLX's batched kit, from `least` up to those of the settings, whose caches stay
/// within `room`; `least` where even those of so many do not.
#[must_use]
pub fn slots_within(arch: &Architecture, settings: &Settings, least: u32, room: Bytes) -> u32 {
    let grown = |slots: u32| {
        let with = Settings { slots, ..*settings };
        batch_caches(arch, &with) + kept_conversations(arch, &with)
    };
    let mut fewer = (least..=settings.slots).rev();
    let most = fewer.find(|&slots| grown(slots) <= room);
    most.unwrap_or(least).min(settings.slots)
}

/// The same settings with caps by which what grows in ordinary memory stays within `room`: half of
/// it for checkpoints, or what finished prompts leave of it, and the rest for those. What was set stays, and what fits by the
/// engine's own figures is left to it.
#[must_use]
pub fn capped(arch: &Architecture, settings: &Settings, room: Bytes) -> Settings {
    let mut with = *settings;
    if settings.engine == Engine::Mlx {
        // mlx_lm.server has no limit of its own.
        with.cache_ram_mib = settings.cache_ram_mib.or_else(|| mib(room));
        return with;
    }
    let each = checkpoint(arch, settings).0 * u64::from(settings.slots.max(1));
    if settings.checkpoints.is_none() && each > 0 {
        let half = room
            .saturating_sub(prompt_cache(settings))
            .max(Bytes(room.0 / 2))
            .0
            / each;
        let most = if half < USEFUL_CHECKPOINTS {
            (room.0 / each).min(USEFUL_CHECKPOINTS)
        } else {
            half
        };
        with.checkpoints = u32::try_from(most).ok().filter(|n| *n < CHECKPOINTS);
    }
    let left = room.saturating_sub(checkpoints(arch, &with));
    with.cache_ram_mib =
        (settings.cache_ram_mib).or_else(|| mib(left).filter(|mib| *mib < CACHE_RAM_MIB));
    with
}

fn mib(bytes: Bytes) -> Option<u32> {
    u32::try_from(bytes.mib_floor()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AttentionLayers, CacheShape, RecurrentLayers};

    /// Qwen3.6-27B: 48 recurrent layers, whose server logs 149.625 MiB a checkpoint.
    fn hybrid() -> Architecture {
        let (inner, state, groups) = (6144, 128, 16);
        Architecture {
            name: String::new(),
            layers: 64,
            embedding_length: 5120,
            vocabulary: 248_320,
            query_heads: 24,
            tied_embeddings: false,
            experts: None,
            attention: vec![AttentionLayers {
                layers: 16,
                cache: CacheShape::Full {
                    kv_heads: 4,
                    key_length: 256,
                    value_length: 256,
                },
            }],
            recurrent: vec![RecurrentLayers {
                layers: 48,
                convolution_elements: 3 * (inner + 2 * groups * state),
                state_elements: state * inner,
            }],
        }
    }

    #[test]
    fn a_checkpoint_is_as_large_as_the_server_logs() {
        let settings = Settings::lm_studio(Engine::LlamaCpp, 65_536);
        let one = checkpoint(&hybrid(), &settings);
        assert_eq!(one, Bytes(149 * 1_048_576 + 655_360));
        assert_eq!(checkpoints(&hybrid(), &settings).0, one.0 * 4 * 32);
        assert_eq!(prompt_cache(&settings), Bytes::from_gib(8));
    }

    #[test]
    fn caps_keep_what_grows_within_the_room_and_leave_alone_what_fits() {
        let settings = Settings::lm_studio(Engine::LlamaCpp, 65_536);
        for gib in [0, 1, 2, 4, 12, 24] {
            let room = Bytes::from_gib(gib);
            let with = capped(&hybrid(), &settings, room);
            let grown = checkpoints(&hybrid(), &with) + prompt_cache(&with);
            assert!(grown <= room, "{gib}: {with:?} {grown:?}");
        }
        // 32 for each of four slots are 18.7 GiB, and finished prompts 8.
        for gib in [27, 64] {
            let ample = capped(&hybrid(), &settings, Bytes::from_gib(gib));
            assert_eq!((ample.checkpoints, ample.cache_ram_mib), (None, None));
        }
        let own = Settings {
            checkpoints: Some(7),
            cache_ram_mib: Some(100),
            ..settings
        };
        assert_eq!(capped(&hybrid(), &own, Bytes::ZERO), own);
    }
}
