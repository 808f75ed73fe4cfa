//! The edge: the only place that touches the world outside (files, clock, processes, the machine).
//!
//! What it learns it hands to the pure modules as values, and it decides nothing itself. `clippy.toml`
//! forbids these effects everywhere else.
#![expect(
    clippy::disallowed_methods,
    reason = "the edge is where effects live; this is their one exception"
)]

pub mod browser;
pub mod clock;
mod command;
pub mod converge;
pub mod download;
pub mod editions;
pub mod environment;
pub mod examine;
pub mod fetch;
mod fetch_error;
pub mod files;
pub mod folder;
pub mod http;
pub mod hub;
pub mod install;
pub mod journal;
pub mod lms;
mod lock;
pub mod loopback;
pub mod openai;
mod patience;
pub mod places;
pub mod power;
pub mod probe;
pub mod remote_file;
pub mod rest;
mod route;
pub mod sandbox;
pub mod secret;
pub mod signed;
pub mod ssh;
pub mod studio;
