//! Tests from outside, in one binary: against recorded engines, brute force and the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "tests may fail loudly, and run the real program"
)]

mod adviser;
mod app;
mod apply;
mod audit;
mod bad_input;
mod bench;
mod buyer;
mod campaign;
mod catalog;
mod catalog_add;
mod catalog_update;
mod choices;
mod circles;
mod clients;
mod coexist;
mod config;
mod contribution;
mod docs;
mod doctor;
mod edited;
mod efforts;
mod evidence;
mod experts;
mod fault_server;
mod first_screen;
mod fit;
mod fit_files;
mod fleet;
mod fuzz;
mod get;
mod golden;
mod growth;
mod hostile;
mod import;
mod installed;
mod json_awk;
mod kinds;
mod lists;
mod macos;
mod macs;
mod mcp;
mod mcp_http;
mod meeting;
mod memory;
mod offload;
mod picks;
mod plans;
mod predict;
mod probed;
mod purity;
mod quality;
mod quantized_keys;
mod readers;
mod remote;
mod report;
mod report_front;
mod roles;
mod scales;
mod scenario;
mod screen;
mod scripts;
mod seed;
mod servers;
mod solve;
mod speculation;
mod speed;
mod streams;
mod studio;
mod study_ended;
mod study_next;
mod support;
mod time_limit;
mod trials;
mod turns;
mod web;
mod whatif;
mod world;
mod writers;
mod yesterday;
