//! How good a model's work will be: expected scores with their error.
//!
//! One ability and one tilt (code and agents against knowledge and reasoning) stand behind all
//! published scores of a model. What every benchmark asks was fitted once over the catalog and is
//! frozen; a model is then placed by its own scores, its size, its date and its maker's other
//! models. Never decides, and no rule names a model.

pub mod constants;
pub mod effort;
pub mod evidence;
pub mod expected;
pub mod held;
mod kin;
pub mod matrix;
pub mod measured_loss;
pub mod place;
pub mod points;
pub mod prior;
pub mod quantization;
pub mod rank;
pub mod talk;

pub use constants::{Constants, Space};
pub use expected::{Expected, ScoreBasis, TaskQuality, cost, quality, quality_at, quality_of};
pub use place::Place;
pub use points::Points;
