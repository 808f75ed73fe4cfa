//! GGUF files: what a header says, where the weights lie, and the model's architecture.
//!
//! Takes anything that reads and seeks and never opens a file. Trusts nothing: counts are held
//! against the bytes that are left, what is kept in memory has a fixed bound, and every way in
//! which a file can be wrong is an error with its name.

mod architecture;
mod cursor;
mod error;
mod groups;
mod header;
mod hparams;
mod hparams_layers;
mod keys;
mod metadata;
mod rules;
mod rules_table;
mod split;
mod tensor_type;
mod unknown;
mod values;
mod weights;

pub use architecture::Reading;
pub use error::GgufError;
pub use header::{Header, Tensor, read};
pub use metadata::{KeyError, Metadata, Value};
pub use split::{PartName, Split, SplitError, join};
pub use tensor_type::{LAYOUTS, Layout, TensorType};
pub use unknown::UnknownArchitecture;
pub use weights::{LayerBytes, UnknownFormat, Weights, weights};

/// The architecture of a model from its parts in order; one part where it is not split.
///
/// # Errors
/// When the header gives no architecture that can be computed; the error says why.
pub fn architecture(parts: &[Header]) -> Result<Reading, UnknownArchitecture> {
    let Some(first) = parts.first() else {
        return Err(UnknownArchitecture::Unnamed);
    };
    let find = |name: &str| parts.iter().find_map(|part| part.tensor(name));
    let output = find("output.weight");
    let rows = output
        .or_else(|| find("token_embd.weight"))
        .and_then(|tensor| tensor.dimensions.get(1).copied());
    architecture::read(&first.metadata, rows, output.is_some())
}
