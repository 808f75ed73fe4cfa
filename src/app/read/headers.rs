//! Headers of files on a server.

use anyhow::{Context as _, Result, bail};
use reqwest::Url;

use crate::app::events::{Event, Events};
use crate::basis::Basis;
use crate::edge::fetch::Fetcher;
use crate::edge::remote_file::RemoteFile;
use crate::fault;
use crate::memory::Weights;
use crate::model::gguf;
use crate::model::gguf::Header;
use crate::model::safetensors;
use crate::model::safetensors::Tensor;
use crate::units::Bytes;

/// Who is asked, and who hears of it.
pub(super) struct Reader<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) events: &'a dyn Events,
}

impl Reader<'_> {
    /// The header of a GGUF file, held against the length that the server tells.
    pub(super) fn gguf(&self, url: &Url) -> Result<Header> {
        let shown = self.begin(url);
        let mut file = RemoteFile::open(self.fetcher, url)?;
        let length = file.length();
        let header = gguf::read(&mut file).with_context(|| shown.clone())?;
        if let Some(truncation) = header.truncation(length) {
            bail!(fault!(
                "{shown}: {truncation}";
                "the upload is not complete, or the server tells a wrong length"
            ));
        }
        Ok(header)
    }

    /// The tensors that the header of a safetensors file, called `name`, tells of.
    pub(super) fn safetensors(&self, url: &Url, name: &str) -> Result<Vec<Tensor>> {
        self.begin(url);
        let mut file = RemoteFile::open(self.fetcher, url)?;
        let header = safetensors::read(&mut file).with_context(|| name.to_owned())?;
        Ok(header.tensors)
    }

    fn begin(&self, url: &Url) -> String {
        let shown = url.path().trim_start_matches('/').to_owned();
        self.events.tell(Event::ReadingHeader { file: &shown });
        shown
    }

    /// Tells how much was read in all.
    pub(super) fn done(&self, place: &Url) {
        let (bytes, requests) = self.fetcher.read_so_far();
        self.events.tell(Event::HeadersRead {
            bytes: Bytes(bytes),
            requests,
            host: place.host_str(),
        });
    }
}

/// Weights by the size of their files, which hold a few MB beside them.
pub(in crate::app) fn by_size(bytes: Bytes) -> Weights {
    Weights {
        gpu: bytes,
        cpu: Bytes::ZERO,
        basis: Basis::Assumed,
        source: "the size of its files".to_owned(),
    }
}
