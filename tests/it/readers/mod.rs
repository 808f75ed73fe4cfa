//! The readers of model files: against real headers, real engines, published configurations, and
//! every way in which a file can be wrong.

mod bounds;
mod config_json;
mod gguf_architectures;
pub(crate) mod gguf_bytes;
mod gguf_headers;
mod gguf_malformed;
mod ledger_of_headers;
pub(crate) mod recorded;
mod safetensors;
