//! The tools: their names, what they say of themselves, and their schemas.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool as Described, ToolAnnotations};
use schemars::{JsonSchema, Schema, schema_for};
use serde_json::{Value, json};

use super::tools::{apply, explain, fit, machines, models, recommend, status, whatif};
use crate::advise::explain::Explanation;
use crate::advise::whatif::WhatIf;
use crate::app::Ranking;
use crate::app::machine::Machines;
use crate::apply::document::{ApplyReport, StatusReport};
use crate::plan::Plan;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// The best models to keep loaded.
    Recommend,
    /// Whether a model fits.
    Fit,
    /// Why a plan is as it is.
    Explain,
    /// What a change would do to a plan.
    Whatif,
    /// What is loaded.
    Status,
    /// How good models are.
    Models,
    /// The machines that can be planned for.
    Machines,
    /// Changes what is loaded.
    Apply,
}

impl Tool {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::Recommend,
        Self::Fit,
        Self::Explain,
        Self::Whatif,
        Self::Status,
        Self::Models,
        Self::Machines,
        Self::Apply,
    ];

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Recommend => "recommend",
            Self::Fit => "fit",
            Self::Explain => "explain",
            Self::Whatif => "whatif",
            Self::Status => "status",
            Self::Models => "models",
            Self::Machines => "machines",
            Self::Apply => "apply",
        }
    }

    /// The tool of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Recommend => "Best local models for this work",
            Self::Fit => "Does a model fit",
            Self::Explain => "Why this plan",
            Self::Whatif => "What a change would do",
            Self::Status => "What is loaded",
            Self::Models => "How good models are",
            Self::Machines => "Machines to plan for",
            Self::Apply => "Load a plan in LM Studio",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Recommend => {
                "The provably best one, two or three local models to keep loaded in LM Studio for the given tasks, each with file, engine, context, slots and reasoning effort; memory to the byte, seconds per turn, and what is faster, smaller or as good. Keeps the plan under `name` for the other tools. Loads nothing."
            }
            Self::Fit => {
                "Whether a model fits in memory here, up to which context, and what would make it fit: a variant of the catalog (`model/variant`), a model of it, a file, a folder, or hf:OWNER/REPO[:QUANT]. Call it with beside_loaded before loading anything."
            }
            Self::Explain => {
                "Why a plan says what it says, how far it holds, what binds, and (why_not) why another model is not in it. Every statement was tried by solving again."
            }
            Self::Whatif => {
                "A plan solved again with changes: another machine, limit, reserve, context, KV cache type, depth, agents, effort, or a model that the catalog does not have; each alone unless `together`. Without changes, the usual ones."
            }
            Self::Status => {
                "What LM Studio has loaded now, its memory, and (with `plan`) what differs from a plan."
            }
            Self::Models => {
                "All models of the catalog ranked for a task by expected quality, with its band; with `machine`, also the largest file that fits there, its memory and seconds per turn."
            }
            Self::Machines => {
                "The Macs that can be planned for by name, and the figures known of each."
            }
            Self::Apply => {
                "Brings what LM Studio has loaded to a plan, step by verified step, and back on failure; with `undo`, loads again what was loaded before the last apply. The user is shown the changes and asked first. `dry_run` only says what would change."
            }
        }
    }

    /// The schema of its arguments.
    fn input(self) -> JsonObject {
        match self {
            Self::Recommend => object(schema_for!(recommend::Arguments)),
            Self::Fit => object(schema_for!(fit::Arguments)),
            Self::Explain => object(schema_for!(explain::Arguments)),
            Self::Whatif => object(schema_for!(whatif::Arguments)),
            Self::Status => object(schema_for!(status::Arguments)),
            Self::Models => object(schema_for!(models::Arguments)),
            Self::Machines => object(schema_for!(machines::Arguments)),
            Self::Apply => object(schema_for!(apply::Arguments)),
        }
    }

    /// The schema of its document.
    fn output(self) -> JsonObject {
        match self {
            Self::Recommend => document::<Plan>(),
            Self::Fit => document::<fit::Sized>(),
            Self::Explain => document::<Explanation>(),
            Self::Whatif => document::<WhatIf>(),
            Self::Status => document::<StatusReport>(),
            Self::Models => document::<Ranking>(),
            Self::Machines => document::<Machines>(),
            Self::Apply => document::<ApplyReport>(),
        }
    }

    /// What it may change, and whether it looks beyond this machine.
    fn annotations(self) -> ToolAnnotations {
        let changes = self == Self::Apply;
        // Repositories of a hub can be asked about.
        let asks_others = matches!(self, Self::Recommend | Self::Fit | Self::Whatif);
        ToolAnnotations::with_title(self.title())
            .read_only(!changes)
            .destructive(changes)
            .idempotent(true)
            .open_world(asks_others)
    }

    /// As a client sees it.
    pub(super) fn described(self) -> Described {
        Described::new(self.name(), self.description(), Arc::new(self.input()))
            .with_title(self.title())
            .with_raw_output_schema(Arc::new(self.output()))
            .with_annotations(self.annotations())
    }
}

fn document<T: JsonSchema>() -> JsonObject {
    object(schema_for!(T))
}

/// Clients want it said that a document of one of several shapes is an object too.
fn object(schema: Schema) -> JsonObject {
    let mut object = match schema.to_value() {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    };
    object.entry("type").or_insert_with(|| json!("object"));
    object
}
