//! Whether a file is what the owner of a key signed (minisign: Ed25519 over the file's BLAKE2b).

use minisign_verify::{PublicKey, Signature};

use crate::fault::Hinted;

/// What is added to a file's name for its signature's, by minisign's own habit.
pub const ENDING: &str = ".minisig";

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not a public key.
    #[error("it is not a public key of minisign: {0}")]
    Key(String),
    /// Not a signature.
    #[error("it is not a signature of minisign: {0}")]
    NotOne(String),
    /// Another key, or another file, than was signed.
    #[error("the signature does not hold: {0}")]
    DoesNotHold(String),
}

impl Hinted for SignatureError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Key(_) => "give the `.pub` file that `minisign -G` wrote",
            Self::NotOne(_) => "`minisign -Sm BUNDLE` writes it beside the bundle",
            Self::DoesNotHold(_) => {
                "the file was changed, broke off, or was signed with another key: nothing was taken; get both files anew, or ask who signs them for the key"
            }
        };
        Some(words.to_owned())
    }
}

/// A key that signatures are checked with.
pub struct Key {
    key: PublicKey,
    /// The key as text, which tells it from all others.
    pub text: String,
}

impl Key {
    /// Reads a key from its file: a comment and a line of base64, or that line alone.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(text: &str) -> Result<Self, SignatureError> {
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
        let line = line.unwrap_or_default();
        let key = PublicKey::from_base64(line).map_err(|e| SignatureError::Key(e.to_string()))?;
        Ok(Self {
            key,
            text: line.to_owned(),
        })
    }

    /// Holds a file against its signature.
    ///
    /// # Errors
    /// When it was not signed with this key, or changed since.
    pub fn holds(&self, file: &[u8], signature: &str) -> Result<(), SignatureError> {
        let signature =
            Signature::decode(signature).map_err(|e| SignatureError::NotOne(e.to_string()))?;
        // Older signatures, over the file itself, are not taken.
        let verified = self.key.verify(file, &signature, false);
        verified.map_err(|e| SignatureError::DoesNotHold(e.to_string()))
    }
}
