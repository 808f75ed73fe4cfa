//! What people read: plans, machines and catalogs as text.
//!
//! Pure: a document and a screen in, a string out. Never decides and never prints.

mod advice;
mod answers;
mod apart;
pub mod apply;
pub mod bench;
mod budget;
pub mod campaign;
pub mod catalog;
pub mod catalog_refresh;
pub mod catalog_update;
mod choices;
pub mod coexist;
pub mod current;
pub mod doctor;
mod effort;
pub mod evening;
pub mod explain;
pub mod first;
pub mod fit;
pub mod fleet;
pub mod gaps;
pub mod get;
mod grounds;
pub mod import;
pub mod machine;
pub mod machines;
mod mind;
mod next;
mod no_plan;
pub mod placing;
pub mod plan;
pub mod rank;
mod screen;
pub mod speed;
pub mod speed_model;
mod standing;
mod status_line;
pub mod study;
pub mod survey;
mod table;
pub mod trial;
mod turn;
mod typed;
mod unfinished;
pub mod whatif;
mod why_not;
mod words;
mod wrap;

pub use screen::{Paint, Screen};
pub use status_line::status_line;
pub use table::Grid;
pub use typed::{Again, Typed};
pub use wrap::lines_within;
