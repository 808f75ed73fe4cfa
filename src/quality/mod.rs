//! How good a model's work will be: expected scores with their error.
//!
//! One ability and one tilt (code and agents against knowledge and reasoning) stand behind all
//! published scores of a model. What every benchmark asks was fitted once over the catalog and is
//! frozen; a model is then placed by its own scores, its size, its date and its maker's other
//! models. Never decides, and no rule names a model.
//!
//! [`evidence`] makes one figure of all reports of a benchmark, [`prior`] says what to expect before
//! any of them, [`place`] puts both together, and [`expected`] turns a place into scores with bands;
//! `kin` fills in benchmarks that only a model of the same maker and shape published.
//! [`quantization`] says what a file loses, [`effort`] what less reasoning costs, [`talk`] how many
//! tokens answers take. Vision, embedding and filling in the middle are spaces of their own ([`Space`]).

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
