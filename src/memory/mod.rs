//! How much memory a model takes at given settings, line by line, each line with its basis.
//!
//! Formulas per engine live in [`llama_cpp`] and [`mlx`]; [`ledger`] puts them together and
//! [`limits`] says what a machine can hold. Never decides what to load.
//!
//! What an engine comes to keep with use is a bound of its own ([`growth`]). A solve counts what is
//! there after loading; `advise::caps` then keeps the rest within the memory that is left.

pub mod companion;
pub mod growth;
pub mod inside;
pub mod ledger;
pub mod limits;
pub mod line;
pub mod llama_cpp;
pub mod llama_cpp_gpu;
pub mod mlx;
pub mod offload;
pub mod settings;
pub mod shard;
mod spread;

pub use companion::Companion;
pub use ledger::{Ledger, Weights};
pub use line::{Line, LineKind, Part, Place};
pub use settings::{CpuExperts, Engine, KvType, Settings};
