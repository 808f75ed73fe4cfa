//! Words that several kinds of advice share.

use crate::units::Bytes;

/// Bytes of a signed headroom, for people.
pub(super) fn left(headroom: i64) -> String {
    let bytes = Bytes(headroom.unsigned_abs()).both();
    if headroom >= 0 {
        format!("{bytes} to spare")
    } else {
        format!("{bytes} too much")
    }
}
