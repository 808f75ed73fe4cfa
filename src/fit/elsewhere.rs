//! What would fit instead: a smaller quantization of the same shape, a larger Mac.

use crate::fit::document::{ComfortLevel, Verdict};
use crate::fit::question::{Question, Standing};
use crate::fit::speed::as_large;
use crate::fit::subject::Sibling;
use crate::fit::trial::{Change, standing, told};
use crate::fit::words::left;
use crate::machine::{Kind, Machine};
use crate::memory::limits::Limits;
use crate::plan::document::{Advice, AdviceKind};
use crate::units::exact_tokens;

/// The next smaller quantization of the same shape, and the largest that fits, where that is
/// another one.
pub(super) fn smaller_file(question: &Question<'_>, now: Standing) -> Vec<Advice> {
    if now.comfort == Some(ComfortLevel::Comfortable) {
        return Vec::new();
    }
    let total = |s: &Sibling| s.weights.gpu + s.weights.cpu;
    let own = question.subject.weights.gpu + question.subject.weights.cpu;
    let mut smaller: Vec<&Sibling> = question
        .subject
        .siblings
        .iter()
        // What is as large is the same file, built by somebody else.
        .filter(|s| total(s) < own && !as_large(total(s), own))
        .collect();
    smaller.sort_by(|a, b| total(b).cmp(&total(a)).then_with(|| a.name.cmp(&b.name)));
    smaller.dedup_by(|a, b| a.quantization == b.quantization);
    let tried = smaller.iter().enumerate().map(|(i, sibling)| {
        let change = [Change::SmallerFile {
            sibling: Box::new((*sibling).clone()),
            next: i == 0,
        }];
        let then = standing(question, &change);
        (change, then)
    });
    let tried: Vec<([Change; 1], Standing)> = tried.collect();
    let fitting = tried
        .iter()
        .position(|(_, then)| then.verdict == Verdict::Fits);
    tried
        .iter()
        .enumerate()
        .filter(|(i, _)| *i == 0 || Some(*i) == fitting)
        .filter_map(|(_, (change, then))| told(question, change, now, *then))
        .collect()
}

/// Tokens of context below which a machine is no answer to where a model could run.
const OF_USE: u32 = 8192;

/// The smallest machine on which all of it would fit as it is; of what fits here at no context, the
/// smallest on which it does at one of use.
pub(super) fn smallest_machine(question: &Question<'_>, now: Standing) -> Option<Advice> {
    let own = question.machine.kind;
    let among_macs = own.is_mac() || own == Kind::Other;
    let noun = if among_macs { "Mac" } else { "machine" };
    let mut machines: Vec<&Machine> = question
        .machines
        .iter()
        .filter(|m| m.is_mac() == among_macs)
        .collect();
    machines.sort_by(|a, b| a.memory.cmp(&b.memory).then_with(|| a.name.cmp(&b.name)));
    machines.first()?;
    let shorter = || {
        let up_to = |m: &Machine| question.largest_within(&Limits::of(m));
        let mut all = machines.iter().filter_map(|m| Some((*m, up_to(m)?)));
        all.find(|(_, context)| *context >= OF_USE)
    };
    let at = exact_tokens(question.settings.context);
    let whole = machines.iter().copied();
    let mut whole = whole.filter(|m| Limits::of(m).holds(now.demand));
    let first = whole.next();
    let less = now.largest.is_none().then(shorter).flatten();
    let less = less.filter(|(m, _)| first.is_none_or(|first| m.memory < first.memory));
    let mut parts = Vec::new();
    parts.extend(less.map(|(m, context)| {
        format!(
            "the smallest {noun} that holds it with {} of context or more: {}, up to {}",
            exact_tokens(OF_USE),
            m.name,
            exact_tokens(context)
        )
    }));
    parts.push(match first {
        None => format!("no {noun} that planner knows holds it as it is with {at}"),
        Some(first) => {
            let others = match whole.filter(|m| m.memory == first.memory).count() {
                0 => String::new(),
                1 => format!(", or another {noun} of that memory"),
                n => format!(", or any of {n} other {noun}s of that memory"),
            };
            let headroom = left(Limits::of(first).headroom(now.demand));
            format!(
                "the smallest {noun} that holds it as it is with {at}: {}{others}, with {headroom}",
                first.name
            )
        }
    });
    Some(Advice::new(AdviceKind::SmallestMac, parts.join("; ")))
}
