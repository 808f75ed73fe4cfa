//! Models that take turns in memory, for routers that load on demand: which may be there together.

mod files;
mod sets;

pub use files::{Asked, Coexistence, LeftOut, Resident, coexist_artifacts};
pub use sets::{MOST, largest_that_always_fits, maximal};
