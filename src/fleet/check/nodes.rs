//! The nodes of a fleet's file.

use core::net::IpAddr;

use toml::Spanned;

use super::place::InFile;
use crate::fault;
use crate::fault::{Fault, Hinted as _};
use crate::fleet::error::FleetError;
use crate::fleet::file::NodeEntry;
use crate::fleet::node::{Node, PORT, is_host, is_name, private_address};
use crate::machine::profile::MachineProfile;
use crate::machine::{Machine, MachineError, Profiles, working_sets};

pub(super) fn read(
    at: &InFile<'_>,
    entries: &[Spanned<NodeEntry>],
    profiles: &Profiles,
) -> Result<Vec<Node>, FleetError> {
    let mut nodes: Vec<Node> = Vec::new();
    for spanned in entries {
        let entry = spanned.get_ref();
        let node = one(at, spanned, profiles)?;
        if nodes.iter().any(|other| other.name == node.name) {
            return Err(at.error_at(
                &entry.name,
                fault!("two nodes are called `{}`", node.name; "give each a name of its own"),
            ));
        }
        let same = |other: &&Node| node.address.is_some() && other.address == node.address;
        if let (Some(other), Some(address)) = (nodes.iter().find(same), &entry.address) {
            return Err(at.error_at(
                address,
                fault!(
                    "`{}` has the address of `{}`", node.name, other.name;
                    "give each its own: `ipconfig getifaddr` prints it on a Mac"
                ),
            ));
        }
        nodes.push(node);
    }
    Ok(nodes)
}

fn one(
    at: &InFile<'_>,
    spanned: &Spanned<NodeEntry>,
    profiles: &Profiles,
) -> Result<Node, FleetError> {
    let entry = spanned.get_ref();
    let name = entry.name.get_ref();
    if !is_name(name) {
        return Err(at.error_at(
            &entry.name,
            fault!(
                "`{name}` can't be the name of a node";
                "take letters, digits and `-`, such as `studio-1`: files and folders are called by it"
            ),
        ));
    }
    for (key, value) in [("host", &entry.host), ("user", &entry.user)] {
        if let Some(value) = value.as_ref().filter(|v| !is_host(v.get_ref())) {
            return Err(at.error_at(
                value,
                fault!(
                    "`{}` can't be a {key}", value.get_ref();
                    "write it as ssh takes it, such as {}; ports and keys belong into ssh's own configuration",
                    if key == "host" { "`studio-1.local`" } else { "`me`" }
                ),
            ));
        }
    }
    Ok(Node {
        name: name.clone(),
        machine: machine(at, spanned, profiles)?,
        host: entry.host.as_ref().map(|h| h.get_ref().clone()),
        user: entry.user.as_ref().map(|u| u.get_ref().clone()),
        address: entry.address.as_ref().map(|a| address(at, a)).transpose()?,
        port: port(at, entry)?,
        engines: entry.engines.clone(),
        models: entry.models.as_ref().map(|m| m.get_ref().clone()),
    })
}

/// A private address: what is bound to it is not reached from elsewhere.
fn address(at: &InFile<'_>, text: &Spanned<String>) -> Result<IpAddr, FleetError> {
    private_address(text.get_ref()).ok_or_else(|| {
        at.error_at(
            text,
            fault!(
                "`{}` is not a private address", text.get_ref();
                "give the address of the node on your own network or on its Thunderbolt cable, such as `10.0.0.1` or `192.168.1.20`: servers are bound to it, and have no password"
            ),
        )
    })
}

fn port(at: &InFile<'_>, entry: &NodeEntry) -> Result<u16, FleetError> {
    match &entry.port {
        Some(port) if *port.get_ref() < 1024 => Err(at.error_at(
            port,
            fault!(
                "{} is no port for a server of a user's", port.get_ref();
                "give one from 1024 to 65535, or leave it out for LM Studio's {PORT}"
            ),
        )),
        Some(port) => Ok(*port.get_ref()),
        None => Ok(PORT),
    }
}

/// The machine of a node, with what its entry says otherwise.
fn machine(
    at: &InFile<'_>,
    spanned: &Spanned<NodeEntry>,
    profiles: &Profiles,
) -> Result<Machine, FleetError> {
    let entry = spanned.get_ref();
    let mut machine = stock(at, spanned, profiles)?;
    if let Some(memory) = &entry.memory {
        let bytes = memory.get_ref().0;
        if bytes.0 < 1 << 30 {
            return Err(at.error_at(
                memory,
                fault!("a node with {bytes} of memory"; "give at least 1 GiB, such as `64GiB`"),
            ));
        }
        if bytes != machine.memory {
            machine = machine.with_memory(bytes);
        }
    }
    if let Some(version) = &entry.macos {
        let known = working_sets::known_versions();
        if machine.macos.is_none() || !known.contains(&version.get_ref().major) {
            let known: Vec<String> = known.iter().map(u32::to_string).collect();
            return Err(at.error_at(
                version,
                fault!(
                    "no figures for macOS {} on {}", version.get_ref(), machine.name;
                    "give one of {}, of a Mac; or leave `macos` out", known.join(", ")
                ),
            ));
        }
        machine = machine.with_macos(*version.get_ref());
    }
    limited(at, entry, machine)
}

/// The machine with the limits that the entry sets.
fn limited(
    at: &InFile<'_>,
    entry: &NodeEntry,
    mut machine: Machine,
) -> Result<Machine, FleetError> {
    if let Some(limit) = &entry.wired_limit {
        let bytes = limit.get_ref().0;
        if machine.gpu_working_set.is_none() || bytes > machine.memory {
            return Err(at.error_at(
                limit,
                fault!(
                    "a GPU limit of {bytes} on a machine of {}", machine.memory;
                    "give at most its memory, of a Mac; or leave `wired_limit` out"
                ),
            ));
        }
        machine = machine.with_wired_limit(bytes);
    }
    if let Some(reserve) = &entry.reserve {
        let bytes = reserve.get_ref().0;
        if bytes >= machine.memory {
            return Err(at.error_at(
                reserve,
                fault!(
                    "a reserve of {bytes} leaves nothing of the memory of {}", machine.memory;
                    "give a smaller `reserve`"
                ),
            ));
        }
        machine = machine.with_reserve(bytes);
    }
    Ok(machine)
}

/// The machine of a profile, or of the figures in its place.
fn stock(
    at: &InFile<'_>,
    spanned: &Spanned<NodeEntry>,
    profiles: &Profiles,
) -> Result<Machine, FleetError> {
    let entry = spanned.get_ref();
    let of = |error: &MachineError| {
        let hint = error.hint().unwrap_or_default();
        Fault::new(error.to_string(), hint)
    };
    match (&entry.profile, &entry.chip) {
        (Some(_), Some(chip)) => Err(at.error_at(
            chip,
            fault!("a node has a profile and a chip"; "leave one of them out: a profile says the chip"),
        )),
        (Some(name), None) => {
            let found = profiles.machine(name.get_ref());
            let found = found.and_then(|p| Machine::from_profile(p, &profiles.chips));
            found.map_err(|error| at.error_at(name, of(&error)))
        }
        (None, chip) => {
            let profile = by_figures(at, spanned)?;
            let found = Machine::from_profile(&profile, &profiles.chips);
            found.map_err(|error| match chip {
                Some(chip) => at.error_at(chip, of(&error)),
                None => at.error_at(spanned, of(&error)),
            })
        }
    }
}

fn by_figures(at: &InFile<'_>, spanned: &Spanned<NodeEntry>) -> Result<MachineProfile, FleetError> {
    let entry = spanned.get_ref();
    let name = entry.name.get_ref();
    let Some(memory) = &entry.memory else {
        return Err(at.error_at(
            spanned,
            fault!(
                "the node `{name}` has neither a profile nor memory";
                "give `profile = \"m3-ultra-512gb\"` (`planner machines` lists them), or `chip` and `memory`"
            ),
        ));
    };
    Ok(MachineProfile {
        system: None,
        gpu_memory: None,
        id: name.clone(),
        name: name.clone(),
        model_identifiers: Vec::new(),
        chip: entry.chip.as_ref().map(|c| c.get_ref().clone()),
        gpu_cores: entry.gpu_cores,
        memory_bytes: memory.get_ref().0,
        gpu_working_set: None,
        sources: Vec::new(),
        notes: Vec::new(),
    })
}
