//! How fast a variant decodes on a machine: measured where it was measured, predicted elsewhere.
//!
//! The two are different types, and a prediction carries its error. Never decides which is better.

mod decode;
pub mod depth;
pub mod measured;
mod physics;
mod pool;
pub mod predict;
mod predicted;
mod rows;
pub mod shared;
mod statistics;

pub use decode::Speed;
pub use depth::DepthClass;
pub use measured::{Filter, Measured, Reliability};
pub use predict::{Predictor, SpeedClass, SpeedConstants};
pub use predicted::Predicted;
pub use statistics::SHALLOW_DEPTH;
pub(crate) use statistics::{line_slope, median};
