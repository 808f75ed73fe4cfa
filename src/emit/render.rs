//! Filling templates. A name that a template misses is an error, never an empty text.

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use super::artifact::{Artifact, Template};
use super::error::EmitError;

/// The files of templates, all filled with the same values.
pub(super) fn filled<T: Serialize>(
    templates: impl IntoIterator<Item = Template>,
    values: &T,
) -> Result<Vec<Artifact>, EmitError> {
    let file = |(path, template, executable, purpose): Template| {
        Ok(Artifact {
            path: path.to_owned(),
            text: render(path, template, values)?,
            executable,
            purpose,
        })
    };
    templates.into_iter().map(file).collect()
}

/// Fills a template; `file` is the name for messages.
pub(super) fn render<T: Serialize>(
    file: &str,
    template: &str,
    values: &T,
) -> Result<String, EmitError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("sh", sh);
    environment.add_filter("comment", comment);
    environment.add_filter("json", json);
    environment.add_filter("ini", ini);
    environment
        .render_str(template, Serde(values))
        .map(|text| format!("{}\n", text.trim_end()))
        .map_err(|error| EmitError::Template {
            file: file.to_owned(),
            error: format!("{error:#}"),
        })
}

/// A word of a shell script.
fn sh(text: &str) -> Result<String, Error> {
    shlex::try_quote(text)
        .map(std::borrow::Cow::into_owned)
        .map_err(|e| Error::new(ErrorKind::InvalidOperation, e.to_string()))
}

/// Text of a comment, which must not leave its line.
fn comment(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// A string of JSON, and so of YAML.
fn json(text: &str) -> Result<String, Error> {
    serde_json::to_string(text).map_err(|e| Error::new(ErrorKind::InvalidOperation, e.to_string()))
}

/// A value or section name of an .ini file, which knows no quoting.
fn ini(text: &str) -> Result<String, Error> {
    let fine = |c: char| !c.is_control() && !"[];#".contains(c);
    if text.chars().all(fine) && text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("an .ini file can't hold `{}`", text.escape_debug()),
        ))
    }
}
