//! A GGUF file at any address.

use anyhow::{Context as _, Result, bail};
use reqwest::Url;

use super::found::Found;
use super::headers::Reader;
use crate::app::events::Events;
use crate::edge::fetch;
use crate::edge::fetch::Fetcher;
use crate::edge::hub;
use crate::fault;
use crate::fit::{About, from_gguf};
use crate::model::gguf::{Header, PartName};

/// A GGUF file at any address, with its other parts beside it.
pub(super) fn find(text: &str, endpoint: &str, events: &dyn Events) -> Result<Found> {
    let url = fetch::address(text)?;
    // The token is for the hub, whatever address is read.
    let fetcher = Fetcher::new(&fetch::address(endpoint)?, hub::token().as_deref())?;
    let reader = Reader {
        fetcher: &fetcher,
        events,
    };
    let name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
    if !name.to_ascii_lowercase().ends_with(".gguf") {
        bail!(fault!(
            "{text} is not the address of a GGUF file";
            "a repository is named hf:owner/repository; --endpoint names a mirror of the hub"
        ));
    }
    let urls: Vec<Url> = match PartName::parse(&name) {
        Some(part) => part
            .all()
            .map(|p| beside(&url, &p))
            .collect::<Result<Vec<_>>>()?,
        None => vec![url.clone()],
    };
    let headers = urls
        .iter()
        .map(|url| reader.gguf(url))
        .collect::<Result<Vec<_>>>()?;
    let bytes = headers.iter().filter_map(Header::expected_bytes).sum();
    let model = from_gguf::model(&name, &headers, bytes).with_context(|| name.clone())?;
    reader.done(&url);
    Ok(Found {
        subject: model.subject,
        prediction: model.prediction,
        senses: None,
        about: About {
            files: Some(text.to_owned()),
            ..model.about
        },
        folder: None,
        known: None,
    })
}

fn beside(url: &Url, name: &str) -> Result<Url> {
    url.join(name)
        .map(|mut other| {
            other.set_query(url.query());
            other
        })
        .with_context(|| format!("no address for {name}"))
}
