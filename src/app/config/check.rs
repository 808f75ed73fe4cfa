//! Whether the values of a key can be meant.

use crate::app::{prices, tasks};
use crate::edge::files;
use crate::emit::Client;
use crate::machine::Profiles;
use crate::memory::Engine;
use crate::plan::bounds::MOST_AGENTS;
use crate::suggest;
use crate::units::{Bytes, parse_tokens};

use super::key::Key;

/// Whether values can be meant.
///
/// # Errors
/// With what is wrong with them.
pub(super) fn value(key: Key, values: &[String]) -> Result<(), String> {
    let told = |e: anyhow::Error| format!("{e:#}");
    if key == Key::Tasks {
        return tasks::weighted(values).map(drop).map_err(told);
    }
    if key == Key::Price {
        return values.iter().try_for_each(|text| price(text));
    }
    if key == Key::Clients {
        return clients(values);
    }
    let text = values.first().map_or("", String::as_str);
    match key {
        Key::Machine => {
            let profiles = Profiles::embedded().map_err(|e| e.to_string())?;
            match files::means_a_file(text) {
                // What it says is looked at where it is used.
                true => Ok(()),
                false => profiles.machine(text).map(drop).map_err(|e| e.to_string()),
            }
        }
        Key::For => tasks::mix(text).map(drop).map_err(told),
        Key::Reserve => text.parse::<Bytes>().map(drop).map_err(|e| e.to_string()),
        Key::Depth => parse_tokens(text).map(drop).map_err(|e| e.to_string()),
        Key::Agents => match text.parse::<u32>() {
            Ok(1..=MOST_AGENTS) => Ok(()),
            _ => Err(format!("`{text}` is no number from 1 to {MOST_AGENTS}")),
        },
        Key::Engine => match Engine::from_id(text) {
            Some(_) => Ok(()),
            None => Err(format!("`{text}` is not one of `llama.cpp` and `mlx`")),
        },
        Key::Endpoint if text.starts_with("https://") || text.starts_with("http://") => Ok(()),
        Key::Endpoint => Err(format!("`{text}` is not an address")),
        Key::Tasks | Key::Clients | Key::Price => Ok(()),
    }
}

fn clients(values: &[String]) -> Result<(), String> {
    values.iter().try_for_each(|text| client(text))?;
    let twice = values.iter().enumerate();
    let mut twice = twice.filter(|(n, name)| values[..*n].contains(name));
    match twice.next() {
        Some((_, name)) => Err(format!("`{name}` is named twice")),
        None => Ok(()),
    }
}

fn client(text: &str) -> Result<(), String> {
    let known = Client::ALL.map(Client::id);
    let near = || suggest::or_nothing(suggest::nearest(text, known).as_deref());
    match Client::from_id(text) {
        Some(_) => Ok(()),
        None => Err(format!("client not known: `{text}`{}", near())),
    }
}

fn price(text: &str) -> Result<(), String> {
    let (machine, price) = text.rsplit_once('=').unwrap_or((text, ""));
    let profiles = Profiles::embedded().map_err(|e| e.to_string())?;
    profiles.machine(machine).map_err(|e| e.to_string())?;
    let wrong = |_| format!("`{price}` is not a price");
    prices::parse(text).map(drop).map_err(wrong)
}
