//! One change to a plan's machine, request or catalog.

use std::borrow::Cow;

use crate::advise::whatif::new_model;
use crate::advise::whatif::new_model::NewModel;
use crate::catalog::Catalog;
use crate::machine::Machine;
use crate::memory::KvType;
use crate::plan::request::Request;
use crate::scenario::candidates::Setting;
use crate::scenario::error::RecommendError;
use crate::units::{Bytes, tokens};

/// One change to try.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Another machine.
    Machine(Box<Machine>),
    /// The same machine with another amount of memory.
    Memory(Bytes),
    /// The GPU's limit at this.
    WiredLimit(Bytes),
    /// What is left to the system.
    Reserve(Bytes),
    /// A context for every model.
    Context(u32),
    /// Other types of KV cache, for keys and values.
    KvType(KvType, KvType),
    /// Another number of slots.
    Slots(u32),
    /// Up to so many models.
    Models(usize),
    /// A model that the catalog does not have.
    New(NewModel),
}

/// What an answer is made from, with changes made to it.
pub(super) struct Changed<'a> {
    pub(super) machine: Machine,
    pub(super) request: Request,
    pub(super) catalog: Cow<'a, Catalog>,
    /// Names of the new models.
    pub(super) new: Vec<String>,
}

impl<'a> Changed<'a> {
    pub(super) fn none(setting: Setting<'a>) -> Self {
        Self {
            machine: setting.machine.clone(),
            request: setting.request.clone(),
            catalog: Cow::Borrowed(setting.catalog),
            new: Vec::new(),
        }
    }

    /// One more change.
    pub(super) fn with(mut self, what: &What) -> Result<Self, RecommendError> {
        match what {
            What::Machine(machine) => self.machine = (**machine).clone(),
            What::Memory(bytes) => self.machine = self.machine.with_memory(*bytes),
            What::WiredLimit(bytes) => self.machine = self.machine.with_wired_limit(*bytes),
            What::Reserve(bytes) => self.machine = self.machine.with_reserve(*bytes),
            What::Context(context) => self.request.context = Some(*context),
            What::KvType(k, v) => {
                let settings = &mut self.request.settings;
                (settings.kv_type_k, settings.kv_type_v) = (*k, *v);
            }
            What::Slots(slots) => self.request.settings.slots = *slots,
            What::Models(models) => self.request.max_models = *models,
            What::New(new) => {
                let with = new_model::with_model(&self.catalog, &self.machine, new)?;
                self.catalog = Cow::Owned(with);
                self.new.push(new.name.clone());
            }
        }
        Ok(self)
    }
}

/// A change in words.
pub(super) fn words(setting: Setting<'_>, what: &What) -> String {
    match what {
        What::Machine(machine) => machine.name.clone(),
        What::Memory(bytes) => format!("{} of memory", bytes.both()),
        What::WiredLimit(bytes) => format!("the GPU's limit at {}", bytes.both()),
        What::Reserve(bytes) => format!("{} left to the system", bytes.both()),
        What::Context(context) => format!("a context of {} for every model", tokens(*context)),
        What::KvType(k, v) if k == v => {
            format!("the KV cache in {k} (its loss of quality is not counted)")
        }
        What::KvType(k, v) => {
            format!("the KV cache in {k} and {v} (their loss of quality is not counted)")
        }
        What::Slots(slots) => format!("{slots} slots"),
        What::Models(models) => {
            let now = setting.request.max_models;
            format!("up to {models} models instead of {now}")
        }
        What::New(new) => {
            let speed = new.tokens_per_second.map_or_else(
                || "at its predicted speed".to_owned(),
                |t| format!("at {t} t/s"),
            );
            format!(
                "{} of {} {speed}, like {}",
                new.name,
                new.weights.both(),
                new.like
            )
        }
    }
}
