//! A fleet as plans count on it.

use core::net::IpAddr;

use crate::fleet::link::Link;
use crate::machine::Machine;
use crate::memory::Engine;

/// LM Studio's port where nobody chose another.
pub const PORT: u16 = 1234;

/// Machines and what joins them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// The machines, in the order of the file.
    pub nodes: Vec<Node>,
    /// What joins them.
    pub links: Vec<Link>,
    /// Ids of tasks that must outlive the loss of any one node.
    pub survive: Vec<String>,
}

/// A machine of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub machine: Machine,
    /// Where ssh reaches it, where that is said.
    pub host: Option<String>,
    /// As whom ssh goes there.
    pub user: Option<String>,
    /// The private address that its servers are bound to.
    pub address: Option<IpAddr>,
    /// The port of its server.
    pub port: u16,
    /// What it runs; all engines where it is not said.
    pub engines: Vec<Engine>,
    /// Where its models' files lie, where not in LM Studio's folder.
    pub models: Option<String>,
}

/// Whether a word can be the name of a node: files and folders are called by it.
#[must_use]
pub fn is_name(word: &str) -> bool {
    is_plain(word, "-")
}

/// Whether a word can be a host or a user for ssh.
#[must_use]
pub fn is_host(word: &str) -> bool {
    is_plain(word, "-_.:")
}

/// Made of letters, digits and these, so that it can't be taken for a flag.
fn is_plain(word: &str, also: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.chars().all(plain)
}

/// A private address: what is bound to it is not reached from elsewhere. None for any other, and for
/// that of all interfaces.
#[must_use]
pub fn private_address(text: &str) -> Option<IpAddr> {
    let parsed: Option<IpAddr> = text.parse().ok();
    parsed.filter(|ip| match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    })
}
