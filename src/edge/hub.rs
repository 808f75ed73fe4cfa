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

/// What a hub says of a repository beside its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The day on which it was made: `2026-11-28`.
    pub created: Option<String>,
    /// Its license, by the id that its author chose.
    pub license: Option<String>,
    /// The repository of the model that this one was made from, such as by quantization.
    pub base: Option<String>,
}

/// `/api/models/{repository}`, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    created_at: Option<String>,
    card_data: Option<CardData>,
}

/// The head of a model's card, whose fields people write by hand.
#[derive(Deserialize)]
struct CardData {
    license: Option<serde_json::Value>,
    base_model: Option<serde_json::Value>,
}

/// A text, or the first of several.
fn first_text(value: Option<serde_json::Value>) -> Option<String> {
    match value? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Array(items) => first_text(items.into_iter().next()),
        _ => None,
    }
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

    /// What it says of a repository (`owner/name`) beside its files.
    ///
    /// # Errors
    /// When it is not there, or the answer can't be read.
    pub fn card(&self, repository: &str) -> Result<Card, FetchError> {
        let url = self.address(&format!("api/models/{repository}"));
        let (bytes, _) = self.fetcher.document(&url)?;
        let info: Info = serde_json::from_slice(&bytes).map_err(|error| FetchError::Answer {
            host: fetch::host(&url),
            reason: format!("what it says of the repository can't be read: {error}"),
        })?;
        let day = |time: String| time.get(..10).map(str::to_owned);
        let (license, base) = match info.card_data {
            Some(data) => (first_text(data.license), first_text(data.base_model)),
            None => (None, None),
        };
        Ok(Card {
            created: info.created_at.and_then(day),
            license,
            base,
        })
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
