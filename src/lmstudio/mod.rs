//! LM Studio's own words: what its command line and its files say, as values.
//!
//! Pure: text in, values out; it runs nothing and opens nothing. What is read here was published
//! by LM Studio (its `lms` sources and SDK) and has changed between versions, so readers accept
//! fields that they do not know and name those that they miss.

pub mod config;
mod estimate;
mod home;
mod listing;
pub mod matching;
mod merge;
pub mod rest;
mod running;
mod runtimes;
mod version;

pub use estimate::{Estimate, estimate, unknown_option};
pub use home::{DEFAULT_HOMES, HOME_POINTER, downloads_folder, home_of};
pub use listing::{
    Installed, Listing, ListingError, LoadState, Loaded, OddRow, Quantization, installed, loaded,
};
pub use merge::{MergeError, merge};
pub use running::{Program, Running, running};
pub use runtimes::{KnownFault, Runtime, known_faults, runtimes, selected};
pub use version::Version;
