//! What an answer says, as it comes in pieces: its text, and the tools that it calls.

/// More than this of one answer is not kept.
const LARGEST: usize = 256 << 10;
/// More calls than any answer makes.
const MOST_CALLS: usize = 64;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Of its text.
    Text(String),
    /// Of a call.
    Call {
        /// Which call of the answer.
        index: u64,
        /// The tool, where this piece names it.
        name: String,
        /// Of its arguments.
        arguments: String,
    },
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Its text, without thoughts that the server tells apart.
    pub text: String,
    /// The tools that it calls, in order.
    pub calls: Vec<Call>,
    /// Whether it was longer than what is kept of it.
    pub cut: bool,
    indices: Vec<u64>,
}

/// A call of a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The tool.
    pub name: String,
    /// Its arguments, as JSON if all is well.
    pub arguments: String,
}

impl Said {
    /// Takes in the next piece.
    pub(super) fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => self.cut |= !push(&mut self.text, &text),
            Piece::Call {
                index,
                name,
                arguments,
            } => self.call(index, &name, &arguments),
        }
    }

    fn call(&mut self, index: u64, name: &str, arguments: &str) {
        let known = self.indices.iter().rposition(|i| *i == index);
        let at = match known {
            Some(at) => at,
            None if self.calls.len() < MOST_CALLS => {
                self.indices.push(index);
                self.calls.push(Call::default());
                self.calls.len() - 1
            }
            None => {
                self.cut = true;
                return;
            }
        };
        if let Some(call) = self.calls.get_mut(at) {
            self.cut |= !push(&mut call.name, name) | !push(&mut call.arguments, arguments);
        }
    }
}

/// Adds what there is room for; whether that was all of it.
fn push(to: &mut String, text: &str) -> bool {
    let room = LARGEST.saturating_sub(to.len());
    let end = text.floor_char_boundary(room);
    to.push_str(&text[..end]);
    end == text.len()
}
