//! The answer to a question.

use super::document::{BoundLimits, Fit, Verdict};
use super::question::{Question, Standing};

use super::{change, comfort, document, table};
use crate::plan::document::{Advice, AdviceKind, Memory};

/// Answers whether a model fits.
#[must_use]
pub fn fit(question: Question<'_>) -> Fit {
    let Question {
        subject,
        settings,
        limits,
        ..
    } = question;
    let ledger = subject.ledger(settings);
    let standing = question.standing();
    let memory = Memory::of(&ledger);
    let together = question
        .beside
        .iter()
        .fold(memory, |sum, n| sum.plus(n.memory));
    Fit {
        schema: document::SCHEMA,
        catalog_date: None,
        model: subject.name.clone(),
        machine: question.machine.name.clone(),
        verdict: standing.verdict,
        reason: subject.architecture.as_ref().err().cloned(),
        fails_to_load: None,
        comfort: comfort::grade(limits, standing.demand, standing.verdict),
        settings: *settings,
        gpu_layers: subject.apart.gpu_layers,
        cpu_expert_layers: Some(subject.apart.cpu_experts).filter(|&n| n > 0),
        memory,
        ledger: (ledger.lines().iter())
            .map(|line| line.told_on(limits.gpu_memory))
            .collect(),
        beside: question.beside.to_vec(),
        together,
        limits: BoundLimits {
            limits: limits.clone(),
            binding: limits.binding(standing.demand),
        },
        headroom_bytes: standing.headroom,
        largest_context: standing.largest,
        context_length: subject.context_length,
        speed: question
            .pace
            .and_then(|pace| pace.speed.as_ref())
            .filter(|_| standing.verdict != Verdict::DoesNotFit || standing.largest.is_some())
            .cloned(),
        quality: question.pace.map_or_else(Vec::new, |p| p.quality.clone()),
        too_slow: question.pace.map_or_else(Vec::new, |p| p.too_slow.clone()),
        range: None,
        table: question.table.then(|| table::rows(&question)).flatten(),
        advice: advice(&question, standing),
    }
}

fn advice(question: &Question<'_>, standing: Standing) -> Vec<Advice> {
    let subject = question.subject;
    let mut all: Vec<Advice> = subject
        .notes
        .iter()
        .map(|n| Advice::new(AdviceKind::AboutTheFile, n.clone()))
        .collect();
    if let Err(reason) = &subject.architecture {
        all.push(Advice::new(AdviceKind::Unknown,
            format!(
                "the memory of its context is not known: {reason}. The ledger holds its weights alone, {} of them",
                (subject.weights.gpu + subject.weights.cpu).both()
            ),
        ));
        return all;
    }
    all.extend(change::all(question, standing));
    all
}
