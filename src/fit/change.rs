//! What would change the answer: each change is made, and the same question computed again.

use crate::catalog::loads::harm;
use crate::fit::document::Verdict;
use crate::fit::elsewhere;
use crate::fit::question::{Question, Standing};
use crate::fit::trial::{Change, standing, told};
use crate::machine::GpuMemory;
use crate::memory::offload::Apart;
use crate::memory::{Engine, KvType, llama_cpp};
use crate::plan::document::{Advice, AdviceKind};
use crate::scenario::change::{OnMachine, OnSettings};
use crate::units::{Bytes, exact_tokens};

/// All advice on what would change the answer, the least intrusive change first.
pub(super) fn all(question: &Question<'_>, now: Standing) -> Vec<Advice> {
    let mut advice = Vec::new();
    if now.verdict != Verdict::Fits {
        advice.push(context(question, now));
    }
    let mut enough = false;
    for change in single(question) {
        let changes = [change];
        let then = standing(question, &changes);
        enough |= then.verdict == Verdict::Fits && now.verdict != Verdict::Fits;
        advice.extend(told(question, &changes, now, then));
    }
    if now.verdict != Verdict::Fits && !enough {
        advice.extend(together(question, now));
    }
    if now.verdict != Verdict::Fits {
        for change in apart(question) {
            let then = standing(question, std::slice::from_ref(&change));
            advice.extend(told(question, &[change], now, then));
        }
    }
    advice.extend(elsewhere::smaller_file(question, now));
    if now.verdict != Verdict::Fits {
        advice.extend(elsewhere::smallest_machine(question, now));
    }
    advice
}

fn context(question: &Question<'_>, now: Standing) -> Advice {
    match now.largest {
        Some(context) => {
            let text = format!("it fits with a context of {}", exact_tokens(context));
            Advice::new(AdviceKind::ShorterContext, text)
                .figures([("context", f64::from(context))])
                .flags(vec!["--context".to_owned(), context.to_string()])
        }
        None if question.subject.context_length.is_none() => Advice::new(AdviceKind::TooLarge,
            "the context that it was trained for is not known, so no largest one is sought"
                .to_owned(),
        ),
        None => Advice::new(AdviceKind::TooLarge,
            "as it is, it fits at no context: the changes below, a smaller quantization or more memory are needed".to_owned(),
        ),
    }
}

/// Every change that can be made alone.
fn single(question: &Question<'_>) -> Vec<Change> {
    let companions = !question.subject.companions.is_empty();
    [
        raised(question),
        flash_attention(question),
        quantized_cache(question),
        unified(question),
        one_slot(question),
        companions.then_some(Change::WithoutCompanions),
        alone(question),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The GPU's limit as high as the reserve allows, or as high as is needed where that is less.
fn raised(question: &Question<'_>) -> Option<Change> {
    let most = question.limits.raised_working_set()?;
    let demand = question.demand_at(question.settings);
    let needed = (demand.gpu + question.limits.safety_margin_bytes).0;
    // Whole GiB read better than the last MiB, where there is room for them.
    let needed = Bytes(needed.next_multiple_of(Bytes::from_gib(1).0));
    let current = question.limits.gpu_working_set_bytes?;
    let set = if needed > current && needed <= most {
        needed
    } else {
        most
    };
    Some(Change::Machine(OnMachine::WiredLimit(set)))
}

fn flash_attention(question: &Question<'_>) -> Option<Change> {
    let off = !question.settings.flash_attention;
    (off && question.subject.engine == Engine::LlamaCpp)
        .then_some(Change::Settings(OnSettings::FlashAttention))
}

fn quantized_cache(question: &Question<'_>) -> Option<Change> {
    let settings = question.settings;
    let arch = question.subject.architecture.as_ref().ok()?;
    let wide = |kv: KvType| kv.row_bytes(256) > KvType::Q8_0.row_bytes(256);
    let both = KvType::Q8_0;
    let refused = settings.engine == Engine::LlamaCpp
        && !(settings.flash_attention && llama_cpp::stores(arch, both, both));
    let smaller = wide(settings.kv_type_k) || wide(settings.kv_type_v);
    let harms = harm(question.engines, &arch.name, settings.engine.id()).is_some();
    (!refused && !harms && smaller).then_some(Change::Settings(OnSettings::KvType(both, both)))
}

fn unified(question: &Question<'_>) -> Option<Change> {
    let settings = question.settings;
    (!settings.kv_unified && settings.slots > 1)
        .then_some(Change::Settings(OnSettings::UnifiedCache))
}

fn one_slot(question: &Question<'_>) -> Option<Change> {
    (question.settings.slots > 1).then_some(Change::Settings(OnSettings::Slots(1)))
}

/// Where the GPU has a memory of its own: the fewest experts left to the processor with which it fits,
/// and the most layers on the card.
fn apart(question: &Question<'_>) -> Vec<Change> {
    let subject = question.subject;
    let two = question.limits.gpu_memory == GpuMemory::Own;
    let asked = subject.apart != Apart::default();
    if !two || subject.engine != Engine::LlamaCpp || asked {
        return Vec::new();
    }
    let Ok(arch) = &subject.architecture else {
        return Vec::new();
    };
    let whole = subject.whole(arch);
    let holds = |change: &Change| {
        let then = standing(question, std::slice::from_ref(change));
        then.verdict == Verdict::Fits
    };
    let experts = |layers| {
        Change::Apart(Apart {
            cpu_experts: layers,
            ..Apart::default()
        })
    };
    let layers = |layers| {
        Change::Apart(Apart {
            gpu_layers: Some(layers),
            ..Apart::default()
        })
    };
    let fewest = whole.fewest_cpu_experts(|n| holds(&experts(n)));
    let most = whole.most_on_gpu(|n| holds(&layers(n)));
    [fewest.map(experts), most.map(layers)]
        .into_iter()
        .flatten()
        .collect()
}

/// The one neighbour that has to go, where one is enough; else all of them.
fn alone(question: &Question<'_>) -> Option<Change> {
    if question.beside.is_empty() {
        return None;
    }
    let mut each: Vec<usize> = (0..question.beside.len()).collect();
    // The smallest that is enough is the least to give up.
    each.sort_by_key(|i| question.beside[*i].memory.total_bytes);
    let without = |i: usize| {
        let mut kept = question.beside.to_vec();
        let gone = vec![kept.remove(i)];
        Change::Unload { gone, kept }
    };
    let enough = |change: &Change| {
        let then = standing(question, std::slice::from_ref(change));
        then.verdict == Verdict::Fits
    };
    let one = each.into_iter().map(without).find(enough);
    one.or_else(|| {
        Some(Change::Unload {
            gone: question.beside.to_vec(),
            kept: Vec::new(),
        })
    })
}

/// All settings at once: for a model that no single change makes fit.
fn together(question: &Question<'_>, now: Standing) -> Option<Advice> {
    let settings = single(question).into_iter();
    let mut parts: Vec<Change> = settings
        .filter(|c| matches!(c, Change::Machine(_) | Change::Settings(_)))
        .collect();
    if parts.len() < 2 {
        return None;
    }
    if let Some(most) = question.limits.raised_working_set() {
        let limit = |c: &mut Change| {
            if let Change::Machine(change) = c {
                *change = OnMachine::WiredLimit(most);
            }
        };
        parts.iter_mut().for_each(limit);
    }
    let then = standing(question, &parts);
    told(question, &parts, now, then)
}
