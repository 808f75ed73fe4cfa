//! The catalog of measured models: what it holds, how it is read, layered and checked.
//!
//! Never decides: it says what is known, by whom, and what is wrong with it.

pub mod age;
pub mod bundle;
pub mod difference;
pub mod editions;
pub mod effort;
pub mod entry;
mod layers;
mod lists;
pub mod loads;
mod lookup;
pub mod refresh;
pub mod roles;
mod same_run;
pub mod sampling;
pub mod schema;
pub mod signature;
pub mod unfit;
pub mod update;
mod variant;
pub mod write;

pub use layers::{CatalogError, LOOKED_OVER, Layer};
pub use lookup::Catalog;
pub use same_run::same_run;
pub use variant::{full_name, weights_of, weights_of_projector};
