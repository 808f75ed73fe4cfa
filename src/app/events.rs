//! What happens while a use case is at work, and what it must ask.

use std::path::Path;

use anyhow::Result;

use super::save::Saved;
use crate::apply::document::ApplyReport;
use crate::apply::fleet::FleetApply;
use crate::audit::Finding;
use crate::campaign::{StudyRun, VariantRun};
use crate::catalog::update::Update;
use crate::doctor::Bundle;
use crate::download::Progress;
use crate::emit::Placed;
use crate::import::Skipped;
use crate::import::contribution::Contribution;
use crate::lmstudio::matching::By;
use crate::lmstudio::{OddRow, Version};
use crate::measure::document::Request;
use crate::plan::document::Entry;
use crate::units::Bytes;

/// Who hears of a use case at work, and answers its questions.
pub trait Events {
    /// Something happened.
    fn tell(&self, event: Event<'_>);

    /// Asks for consent.
    ///
    /// # Errors
    /// When nobody is there to answer.
    fn ask(&self, question: Question) -> Result<Answer>;
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A model of the plan was found among the installed ones by its quantization and size alone.
    Likely {
        /// The model of the plan.
        entry: &'a Entry,
        /// LM Studio's key of what was found.
        key: &'a str,
        /// What speaks for it.
        by: By,
    },
    /// Tasks that nobody named and nothing on the disk serves.
    Unserved(&'a [String]),
    /// Settings that no load can be told, only LM Studio's own files.
    OnlyByFile {
        /// The model of the plan.
        entry: &'a Entry,
        /// The settings, in words.
        settings: &'a [String],
    },
    /// Models for LM Studio's MLX engine with more than one slot: some versions replace their
    /// context.
    ContextAtRisk {
        /// Their identifiers.
        models: &'a [&'a str],
    },
    /// Nothing of a model was measured, so that nothing was recorded.
    NothingRecorded {
        /// The model, as its server knows it.
        model: &'a str,
    },
    /// Measurements were recorded.
    Recorded {
        /// How many.
        rows: usize,
        /// `model/variant` that they are of.
        variant: &'a str,
        /// The catalog file that was written.
        path: &'a Path,
    },
    /// LM Studio lists something that can't be read as a model; it was passed over.
    OddRow(&'a OddRow),
    /// The record of the last apply could not be read, and was kept under this name.
    JournalSetAside(&'a Path),
    /// Work that takes a while has begun.
    Began(Work),
    /// It has ended.
    Ended(Work),
    /// A file was saved.
    Saved(&'a Saved),
    /// Files of the user's that are about to be written, before consent is asked for.
    Placing(&'a [Placed]),
    /// What a bundle holds, before consent to write it is asked for.
    Bundle(&'a Bundle),
    /// What would be given to others, before consent to write it is asked for.
    Contribution(&'a Contribution),
    /// A measurement of the user's that is not given, and why.
    Withheld(&'a Skipped),
    /// What another catalog would change, before consent to take it is asked for.
    CatalogUpdate(&'a Update),
    /// Another apply's load is waited for.
    WaitingForLoad,
    /// What an apply is about to change, before consent is asked for.
    Changes(&'a ApplyReport),
    /// What an apply is about to change on the nodes of a fleet, before consent is asked for.
    FleetChanges(&'a FleetApply),
    /// Something happened on a node of a fleet.
    OnNode {
        /// What it is called.
        node: &'a str,
        /// What happened.
        event: &'a Event<'a>,
    },
    /// LM Studio does not run.
    NotRunning,
    /// A model is being unloaded.
    Unloading(&'a str),
    /// A model is being loaded.
    Loading(&'a str),
    /// The load has come so far, in percent.
    Percent(u8),
    /// The unload or load was done, and seen to be.
    StepDone {
        /// How long it took.
        seconds: f64,
    },
    /// An apply that is only tried would not begin on this machine.
    WouldNotBegin {
        /// Why.
        why: &'a str,
        /// What to do about it, where something is known.
        hint: Option<&'a str>,
    },
    /// Which of LM Studio's programs answers, before a file of its is written.
    Answering {
        /// Its name.
        program: &'a str,
        /// Its version, where it says one.
        version: Option<Version>,
    },
    /// An apply failed, and what was loaded before is being loaded again.
    PuttingBack {
        /// Why it failed.
        why: &'a str,
        /// What to do about it, where something is known.
        hint: Option<&'a str>,
    },
    /// That failed too.
    Stuck {
        /// Why.
        why: &'a str,
    },
    /// A series of requests to a model has begun.
    SeriesBegan {
        /// The model, as its server knows it.
        model: &'a str,
        /// How many steps the series has.
        steps: u64,
    },
    /// A request of the series is being made.
    Measuring(&'a str),
    /// A request came to its end.
    Measured(&'a Request),
    /// The series has come to this step.
    SeriesAt(u64),
    /// The series has ended.
    SeriesEnded,
    /// The header of a file on a server is being read.
    ReadingHeader {
        /// The file's path there.
        file: &'a str,
    },
    /// A study, before consent to run it is asked for.
    Study(&'a StudyRun),
    /// A model of a study has its turn.
    StudyTurn {
        /// `model/variant`.
        variant: &'a str,
        /// Which of them it is, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// A model of a study failed; the next one comes.
    StudyFailed(&'a VariantRun),
    /// Files of a model that are here begin to be read, to hold them against the hub's hashes.
    Checking {
        /// The model.
        model: &'a str,
        /// What they have together.
        bytes: Bytes,
    },
    /// A model's files begin to come.
    Downloading {
        /// The model.
        model: &'a str,
        /// What its files have together, those that are here whole left out.
        bytes: Bytes,
    },
    /// So much of them is here, or was read.
    Downloaded(&'a Progress),
    /// No more of them comes.
    DownloadEnded,
    /// The check of the catalog found this of a new entry.
    Found(&'a Finding),
    /// All headers were read.
    HeadersRead {
        /// How much came over the network.
        bytes: Bytes,
        /// In how many requests.
        requests: u32,
        /// From which host.
        host: Option<&'a str>,
    },
}

/// Work without steps that could be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A plan's variations are being solved.
    Variations,
}

/// What only the user can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Whether to change what is loaded.
    ChangeLoaded,
    /// Whether to finish or take back the last apply, which was asked for by that very word.
    GoOn,
    /// Whether to download, load and measure what a study names.
    RunStudy,
    /// Whether to start LM Studio, which does not run.
    StartStudio,
    /// Whether to write the bundle that was shown.
    WriteBundle,
    /// Whether to write the files whose changes were shown.
    WriteFiles,
    /// Whether to write the measurements that were shown, to give them to others.
    WriteContribution,
    /// Whether to use the catalog whose changes were shown.
    TakeCatalog,
}

impl Question {
    /// The question in words, as every front puts it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ChangeLoaded => "Change what is loaded?",
            Self::GoOn => "Load this again?",
            Self::RunStudy => {
                "Download, load, measure and unload these, and load again what is loaded now?"
            }
            Self::StartStudio => "Neither LM Studio nor llmster runs. Start one (`lms daemon up`)?",
            Self::WriteBundle => "Write this?",
            Self::WriteFiles => "Write these changes?",
            Self::WriteContribution => "Write this, for anybody to use?",
            Self::TakeCatalog => "Use this catalog from now on?",
        }
    }

    /// Whether it is about what LM Studio has loaded; the others are about files, or a study.
    #[must_use]
    pub const fn is_of_loading(self) -> bool {
        match self {
            Self::ChangeLoaded | Self::GoOn | Self::StartStudio => true,
            Self::RunStudy
            | Self::WriteBundle
            | Self::WriteFiles
            | Self::WriteContribution
            | Self::TakeCatalog => false,
        }
    }
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go ahead.
    Yes,
    /// Leave it.
    No,
}

/// Hears nothing, and agrees to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Events for Silent {
    fn tell(&self, _: Event<'_>) {}

    fn ask(&self, _: Question) -> Result<Answer> {
        Ok(Answer::No)
    }
}
