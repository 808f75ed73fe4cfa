//! A bundle that somebody offers: read, held against its signature, and put together.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::app::layers;
use crate::catalog::Catalog;
use crate::catalog::bundle::{Bundle, LARGEST, sha256};
use crate::catalog::editions::Taken;
use crate::catalog::signature::{ENDING, Key};
use crate::edge::{files, signed};
use crate::{audit, fault};

/// A bundle whose signature holds, and the catalog in it.
pub(super) struct Offer {
    pub(super) bundle: Bundle,
    /// SHA-256 of its file.
    pub(super) sha256: String,
    /// The key that it was signed with.
    pub(super) key: String,
    pub(super) catalog: Catalog,
    /// Its files as they are kept.
    pub(super) translated: String,
}

impl Offer {
    /// Reads a bundle and its signature, and believes nothing of it before that holds.
    ///
    /// # Errors
    /// When either can't be read, the signature does not hold, or the catalog does not hold
    /// together.
    pub(super) fn read(from: &str, key: &Path) -> Result<Self> {
        let shown = key.display();
        let key = files::read_text(key).with_context(
            || fault!("can't read the key {shown}"; "give the `.pub` file that `minisign -G` wrote"),
        )?;
        let key = Key::read(&key).with_context(|| format!("{shown}"))?;
        let (text, signature) = signed::read(from, ENDING, LARGEST)?;
        let checked = || format!("the bundle {from}");
        key.holds(text.as_bytes(), &signature)
            .with_context(checked)?;
        let bundle = Bundle::read(&text).with_context(checked)?;
        let (catalog, translated) = whole(&bundle).with_context(checked)?;
        Ok(Self {
            sha256: sha256(text.as_bytes()),
            key: key.text,
            bundle,
            catalog,
            translated,
        })
    }

    /// As it is remembered, in this file.
    pub(super) fn taken(&self, file: String) -> Taken {
        Taken {
            file,
            serial: self.bundle.serial,
            date: self.bundle.date.clone(),
            key: self.key.clone(),
            sha256: self.sha256.clone(),
        }
    }
}

/// The catalog of a bundle, as it was written and as it will be read; and its files as they are kept.
fn whole(bundle: &Bundle) -> Result<(Catalog, String)> {
    let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let texts: Vec<(String, String)> = bundle.texts().map(own).collect();
    let layer = layers::layer(&texts)?;
    let mut written = Catalog::default().with_layer(&layer)?;
    written.date = Some(bundle.date.clone());
    let translated = layers::translated(bundle)?;
    let read = layers::of_translated(&translated, &bundle.date)?;
    if written != read {
        bail!(fault!(
            "its files do not say the same once they are kept";
            "report it with the bundle; nothing was taken"
        ));
    }
    if read.models.is_empty() {
        bail!(fault!("it has no models"; "get another bundle"));
    }
    Ok((read, translated))
}

/// How many findings of the check of the catalog nobody explained.
pub(super) fn unexplained(catalog: &Catalog, chips: &[crate::machine::profile::Chip]) -> usize {
    let findings = audit::check(catalog, chips).into_iter();
    findings.filter(|f| f.explanation.is_none()).count()
}
