//! What would change the answer: each change is made, and the same question computed again.

use super::document::{ComfortLevel, Neighbour, Verdict};
use super::{Question, Standing, Subject, left, note};
use crate::memory::limits::{Demand, Limits};
use crate::memory::{Companion, Engine, KvType, Settings, llama_cpp};
use crate::plan::document::Advice;
use crate::units::{Bytes, exact_tokens, tokens};

/// One change to a question.
struct Change {
    kind: &'static str,
    /// What is done, as a clause: `with keys and values in q8_0`.
    what: String,
    command: Option<String>,
    subject: Subject,
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
    advice.extend(smaller_file(question, now));
    if now.verdict != Verdict::Fits {
        advice.extend(smallest_machine(question, now));
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
    fn standing(&self, question: &Question<'_>) -> Standing {
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
    fn advice(&self, now: Standing, then: Standing) -> Option<Advice> {
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
                true => format!("; up to {} tokens", tokens(c)),
                false => format!("; it would fit up to {} tokens", tokens(c)),
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

fn same(question: &Question<'_>, kind: &'static str, what: String) -> Change {
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

fn alone(question: &Question<'_>) -> Option<Change> {
    if question.beside.is_empty() {
        return None;
    }
    let names: Vec<&str> = question.beside.iter().map(|n| n.name.as_str()).collect();
    let what = format!("with {} unloaded", names.join(" and "));
    let mut change = same(question, "alone", what);
    change.beside.clear();
    Some(change)
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

/// The next smaller quantization of the same shape, and the largest that fits, where that is
/// another one.
fn smaller_file(question: &Question<'_>, now: Standing) -> Vec<Advice> {
    if now.comfort == Some(ComfortLevel::Comfortable) {
        return Vec::new();
    }
    let total = |s: &super::Sibling| s.weights.gpu + s.weights.cpu;
    let own = question.subject.weights.gpu + question.subject.weights.cpu;
    let mut smaller: Vec<&super::Sibling> = question
        .subject
        .siblings
        .iter()
        .filter(|s| total(s) < own)
        .collect();
    smaller.sort_by(|a, b| total(b).cmp(&total(a)).then_with(|| a.name.cmp(&b.name)));
    smaller.dedup_by(|a, b| a.quantization == b.quantization);
    let tried = smaller.iter().enumerate().map(|(i, sibling)| {
        let what = format!(
            "the {}smaller {} ({}, {})",
            if i == 0 { "next " } else { "" },
            sibling.quantization,
            sibling.name,
            total(sibling).both()
        );
        let mut change = same(question, "smaller_quantization", what);
        change.subject.weights = sibling.weights.clone();
        let then = change.standing(question);
        (change, then)
    });
    let tried: Vec<(Change, Standing)> = tried.collect();
    let fitting = tried
        .iter()
        .position(|(_, then)| then.verdict == Verdict::Fits);
    tried
        .iter()
        .enumerate()
        .filter(|(i, _)| *i == 0 || Some(*i) == fitting)
        .filter_map(|(_, (change, then))| change.advice(now, *then))
        .collect()
}

/// The smallest machine on which all of it would fit as it is.
fn smallest_machine(question: &Question<'_>, now: Standing) -> Option<Advice> {
    let holds = |demand: Demand| {
        let mut fitting: Vec<_> = question
            .machines
            .iter()
            .filter(|m| m.apple_silicon && Limits::of(m).holds(demand))
            .collect();
        fitting.sort_by(|a, b| a.memory.cmp(&b.memory).then_with(|| a.name.cmp(&b.name)));
        fitting
    };
    let fitting = holds(now.demand);
    let Some(first) = fitting.first() else {
        let text = "no Mac that planner knows holds it as it is".to_owned();
        return (!question.machines.is_empty()).then(|| note("smallest_mac", text));
    };
    let alike = fitting.iter().filter(|m| m.memory == first.memory).count() - 1;
    let others = match alike {
        0 => String::new(),
        1 => ", and one other Mac of that memory".to_owned(),
        n => format!(", and {n} other Macs of that memory"),
    };
    let headroom = Limits::of(first).headroom(now.demand);
    Some(note(
        "smallest_mac",
        format!(
            "the smallest Mac that holds it as it is: {}{others}, with {}",
            first.name,
            left(headroom)
        ),
    ))
}
