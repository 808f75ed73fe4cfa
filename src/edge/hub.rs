//! The Hugging Face Hub, or a mirror of it: which files a repository has, and where each is.
//!
//! Addresses follow the Hub's API: `/api/models/{repository}/tree/{revision}?recursive=true` lists
//! `type`, `path` and `size`, in pages by the `Link` header; a file is at
//! `/{repository}/resolve/{revision}/{path}`.

use reqwest::Url;
use serde::Deserialize;

use super::fetch;
use super::fetch::{FetchError, Fetcher};
use super::route::{Token, host};
use crate::download::Content;
use crate::units::Bytes;

/// Where models are when nothing else is said.
pub const ENDPOINT: &str = "https://huggingface.co";
const MAIN: &str = "main";
/// Pages of a listing; a page has a thousand files.
const PAGES: usize = 50;
/// No file is larger: 2^50 bytes.
const LARGEST: u64 = 1 << 50;

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFile {
    /// Its path in the repository.
    pub path: String,
    /// Its size.
    pub bytes: Bytes,
    /// What it holds.
    pub content: Content,
}

#[derive(Deserialize)]
struct Entry {
    r#type: String,
    path: String,
    #[serde(default)]
    size: u64,
    oid: Option<String>,
    lfs: Option<Lfs>,
}

/// Where a file is in large file storage, what it holds there.
#[derive(Deserialize)]
struct Lfs {
    oid: Option<String>,
}

impl Entry {
    fn content(&self) -> Content {
        let hash = |text: &Option<String>, digits: usize| {
            let is_one =
                |t: &&String| t.len() == digits && t.bytes().all(|byte| byte.is_ascii_hexdigit());
            text.as_ref().filter(is_one).cloned()
        };
        match &self.lfs {
            Some(lfs) => hash(&lfs.oid, 64).map_or(Content::Unknown, Content::Sha256),
            None => hash(&self.oid, 40).map_or(Content::Unknown, Content::GitBlob),
        }
    }
}

/// What a hub says of a repository beside its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The commit that the main branch is at.
    pub commit: Option<String>,
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
    sha: Option<String>,
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
    revision: String,
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
        Ok(Self {
            endpoint,
            revision: MAIN.to_owned(),
            fetcher,
        })
    }

    /// The same hub, whose files are those of this commit.
    #[must_use]
    pub fn as_of(self, commit: &str) -> Self {
        Self {
            revision: commit.to_owned(),
            ..self
        }
    }

    /// The user's token, for this hub alone.
    ///
    /// # Errors
    /// When it has characters that no token has.
    pub(super) fn token(&self) -> Result<Token, FetchError> {
        Token::for_origin(&self.endpoint, token().as_deref())
    }

    /// Every file of a repository (`owner/name`).
    ///
    /// # Errors
    /// When it is not there, or its listing can't be read.
    pub fn files(&self, repository: &str) -> Result<Vec<HubFile>, FetchError> {
        let listing = format!("api/models/{repository}/tree/{}", self.revision);
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
                    host: host(&url),
                    reason: format!("its list of files can't be read: {error}"),
                })?;
            if let Some(odd) = entries.iter().find(|e| e.size > LARGEST) {
                return Err(FetchError::Answer {
                    host: host(&url),
                    reason: format!("its list of files gives a file {} bytes", odd.size),
                });
            }
            let files = entries.into_iter().filter(|e| e.r#type == "file");
            all.extend(files.map(|e| HubFile {
                bytes: Bytes(e.size),
                content: e.content(),
                path: e.path,
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
            host: host(&url),
            reason: format!("what it says of the repository can't be read: {error}"),
        })?;
        let day = |time: String| time.get(..10).map(str::to_owned);
        let (license, base) = match info.card_data {
            Some(data) => (first_text(data.license), first_text(data.base_model)),
            None => (None, None),
        };
        let commit =
            |sha: &String| sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(Card {
            commit: info.sha.filter(commit),
            created: info.created_at.and_then(day),
            license,
            base,
        })
    }

    /// The text of a small file of a repository.
    ///
    /// # Errors
    /// When it can't be read, or is no text.
    pub fn text(&self, repository: &str, path: &str) -> Result<String, FetchError> {
        let url = self.file(repository, path);
        let (bytes, _) = self.fetcher.document(&url)?;
        String::from_utf8(bytes).map_err(|_| FetchError::Answer {
            host: host(&url),
            reason: format!("{} is no text", url.path()),
        })
    }

    /// Where a file is.
    #[must_use]
    pub fn file(&self, repository: &str, path: &str) -> Url {
        self.address(&format!("{repository}/resolve/{}/{path}", self.revision))
    }

    /// The address by which a repository is known, whichever mirror was asked for it.
    #[must_use]
    pub fn known_as(repository: &str) -> String {
        format!("{ENDPOINT}/{repository}")
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
