//! Server-sent events: bytes in, events out, however the network cut them.
//!
//! Follows the WHATWG stream format (CR, LF and CRLF end a line; comments; several `data` lines
//! make one event). Two things are laxer, as servers need it: a last event without its blank line
//! counts, and a line that is no field of the format is kept by name instead of being ignored.

/// Longer lines than this are no token of a model.
const LINE_BYTES_MAX: usize = 16 << 20;
/// As much of a bad line as is worth showing.
const SHOWN_CHARS: usize = 80;
/// Fields that the format knows.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// What the bytes said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The data of one event.
    Data(String),
    /// A line that is not of the format: its number from 1, and its beginning.
    Malformed {
        /// Number of the line.
        line: u64,
        /// How it begins.
        text: String,
    },
}

/// Reads a stream piece by piece.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    lines: u64,
    after_cr: bool,
    overlong: bool,
}

impl Parser {
    /// Takes the next bytes, and hands every event that they complete to `take`.
    pub(super) fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(Event)) {
        if self.after_cr && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        }
        self.after_cr = false;
        while let Some(end) = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')) {
            self.extend(&bytes[..end]);
            let cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if cr {
                match bytes.first() {
                    Some(b'\n') => bytes = &bytes[1..],
                    None => self.after_cr = true,
                    Some(_) => {}
                }
            }
            self.end_line(take);
        }
        self.extend(bytes);
    }

    /// The stream is over: whatever was left is an event too.
    pub(super) fn finish(&mut self, take: &mut dyn FnMut(Event)) {
        if !self.line.is_empty() {
            self.end_line(take);
        }
        self.dispatch(take);
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.line.len() + bytes.len() > LINE_BYTES_MAX {
            self.overlong = true;
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self, take: &mut dyn FnMut(Event)) {
        self.lines += 1;
        let mut line = std::mem::take(&mut self.line);
        if self.lines == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if std::mem::take(&mut self.overlong) {
            take(self.malformed(b"(a line of more than 16 MiB)"));
        } else if line.is_empty() {
            self.dispatch(take);
        } else {
            self.field(&line, take);
        }
        // The buffer is used again.
        line.clear();
        self.line = line;
    }

    fn field(&mut self, line: &[u8], take: &mut dyn FnMut(Event)) {
        let (name, value) = match line.iter().position(|b| *b == b':') {
            Some(0) => return,
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        if name == b"data" {
            let before = self.data.as_ref().map_or(0, Vec::len);
            if before + value.len() > LINE_BYTES_MAX {
                take(self.malformed(b"(an event of more than 16 MiB)"));
                return;
            }
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        } else if !FIELDS.contains(&name) {
            take(self.malformed(line));
        }
    }

    fn dispatch(&mut self, take: &mut dyn FnMut(Event)) {
        if let Some(data) = self.data.take() {
            take(match String::from_utf8(data) {
                Ok(text) => Event::Data(text),
                Err(error) => self.malformed(error.as_bytes()),
            });
        }
    }

    fn malformed(&self, line: &[u8]) -> Event {
        Event::Malformed {
            line: self.lines,
            text: shown(line),
        }
    }
}

/// The beginning of a line, as it can be shown.
pub(super) fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN_CHARS)]);
    let mut out: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SHOWN_CHARS)
        .collect();
    if text.chars().count() > SHOWN_CHARS {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<Event> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for piece in pieces {
            parser.push(piece, &mut |e| events.push(e));
        }
        parser.finish(&mut |e| events.push(e));
        events
    }

    fn data(texts: &[&str]) -> Vec<Event> {
        texts.iter().map(|t| Event::Data((*t).to_owned())).collect()
    }

    /// The examples of the format's own specification, section "Interpreting an event stream".
    #[test]
    fn the_specifications_examples_read_as_it_says() {
        assert_eq!(
            read(&[b"data: YHOO\ndata: +2\ndata: 10\n\n"]),
            data(&["YHOO\n+2\n10"])
        );
        assert_eq!(
            read(&[b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"]),
            data(&["first event", "second event", " third event"])
        );
        assert_eq!(read(&[b"data\n\ndata\ndata\n\n"]), data(&["", "\n"]));
        assert_eq!(
            read(&[b"data:test\n\ndata: test\n\n"]),
            data(&["test", "test"])
        );
    }

    #[test]
    fn a_last_event_without_its_blank_line_counts() {
        assert_eq!(read(&[b"data: [DONE]"]), data(&["[DONE]"]));
    }

    #[test]
    fn a_line_of_no_field_is_named() {
        let events = read(&[b"data: a\n\nInternal Server Error\n\ndata: b\n\n"]);
        assert_eq!(
            events[1],
            Event::Malformed {
                line: 3,
                text: "Internal Server Error".to_owned()
            }
        );
        assert_eq!(events[2], Event::Data("b".to_owned()));
        let broken = read(&[b"data: \xff\xfe\n\n"]);
        assert!(
            matches!(broken[0], Event::Malformed { line: 2, .. }),
            "{broken:?}"
        );
    }

    proptest! {
        /// However a stream is cut, and however its lines end, the same events come out.
        #[test]
        fn cuts_and_line_ends_change_nothing(
            texts in prop::collection::vec("[^\r\n]{0,20}", 1..6),
            cuts in prop::collection::vec(0usize..400, 0..12),
            end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
        ) {
            let mut stream = String::from("\u{feff}");
            for text in &texts {
                stream.push_str(&format!(": ping{end}data: {text}{end}{end}"));
            }
            let bytes = stream.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|c| c % (bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            let whole: Vec<&str> = texts.iter().map(String::as_str).collect();
            prop_assert_eq!(read(&pieces), data(&whole));
        }
    }
}
