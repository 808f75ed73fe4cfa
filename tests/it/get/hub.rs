//! A hub as the public one answers: the files of a commit with their hashes, an address for each that
//! leads to another server for what is in large file storage, ranges.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde_json::{Value, json};

use crate::web::{Reply, Request, Server};

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Any repository has the files.
pub(crate) const ANY: &str = "*";

/// A file of the repository.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) bytes: Arc<Vec<u8>>,
    /// In large file storage.
    pub(crate) large: bool,
}

impl File {
    /// A file that is kept in large file storage, with bytes that don't repeat.
    pub(crate) fn large(path: &'static str, length: usize) -> Self {
        let mut state = length as u64 ^ path.len() as u64;
        let byte = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state.to_le_bytes()[5] | 1
        };
        let bytes = std::iter::repeat_with(byte).take(length).collect();
        Self {
            path,
            bytes: Arc::new(bytes),
            large: true,
        }
    }

    /// A file that Git keeps.
    pub(crate) fn small(path: &'static str, text: &str) -> Self {
        Self {
            path,
            bytes: Arc::new(text.as_bytes().to_vec()),
            large: false,
        }
    }

    /// Bytes of it that have come to a file on the disk.
    pub(crate) fn come_to(&self, path: &std::path::Path) -> usize {
        let there = std::fs::read(path).unwrap_or_default();
        // No byte of the file is zero, as what was not written is.
        let both = there.iter().zip(self.bytes.iter());
        both.filter(|(a, b)| a == b).count()
    }

    pub(crate) fn sha256(&self) -> String {
        hex(digest(&SHA256, &self.bytes).as_ref())
    }

    fn listed(&self) -> Value {
        let size = self.bytes.len();
        if self.large {
            return json!({"type": "file", "path": self.path, "size": size, "oid": "a".repeat(40),
                "lfs": {"oid": self.sha256(), "size": size, "pointerSize": 135}, "xetHash": "b".repeat(64)});
        }
        let blob = [format!("blob {size}\0").as_bytes(), &self.bytes].concat();
        json!({"type": "file", "path": self.path, "size": size,
            "oid": hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, &blob).as_ref())})
    }

    /// The range asked for, or all of it.
    pub(crate) fn part(&self, request: &Request) -> Reply {
        let length = self.bytes.len() as u64;
        let Some((first, last)) = request.range() else {
            return Reply::of(200, &self.bytes);
        };
        if first >= length {
            return Reply::of(416, b"").with("Content-Range", format!("bytes */{length}"));
        }
        let last = last.min(length - 1);
        let at = |n: u64| usize::try_from(n).unwrap();
        Reply::of(206, &self.bytes[at(first)..at(last + 1)])
            .with("Content-Range", format!("bytes {first}-{last}/{length}"))
            .with("ETag", format!("\"{}\"", &self.sha256()[..32]))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What a test lets the servers do otherwise: asked before they answer, with the number of the
/// request for bytes.
type Whim = dyn Fn(&Request, usize, &File) -> Option<Reply> + Send + Sync;

/// A hub, and the server that it leads to.
pub(crate) struct Hub {
    pub(crate) front: Server,
    pub(crate) store: Server,
    files: Arc<Mutex<Vec<File>>>,
}

impl Hub {
    pub(crate) fn with(repository: &'static str, files: Vec<File>) -> Self {
        Self::moody(repository, files, |_, _, _| None)
    }

    /// One that answers some requests for bytes as `whim` says.
    pub(crate) fn moody(
        repository: &'static str,
        files: Vec<File>,
        whim: impl Fn(&Request, usize, &File) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let files = Arc::new(Mutex::new(files));
        let count = AtomicUsize::new(0);
        let whim: Box<Whim> = Box::new(whim);
        let stored = Arc::clone(&files);
        let store = Server::start(move |request| {
            let path = request.path.trim_start_matches("/signed/");
            let path = path.split('?').next().unwrap();
            let files = stored.lock().unwrap();
            let Some(file) = files.iter().find(|f| f.path == path).cloned() else {
                return Reply::of(404, b"");
            };
            drop(files);
            let n = count.fetch_add(1, Ordering::SeqCst);
            whim(request, n, &file).unwrap_or_else(|| file.part(request))
        });
        let (listed, leads_to) = (Arc::clone(&files), store.address.clone());
        let front = Server::start(move |request| {
            let files = listed.lock().unwrap();
            let json = |value: Value| Reply::of(200, value.to_string().as_bytes());
            let path = request.path.as_str();
            let mut names = path
                .trim_start_matches("/api/models/")
                .trim_start_matches('/')
                .splitn(3, '/');
            let (owner, name) = (names.next().unwrap_or(""), names.next().unwrap_or(""));
            let rest = names.next().unwrap_or("");
            if repository != ANY && format!("{owner}/{name}") != repository {
                return Reply::of(404, b"");
            }
            if path.starts_with("/api/models/") {
                return match rest {
                    "" => json(json!({"id": name, "sha": COMMIT})),
                    _ if rest == format!("tree/{COMMIT}?recursive=true") => {
                        json(files.iter().map(File::listed).collect())
                    }
                    _ => Reply::of(404, b""),
                };
            }
            let path = rest.strip_prefix(&format!("resolve/{COMMIT}/"));
            let file = path.and_then(|path| files.iter().find(|f| f.path == path));
            match file {
                None => Reply::of(404, b""),
                Some(file) if file.large => Reply::of(302, b"")
                    .with(
                        "Location",
                        format!("{leads_to}/signed/{}?Expires=1", file.path),
                    )
                    .with("X-Repo-Commit", COMMIT)
                    .with("X-Linked-Size", file.bytes.len().to_string())
                    .with("X-Linked-ETag", format!("\"{}\"", file.sha256())),
                Some(file) => file.part(request),
            }
        });
        Self {
            front,
            store,
            files,
        }
    }

    /// Puts other files in the place of those that are there.
    pub(crate) fn replace(&self, files: Vec<File>) {
        *self.files.lock().unwrap() = files;
    }
}
