//! Measurements as the text of a user's catalog file, which adds them to a model that is there.

use serde::Serialize;

use super::schema::Measurement;

#[derive(Serialize)]
struct Extension<'a> {
    extends: &'a str,
    measurements: &'a [Measurement],
}

/// The text of a file that adds measurements to the model with this id, under a comment that says
/// where they come from.
///
/// # Errors
/// When a figure can't be written as TOML, which no measurement's is.
pub fn extension(
    model: &str,
    measurements: &[Measurement],
    comment: &str,
) -> Result<String, toml::ser::Error> {
    let body = toml::to_string(&Extension {
        extends: model,
        measurements,
    })?;
    let comment: String = comment.lines().map(|l| format!("# {l}\n")).collect();
    Ok(format!("{comment}{body}"))
}
