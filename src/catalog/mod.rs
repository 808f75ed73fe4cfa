//! The catalog of measured models: what it holds, how it is read and layered.
//!
//! Never decides: it says what is known, and by whom; what is wrong with it is told by `audit`.
//!
//! A whole catalog can take the place of the binary's: [`bundle`] is its file, [`signature`] what
//! minisign says of that, [`editions`] which were taken. `edge::editions` keeps them, and `app` lays
//! the user's own files on whichever is in use.

pub mod age;
pub mod bundle;
pub mod difference;
pub mod editions;
pub mod effort;
pub mod entry;
mod layers;
pub mod license;
mod lists;
pub mod loads;
mod lookup;
pub mod refresh;
pub mod roles;
mod same_run;
pub mod sampling;
pub mod schema;
pub mod signature;
pub mod speculation;
pub mod unfit;
pub mod update;
mod variant;
pub mod write;

pub use layers::{CatalogError, LOOKED_OVER, Layer};
pub use lookup::Catalog;
pub use same_run::same_run;
pub use variant::{full_name, title, weights_of, weights_of_projector, whole_of};
