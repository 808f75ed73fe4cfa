//! A model of which only the size is known: the memory that known architectures of such a size
//! would take, from the least to the most.

use crate::catalog::Catalog;
use crate::fit::answer::fit;
use crate::fit::document::{Case, Fit, Range, Verdict};
use crate::fit::question::Question;
use crate::fit::subject::{Split, Subject};
use crate::memory::limits::Demand;
use crate::memory::offload::Apart;
use crate::memory::{Engine, Weights};
use crate::model::Architecture;
use crate::plan::document::{Advice, AdviceKind};
use crate::units::Bytes;

/// The context for a model whose own is not known.
const COMMON_CONTEXT: u32 = 32_768;

/// A known architecture.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Id of the model that has it.
    pub like: String,
    /// The architecture.
    pub architecture: Architecture,
    /// The context that it was trained for.
    pub context_length: u32,
}

/// Architectures of which a file of about this size exists: within half as much again, else the
/// nearest three.
#[must_use]
pub fn shapes_of_size(catalog: &Catalog, weights: Bytes, engine: Engine) -> Vec<Shape> {
    let mut all: Vec<(u64, Shape)> = catalog
        .models
        .iter()
        .filter_map(|model| {
            let sizes = model.variants.iter().filter(|v| v.engine == engine.id());
            let nearest = sizes.map(|v| ratio(v.weights_bytes, weights)).min()?;
            let shape = Shape {
                like: model.id.clone(),
                architecture: model.architecture.clone()?,
                context_length: model.context_length,
            };
            Some((nearest, shape))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.like.cmp(&b.1.like)));
    let near = all.iter().filter(|(ratio, _)| *ratio <= 1500).count();
    all.truncate(near.max(3));
    all.into_iter().map(|(_, shape)| shape).collect()
}

/// How many thousandths the larger is of the smaller.
fn ratio(a: Bytes, b: Bytes) -> u64 {
    let (low, high) = (a.min(b), a.max(b));
    high.0.saturating_mul(1000) / low.0.max(1)
}

/// The answer for a model of which only the size is known. `question` holds the name, the weights
/// and the settings; its architecture is not looked at. None where no architecture is given.
#[must_use]
pub fn fit_range(question: Question<'_>, shapes: &[Shape]) -> Option<Fit> {
    let mut cases: Vec<(Case, Subject)> =
        shapes.iter().map(|shape| case(&question, shape)).collect();
    cases.sort_by_key(|(case, _)| std::cmp::Reverse(case.headroom_bytes));
    let (low, _) = cases.first()?;
    let (high, subject) = cases.last()?;
    let mut answer = fit(Question {
        subject,
        ..question
    });
    if low.headroom_bytes >= 0 && high.headroom_bytes < 0 {
        answer.verdict = Verdict::Unknown;
        answer.reason = Some(format!(
            "only its size is known: built like {} it would fit, built like {} it would not",
            low.like, high.like
        ));
    }
    answer.advice.insert(
        0,
        Advice::new(AdviceKind::OnlyTheSizeIsKnown,
            format!(
                "the figures are those of {}, which takes most of {} known architectures of about this size; `--like MODEL` names one",
                high.like,
                cases.len()
            ),
        ),
    );
    answer.range = Some(Range {
        low: low.clone(),
        high: high.clone(),
        considered: cases.iter().map(|(case, _)| case.like.clone()).collect(),
    });
    Some(answer)
}

fn case(question: &Question<'_>, shape: &Shape) -> (Case, Subject) {
    let subject = Subject {
        architecture: Ok(shape.architecture.clone()),
        context_length: Some(shape.context_length),
        ..question.subject.clone()
    };
    let ledger = subject.ledger(question.settings);
    let demand = Demand::from(&ledger);
    let case = Case {
        like: shape.like.clone(),
        gpu_total_bytes: demand.gpu,
        total_bytes: demand.total,
        headroom_bytes: question.limits.headroom(demand + question.others()),
    };
    (case, subject)
}

impl Subject {
    /// A model that need not exist, of this size.
    #[must_use]
    pub fn hypothetical(name: String, weights: Bytes, engine: Engine) -> Self {
        Self {
            name,
            engine,
            architecture: Err("only its size is given".to_owned()),
            weights: Weights {
                gpu: weights,
                cpu: Bytes::ZERO,
                basis: crate::basis::Basis::Assumed,
                source: "given with --weights".to_owned(),
            },
            split: Split::default(),
            apart: Apart::default(),
            companions: Vec::new(),
            context_length: None,
            siblings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// A context that every one of these was trained for, at most 32k.
#[must_use]
pub fn common_context(shapes: &[Shape]) -> u32 {
    let trained = shapes.iter().map(|s| s.context_length).min();
    trained.unwrap_or(COMMON_CONTEXT).min(COMMON_CONTEXT)
}
