//! The user's defaults: `config.toml` and the environment, where flags say nothing.
//!
//! One order everywhere: flags, the environment, the file, what is built in.

mod check;
mod edit;
mod key;
mod read;

pub use edit::{Changed, edit, set, unset};
pub use key::Key;
pub use read::{Config, Origin, Setting, Shown, load, path, show};
