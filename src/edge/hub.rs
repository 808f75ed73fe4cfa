//! The Hugging Face Hub, or a mirror of it: which files a repository has, and where each is.
//!
//! Addresses follow the Hub's API: `/api/models/{repository}/tree/{revision}?recursive=true` lists
//! `type`, `path` and `size`, in pages by the `Link` header; a file is at
//! `/{repository}/resolve/{revision}/{path}`.

use reqwest::Url;
use serde::Deserialize;

use super::fetch;
use super::fetch::{FetchError, Fetcher};
use crate::units::Bytes;

/// Where models are when nothing else is said.
pub const ENDPOINT: &str = "https://huggingface.co";
const REVISION: &str = "main";
/// Pages of a listing; a page has a thousand files.
const PAGES: usize = 50;

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFile {
    /// Its path in the repository.
    pub path: String,
    /// Its size.
    pub bytes: Bytes,
}

#[derive(Deserialize)]
struct Entry {
    r#type: String,
    path: String,
    #[serde(default)]
    size: u64,
}

/// A hub.
pub struct Hub {
    endpoint: Url,
    /// Sends its requests.
    pub fetcher: Fetcher,
}

impl Hub {
    /// The hub at this address, with the token in `HF_TOKEN` for it alone.
    ///
    /// # Errors
    /// When the address is none.
    pub fn at(endpoint: &str) -> Result<Self, FetchError> {
        let endpoint = fetch::address(endpoint)?;
        let fetcher = Fetcher::new(&endpoint, token().as_deref())?;
        Ok(Self { endpoint, fetcher })
    }

    /// Every file of a repository (`owner/name`).
    ///
    /// # Errors
    /// When it is not there, or its listing can't be read.
    pub fn files(&self, repository: &str) -> Result<Vec<HubFile>, FetchError> {
        let listing = format!("api/models/{repository}/tree/{REVISION}");
        let mut url = self.address(&listing);
        url.set_query(Some("recursive=true"));
        let mut all = Vec::new();
        let mut next = Some(url);
        for _ in 0..PAGES {
            let Some(url) = next.take() else {
                break;
            };
            let (bytes, page) = self.fetcher.document(&url)?;
            let entries: Vec<Entry> =
                serde_json::from_slice(&bytes).map_err(|error| FetchError::Answer {
                    host: fetch::host(&url),
                    reason: format!("its list of files can't be read: {error}"),
                })?;
            let files = entries.into_iter().filter(|e| e.r#type == "file");
            all.extend(files.map(|e| HubFile {
                path: e.path,
                bytes: Bytes(e.size),
            }));
            next = page;
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    /// Where a file is.
    #[must_use]
    pub fn file(&self, repository: &str, path: &str) -> Url {
        self.address(&format!("{repository}/resolve/{REVISION}/{path}"))
    }

    /// The page of a repository.
    #[must_use]
    pub fn page(&self, repository: &str) -> String {
        self.address(repository).to_string()
    }

    /// An address below the endpoint, which may have a path of its own.
    fn address(&self, path: &str) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }
}

/// The user's token; never shown.
#[must_use]
pub fn token() -> Option<String> {
    std::env::var("HF_TOKEN").ok()
}
