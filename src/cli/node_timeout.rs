//! How long a node of a fleet is waited for.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::fault;

/// How long a node of a fleet is waited for.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct NodeTimeout {
    /// Seconds that a node of a fleet may take for an answer (a load has an hour); 20, or 90 where LM
    /// Studio may have to come up
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    node_timeout: Option<u64>,
}

impl NodeTimeout {
    /// As the use cases take it.
    pub(super) fn get(self) -> Option<Duration> {
        self.node_timeout.map(Duration::from_secs)
    }

    /// Refuses it where there is no fleet.
    pub(super) fn only_for_fleets(self) -> Result<()> {
        match self.node_timeout {
            Some(_) => bail!(fault!(
                "`--node-timeout` is for the plan of a fleet";
                "leave it out"
            )),
            None => Ok(()),
        }
    }
}
