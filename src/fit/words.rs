//! Words that several kinds of advice share.

use crate::plan::document::Advice;
use crate::units::Bytes;

pub(super) fn note(kind: &str, text: String) -> Advice {
    Advice {
        kind: kind.to_owned(),
        text,
        command: None,
    }
}

/// Bytes of a signed headroom, for people.
pub(super) fn left(headroom: i64) -> String {
    let bytes = Bytes(headroom.unsigned_abs()).both();
    if headroom >= 0 {
        format!("{bytes} to spare")
    } else {
        format!("{bytes} too much")
    }
}
