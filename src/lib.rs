//! The deployment planner and memory-budget advisor for large language models on your own machine.
//!
//! The core (everything but [`edge`], [`app`], [`mcp`], [`screen`] and [`cli`]) is pure: no files,
//! clock, environment, network or terminal. `ARCHITECTURE.md` shows the modules and which may import
//! which.
//!
//! A use case is a function of a workspace and a request:
//!
//! ```
//! use planner::app::{self, Layers, MachineChoice, Silent, Workspace};
//! use planner::plan::request::Request;
//!
//! # fn main() -> anyhow::Result<()> {
//! // The shipped catalog, without the user's own.
//! let workspace = Workspace::new(Layers { own: false, ..Layers::default() })?;
//! let request = Request::new(app::tasks::weighted(&["code".to_owned()])?);
//! let machine = MachineChoice::named("m4-max-64gb");
//! let plan = app::recommend(&workspace, &machine, &request, &Silent)?;
//! let [only] = plan.loadout.as_slice() else { panic!("one task takes one model") };
//! assert_eq!(only.tasks, ["code"]);
//! # Ok(())
//! # }
//! ```
//!
//! The core answers smaller questions without it, such as what a KV cache takes:
//!
//! ```
//! use planner::catalog::Catalog;
//! use planner::memory::{Engine, Settings, llama_cpp};
//! use planner::units::Bytes;
//!
//! let catalog = Catalog::embedded().expect("a test holds the shipped catalog");
//! let model = catalog.model("qwen2.5-coder-7b").expect("it is in the catalog");
//! let shape = model.architecture.as_ref().expect("its shape is known");
//! let settings = Settings::lm_studio(Engine::LlamaCpp, 32_768);
//! // 28 layers of 4 KV heads, 128 numbers of 2 bytes, keys and values.
//! assert_eq!(llama_cpp::kv_cache(shape, &settings), Bytes(32_768 * 2 * 4 * 128 * 2 * 28));
//! ```

pub mod advise;
pub mod app;
pub mod apply;
pub mod audit;
pub mod basis;
pub mod campaign;
pub mod catalog;
pub mod cli;
pub mod doctor;
pub mod download;
pub mod edge;
pub mod emit;
pub mod fault;
pub mod fit;
pub mod fleet;
pub mod import;
pub mod lmstudio;
pub mod machine;
pub mod mcp;
pub mod measure;
pub mod memory;
pub mod model;
pub mod plan;
pub mod printable;
pub mod quality;
pub mod report;
pub mod scenario;
pub mod screen;
pub mod shipped;
pub mod solve;
pub mod speed;
pub mod study;
pub mod suggest;
pub mod task;
pub mod toml_text;
pub mod trial;
pub mod units;
