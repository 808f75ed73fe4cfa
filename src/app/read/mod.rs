//! Reading a model: a file, a folder, an entry of the catalog, a repository of a hub, what LM Studio
//! has. Of files only the headers are read.

mod address;
mod catalog;
mod find;
mod folder;
mod found;
mod gguf;
mod headers;
mod hub;
mod installed;
mod loaded;
mod remote;
mod repository;
mod types;

pub(super) use catalog::variants;
pub(super) use find::find;
pub(super) use found::{Found, Several, check_engine};
pub(super) use gguf::header as gguf_header;
pub(super) use headers::by_size;
pub(super) use hub::{Choice, Named};
pub(super) use installed::find as installed;
pub(super) use loaded::resolve as installed_files;
pub(super) use remote::{Remote, find as remote, is_remote};
pub(super) use repository::gguf_set;
pub(super) use types::types;
