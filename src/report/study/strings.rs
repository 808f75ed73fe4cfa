//! The words of a report, by language.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

use crate::toml_text;
use crate::toml_text::TomlError;

const ENGLISH: &str = include_str!("../strings/en.toml");
const CHINESE: &str = include_str!("../strings/zh.toml");

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

/// Why a table of strings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StringsError {
    /// It can't be read.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// A string is not there.
    #[error("the report has no string called `{0}`")]
    Missing(String),
}

/// The strings of one language by name.
#[derive(Debug, Clone)]
pub(super) struct Strings(BTreeMap<String, String>);

impl Strings {
    pub(super) fn of(language: Language) -> Result<Self, StringsError> {
        let (path, text) = match language {
            Language::English => ("strings/en.toml", ENGLISH),
            Language::Chinese => ("strings/zh.toml", CHINESE),
        };
        Ok(Self(toml_text::parse(path, text)?))
    }

    /// A string by its name.
    pub(super) fn get(&self, name: &str) -> Result<&str, StringsError> {
        self.0
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| StringsError::Missing(name.to_owned()))
    }

    /// A string with its figures put in.
    fn fill(&self, name: &str, figures: Option<&Value>) -> Result<String, Error> {
        let fail = |e: String| Error::new(ErrorKind::InvalidOperation, e);
        let template = self.get(name).map_err(|e| fail(e.to_string()))?;
        let (mut out, mut rest) = (String::new(), template);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((key, behind)) = after.split_once('}') else {
                return Err(fail(format!("`{name}` has a brace that is not closed")));
            };
            let value = figures
                .and_then(|f| f.get_attr(key).ok())
                .filter(|v| !v.is_undefined());
            let Some(value) = value else {
                return Err(fail(format!("`{name}` wants a figure called `{key}`")));
            };
            out.push_str(before);
            out.push_str(&value.to_string());
            rest = behind;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Puts `t(name, figures)`, `t_or(name, otherwise)` and `has(name)` into the templates.
pub(super) fn add(environment: &mut Environment<'static>, strings: Strings) {
    let shared = std::sync::Arc::new(strings);
    let table = std::sync::Arc::clone(&shared);
    environment.add_function("t", move |name: &str, figures: Option<Value>| {
        table.fill(name, figures.as_ref())
    });
    let table = std::sync::Arc::clone(&shared);
    environment.add_function("t_or", move |name: &str, otherwise: String| {
        table.get(name).map_or(otherwise, str::to_owned)
    });
    environment.add_function("has", move |name: &str| shared.get(name).is_ok());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Names in braces of a string.
    fn figures(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect()
    }

    /// The check tells its evidence in English itself; other languages have it in their table.
    fn told_by_the_check(name: &str) -> bool {
        name.starts_with("evidence_") || name.starts_with("remedy_")
    }

    #[test]
    fn both_languages_have_the_same_strings_with_the_same_figures() {
        let (english, chinese) = (
            Strings::of(Language::English).map(|s| s.0),
            Strings::of(Language::Chinese).map(|s| s.0),
        );
        let (Ok(english), Ok(chinese)) = (english, chinese) else {
            panic!("a table of strings can't be read");
        };
        for (name, text) in &english {
            let other = chinese.get(name).map(String::as_str);
            assert!(other.is_some(), "`{name}` is missing in Chinese");
            assert_eq!(figures(text), figures(other.unwrap_or("")), "{name}");
        }
        for name in chinese.keys() {
            assert!(
                english.contains_key(name) || told_by_the_check(name),
                "{name}"
            );
        }
        for rule in english.keys().filter_map(|n| n.strip_prefix("rule_")) {
            for kind in ["evidence_", "remedy_"] {
                assert!(
                    chinese.contains_key(&format!("{kind}{rule}")),
                    "{kind}{rule}"
                );
            }
        }
    }
}
