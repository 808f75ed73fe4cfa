//! planner as tools for agents: a server of the Model Context Protocol.
//!
//! Another front of the use cases, beside the command line: arguments by schema in, the same
//! documents out. It decides nothing, and changes what is loaded only where its user agreed, or gave
//! leave with `--allow-apply`.
//!
//! `tool` names the tools, `tools` has a file for each. An apply's questions go to the client's user
//! (`consent`), whether the protocol carries them as requests or as answers.

mod arguments;
mod bounds;
mod consent;
mod options;
mod reply;
mod server;
mod session;
mod tool;
mod tools;
mod words;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rmcp::ServiceExt as _;
use rmcp::transport::stdio;

use crate::app::Workspace;
pub use options::Options;
use server::Server;
use session::Session;

/// Serves one client over standard input and output, until it goes.
///
/// # Errors
/// When the client does not speak the protocol.
pub fn serve_stdio(workspace: Arc<Workspace>, options: Options) -> Result<()> {
    let session = Session::new(workspace, options);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't wait for a client")?;
    let served = runtime.block_on(async {
        let service = Server::new(session).serve(stdio()).await?;
        service.waiting().await?;
        anyhow::Ok(())
    });
    // A solve that a client left behind is not waited for.
    runtime.shutdown_background();
    served.context("the client went without a word of the protocol")
}
