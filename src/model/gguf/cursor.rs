//! Reads little-endian numbers and names from a file, never past what is there and never more
//! into memory than a fixed bound, whatever the file says about lengths.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use super::error::GgufError;

/// Longest header that is followed. The longest real ones hold a tokenizer of some 30 MB.
pub(super) const HEADER_LIMIT: u64 = 256 << 20;

/// Bytes fetched at once.
const CHUNK: usize = 64 << 10;

/// A place in a file, with the number of bytes that the file has.
pub(super) struct Cursor<R> {
    inner: BufReader<R>,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Cursor<R> {
    /// Starts at the first byte.
    pub(super) fn new(mut reader: R) -> Result<Self, GgufError> {
        let length = reader.seek(SeekFrom::End(0)).map_err(|e| io(0, &e))?;
        reader.seek(SeekFrom::Start(0)).map_err(|e| io(0, &e))?;
        Ok(Self {
            inner: BufReader::with_capacity(CHUNK, reader),
            position: 0,
            length,
        })
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn left(&self) -> u64 {
        self.length.saturating_sub(self.position)
    }

    /// Checks that `needed` bytes follow, within the file and within the longest header.
    pub(super) fn need(&self, what: &'static str, needed: u64) -> Result<(), GgufError> {
        if needed > self.left() {
            return Err(GgufError::HeaderTruncated {
                what,
                at: self.position,
                needed,
                left: self.left(),
            });
        }
        if self.position.saturating_add(needed) > HEADER_LIMIT {
            return Err(GgufError::HeaderTooLong {
                limit: HEADER_LIMIT,
            });
        }
        Ok(())
    }

    pub(super) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], GgufError> {
        self.need(what, N as u64)?;
        let mut bytes = [0; N];
        self.inner
            .read_exact(&mut bytes)
            .map_err(|e| io(self.position, &e))?;
        self.position += N as u64;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, GgufError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, GgufError> {
        self.array(what).map(u64::from_le_bytes)
    }

    pub(super) fn skip(&mut self, what: &'static str, bytes: u64) -> Result<(), GgufError> {
        self.need(what, bytes)?;
        // The header's limit keeps this far below 2^63.
        let step = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.inner
            .seek_relative(step)
            .map_err(|e| io(self.position, &e))?;
        self.position += bytes;
        Ok(())
    }

    /// Steps over `count` texts, each a length and that many bytes. A vocabulary has several
    /// hundred thousand, so those that lie in the buffer are not read one by one.
    pub(super) fn skip_texts(&mut self, what: &'static str, count: u64) -> Result<(), GgufError> {
        let mut left = count;
        while left > 0 {
            let buffer = self.inner.buffer();
            let mut used = 0;
            while left > 0
                && let Some((length, rest)) = buffer[used..].split_first_chunk()
                && let Ok(length) = usize::try_from(u64::from_le_bytes(*length))
                && length <= rest.len()
            {
                used += 8 + length;
                left -= 1;
            }
            self.inner.consume(used);
            self.position += used as u64;
            if left > 0 {
                let length = self.u64(what)?;
                self.skip(what, length)?;
                left -= 1;
            }
        }
        self.need(what, 0)
    }

    /// A length and that many bytes, refused above `limit`.
    pub(super) fn name(&mut self, what: &'static str, limit: u64) -> Result<String, GgufError> {
        let at = self.position;
        let length = self.u64(what)?;
        if length > limit {
            return Err(GgufError::NameTooLong {
                what,
                at,
                length,
                limit,
            });
        }
        let bytes = self.bytes(what, length)?;
        match String::from_utf8(bytes) {
            Ok(text) if !text.is_empty() => Ok(text),
            _ => Err(GgufError::BadName { what, at }),
        }
    }

    /// `length` bytes. The caller has bounded `length`.
    pub(super) fn bytes(&mut self, what: &'static str, length: u64) -> Result<Vec<u8>, GgufError> {
        self.need(what, length)?;
        let mut bytes = Vec::new();
        let read = (&mut self.inner)
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(|e| io(self.position, &e))? as u64;
        if read < length {
            // The file has become shorter since its length was asked for.
            return Err(GgufError::HeaderTruncated {
                what,
                at: self.position,
                needed: length,
                left: read,
            });
        }
        self.position += length;
        Ok(bytes)
    }
}

fn io(at: u64, error: &std::io::Error) -> GgufError {
    GgufError::Io {
        at,
        reason: error.to_string(),
    }
}
