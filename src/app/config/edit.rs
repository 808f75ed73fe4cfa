//! Changes to `config.toml` that leave its comments and its order alone.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::check;
use super::key::{Key, Written};
use super::read::{of_text, path};
use crate::edge::environment::Editor;
use crate::edge::files;
use crate::fault;
use crate::suggest;

/// What stands in a new file.
const FRESH: &str = "# Defaults of planner; `planner config` shows what holds, and from where.\n";

/// What was written.
#[derive(Debug)]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
    /// Keys that are gone, as the new one takes their place.
    pub replaced: Vec<Key>,
}

/// Gives a key these values (`price.MACHINE` one).
///
/// # Errors
/// When there is no such key, a value makes no sense, or the file can't be read or written.
pub fn set(name: &str, values: &[String]) -> Result<Changed> {
    let (key, machine) = key(name)?;
    let meant = match (key, machine, values) {
        (Key::Price, Some(machine), [price]) => vec![format!("{machine}={price}")],
        _ => values.to_vec(),
    };
    // What is no price of any machine is told below.
    let of_none = key == Key::Price && machine.is_none();
    if let Err(problem) = check::value(key, &meant)
        && !of_none
    {
        bail!(fault!("`{name}`: {problem}"; "{}", key.usage(Written::Argument)));
    }
    let mut replaced = Vec::new();
    let path = change(|document| {
        match (key, machine, values) {
            (Key::Price, Some(machine), [price]) => {
                let prices = document.entry("price").or_insert_with(|| {
                    let mut table = Table::new();
                    table.set_dotted(true);
                    Item::Table(table)
                });
                prices[machine] = number_or_text(price);
            }
            (Key::Price, ..) => {
                bail!(
                    fault!("`price` needs a machine and its price"; "{}", key.usage(Written::Argument))
                )
            }
            (key, _, values) if key.is_list() => {
                document[key.name()] = value(values.iter().collect::<Array>());
            }
            (key, _, [one]) => document[key.name()] = number_or_text(one),
            (key, ..) => {
                bail!(
                    fault!("`{}` takes one value", key.name(); "{}", key.usage(Written::Argument))
                )
            }
        }
        let others = Key::ALL.into_iter().filter(|other| key.replaces(*other));
        replaced.extend(others.filter(|other| document.remove(other.name()).is_some()));
        Ok(())
    })?;
    Ok(Changed { path, replaced })
}

/// Takes a key out of the file (`price.MACHINE` one price).
///
/// # Errors
/// When there is no such key, it is not in the file, or that can't be read or written.
pub fn unset(name: &str) -> Result<PathBuf> {
    change(|document| {
        let (key, machine) = key(name)?;
        let gone = match machine {
            Some(machine) => {
                let prices = document.get_mut("price").and_then(Item::as_table_like_mut);
                prices.and_then(|prices| prices.remove(machine))
            }
            None => document.remove(key.name()),
        };
        match gone {
            Some(_) => Ok(()),
            None => bail!(
                fault!("`{name}` is not in the file"; "`planner config` shows what is, and what comes from elsewhere")
            ),
        }
    })
}

/// Opens the file in the user's editor, and looks at what came of it.
///
/// # Errors
/// When the editor fails, or the file makes no sense then: with its line.
pub fn edit() -> Result<PathBuf> {
    let path = path()?;
    let editor = Editor::of_user(&path)?;
    if !files::is_there(&path) {
        write(&path, FRESH)?;
    }
    editor.edit(&path)?;
    of_text(&path, &files::read_text(&path)?)?;
    Ok(path)
}

fn key(name: &str) -> Result<(Key, Option<&str>)> {
    let (first, machine) = match name.split_once('.') {
        Some((first, machine)) => (first, Some(machine)),
        None => (name, None),
    };
    match Key::named(first) {
        Some(key) if machine.is_none() || key == Key::Price => Ok((key, machine)),
        _ => {
            let known = Key::ALL.map(Key::name);
            let near = suggest::nearest(first, known);
            bail!(fault!(
                "unknown key `{name}`{}", suggest::or_nothing(near.as_deref());
                "known are `{}`", known.join("`, `")
            ))
        }
    }
}

fn number_or_text(text: &str) -> Item {
    if let Ok(n) = text.parse::<i64>() {
        return value(n);
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => value(n),
        _ => value(text),
    }
}

/// Changes the document; what came of it must make sense before it is written.
fn change(make: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<PathBuf> {
    let path = path()?;
    let (head, text) = match files::is_there(&path) {
        true => ("", files::read_text(&path)?),
        false => (FRESH, String::new()),
    };
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        fault!("{}: {}", path.display(), e.message(); "mend it with `planner config edit`")
    })?;
    make(&mut document)?;
    let text = format!("{head}{document}");
    of_text(&path, &text)?;
    write(&path, &text)?;
    Ok(path)
}

fn write(path: &Path, text: &str) -> Result<()> {
    files::make_parent(path)?;
    files::write_atomic(path, text.as_bytes())
}
