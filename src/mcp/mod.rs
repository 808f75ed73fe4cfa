//! planner as tools for agents: a server of the Model Context Protocol.
//!
//! Another front of the use cases, beside the command line: arguments by schema in, the same
//! documents out. It decides nothing, and changes what is loaded only where its user agreed, or gave
//! leave with `--allow-apply`.
//!
//! `tool` names the tools, `tools` has a file for each. An apply's questions go to the client's user
//! (`consent`), whether the protocol carries them as requests or as answers. Over HTTP (`http`, behind
//! `gate`) each session has plans of its own; clients of the protocol that has no sessions share one
//! place for them, where no plan has a usual name. No server ends in the middle of an apply.

mod arguments;
mod bounds;
mod consent;
mod gate;
mod http;
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
use tokio::runtime::{Builder, Runtime};

use crate::app::Workspace;
use crate::app::server::Door;
pub use gate::PATH;
pub use options::Options;
use server::Server;
use session::Session;

/// Calls that are worked on at once; others wait for their turn.
const AT_ONCE: usize = 16;

/// Serves one client over standard input and output, until it goes.
///
/// # Errors
/// When the client does not speak the protocol.
pub fn serve_stdio(workspace: Arc<Workspace>, options: Options) -> Result<()> {
    let session = Session::new(workspace, options);
    let work = session.applies.clone();
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let service = Server::new(session).serve(stdio()).await?;
        service.waiting().await?;
        work.close();
        work.wait().await;
        anyhow::Ok(())
    });
    // A solve that a client left behind is not waited for.
    runtime.shutdown_background();
    served.context("the client went without a word of the protocol")
}

/// Serves whoever of this machine has the token, over HTTP, until `options.end` is turned on.
///
/// # Errors
/// When the door can't be listened at.
pub fn serve_http(workspace: Arc<Workspace>, options: Options, door: Door) -> Result<()> {
    let runtime = runtime()?;
    let served = runtime.block_on(http::serve(workspace, options, door));
    runtime.shutdown_background();
    served
}

fn runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .max_blocking_threads(AT_ONCE)
        .enable_all()
        .build()
        .context("can't wait for a client")
}
