//! A file behind HTTP that reads and seeks: only the parts that are asked for are fetched, in
//! growing steps.
//!
//! A server that ignores ranges is read from the start, as far as needed. What breaks off goes on
//! where it broke off. What is read of a file is bounded.

use std::io::{self, Read, Seek, SeekFrom};

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_RANGE, ETAG};
use reqwest::{StatusCode, Url};

use super::fetch::{FetchError, Fetched, Fetcher};
use super::http;
use super::route::host;
use crate::units::Bytes;

/// The first step, which holds most headers without a tokenizer.
const FIRST_STEP: u64 = 128 << 10;
/// The longest step.
const LONGEST_STEP: u64 = 4 << 20;
/// Most that is read of one file: tokenizers take some 30 MB at most.
const MOST: u64 = 64 << 20;
/// Times that a part may bring nothing before it is given up.
const BARREN: u32 = 4;

/// A file behind HTTP.
pub struct RemoteFile<'a> {
    fetcher: &'a Fetcher,
    url: Url,
    length: u64,
    tag: Option<String>,
    position: u64,
    window: Vec<u8>,
    window_start: u64,
    step: u64,
    read: u64,
    /// The body of a server that ignores ranges; it stands at the end of the window.
    stream: Option<http::Steady<Response>>,
}

/// What one request for a part brought.
struct Part {
    length: u64,
    tag: Option<String>,
    response: Response,
    whole: bool,
}

impl<'a> RemoteFile<'a> {
    /// Opens a file and reads its beginning.
    ///
    /// # Errors
    /// When the server refuses it, or does not say how long it is.
    pub fn open(fetcher: &'a Fetcher, url: &Url) -> Result<Self, FetchError> {
        let mut file = Self {
            fetcher,
            url: url.clone(),
            length: 0,
            tag: None,
            position: 0,
            window: Vec::new(),
            window_start: 0,
            step: FIRST_STEP,
            read: 0,
            stream: None,
        };
        let part = file.part(0, FIRST_STEP - 1)?;
        (file.length, file.tag) = (part.length, part.tag.clone());
        if part.whole {
            file.stream = Some(http::Steady::over(part.response));
        } else {
            let wanted = FIRST_STEP.min(file.length);
            file.fill(part, wanted)?;
        }
        Ok(file)
    }

    /// Bytes of the whole file, as the server says.
    #[must_use]
    pub fn length(&self) -> Bytes {
        Bytes(self.length)
    }

    fn wrong(&self, reason: String) -> FetchError {
        FetchError::Answer {
            host: host(&self.url),
            reason,
        }
    }

    /// Asks for bytes `first` to `last`, and checks that the answer is about them.
    fn part(&self, first: u64, last: u64) -> Result<Part, FetchError> {
        let Fetched { response, .. } = self.fetcher.get(&self.url, Some((first, last)))?;
        let tag = response.headers().get(ETAG).and_then(|t| t.to_str().ok());
        let tag = tag.map(str::to_owned);
        if response.status() != StatusCode::PARTIAL_CONTENT {
            let length = response.content_length().ok_or_else(|| {
                self.wrong("it neither serves parts of a file nor says how long it is".to_owned())
            })?;
            return Ok(Part {
                length,
                tag,
                response,
                whole: true,
            });
        }
        let range = response.headers().get(CONTENT_RANGE);
        let range = range.and_then(|r| r.to_str().ok()).unwrap_or_default();
        let (start, length) = content_range(range)
            .ok_or_else(|| self.wrong(format!("it answers with the unreadable range `{range}`")))?;
        if start != first {
            return Err(self.wrong(format!(
                "asked for bytes from {first} on, it answers with bytes from {start} on"
            )));
        }
        Ok(Part {
            length,
            tag,
            response,
            whole: false,
        })
    }

    /// Makes the window hold the bytes from `start` on.
    fn fetch(&mut self, start: u64) -> Result<(), FetchError> {
        let wanted = self.step.min(self.length - start);
        if self.read + wanted > MOST {
            return Err(self.wrong(format!(
                "the header does not end within {}, more than any real one",
                Bytes(MOST).both()
            )));
        }
        self.step = (self.step * 2).min(LONGEST_STEP);
        if self.stream.is_some() {
            return self.stream_on(start, wanted);
        }
        self.window.clear();
        self.window_start = start;
        let part = self.part(start, start + wanted - 1)?;
        self.fill(part, wanted)
    }

    /// Fills the window up to `wanted` bytes, going on where a body breaks off.
    fn fill(&mut self, mut part: Part, wanted: u64) -> Result<(), FetchError> {
        let mut barren = 0;
        loop {
            if part.length != self.length || part.tag != self.tag {
                return Err(self.wrong("the file changed while it was read".to_owned()));
            }
            if part.whole {
                return Err(self.wrong(
                    "it serves parts of the file at one time and not at another".to_owned(),
                ));
            }
            let before = self.window.len();
            let left = wanted - before as u64;
            let outcome = http::Steady::over(part.response)
                .take(left)
                .read_to_end(&mut self.window);
            let got = self.window.len() - before;
            self.fetcher.count(got);
            self.read += got as u64;
            if self.window.len() as u64 == wanted {
                return Ok(());
            }
            barren = if got == 0 { barren + 1 } else { 0 };
            if barren >= BARREN || outcome.as_ref().is_err_and(http::was_too_slow) {
                let error = outcome
                    .err()
                    .unwrap_or_else(|| io::Error::other("it sends less than it says that it does"));
                return Err(super::fetch::broken(&self.url, &error, barren));
            }
            let from = self.window_start + self.window.len() as u64;
            part = self.part(from, self.window_start + wanted - 1)?;
        }
    }

    /// Reads on in the one body that a server without ranges sends.
    fn stream_on(&mut self, start: u64, wanted: u64) -> Result<(), FetchError> {
        let at = self.window_start + self.window.len() as u64;
        if start < at {
            return Err(
                self.wrong("it serves no parts of files, and its answer is read once".to_owned())
            );
        }
        if self.read + (start - at) > MOST {
            return Err(self.wrong(format!(
                "it serves no parts of files, and what is wanted lies behind the first {}",
                Bytes(MOST).both()
            )));
        }
        let Some(stream) = self.stream.as_mut() else {
            return Ok(());
        };
        let skipped = io::copy(&mut stream.take(start - at), &mut io::sink());
        self.window.clear();
        self.window_start = start;
        let read = skipped.and_then(|_| stream.take(wanted).read_to_end(&mut self.window));
        let got = self.window.len();
        self.fetcher.count(got);
        self.read += got as u64 + (start - at);
        match read {
            Ok(_) if got as u64 == wanted => Ok(()),
            Ok(_) => Err(self.wrong(format!(
                "it says that the file has {} bytes and sends {}",
                self.length,
                start + got as u64
            ))),
            Err(error) => Err(super::fetch::broken(&self.url, &error, 1)),
        }
    }
}

/// `bytes 0-99/1234`: the first byte and the whole length.
pub(super) fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, length) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let length: u64 = length.parse().ok()?;
    (first <= last && last < length).then_some((first, length))
}

impl Read for RemoteFile<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || out.is_empty() {
            return Ok(0);
        }
        let inside = |file: &Self| {
            let offset = file.position.checked_sub(file.window_start)?;
            usize::try_from(offset)
                .ok()
                .filter(|o| *o < file.window.len())
        };
        let offset = match inside(self) {
            Some(offset) => offset,
            None => {
                self.fetch(self.position).map_err(io::Error::other)?;
                0
            }
        };
        let there = &self.window[offset..];
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for RemoteFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(n) => i128::from(n),
            SeekFrom::End(n) => i128::from(self.length) + i128::from(n),
            SeekFrom::Current(n) => i128::from(self.position) + i128::from(n),
        };
        self.position = u64::try_from(target).map_err(io::Error::other)?;
        Ok(self.position)
    }
}
