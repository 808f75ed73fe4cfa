//! One model of the catalog, and one of its files, while they are met.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::catalog::roles::Projector;
use crate::catalog::schema::{Model, Variant};
use crate::memory::Engine;
use crate::model::Architecture;
use crate::plan::refusal::Refusal;
use crate::plan::request::Request;
use crate::quality::Place;
use crate::quality::quantization::Loss;
use crate::scenario::contexts::{Contexts, Rungs};
use crate::scenario::inputs::Scenario;
use crate::scenario::ladder::Ladder;
use crate::scenario::refusal::Refused;
use crate::scenario::ways::Ways;
use crate::speed::Reliability;

/// What became of one variant.
pub(super) struct Met<'s> {
    pub(super) ladders: Vec<Ladder<'s>>,
    /// Why none of its candidates serves a task.
    pub(super) refused: Option<Refused>,
}

impl Met<'_> {
    pub(super) const fn refused(refused: Refused) -> Self {
        Self {
            ladders: Vec::new(),
            refused: Some(refused),
        }
    }
}

/// A file that may be loaded.
pub(super) struct OfOneFile<'s, 'k> {
    pub(super) known: &'k OfOneModel<'s>,
    pub(super) variant: &'s Variant,
    /// Its number among all of the catalog.
    pub(super) variant_number: usize,
    pub(super) loss: Loss,
    /// What sees beside it.
    pub(super) projector: Option<&'s Projector>,
    pub(super) contexts: Rc<Contexts<'s>>,
}

/// What all candidates of a model share.
pub(super) struct OfOneModel<'s> {
    pub(super) model: &'s Model,
    /// Its number in the catalog.
    pub(super) number: usize,
    /// The number of the first of its variants among all of the catalog.
    pub(super) first_variant: usize,
    /// By name, each with what its quantization loses.
    pub(super) variants: Vec<(&'s Variant, Loss)>,
    /// The ways to ask it for each task, where they were asked for.
    pub(super) ways: OnceCell<Result<Ways, Refusal>>,
    /// Where it stands, where that was asked for.
    pub(super) place: OnceCell<Rc<Place<'s>>>,
    /// Its contexts with each engine.
    pub(super) contexts: RefCell<Vec<Rc<Contexts<'s>>>>,
}

impl<'s> OfOneModel<'s> {
    /// The model's contexts with an engine.
    pub(super) fn contexts(
        &self,
        request: &Request,
        arch: &'s Architecture,
        engine: Engine,
    ) -> Result<Rc<Contexts<'s>>, Refused> {
        let known = self
            .contexts
            .borrow()
            .iter()
            .find(|c| c.engine() == engine)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let rungs = Rungs::of(request, self.model)?;
        let new = Rc::new(Contexts::new(&rungs, arch, request, engine));
        self.contexts.borrow_mut().push(Rc::clone(&new));
        Ok(new)
    }
}

/// What is known of whether requests pass; of what was measured, that it loads too.
pub(super) fn reliability(
    scenario: &Scenario<'_>,
    model: &Model,
    variant: &Variant,
    seen: Reliability,
) -> Reliability {
    let unreported = scenario.catalog.not_seen_to_load(model, variant).is_some();
    Reliability {
        unreported: unreported && seen.pass_rate.is_none(),
        ..seen
    }
}
