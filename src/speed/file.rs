//! A variant as the speed model sees it.

use std::cell::OnceCell;

use super::constants::{Decode, Prefill};
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
    /// By how many times it is slower than the formula, decoding and reading; found once.
    slower: [OnceCell<f64>; 2],
    class: OnceCell<String>,
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
            slower: [OnceCell::new(), OnceCell::new()],
            class: OnceCell::new(),
        })
    }

    /// What its program does otherwise. Who asks for a speed waits for a server.
    pub(super) fn ways(&self) -> Ways {
        Ways {
            omlx: self.program == "omlx",
            served: true,
            ..Ways::default()
        }
    }

    /// As bands are told by.
    pub(super) fn class(&self) -> &str {
        self.class.get_or_init(|| {
            let engine = if self.program == "omlx" {
                "omlx"
            } else {
                self.job.kernels.name()
            };
            [engine, " ", self.job.shape.name()].concat()
        })
    }

    /// By how many times it decodes slower than the formula.
    pub(super) fn decodes_slower(&self, part: &Part<Decode>) -> f64 {
        *self.slower[0].get_or_init(|| self.slower(part))
    }

    /// By how many times it reads slower than the formula.
    pub(super) fn reads_slower(&self, part: &Part<Prefill>) -> f64 {
        *self.slower[1].get_or_init(|| self.slower(part))
    }

    fn slower<F>(&self, part: &Part<F>) -> f64 {
        part.effect(&self.model.id, &self.variant.id, &self.job)
            .exp()
    }
}
