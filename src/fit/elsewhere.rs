//! What would fit instead: a smaller quantization of the same shape, a larger Mac.

use crate::fit::document::{ComfortLevel, Verdict};
use crate::fit::question::{Question, Standing};
use crate::fit::speed::as_large;
use crate::fit::subject::Sibling;
use crate::fit::trial::{Change, standing, told};
use crate::fit::words::left;
use crate::machine::Kind;
use crate::memory::limits::{Demand, Limits};
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

/// The smallest machine on which all of it would fit as it is.
pub(super) fn smallest_machine(question: &Question<'_>, now: Standing) -> Option<Advice> {
    let own = question.machine.kind;
    let among_macs = own.is_mac() || own == Kind::Other;
    let noun = if among_macs { "Mac" } else { "machine" };
    let holds = |demand: Demand| {
        let mut fitting: Vec<_> = question
            .machines
            .iter()
            .filter(|m| m.is_mac() == among_macs && Limits::of(m).holds(demand))
            .collect();
        fitting.sort_by(|a, b| a.memory.cmp(&b.memory).then_with(|| a.name.cmp(&b.name)));
        fitting
    };
    // A shorter context may do with less.
    let at = exact_tokens(question.settings.context);
    let fitting = holds(now.demand);
    let Some(first) = fitting.first() else {
        let text = format!("no {noun} that planner knows holds it as it is with {at}");
        return (!question.machines.is_empty()).then(|| Advice::new(AdviceKind::SmallestMac, text));
    };
    let alike = fitting.iter().filter(|m| m.memory == first.memory).count() - 1;
    let others = match alike {
        0 => String::new(),
        1 => format!(", or the other {noun} with as much memory"),
        n => format!(", or any of {n} other {noun}s with as much memory"),
    };
    let headroom = Limits::of(first).headroom(now.demand);
    Some(Advice::new(
        AdviceKind::SmallestMac,
        format!(
            "the smallest {noun} that holds it as it is with {at}: {}{others}, with {}",
            first.name,
            left(headroom)
        ),
    ))
}
