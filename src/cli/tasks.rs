//! `planner tasks`: what each task weighs.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Format;
use super::outcome::Outcome;
use super::output::Output;
use crate::app::tasks;
use crate::task::{Mix, TaskProfile, Utility};

/// Version of the shape of the list of tasks.
const SCHEMA: u32 = 1;

/// Arguments of `tasks`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// One task with its floors and benchmarks, or one mix
    task: Option<String>,
}

#[derive(Serialize)]
struct Listing {
    schema: u32,
    tasks: Vec<TaskProfile>,
    mixes: Vec<Mix>,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Outcome> {
    if let Some(name) = &args.task {
        return one(name, output);
    }
    let (tasks, mixes) = (tasks::all()?, tasks::mixes()?.into_values().collect());
    match output.format {
        Format::Json => output.json(&Listing {
            schema: SCHEMA,
            tasks,
            mixes,
        })?,
        Format::Text => output.text(&table(&tasks, &mixes, output))?,
    }
    Ok(Outcome::Done)
}

/// A task, or a mix where no task has that name.
fn one(name: &str, output: &Output) -> Result<Outcome> {
    let (mut tasks, mut mixes) = (Vec::new(), Vec::new());
    match (tasks::find(name), tasks::mix(name)) {
        (Ok(task), _) => tasks.push(task),
        (Err(_), Ok(mix)) => mixes.push(mix),
        (Err(error), Err(_)) => return Err(error),
    }
    match (output.format, tasks.as_slice(), mixes.as_slice()) {
        (Format::Text, [task], _) => output.text(&tasks::text(name, task)?)?,
        (Format::Text, _, [mix]) => output.text(&toml::to_string_pretty(mix)?)?,
        _ => output.json(&Listing {
            schema: SCHEMA,
            tasks,
            mixes,
        })?,
    }
    Ok(Outcome::Done)
}

fn table(tasks: &[TaskProfile], mixes: &[Mix], output: &Output) -> String {
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
                .fold(&format!("  {:<13}", t.id), "               ", &t.summary)
        })
        .collect();
    let mixes: String = mixes
        .iter()
        .map(|mix| {
            let tasks = mix.tasks.iter().map(|s| format!("{}={}", s.task, s.weight));
            let tasks: Vec<String> = tasks.collect();
            let words = format!("{} ({})", mix.summary, tasks.join(", "));
            let first = format!("  {:<13}", mix.id);
            output.screen.fold(&first, "               ", &words)
        })
        .collect();
    format!(
        "Tasks, for `--task`:\n{lines}\nMixes of them, for `--for`:\n{mixes}\nWeights of each utility in the score:\n{table}"
    )
}
