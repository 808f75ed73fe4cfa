//! The hint of whatever error came up: every error type below the fronts that has one is named here.

use std::io;
use std::io::ErrorKind;

use anyhow::Error;

use crate::campaign::NotAStudy;
use crate::catalog::CatalogError;
use crate::catalog::bundle::BundleError;
use crate::catalog::signature::SignatureError;
use crate::edge::fetch::FetchError;
use crate::emit::{EmitError, UnknownKey};
use crate::fault::{Fault, Hinted};
use crate::fit::from_gguf::NotAModel;
use crate::fleet::FleetError;
use crate::fleet::reach::Unreached;
use crate::import::ImportError;
use crate::lmstudio::config::Unsupported;
use crate::machine::{MachineError, ReadingError};
use crate::model::config_json::ConfigError;
use crate::model::gguf::GgufError;
use crate::model::safetensors::SafetensorsError;
use crate::model::safetensors_index::IndexError;
use crate::scenario::error::RecommendError;
use crate::task::TaskError;
use crate::toml_text::TomlError;
use crate::trial::NotATask;
use crate::units::ParseQuantityError;

/// The hint of the first error type of this list that stands anywhere in the chain.
#[must_use]
pub fn hint_of(error: &Error) -> Option<String> {
    macro_rules! first_of {
        ($($kind:ty),* $(,)?) => { None$(.or_else(|| hint_as::<$kind>(error)))* };
    }
    let ours = first_of![
        Fault,
        BundleError,
        CatalogError,
        ConfigError,
        EmitError,
        FetchError,
        FleetError,
        GgufError,
        ImportError,
        IndexError,
        MachineError,
        NotAModel,
        NotAStudy,
        NotATask,
        ParseQuantityError,
        ReadingError,
        RecommendError,
        SafetensorsError,
        SignatureError,
        TaskError,
        TomlError,
        UnknownKey,
        Unreached,
        Unsupported,
    ];
    ours.or_else(|| of_system(error).map(str::to_owned))
}

/// Whether a time limit ended the question: no answer, and nothing wrong with what was asked.
#[must_use]
pub fn ran_out_of_time(error: &Error) -> bool {
    let mut causes = error.chain();
    causes.any(|cause| cause.downcast_ref() == Some(&RecommendError::OutOfTime))
}

/// What the operating system refused, where nothing of ours says more.
fn of_system(error: &Error) -> Option<&'static str> {
    let mut causes = error.chain();
    let cause = causes.find_map(|cause| cause.downcast_ref::<io::Error>())?;
    Some(match cause.kind() {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => "give yourself the right to it, or another path",
        ErrorKind::IsADirectory => "give the path of a file",
        ErrorKind::NotADirectory => "give the path of a folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk",
        ErrorKind::ReadOnlyFilesystem => "give a path on a disk that can be written",
        _ => "check the disk, and try again",
    })
}

/// The hint of an error of this type: as context laid over another, or as the cause of one.
fn hint_as<E: Hinted + Send + Sync + 'static>(error: &Error) -> Option<String> {
    let laid_over = error.downcast_ref::<E>();
    let cause = || error.chain().find_map(|cause| cause.downcast_ref::<E>());
    laid_over.or_else(cause).and_then(Hinted::hint)
}
