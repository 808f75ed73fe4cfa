//! A fleet's file from names of machines.

use crate::fleet::link::LinkKind;

/// A node to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNode {
    /// What it is to be called.
    pub name: String,
    /// The machine that it is.
    pub profile: String,
    /// The address that its servers are to be bound to.
    pub address: Option<String>,
}

/// A link to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The names of both nodes.
    pub between: [String; 2],
    /// What it is.
    pub kind: LinkKind,
}

/// The text of a file.
#[must_use]
pub fn text(nodes: &[NewNode], links: &[NewLink]) -> String {
    let mut out = "# The machines of a fleet, for `planner recommend --fleet`.\n".to_owned();
    out.push_str("# Tasks that have to outlive the loss of any one node:\nsurvive = []\n");
    for node in nodes {
        out.push_str("\n[[nodes]]\n");
        out.push_str(&line("name", &node.name));
        out.push_str(&line("profile", &node.profile));
        match &node.address {
            Some(address) => out.push_str(&line("address", address)),
            None => out.push_str(
                "# address = \"10.0.0.1\"       # the private address that its servers are bound to\n",
            ),
        }
        out.push_str("# host = \"studio-1.local\"    # where ssh reaches it; user = \"me\"\n");
        out.push_str("# reserve = \"24GiB\"          # memory to leave to the system and other applications\n");
        out.push_str("# engines = [\"llama.cpp\", \"mlx\"]\n");
    }
    for link in links {
        let [a, b] = link.between.each_ref().map(|name| string(name));
        out.push_str(&format!("\n[[links]]\nbetween = [{a}, {b}]\n"));
        out.push_str(&line("kind", link.kind.id()));
        out.push_str(
            "# Measured, they count in place of the kind's:\n# latency_microseconds = 50.0\n# bandwidth_per_second = \"3.5GB\"\n",
        );
    }
    out
}

fn line(key: &str, value: &str) -> String {
    format!("{key} = {}\n", string(value))
}

fn string(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}
