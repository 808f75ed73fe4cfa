//! The deployment planner and memory-budget advisor for large language models on your own machine.
//!
//! The core (everything but [`edge`], [`app`] and [`cli`]) is pure: no files, clock, environment, network
//! or terminal. `ARCHITECTURE.md` draws the rooms and the directions between them.

pub mod advise;
pub mod app;
pub mod apply;
pub mod audit;
pub mod basis;
pub mod catalog;
pub mod cli;
pub mod doctor;
pub mod download;
pub mod edge;
pub mod emit;
pub mod fault;
pub mod fit;
pub mod import;
pub mod lmstudio;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod model;
pub mod plan;
pub mod printable;
pub mod quality;
pub mod report;
pub mod scenario;
pub mod shipped;
pub mod solve;
pub mod speed;
pub mod study;
pub mod suggest;
pub mod task;
pub mod toml_text;
pub mod units;
