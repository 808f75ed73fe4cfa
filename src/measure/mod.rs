//! Measuring a model that a server has loaded: what to ask, what an answer's timeline says, what
//! many answers say together, and the document that keeps it.
//!
//! Pure: bytes with their times in, figures out. It opens no connection and reads no clock; the
//! edge does both. Tokens are always the server's own count, never words or pieces of a stream.
//! `edge::openai` stamps what a server sends, [`timeline`] makes figures of it, [`verdict`] says
//! whether they keep what a deployment was promised.

mod chunk;
pub mod document;
pub mod problem;
pub mod prompts;
pub mod record;
mod request;
mod said;
pub mod schedule;
pub mod server;
mod sse;
pub mod state;
mod statistics;
pub mod summary;
pub mod timeline;
pub mod verdict;

pub use document::Bench;
pub use problem::{Problem, ProblemKind};
pub use said::{Call, Said};
pub use timeline::Timeline;
