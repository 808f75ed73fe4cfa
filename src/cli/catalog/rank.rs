//! `planner catalog rank`: how good each model is for a task.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::catalog::Catalog;
use crate::cli::context::Format;
use crate::cli::output::Output;
use crate::cli::{context, tasks};
use crate::machine::Profiles;
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::quality::Constants;
use crate::quality::held::held;
use crate::quality::rank::{Ranking, rank};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  planner catalog rank --task code                     every model by its expected quality, on any computer
  planner catalog rank --task agent --machine m4-max-64gb";

/// Arguments of `catalog rank`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RankArgs {
    /// The task, or a profile file
    #[arg(long, value_name = "TASK|FILE")]
    task: String,
    /// Also say what each model takes on this machine; models that do not fit are listed too
    #[arg(long, value_name = "NAME|FILE")]
    machine: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &RankArgs, catalog: &Catalog, output: &Output) -> Result<()> {
    let ranking = args.ranking(catalog)?;
    match output.format {
        Format::Json => output.json(&ranking),
        Format::Text => output.text(&report::rank::text(&ranking, &output.screen)),
    }
}

impl RankArgs {
    fn ranking(&self, catalog: &Catalog) -> Result<Ranking> {
        let task = tasks::find(&self.task)?;
        let constants = Constants::shipped()?;
        let Some(name) = &self.machine else {
            return Ok(rank(&constants, &task, catalog, None, |_| None));
        };
        let machine = context::named_machine(name, &Profiles::embedded()?)?;
        let limits = Limits::of(&machine);
        let context = task.floors.context.max(SHORTEST_CONTEXT);
        Ok(rank(
            &constants,
            &task,
            catalog,
            Some(name.clone()),
            |model| held(model, context, &limits, machine.apple_silicon),
        ))
    }
}
