//! `machines`: the Macs that can be planned for.

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::machine;
use crate::app::machine::MachineFilter;
use crate::fault;
use crate::mcp::arguments::Size;
use crate::mcp::reply::{Reply, screen};
use crate::mcp::session::Session;
use crate::report;

/// Arguments of `machines`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::mcp) struct Arguments {
    /// Only machines whose id or name has all of these words: `m3`, `ultra`.
    words: Vec<String>,
    /// Only machines with this much memory, with its unit: `128GiB`.
    memory: Option<Size>,
}

pub(in crate::mcp) fn call(session: &Session, given: &Arguments) -> Result<Reply> {
    let filter = MachineFilter {
        words: given.words.clone(),
        memory: given.memory.map(|size| size.0),
    };
    let mut kept = machine::list(&session.workspace, &filter);
    if kept.machines.is_empty() {
        return Err(
            fault!("no machine is like that"; "call `machines` without arguments for all").into(),
        );
    }
    let machines = &kept.machines;
    let named = |id: &String| machines.iter().any(|m| m.chip.as_ref() == Some(id));
    kept.chips.retain(|chip| named(&chip.id));
    let text = report::machine::list(&kept.resolved()?, &screen());
    Reply::of(&kept, &text)
}
