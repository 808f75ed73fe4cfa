//! All that an answer is made from.

use std::borrow::Cow;

use crate::catalog::Catalog;
use crate::machine::Machine;
use crate::memory::limits::Limits;
use crate::plan::request::Request;
use crate::scenario::assumed::Assumed;
use crate::speed::SpeedModel;

/// All that an answer is made from.
#[derive(Debug, Clone)]
pub struct Scenario<'a> {
    /// What is known of models.
    pub catalog: Cow<'a, Catalog>,
    /// Where they are to be loaded.
    pub machine: Machine,
    /// How fast they are where nobody measured.
    pub speed: Cow<'a, SpeedModel>,
    /// What is asked for.
    pub request: Request,
    /// Figures that stand in place of known ones.
    pub assumed: Assumed,
    /// Models or variants that must serve a task: what is asked about.
    pub must_serve: Vec<String>,
}

impl<'a> Scenario<'a> {
    /// Of what is known, without assumptions.
    #[must_use]
    pub fn new(
        catalog: &'a Catalog,
        machine: &Machine,
        speed: &'a SpeedModel,
        request: &Request,
    ) -> Self {
        Self {
            catalog: Cow::Borrowed(catalog),
            machine: machine.clone(),
            speed: Cow::Borrowed(speed),
            request: request.clone(),
            assumed: Assumed::default(),
            must_serve: Vec::new(),
        }
    }

    /// What the machine can hold for this request. The guard stands aside for a campaign, which is
    /// planned as the study did, and where the request says to fill the machine.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let limits = Limits::of(&self.machine);
        if self.request.fill || self.request.campaign.is_some() {
            limits
        } else {
            limits.with_guard()
        }
    }
}
