//! What would change the answer: each change is made, and the same question computed again.

use crate::fit::document::{ComfortLevel, Neighbour, Verdict};
use crate::fit::{Question, Standing, Subject, elsewhere, left, note};
use crate::memory::limits::Limits;
use crate::memory::{Companion, Engine, KvType, Settings, llama_cpp};
use crate::plan::document::Advice;
use crate::units::{Bytes, exact_tokens};

/// One change to a question.
pub(super) struct Change {
    kind: &'static str,
    /// What is done, as a clause: `with keys and values in q8_0`.
    what: String,
    command: Option<String>,
    pub(super) subject: Subject,
    settings: Settings,
    limits: Limits,
    beside: Vec<Neighbour>,
}

/// All advice on what would change the answer, the least intrusive change first.
pub(super) fn all(question: &Question<'_>, now: Standing) -> Vec<Advice> {
    let mut advice = Vec::new();
    if now.verdict != Verdict::Fits {
        advice.push(context(question, now));
    }
    let changes = single(question);
    let mut enough = false;
    for change in &changes {
        let then = change.standing(question);
        if then.verdict == Verdict::Fits && now.verdict != Verdict::Fits {
            enough = true;
        }
        advice.extend(change.advice(now, then));
    }
    if now.verdict != Verdict::Fits && !enough {
        advice.extend(together(question, now));
    }
    advice.extend(elsewhere::smaller_file(question, now));
    if now.verdict != Verdict::Fits {
        advice.extend(elsewhere::smallest_machine(question, now));
    }
    advice
}

fn context(question: &Question<'_>, now: Standing) -> Advice {
    match now.largest {
        Some(context) => Advice {
            kind: "shorter_context".to_owned(),
            text: format!(
                "it fits with a context of {}",
                exact_tokens(context)
            ),
            command: Some(format!("--context {context}")),
        },
        None if question.subject.context_length.is_none() => note(
            "too_large",
            "the context that it was trained for is not known, so no largest one is sought"
                .to_owned(),
        ),
        None => note(
            "too_large",
            "as it is, it fits at no context: the changes below, a smaller quantization or more memory are needed".to_owned(),
        ),
    }
}

impl Change {
    pub(super) fn standing(&self, question: &Question<'_>) -> Standing {
        Question {
            subject: &self.subject,
            settings: &self.settings,
            limits: &self.limits,
            beside: &self.beside,
            ..*question
        }
        .standing()
    }

    /// The change in words, where it makes anything better.
    pub(super) fn advice(&self, now: Standing, then: Standing) -> Option<Advice> {
        let better = rank(then) < rank(now);
        let longer = then.largest > now.largest;
        let saves = now.verdict != Verdict::Fits && then.headroom > now.headroom;
        if !(better || longer || saves) {
            return None;
        }
        let fits = then.verdict == Verdict::Fits;
        let result = if fits {
            let comfort = match then.comfort {
                Some(ComfortLevel::Comfortable) | None => String::new(),
                Some(level) => format!(" ({level})"),
            };
            format!("it fits{comfort}, with {}", left(then.headroom))
        } else {
            format!("still {}", left(then.headroom))
        };
        let up_to = then
            .largest
            .filter(|_| longer)
            .map_or(String::new(), |c| match fits {
                true => format!("; up to {}", exact_tokens(c)),
                false => format!("; it would fit up to {}", exact_tokens(c)),
            });
        Some(Advice {
            kind: self.kind.to_owned(),
            text: format!("{}: {result}{up_to}", self.what),
            // What is not enough is told, and not recommended.
            command: self.command.clone().filter(|_| fits),
        })
    }
}

/// Better standings rank lower.
fn rank(standing: Standing) -> (u8, Option<ComfortLevel>) {
    let verdict = match standing.verdict {
        Verdict::Fits => 0,
        Verdict::FitsIfWiredLimitRaised => 1,
        Verdict::DoesNotFit | Verdict::Unknown => 2,
    };
    (verdict, standing.comfort)
}

/// A change that changes nothing yet.
pub(super) fn same(question: &Question<'_>, kind: &'static str, what: String) -> Change {
    Change {
        kind,
        what,
        command: None,
        subject: question.subject.clone(),
        settings: *question.settings,
        limits: question.limits.clone(),
        beside: question.beside.to_vec(),
    }
}

/// Every change that can be made alone.
fn single(question: &Question<'_>) -> Vec<Change> {
    [
        raised(question),
        flash_attention(question),
        quantized_cache(question),
        unified(question),
        one_slot(question),
        without_companions(question),
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
    let rest = question.limits.physical_bytes.saturating_sub(set);
    let mib = set.mib_floor();
    let what = format!(
        "with the GPU's limit raised to {} until the next restart, which leaves {} to the system",
        set.both(),
        rest.both()
    );
    let mut change = same(question, "raise_wired_limit", what);
    change.limits.gpu_working_set_bytes = Some(set);
    change.command = Some(format!("sudo sysctl iogpu.wired_limit_mb={mib}"));
    Some(change)
}

fn flash_attention(question: &Question<'_>) -> Option<Change> {
    if question.settings.flash_attention || question.subject.engine != Engine::LlamaCpp {
        return None;
    }
    let what = "with flash attention on".to_owned();
    let mut change = same(question, "flash_attention", what);
    change.settings.flash_attention = true;
    change.command = Some("--flash-attention on".to_owned());
    Some(change)
}

fn quantized_cache(question: &Question<'_>) -> Option<Change> {
    let settings = question.settings;
    let arch = question.subject.architecture.as_ref().ok()?;
    let wide = |kv: KvType| kv.row_bytes(256) > KvType::Q8_0.row_bytes(256);
    let both = KvType::Q8_0;
    let refused = settings.engine == Engine::LlamaCpp
        && !(settings.flash_attention && llama_cpp::stores(arch, both, both));
    if refused || !(wide(settings.kv_type_k) || wide(settings.kv_type_v)) {
        return None;
    }
    let what = "with keys and values in q8_0".to_owned();
    let mut change = same(question, "quantized_kv_cache", what);
    (change.settings.kv_type_k, change.settings.kv_type_v) = (both, both);
    change.command = Some("--kv-type q8_0".to_owned());
    Some(change)
}

fn unified(question: &Question<'_>) -> Option<Change> {
    if question.settings.kv_unified || question.settings.slots == 1 {
        return None;
    }
    let what = "with one pool of cells for all slots".to_owned();
    let mut change = same(question, "unified_kv_cache", what);
    change.settings.kv_unified = true;
    change.command = Some("--kv unified".to_owned());
    Some(change)
}

fn one_slot(question: &Question<'_>) -> Option<Change> {
    if question.settings.slots == 1 {
        return None;
    }
    let what = format!("with 1 slot instead of {}", question.settings.slots);
    let mut change = same(question, "fewer_slots", what);
    change.settings.slots = 1;
    change.command = Some("--slots 1".to_owned());
    Some(change)
}

fn without_companions(question: &Question<'_>) -> Option<Change> {
    let names: Vec<&str> = question
        .subject
        .companions
        .iter()
        .map(|companion| match companion {
            Companion::Vision { .. } => "its vision part",
            Companion::Draft { .. } => "the draft model",
            Companion::Prediction { .. } => "multi-token prediction",
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let what = format!("without {}", names.join(" and "));
    let mut change = same(question, "without_companions", what);
    change.subject.companions.clear();
    change.settings.draft_tokens = None;
    Some(change)
}

/// The one neighbour that has to go, where one is enough; else all of them.
fn alone(question: &Question<'_>) -> Option<Change> {
    if question.beside.is_empty() {
        return None;
    }
    let without = |gone: &[Neighbour], kept: Vec<Neighbour>| {
        let names: Vec<&str> = gone.iter().map(|n| n.name.as_str()).collect();
        let what = format!("with {} unloaded", names.join(" and "));
        let mut change = same(question, "alone", what);
        change.beside = kept;
        change
    };
    let mut each: Vec<usize> = (0..question.beside.len()).collect();
    // The smallest that is enough is the least to give up.
    each.sort_by_key(|i| question.beside[*i].memory.total_bytes);
    each.into_iter()
        .map(|i| {
            let mut kept = question.beside.to_vec();
            let gone = kept.remove(i);
            without(&[gone], kept)
        })
        .find(|change| change.standing(question).verdict == Verdict::Fits)
        .or_else(|| Some(without(question.beside, Vec::new())))
}

/// All settings at once: for a model that no single change makes fit.
fn together(question: &Question<'_>, now: Standing) -> Option<Advice> {
    let parts: Vec<Change> = single(question)
        .into_iter()
        .filter(|c| !matches!(c.kind, "without_companions" | "alone"))
        .collect();
    if parts.len() < 2 {
        return None;
    }
    let mut all = same(
        question,
        "all_together",
        "with all of these settings".to_owned(),
    );
    for part in &parts {
        match part.kind {
            "raise_wired_limit" => {
                all.limits.gpu_working_set_bytes = question.limits.raised_working_set();
            }
            "flash_attention" => all.settings.flash_attention = true,
            "quantized_kv_cache" => {
                (all.settings.kv_type_k, all.settings.kv_type_v) =
                    (part.settings.kv_type_k, part.settings.kv_type_v);
            }
            "unified_kv_cache" => all.settings.kv_unified = true,
            _ => all.settings.slots = part.settings.slots,
        }
    }
    let then = all.standing(question);
    all.advice(now, then)
}
