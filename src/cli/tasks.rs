//! `planner tasks`: what each task weighs.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::tasks;
use crate::task::{TaskProfile, Utility};

/// Version of the shape of the list of tasks.
const SCHEMA: u32 = 1;

/// Arguments of `tasks`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// One task, with its floors and benchmarks
    task: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    schema: u32,
    tasks: Vec<TaskProfile>,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Outcome> {
    let tasks = match &args.task {
        Some(name) => vec![tasks::find(name)?],
        None => tasks::all()?,
    };
    match (output.format, tasks.as_slice()) {
        (Format::Json, _) => output.json(&Answer {
            schema: SCHEMA,
            tasks,
        })?,
        (Format::Text, [one]) if args.task.is_some() => {
            output.text(&toml::to_string_pretty(one)?)?
        }
        (Format::Text, _) => output.text(&table(&tasks, output))?,
    }
    Ok(Outcome::Done)
}

fn table(tasks: &[TaskProfile], output: &Output) -> String {
    let mut header = vec!["Task"];
    header.extend(Utility::ALL.iter().map(|u| u.id()));
    let mut table = output.screen.table(&header).right(&[1, 2, 3, 4, 5]);
    for t in tasks {
        let mut row = vec![t.id.clone()];
        row.extend(Utility::ALL.iter().map(|u| match t.weights.of(*u) {
            w if w > 0.0 => format!("{w:.2}"),
            _ => String::new(),
        }));
        table.add_row(row);
    }
    let lines: String = tasks
        .iter()
        .map(|t| {
            output
                .screen
                .fold(&format!("  {:<12}", t.id), "              ", &t.summary)
        })
        .collect();
    format!("{lines}\nWeights of each utility in the score:\n{table}")
}
