//! The user's defaults as requests take them, for fronts without flags.

use super::config::{Config, Key};
use super::machine::MachineChoice;
use crate::edge::hub::ENDPOINT;
use crate::emit::Client;
use crate::memory::Engine;
use crate::plan::request::Request;
use crate::task::TaskProfile;
use crate::units::{Bytes, parse_tokens};

/// A value that was looked at when it was read.
fn one(config: &Config, key: Key) -> Option<&str> {
    config.values(key).first().map(String::as_str)
}

/// The machine that is meant where none is named.
#[must_use]
pub fn machine(config: &Config) -> MachineChoice {
    MachineChoice {
        name: one(config, Key::Machine).map(str::to_owned),
        reserve: one(config, Key::Reserve).and_then(|text| text.parse::<Bytes>().ok()),
        ..MachineChoice::default()
    }
}

/// A request for these tasks with the turns and the engine of the user's defaults.
#[must_use]
pub fn request(config: &Config, tasks: Vec<(TaskProfile, f64)>) -> Request {
    let request = Request {
        depth: one(config, Key::Depth).and_then(|text| parse_tokens(text).ok()),
        engine: one(config, Key::Engine).and_then(Engine::from_id),
        ..Request::new(tasks)
    };
    request.with_agents(one(config, Key::Agents).and_then(|text| text.parse().ok()))
}

/// The clients whose settings are wanted; none where all are.
#[must_use]
pub fn clients(config: &Config) -> Vec<Client> {
    let ids = config.values(Key::Clients).iter();
    ids.filter_map(|id| Client::from_id(id)).collect()
}

/// The hub that is asked for repositories.
#[must_use]
pub fn endpoint(config: &Config) -> &str {
    one(config, Key::Endpoint).unwrap_or(ENDPOINT)
}
