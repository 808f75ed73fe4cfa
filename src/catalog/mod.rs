//! The catalog of measured models: what it holds, how it is read, layered and checked.
//!
//! Never decides: it says what is known, by whom, and what is wrong with it.

pub mod effort;
pub mod entry;
mod layers;
mod lists;
pub mod loads;
mod lookup;
pub mod sampling;
pub mod schema;
mod variant;
pub mod write;

pub use layers::{CatalogError, Layer};
pub use lookup::Catalog;
pub use variant::{full_name, weights_of};
