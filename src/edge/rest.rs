//! LM Studio's server: models listed, loaded and unloaded over HTTP.
//!
//! Its load request takes a context and nothing else that a plan sets: no identifier, no slots, no
//! TTL. So a model loaded this way goes by its key.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::patience::{Failure, patiently};
use super::studio::{LOAD_LIMIT, Studio};
use super::{files, http, lms};
use crate::apply::Instance;
use crate::fault;
use crate::lmstudio::{Estimate, Installed, Listing, Loaded, rest};
use crate::printable::printable;

/// The longest wait for an answer that needs no load.
const ANSWER: Duration = Duration::from_secs(30);
/// LM Studio's port where nobody chose another.
const PORT: u16 = 1234;

/// A server of LM Studio.
#[derive(Debug)]
pub struct Rest {
    base: String,
    token: Option<String>,
    client: Client,
    loader: Client,
}

impl Rest {
    /// The server at this place; on this machine and at the port of LM Studio's settings where
    /// nothing else is said.
    ///
    /// # Errors
    /// When HTTP can't be set up.
    pub fn at(host: Option<&str>, port: Option<u16>, token: Option<String>) -> Result<Self> {
        let host = host.unwrap_or("127.0.0.1");
        let port = port.or_else(port_of_settings).unwrap_or(PORT);
        // An IPv6 address needs brackets in a URL.
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        Ok(Self {
            base: format!("http://{host}:{port}"),
            token,
            client: http::client(ANSWER)?,
            loader: http::client(LOAD_LIMIT)?,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The text of a success; only another token helps where the server wants one.
    fn send(&self, request: RequestBuilder) -> Result<String, Failure> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().with_context(|| {
            fault!(
                "LM Studio's server does not answer at {}", self.base;
                "start it with `lms server start`, or give --host and --port"
            )
        });
        let answer = answer.map_err(Failure::Passing)?;
        let status = answer.status();
        let text = http::text(answer).map_err(|error| {
            let slow = error.downcast_ref().is_some_and(http::was_too_slow);
            let error = error.context("can't read the server's answer");
            if slow {
                Failure::Lasting(error)
            } else {
                Failure::Passing(error)
            }
        })?;
        if status.is_success() {
            return Ok(text);
        }
        if status.as_u16() == 401 {
            let wanted = fault!(
                "LM Studio's server at {} wants a token", self.base;
                "give it with --token or in LM_API_TOKEN"
            );
            return Err(Failure::Lasting(wanted.into()));
        }
        let said = fault!(
            "LM Studio's server says {status}: {}", message(&text);
            "look into LM Studio's log"
        );
        Err(Failure::Passing(said.into()))
    }

    fn models(&self) -> Result<rest::Known> {
        patiently(|| {
            let text = self.send(self.client.get(format!("{}/api/v1/models", self.base)))?;
            rest::models(&text).map_err(|error| Failure::Passing(error.into()))
        })
    }

    fn post(&self, client: &Client, what: &str, body: &Value) -> Result<String> {
        let address = format!("{}/api/v1/models/{what}", self.base);
        self.send(client.post(address).json(body))
            .map_err(Failure::into_error)
    }
}

impl Studio for Rest {
    fn installed(&self) -> Result<Listing<Installed>> {
        Ok(self.models()?.0)
    }

    fn loaded(&self) -> Result<Listing<Loaded>> {
        Ok(self.models()?.1)
    }

    /// A request can't be taken back: Ctrl-C counts once the server has answered.
    fn load(&self, instance: &Instance, _: &AtomicBool, _: &mut dyn FnMut(u8)) -> Result<()> {
        let mut body = json!({"model": instance.key});
        if let Some(context) = instance.context {
            body["context_length"] = json!(context);
        }
        self.post(&self.loader, "load", &body).map(drop)
    }

    fn unload(&self, identifier: &str) -> Result<()> {
        self.post(&self.client, "unload", &json!({"instance_id": identifier}))
            .map(drop)
    }

    fn estimate(&self, _: &Instance) -> Result<Option<Estimate>> {
        Ok(None)
    }
}

/// The words of an error answer, else its text.
fn message(text: &str) -> String {
    let json: Option<Value> = serde_json::from_str(text).ok();
    let words = json.as_ref().and_then(|j| j["error"]["message"].as_str());
    printable(words.unwrap_or_else(|| text.trim())).into_owned()
}

/// The port in LM Studio's own settings.
fn port_of_settings() -> Option<u16> {
    let path = lms::home()?.join(".internal/http-server-config.json");
    let json: Value = serde_json::from_str(&files::read_text(&path).ok()?).ok()?;
    u16::try_from(json["port"].as_u64()?).ok()
}
