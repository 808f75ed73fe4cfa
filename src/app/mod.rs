//! The use cases: a typed request in, events while it is at work, a document back.
//!
//! Every front calls these: the command line is one. Nothing here knows a terminal, arguments or
//! how an answer is worded; what happens on the way goes to an [`Events`], and who asked decides
//! what becomes of it. Effects are the edge's.

mod events;
mod explain;
mod gaps;
mod hints;
pub mod machine;
mod names;
pub mod plan_file;
mod rank;
mod recommend;
pub mod save;
mod settings;
pub mod tasks;
mod whatif;
mod workspace;

pub use events::{Answer, Event, Events, Question, Silent, Work};
pub use explain::explain;
pub use gaps::{SpeedModel, gaps, speed_model};
pub use hints::hint_of;
pub use machine::MachineChoice;
pub use names::{chip, variant};
pub use rank::rank;
pub use recommend::recommend;
pub use settings::LoadSettings;
pub use whatif::{WhatIfRequest, whatif};
pub use workspace::{Layers, Workspace};

// Values that requests are made of, for fronts that must not reach below.
pub use crate::memory::{Engine, KvType};
pub use crate::solve::Method;
