//! The way to a node: ssh's name for it, and what to do where ssh does not come through.

use crate::fault::Hinted;
use crate::fleet::document::PlannedNode;
use crate::fleet::node::Node;
use crate::printable::printable;

/// What a program says of a machine that it did not reach.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`ssh {target}` failed: {}", printable(.said))]
pub struct Unreached {
    target: String,
    said: String,
}

impl Unreached {
    /// Of a machine, by the last line that ssh said: those before it are greetings and warnings.
    #[must_use]
    pub fn new(target: &str, stderr: &str) -> Self {
        let mut lines = stderr.lines().map(str::trim).rev();
        let said = lines.find(|line| !line.is_empty());
        Self {
            target: target.to_owned(),
            said: said.unwrap_or("it ended without a word").to_owned(),
        }
    }
}

/// What OpenSSH says, and what it wants.
const SAID: [(&str, &str); 8] = [
    (
        "permission denied",
        "put your key there: `ssh-copy-id {target}`",
    ),
    (
        "too many authentication failures",
        "name the key for this host (`IdentityFile`) in `~/.ssh/config`",
    ),
    (
        "host key verification failed",
        "run `ssh {target}` once, and compare its key",
    ),
    (
        "could not resolve",
        "correct `host` in the fleet's file, or give an address",
    ),
    (
        "connection refused",
        "turn on Remote Login there (System Settings, General, Sharing)",
    ),
    (
        "timed out",
        "is it on, awake, and on this network? `--node-timeout SECONDS` waits longer",
    ),
    (
        "no route to host",
        "is it on, and on this network? Correct `host` in the fleet's file if it moved",
    ),
    (
        "no answer within",
        "look what keeps it busy, or wait longer with `--node-timeout SECONDS`",
    ),
];

impl Hinted for Unreached {
    fn hint(&self) -> Option<String> {
        let said = self.said.to_lowercase();
        let known = SAID.iter().find(|(words, _)| said.contains(words));
        let hint = known.map_or(
            "`ssh {target}` has to come through by itself, without a question",
            |(_, hint)| hint,
        );
        Some(hint.replace("{target}", &self.target))
    }
}

/// ssh's name for a machine; none where nothing says where it is.
fn target(user: Option<&str>, host: Option<&str>, address: Option<&str>) -> Option<String> {
    let host = host.or(address)?;
    Some(match user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    })
}

impl PlannedNode {
    /// ssh's name for it; none where the plan does not say where it is.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        target(
            self.user.as_deref(),
            self.host.as_deref(),
            self.address.as_deref(),
        )
    }
}

impl Node {
    /// ssh's name for it; none where the fleet's file does not say where it is.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        let address = self.address.map(|ip| ip.to_string());
        target(
            self.user.as_deref(),
            self.host.as_deref(),
            address.as_deref(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenSSH words them.
    #[test]
    fn what_ssh_says_is_told_with_a_way_out() {
        for (said, hint) in [
            (
                "me@studio-1: Permission denied (publickey,password).",
                "`ssh-copy-id me@studio-1`",
            ),
            (
                "@@@@@@@@\nIT IS POSSIBLE\nHost key verification failed.\n",
                "compare its key",
            ),
            (
                "ssh: connect to host studio-1 port 22: Connection refused",
                "Remote Login",
            ),
            (
                "ssh: connect to host studio-1 port 22: Operation timed out",
                "awake",
            ),
            (
                "Warning: added.\nssh: Could not resolve hostname studio-1: nodename nor servname provided",
                "`host`",
            ),
            ("", "without a question"),
        ] {
            let error = Unreached::new("me@studio-1", said);
            let told = error.hint().unwrap();
            assert!(told.contains(hint), "{said}: {told}");
            let last = said.trim().lines().last().unwrap_or("without a word");
            assert!(error.to_string().contains(last), "{error}");
        }
        let hostile = Unreached::new("a", "x\u{1b}[2J\u{202e}y");
        assert_eq!(hostile.to_string(), "`ssh a` failed: x\\u{1b}[2J\\u{202e}y");
    }
}
