//! A series of models to download, load, measure and unload by themselves: what is asked for, how far
//! it is, and what comes next.
//!
//! Pure: never downloads, loads or measures anything.

mod file;
mod journal;

pub use file::{NotAStudy, StudyFile};
pub use journal::{SCHEMA, Stage, StudyRun, VariantRun};
