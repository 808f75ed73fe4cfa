//! Which LM Studio to talk to, and by which way.

use std::path::Path;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::app::studio;
use crate::app::studio::StudioChoice;
use crate::fault;

/// Which LM Studio.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "LM Studio")]
pub(super) struct StudioArgs {
    /// By its command line or by its server; the server where a host or a port is given
    #[arg(long, value_enum)]
    via: Option<Via>,
    /// The server's host; this machine when left out
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// The server's port; the one of LM Studio's settings when left out
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The server's token, where it wants one
    #[arg(
        long,
        value_name = "TOKEN",
        env = "LM_API_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
}

/// A way to LM Studio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Via {
    /// `lms`, its command line
    Lms,
    /// Its server's REST interface
    Rest,
}

impl StudioArgs {
    /// Refuses them where each node is asked by its own `lms`.
    pub(super) fn is_given_to_no_fleet(&self, file: &Path) -> Result<()> {
        match self.via.is_some() || self.host.is_some() || self.port.is_some() {
            true => bail!(fault!(
                "`--via`, `--host` and `--port` are for one machine, and {} is of a fleet", file.display();
                "leave them out: each node is asked over ssh, by the `host` and `user` of the fleet's file"
            )),
            false => Ok(()),
        }
    }

    /// As the use cases take it.
    pub(super) fn choice(&self) -> StudioChoice {
        StudioChoice {
            via: self.via.map(|via| match via {
                Via::Lms => studio::Via::Lms,
                Via::Rest => studio::Via::Rest,
            }),
            host: self.host.clone(),
            port: self.port,
            token: self.token.clone(),
        }
    }
}
