//! How fast a variant is on a machine, reading and generating: measured where it was measured,
//! predicted elsewhere.
//!
//! The two are different types, and a prediction carries its error. Never decides which is better.
//!
//! `observed` says which measurements count, [`job`] what a file asks of a GPU. `token` and `prefill`
//! are the two formulas over `constants`; [`fitting`] fits them once (`fitted.json`, a test holds it to
//! the catalog), and `held_out` tells the errors of which ranges are made. [`model`] is what a run of
//! planner uses, [`estimate`] the answer for a file on a machine, and [`turn`] makes turns of it with
//! [`prefix`] and [`streams`]. Kinds of machines other than Macs are fitted apart (`elsewhere`); `beside`
//! adds what experts in ordinary memory take beside a card.

mod anchors;
pub mod answer;
pub mod attention;
mod bands;
mod beside;
mod constants;
mod elsewhere;
pub mod estimate;
pub mod figure;
mod file;
mod fitted;
pub mod fitting;
mod held_out;
pub mod job;
pub mod kernels;
pub mod measured;
pub mod model;
mod observed;
mod prefill;
pub mod prefix;
mod regress;
pub mod sharded;
pub mod shared;
pub mod source;
pub mod speculation;
mod statistics;
pub mod streams;
mod token;
pub mod turn;
pub mod weights;

pub use estimate::{OnMachine, Unknown};
pub use figure::{Expected, Figure, Seen};
pub use measured::{Filter, Reliability};
pub use model::SpeedModel;
pub use sharded::{Hop, Stage};
pub use statistics::SHALLOW_DEPTH;
pub(crate) use statistics::{line_slope, median};
pub use turn::{Estimate, Workload};
