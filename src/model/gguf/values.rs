//! Reads one metadata value, keeping short ones and stepping over long ones.

use std::io::{Read, Seek};

use super::cursor::Cursor;
use super::error::GgufError;
use super::metadata::Value;

/// Longest text that is kept; chat templates are some 20 KB.
const TEXT_KEPT: u64 = 64 << 10;
/// Longest list that is kept; engines stop at 512 layers.
const LIST_KEPT: u64 = 4096;

const TEXT: u32 = 8;
const ARRAY: u32 = 9;

/// Reads the value of `key`. `budget` is what may still be kept of the whole header's values.
pub(super) fn read<R: Read + Seek>(
    cursor: &mut Cursor<R>,
    key: &str,
    budget: &mut u64,
) -> Result<Value, GgufError> {
    match cursor.u32("the type of a value")? {
        TEXT => text(cursor, budget),
        ARRAY => list(cursor, key, budget),
        kind => match width(kind) {
            Some(width) => scalar(cursor, kind, width),
            None => Err(GgufError::ValueType {
                key: key.to_owned(),
                kind,
            }),
        },
    }
}

/// Bytes of a number of this type; `None` for texts, arrays and what does not exist.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

fn scalar<R: Read + Seek>(
    cursor: &mut Cursor<R>,
    kind: u32,
    width: u64,
) -> Result<Value, GgufError> {
    const WHAT: &str = "a value";
    Ok(match kind {
        0 => Value::Integer(i64::from(u8::from_le_bytes(cursor.array(WHAT)?))),
        1 => Value::Integer(i64::from(i8::from_le_bytes(cursor.array(WHAT)?))),
        2 => Value::Integer(i64::from(u16::from_le_bytes(cursor.array(WHAT)?))),
        3 => Value::Integer(i64::from(i16::from_le_bytes(cursor.array(WHAT)?))),
        4 => Value::Integer(i64::from(cursor.u32(WHAT)?)),
        5 => Value::Integer(i64::from(i32::from_le_bytes(cursor.array(WHAT)?))),
        6 => Value::Float(f64::from(f32::from_le_bytes(cursor.array(WHAT)?))),
        7 => Value::Bool(u8::from_le_bytes(cursor.array(WHAT)?) != 0),
        10 => match i64::try_from(cursor.u64(WHAT)?) {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::Skipped { length: width },
        },
        11 => Value::Integer(i64::from_le_bytes(cursor.array(WHAT)?)),
        _ => Value::Float(f64::from_le_bytes(cursor.array(WHAT)?)),
    })
}

fn text<R: Read + Seek>(cursor: &mut Cursor<R>, budget: &mut u64) -> Result<Value, GgufError> {
    let length = cursor.u64("the length of a text")?;
    if length > TEXT_KEPT || length > *budget {
        cursor.skip("a text", length)?;
        return Ok(Value::Skipped { length });
    }
    let bytes = cursor.bytes("a text", length)?;
    *budget -= length;
    Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

fn list<R: Read + Seek>(
    cursor: &mut Cursor<R>,
    key: &str,
    budget: &mut u64,
) -> Result<Value, GgufError> {
    let kind = cursor.u32("the type of a list")?;
    let count = cursor.u64("the length of a list")?;
    if kind == ARRAY {
        return Err(GgufError::NestedArray {
            key: key.to_owned(),
        });
    }
    if kind == TEXT {
        // Each text takes 8 bytes at least: a count beyond that is refused before the walk.
        cursor.need("a list of texts", count.saturating_mul(8))?;
        cursor.skip_texts("a text in a list", count)?;
        return Ok(Value::Skipped { length: count });
    }
    let Some(width) = width(kind) else {
        return Err(GgufError::ValueType {
            key: key.to_owned(),
            kind,
        });
    };
    let held = count.saturating_mul(8);
    if matches!(kind, 6 | 12) || count > LIST_KEPT || held > *budget {
        cursor.skip("a list of numbers", count.saturating_mul(width))?;
        return Ok(Value::Skipped { length: count });
    }
    cursor.need("a list of numbers", count.saturating_mul(width))?;
    *budget -= held;
    let mut numbers = Vec::new();
    let mut beyond = false;
    for _ in 0..count {
        match scalar(cursor, kind, width)? {
            Value::Integer(n) => numbers.push(n),
            Value::Bool(b) => numbers.push(i64::from(b)),
            _ => beyond = true,
        }
    }
    Ok(if beyond {
        Value::Skipped { length: count }
    } else {
        Value::Integers(numbers)
    })
}
