//! Memory over contexts for each KV cache type.

use crate::fit::document::TableRow;
use crate::fit::question::Question;
use crate::memory::limits::Demand;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, KvType, llama_cpp};
use crate::plan::document::Memory;

/// The types that people choose between.
const TYPES: [KvType; 3] = [KvType::F16, KvType::Q8_0, KvType::Q4_0];

/// One row per context and type, contexts doubling up to the model's own; none where the context
/// or its memory is not known.
pub(super) fn rows(question: &Question<'_>) -> Option<Vec<TableRow>> {
    let subject = question.subject;
    let arch = subject.architecture.as_ref().ok()?;
    let own = subject.context_length?;
    let doublings = std::iter::successors(Some(SHORTEST_CONTEXT), |c| c.checked_mul(2));
    let contexts = doublings
        .take_while(|c| *c < own)
        .chain(std::iter::once(own));
    let possible = |kv: &KvType| {
        let quantized = kv.is_quantized() && !question.settings.flash_attention;
        !quantized && (subject.engine == Engine::Mlx || llama_cpp::stores(arch, *kv, *kv))
    };
    let types: Vec<KvType> = TYPES.into_iter().filter(possible).collect();
    let row = |context: u32, kv_type: KvType| {
        let mut settings = question.settings.with_context(context);
        (settings.kv_type_k, settings.kv_type_v) = (kv_type, kv_type);
        let ledger = subject.ledger(&settings);
        let memory = Memory::of(&ledger);
        let demand = Demand::from(&ledger) + question.others();
        TableRow {
            context,
            kv_type,
            context_bytes: memory.context_bytes,
            gpu_total_bytes: memory.gpu_total_bytes,
            total_bytes: memory.total_bytes,
            headroom_bytes: question.limits.headroom(demand),
        }
    };
    Some(
        contexts
            .flat_map(|context| types.iter().map(move |kv| row(context, *kv)))
            .collect(),
    )
}
