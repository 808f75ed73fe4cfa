//! A variant as the speed model sees it.

use super::fitted::Part;
use super::job::Job;
use super::prefill::Ways;
use crate::catalog::schema::{Model, Variant};

/// A variant as the model sees it.
#[derive(Debug, Clone)]
pub(super) struct File<'a> {
    pub(super) model: &'a Model,
    pub(super) variant: &'a Variant,
    pub(super) job: Job<'a>,
    /// A program with ways of its own that the variant is made for; else empty.
    pub(super) program: &'static str,
}

impl<'a> File<'a> {
    pub(super) fn of(model: &'a Model, variant: &'a Variant) -> Option<Self> {
        Some(Self {
            job: Job::of(model, variant)?,
            program: match variant.engine.as_str() {
                "omlx" => "omlx",
                "ollama" => "ollama",
                _ => "",
            },
            model,
            variant,
        })
    }

    /// What its program does otherwise.
    pub(super) fn ways(&self) -> Ways {
        Ways {
            omlx: self.program == "omlx",
            ..Ways::default()
        }
    }

    /// As bands are told by.
    pub(super) fn class(&self) -> String {
        let engine = if self.program == "omlx" {
            "omlx"
        } else {
            self.job.kernels.name()
        };
        format!("{engine} {}", self.job.shape.name())
    }

    /// The logarithm by which it is slower than the formula.
    pub(super) fn effect<F>(&self, part: &Part<F>) -> f64 {
        part.effect(&self.model.id, &self.variant.id, &self.job)
    }
}
