//! The form of shipped files in the binary, as `build.rs` writes it: values that say what they are,
//! one after the other, their texts in one text of all files.
//!
//! A value begins with a byte for its kind. Numbers are written seven bits a byte, the lowest first;
//! a text is where it begins among all texts and how long it is; a list or table is how many values
//! it has, then these, those of a table each after its key.

use serde::de::value::{BorrowedStrDeserializer, Error, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

const FALSE: u8 = 0;
const TRUE: u8 = 1;
const INTEGER: u8 = 2;
const NEGATIVE: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
const LIST: u8 = 6;
const TABLE: u8 = 7;

/// What is left of a file to read.
pub(super) struct Packed<'de> {
    rest: &'de [u8],
    texts: &'de str,
}

impl<'de> Packed<'de> {
    /// A file, and the texts of all.
    pub(super) const fn new(file: &'de [u8], texts: &'de str) -> Self {
        Self { rest: file, texts }
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u64, Error> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
            if shift > 63 {
                return Err(cut_short());
            }
        }
    }

    fn size(&mut self) -> Result<usize, Error> {
        usize::try_from(self.number()?).map_err(Error::custom)
    }

    fn text(&mut self) -> Result<&'de str, Error> {
        let (from, length) = (self.size()?, self.size()?);
        let text = self.texts.get(from..from.saturating_add(length));
        text.ok_or_else(cut_short)
    }

    fn float(&mut self) -> Result<f64, Error> {
        let (bits, rest) = self.rest.split_first_chunk().ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(f64::from_le_bytes(*bits))
    }
}

fn cut_short() -> Error {
    Error::custom("it was cut short")
}

impl<'de> Deserializer<'de> for &mut Packed<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.byte()? {
            FALSE => visitor.visit_bool(false),
            TRUE => visitor.visit_bool(true),
            INTEGER => visitor.visit_u64(self.number()?),
            NEGATIVE => {
                let below = i64::try_from(self.number()?).map_err(Error::custom)?;
                visitor.visit_i64(-1 - below)
            }
            FLOAT => visitor.visit_f64(self.float()?),
            TEXT => visitor.visit_borrowed_str(self.text()?),
            LIST => {
                let mut values = Values::of(self)?;
                let read = visitor.visit_seq(&mut values)?;
                values.end().map(|()| read)
            }
            TABLE => {
                let mut values = Values::of(self)?;
                let read = visitor.visit_map(&mut values)?;
                values.end().map(|()| read)
            }
            kind => Err(Error::custom(format_args!("no value is of kind {kind}"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.byte()? {
            TEXT => visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?)),
            TABLE => visitor.visit_enum(MapAccessDeserializer::new(Values::of(self)?)),
            kind => Err(Error::custom(format_args!("no choice is of kind {kind}"))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The values of a list or table that are still to read.
struct Values<'p, 'de> {
    from: &'p mut Packed<'de>,
    left: usize,
}

impl<'p, 'de> Values<'p, 'de> {
    fn of(from: &'p mut Packed<'de>) -> Result<Self, Error> {
        let left = from.size()?;
        Ok(Self { from, left })
    }

    /// Whether all were read.
    fn end(&self) -> Result<(), Error> {
        match self.left {
            0 => Ok(()),
            left => Err(Error::custom(format_args!("{left} values too many"))),
        }
    }
}

impl<'de> SeqAccess<'de> for Values<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.from).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Values<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let key = BorrowedStrDeserializer::new(self.from.text()?);
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.from)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;
    use serde_json::{Value, json};

    use super::*;

    /// `[-300, true, "bc", { "a": 1.5 }]`, byte by byte as the form is described.
    #[test]
    fn values_are_read_as_written_and_nothing_that_was_cut_short() {
        let mut file = vec![LIST, 4, NEGATIVE, 0xab, 0x02, TRUE, TEXT, 1, 2];
        file.extend([TABLE, 1, 0, 1, FLOAT]);
        file.extend(1.5_f64.to_le_bytes());
        let read = |file: &[u8]| Value::deserialize(&mut Packed::new(file, "abc"));
        assert_eq!(read(&file), Ok(json!([-300, true, "bc", { "a": 1.5 }])));
        for length in 0..file.len() {
            assert!(read(&file[..length]).is_err(), "{length}");
        }
        assert!(read(&[TEXT, 2, 2]).is_err() && read(&[9]).is_err());
    }
}
