//! How fast a variant is on a machine, reading and generating: measured where it was measured,
//! predicted elsewhere.
//!
//! The two are different types, and a prediction carries its error. Never decides which is better.

mod anchors;
pub mod answer;
pub mod attention;
mod bands;
mod constants;
mod decode;
pub mod depth;
pub mod estimate;
pub mod figure;
mod fitted;
mod held_out;
pub mod job;
pub mod measured;
pub mod model;
mod observed;
mod physics;
mod pool;
pub mod predict;
mod predicted;
mod prefill;
pub mod prefix;
mod regress;
mod rows;
pub mod shared;
mod statistics;
pub mod streams;
mod token;
pub mod turn;
pub mod weights;

pub use decode::Speed;
pub use depth::DepthClass;
pub use figure::Figure;
pub use measured::{Filter, Measured, Reliability};
pub use model::SpeedModel;
pub use predict::{Predictor, SpeedClass, SpeedConstants};
pub use predicted::Predicted;
pub use statistics::SHALLOW_DEPTH;
pub(crate) use statistics::{line_slope, median};
pub use turn::{Estimate, Workload};
