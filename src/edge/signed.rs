//! A file with its signature beside it: on this machine, or at an address.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use reqwest::Url;

use super::fetch::Fetcher;
use super::{fetch, files};
use crate::fault;

/// The text of a file, and that of the one beside it whose name has `ending` after it.
///
/// # Errors
/// When either can't be read, is no text, or is larger than `largest` bytes.
pub fn read(from: &str, ending: &str, largest: u64) -> Result<(String, String)> {
    let is_address = from.starts_with("https://") || from.starts_with("http://");
    let (text, beside) = match is_address {
        true => fetched(from, ending)?,
        false => on_disk(from, ending)?,
    };
    if text.len() as u64 > largest {
        bail!(fault!(
            "{from} is too large: {} bytes", text.len();
            "give the right file"
        ));
    }
    Ok((text, beside))
}

fn on_disk(from: &str, ending: &str) -> Result<(String, String)> {
    let text = files::read_text(Path::new(from))?;
    let beside = format!("{from}{ending}");
    let signature = files::read_text(Path::new(&beside)).with_context(
        || fault!("{from} has no signature beside it"; "keep {beside} with it: `minisign -Sm` wrote it"),
    )?;
    Ok((text, signature))
}

fn fetched(from: &str, ending: &str) -> Result<(String, String)> {
    let url = fetch::address(from)?;
    // Without a token: it goes to the hub alone.
    let fetcher = Fetcher::new(&url, None)?;
    let mut beside = url.clone();
    beside.set_path(&format!("{}{ending}", url.path()));
    let text = |url: &Url| -> Result<String> {
        let failed = || {
            fault!(
                "can't fetch {url}";
                "check the address, or fetch it and its {ending} another way and give the file"
            )
        };
        let (bytes, _) = fetcher.document(url).with_context(failed)?;
        String::from_utf8(bytes).map_err(|_| fault!("{url} is no text"; "check the address").into())
    };
    Ok((text(&url)?, text(&beside)?))
}
