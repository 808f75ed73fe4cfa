//! What a download consists of: which files make a model, which of their bytes are here, which come
//! next, how long to wait after a setback, how fast to go.
//!
//! Pure: never opens a connection or a file, and reads no clock.

mod choose;
mod claims;
pub mod document;
mod meter;
mod pace;
mod patience;
mod record;
mod spans;

pub use choose::{LocalFile, NotSound, folder_files, gguf_files, sound};
pub use claims::Claims;
pub use meter::{Meter, Progress};
pub use pace::Pace;
pub use patience::{Came, Patience, Setback};
pub use record::{Content, RECORD_SCHEMA, Record, resumed};
pub use spans::{Span, Spans};
