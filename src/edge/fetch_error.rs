//! What goes wrong between here and a server of files, and what to do about it.

use crate::fault::Hinted;

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address.
    #[error("`{address}` is not an address: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// Why not.
        reason: String,
    },
    /// TLS can't be set up, or the token can't be sent.
    #[error("{0}")]
    Setup(String),
    /// The server said no.
    #[error("{host} answered {status} for {path}")]
    Status {
        /// The server.
        host: String,
        /// Its status.
        status: u16,
        /// What was asked for.
        path: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// It leads on and on, or from TLS to none.
    #[error("{host}: {reason}")]
    Redirect {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// There is no way to it.
    #[error("can't reach {host}: {reason}")]
    Unreachable {
        /// The server.
        host: String,
        /// Why.
        reason: String,
    },
    /// It could not be reached any more, or broke off.
    #[error("{host}: {reason}, after {tries} tries")]
    Broken {
        /// The server.
        host: String,
        /// What the system said.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// Nothing of a download comes any more, however often it is asked for.
    #[error("{host}: {reason}")]
    Silent {
        /// The server.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The answer contradicts the request, or another answer.
    #[error("{host}: {reason}")]
    Answer {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
}

impl Hinted for FetchError {
    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Address { .. } => "write it out, such as https://example.org/model.gguf",
            Self::Setup(_) => return None,
            Self::Status {
                status, with_token, ..
            } => of_status(*status, *with_token),
            Self::Redirect { .. } => "name another mirror with --endpoint",
            Self::Unreachable { .. } => {
                "is this machine online? a mirror is named with --endpoint, and a file that is here needs no connection"
            }
            Self::Broken { .. } => "check the connection, or name a mirror with --endpoint",
            Self::Silent { .. } => {
                "check the connection, and run this again: it goes on where it ended"
            }
            Self::Answer { .. } => {
                "try again; if it stays so, the server cannot be relied on for parts of files"
            }
        };
        Some(words.to_owned())
    }
}

const fn of_status(status: u16, with_token: bool) -> &'static str {
    match (status, with_token) {
        (401 | 403, false) => {
            "it is private, gated, or not there under that name; a token in HF_TOKEN opens what its owner may read"
        }
        (401 | 403, true) => {
            "the token in HF_TOKEN does not open it; accept the model's terms on its page, or check the token"
        }
        (404, _) => "check the spelling of owner, repository and file",
        (429, _) => "the server limits requests; wait a few minutes, or set HF_TOKEN",
        (416, _) => "the file is shorter there than its list says; name a mirror with --endpoint",
        (500.., _) => "the server has trouble; try again later",
        _ => "name a mirror with --endpoint",
    }
}
