//! A series of models to download, load, measure and unload by themselves: what is asked for, how far
//! it is, and what comes next.
//!
//! Pure: never downloads, loads or measures anything.

mod file;
mod hours;
mod journal;
mod next;

pub use file::{NotAStudy, StudyFile};
pub use hours::Job;
pub use journal::{SCHEMA, SmallTask, SmallTasks, Stage, StudyRun, VariantRun};
pub use next::{Evening, Measuring, NextStudy, next};
