//! A place in a JSON document: the way to it, and the line of the text where it stands.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::toml_text::line_of;

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The field of this name.
    Field(String),
    /// The item of this number, from 0.
    Item(usize),
}

/// The way to a place: `loadout[0].memory.total_bytes`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place(pub Vec<Step>);

impl Place {
    /// The way through fields of these names.
    #[must_use]
    pub fn of(fields: &[&str]) -> Self {
        let steps = fields.iter();
        Self(steps.map(|f| Step::Field((*f).to_owned())).collect())
    }

    /// The way into an item of a list, through fields of these names.
    #[must_use]
    pub fn in_item(list: &[&str], n: usize, fields: &[&str]) -> Self {
        let Self(mut steps) = Self::of(list).then(Step::Item(n));
        steps.extend(Self::of(fields).0);
        Self(steps)
    }

    /// One step further.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// What stands there.
    #[must_use]
    pub fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |at, step| match step {
            Step::Field(name) => at.get(name),
            Step::Item(n) => at.get(n),
        })
    }

    /// The line of a document's text where it stands, or what holds it where it is not there.
    #[must_use]
    pub fn line(&self, text: &str) -> usize {
        let mut at = text;
        for step in &self.0 {
            match inside(at, step) {
                Some(found) => at = found,
                None => break,
            }
        }
        // Each value read without a copy is a part of the text.
        let offset = (at.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line_of(text.get(..offset).unwrap_or(""))
    }
}

fn inside<'a>(value: &'a str, step: &Step) -> Option<&'a str> {
    let found: &RawValue = match step {
        Step::Field(name) => {
            let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(value).ok()?;
            fields.remove(name)?
        }
        Step::Item(n) => {
            let items: Vec<&RawValue> = serde_json::from_str(value).ok()?;
            items.get(*n).copied()?
        }
    };
    Some(found.get())
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if n == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(n) => write!(f, "[{n}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_line_and_one_that_is_missing_that_of_its_holder() {
        let text = "{\n  \"a\": [\n    1,\n    {\"b\": {\n      \"c\": -5 }}\n  ]\n}";
        let item = Place::of(&["a"]).then(Step::Item(1));
        let there = item.then(Step::Field("b".to_owned()));
        let there = there.then(Step::Field("c".to_owned()));
        assert_eq!(
            (there.to_string().as_str(), there.line(text)),
            ("a[1].b.c", 5)
        );
        assert_eq!(item.then(Step::Field("x".to_owned())).line(text), 4);
        assert_eq!(Place::of(&["z"]).line(text), 1);
    }
}
