//! The hint of whatever error came up: every error type below the fronts that has one is named here.

use anyhow::Error;

use crate::catalog::CatalogError;
use crate::edge::fetch::FetchError;
use crate::emit::{EmitError, UnknownKey};
use crate::fault::{Fault, Hinted};
use crate::fit::from_gguf::NotAModel;
use crate::import::ImportError;
use crate::lmstudio::config::Unsupported;
use crate::machine::{MachineError, ReadingError};
use crate::scenario::error::RecommendError;
use crate::task::TaskError;
use crate::toml_text::TomlError;
use crate::units::ParseQuantityError;

/// The hint of the first error type of this list that stands anywhere in the chain.
#[must_use]
pub fn hint_of(error: &Error) -> Option<String> {
    macro_rules! first_of {
        ($($kind:ty),* $(,)?) => { None$(.or_else(|| hint_as::<$kind>(error)))* };
    }
    first_of![
        Fault,
        CatalogError,
        EmitError,
        FetchError,
        ImportError,
        MachineError,
        NotAModel,
        ParseQuantityError,
        ReadingError,
        RecommendError,
        TaskError,
        TomlError,
        UnknownKey,
        Unsupported,
    ]
}

/// The hint of an error of this type: as context laid over another, or as the cause of one.
fn hint_as<E: Hinted + Send + Sync + 'static>(error: &Error) -> Option<String> {
    let laid_over = error.downcast_ref::<E>();
    let cause = || error.chain().find_map(|cause| cause.downcast_ref::<E>());
    laid_over.or_else(cause).and_then(Hinted::hint)
}
