//! A secret that lets programs of the same user in: from the environment, or made once and kept in
//! a file that nobody else can read.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::environment::variable;
use super::files;
use crate::catalog::bundle::sha256;
use crate::fault;
use crate::printable::hexadecimal;

/// Bytes that a made secret has.
const MADE_BYTES: usize = 32;
/// Characters that a given one has at least.
const FEWEST: usize = 16;
/// Characters that one has at most.
const MOST: usize = 512;

/// A secret. It is never printed with others: it has no `Debug`.
pub struct Secret {
    text: String,
    /// The file that keeps it; none where the environment gave it.
    pub file: Option<PathBuf>,
}

impl Secret {
    /// The secret in this variable, else that of this file, which is made where it is not there.
    ///
    /// # Errors
    /// When it is too short or has odd characters, the file is open to others, or can't be made.
    pub fn kept_in(name: &str, file: &Path) -> Result<Self> {
        if let Some(text) = variable(name) {
            let text = checked(text, || format!("{name} is"))?;
            return Ok(Self { text, file: None });
        }
        if !files::is_there(file) {
            let made = made()?;
            files::write_private_first(file, format!("{made}\n").as_bytes())?;
        }
        for_owner_alone(file)?;
        let shown = || format!("{} holds", file.display());
        let text = checked(files::read_text(file)?.trim().to_owned(), shown)?;
        let file = Some(file.to_owned());
        Ok(Self { text, file })
    }

    /// Itself, to be given to whom it is for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is it. How long that takes says nothing of how much of it was right.
    #[must_use]
    pub fn is(&self, given: &[u8]) -> bool {
        sha256(given) == sha256(self.text.as_bytes())
    }
}

/// What a header can hold, and nobody guesses.
fn checked(text: String, holder: impl Fn() -> String) -> Result<String> {
    let fine = |c: char| c.is_ascii_graphic();
    if (FEWEST..=MOST).contains(&text.len()) && text.chars().all(fine) {
        return Ok(text);
    }
    bail!(fault!(
        "{} no token: {FEWEST} to {MOST} letters, digits and signs, without spaces", holder();
        "take a long random one, such as `openssl rand -hex 32` prints"
    ))
}

fn made() -> Result<String> {
    let mut bytes = [0; MADE_BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled
        .ok()
        .context("the system gives no random numbers for a token")?;
    Ok(hexadecimal(&bytes))
}

#[cfg(unix)]
fn for_owner_alone(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = file.display();
    let meta = std::fs::metadata(file).with_context(|| format!("can't read {shown}"))?;
    if meta.permissions().mode() & 0o077 != 0 {
        bail!(fault!(
            "others than you can read the token in {shown}";
            "remove that file, and another is made"
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn for_owner_alone(_: &Path) -> Result<()> {
    Ok(())
}
