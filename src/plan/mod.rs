//! What is asked for and what is answered: the request, the score of a candidate, the plan document.
//!
//! Pure values: how a request becomes a plan stands in `scenario` and `advise`.

pub mod advice;
pub mod bounds;
mod choices;
pub mod disk;
pub mod document;
mod document_answers;
pub mod expected_quality;
pub mod known;
mod load_settings;
pub mod older;
pub mod place;
pub mod refusal;
mod refusal_words;
pub mod request;
pub mod requirement;
pub mod score;
pub mod sound;
mod summaries;
mod taken;
mod task_effort;
pub mod turn;

pub use document::Plan;
pub use request::Request;
