//! The use cases: a typed request in, events while it is at work, a document back.
//!
//! Every front calls these: the command line is one. Nothing here knows a terminal, arguments or
//! how an answer is worded; what happens on the way goes to an [`Events`], and who asked decides
//! what becomes of it. Effects are the edge's.
//!
//! A use case takes a [`Workspace`] (the catalog with its layers merged, the profiles, the user's
//! defaults, the model of speeds), a request and, where something happens on the way, an [`Events`].
//! The command line shows events and asks on the terminal; `mcp` and `screen` ask their own users.

pub mod apply;
mod asked;
pub mod bench;
pub mod campaign;
pub mod catalog;
mod coexist;
pub mod config;
mod current;
pub mod defaults;
pub mod doctor;
pub mod emit;
mod entry;
mod events;
mod explain;
pub mod fit;
pub mod fleet;
mod from_hub;
mod gaps;
pub mod get;
mod hints;
pub mod import;
mod installed;
mod layers;
mod loaded_rows;
pub mod machine;
mod names;
mod on_disk;
mod patience;
pub mod plan_file;
pub mod plans;
pub mod prices;
mod rank;
mod read;
mod recommend;
pub mod report;
pub mod save;
pub mod server;
mod shop;
mod speed;
mod status;
pub mod studio;
pub mod tasks;
pub mod trial;
pub mod unlisted;
mod whatif;
mod workspace;

pub use apply::apply;
pub use asked::asked;
pub use bench::bench;
pub use coexist::{CoexistRequest, coexist};
pub use current::{current, standing};
pub use events::{Answer, Event, Events, Question, Silent, Work};
pub use explain::{ExplainRequest, OtherWork, explain};
pub use fit::{FitAnswer, FitRequest, fit};
pub use gaps::gaps;
pub use get::get;
pub use hints::{hint_of, ran_out_of_time};
pub use import::import;
pub use layers::Layers;
pub use machine::MachineChoice;
pub use names::{chip, variant};
pub use on_disk::{disk_limit, on_disk};
pub use rank::{Ranking, rank};
pub use recommend::{recommend, recommend_installed};
pub use report::{open_page, report, report_folder};
pub use shop::shop;
pub use speed::{SpeedModelAnswer, SpeedRequest, fit_speed_model, speed, speed_model};
pub use status::{status, verify};
pub use trial::trial;
pub use whatif::{WhatIfRequest, whatif};
pub use workspace::Workspace;

// Values that requests are made of, for fronts that must not reach below.
pub use crate::catalog::effort::Setting as Effort;
pub use crate::edge::hub::ENDPOINT as HUB;
pub use crate::machine::Macos;
pub use crate::memory::offload::Apart;
pub use crate::memory::{Engine, KvType};
pub use crate::plan::document::LoadSettings;
pub use crate::plan::request::Demands;
pub use crate::scenario::new_model::NewModel;
pub use crate::solve::Method;
pub use crate::speed::answer::Speeds;
