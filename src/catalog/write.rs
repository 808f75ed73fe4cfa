//! Rows as the text of a user's catalog file, which adds them to a model that is there; and a variant
//! in the text of a model's own.

use serde::Serialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::schema::{Loss, Measurement, Score, Variant};

/// What a file adds to a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Published scores.
    pub scores: Vec<Score>,
    /// What files lose.
    pub losses: Vec<Loss>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
}

// Lists that are written as empty could not be added to as tables.
#[derive(Serialize)]
struct Extension<'a> {
    extends: &'a str,
    #[serde(skip_serializing_if = "<[Score]>::is_empty")]
    scores: &'a [Score],
    #[serde(skip_serializing_if = "<[Loss]>::is_empty")]
    losses: &'a [Loss],
    #[serde(skip_serializing_if = "<[Measurement]>::is_empty")]
    measurements: &'a [Measurement],
}

/// The text of a file that adds rows to the model with this id, under a comment that says where they
/// come from.
///
/// # Errors
/// When a figure can't be written as TOML, which none of a row is.
pub fn extension(model: &str, rows: &Rows, comment: &str) -> Result<String, toml::ser::Error> {
    let body = toml::to_string(&Extension {
        extends: model,
        scores: &rows.scores,
        losses: &rows.losses,
        measurements: &rows.measurements,
    })?;
    let comment: String = comment.lines().map(|l| format!("# {l}\n")).collect();
    Ok(format!("{comment}{body}"))
}

/// Why a variant can't be changed in a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Not TOML.
    #[error("the file is not TOML: {0}")]
    Toml(String),
    /// No table of that id.
    #[error("the file has no `[[variants]]` of that id")]
    Missing,
}

/// The text of a model's file with what a hub says of one of its variants: size, digests, source and
/// notes. All else stays, comments too.
///
/// # Errors
/// When the text is not TOML or has no such variant.
pub fn replace_variant(text: &str, variant: &Variant) -> Result<String, EditError> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| EditError::Toml(e.message().to_owned()))?;
    let table = table_of(&mut document, &variant.id).ok_or(EditError::Missing)?;
    let bytes = i64::try_from(variant.weights_bytes.0).unwrap_or(i64::MAX);
    table.insert("weights_bytes", grouped(bytes));
    table.insert("size", value("exact"));
    for (key, part) in [
        ("cpu_weights_bytes", variant.cpu_weights_bytes),
        ("other_weights_bytes", variant.other_weights_bytes),
    ] {
        if part.is_none() {
            table.remove(key);
        }
    }
    if !variant.sha256.is_empty() {
        table.insert("sha256", list(&variant.sha256));
    }
    table.insert("source", value(&variant.source));
    table.insert("notes", list(&variant.notes));
    Ok(document.to_string())
}

fn table_of<'a>(document: &'a mut DocumentMut, id: &str) -> Option<&'a mut Table> {
    let tables = document.get_mut("variants")?.as_array_of_tables_mut()?;
    let of_id = |t: &&mut Table| t.get("id").and_then(Item::as_str) == Some(id);
    tables.iter_mut().find(of_id)
}

/// A whole number as catalogs write it: `16_054_541_349`.
fn grouped(number: i64) -> Item {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text.parse().map_or_else(|_| value(number), Item::Value)
}

fn list(texts: &[String]) -> Item {
    let mut array: Array = texts.iter().map(String::as_str).collect();
    for item in array.iter_mut() {
        item.decor_mut().set_prefix("\n    ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    value(array)
}
