//! `planner explain`: why a saved plan says what it says, and what would change it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args as ClapArgs;
use indicatif::ProgressBar;

use super::Outcome;
use super::context;
use super::context::{Common, Format};
use super::output::Output;
use super::plan_file;
use crate::advise::explain;
use crate::machine::Profiles;
use crate::memory::limits::Limits;
use crate::report;
use crate::scenario::again;
use crate::scenario::candidates::Setting;
use crate::speed::Predictor;

/// How often the sign of work moves, which only a terminal shows.
const TICK: Duration = Duration::from_millis(120);

const EXAMPLES: &str = "\
Examples:
  planner recommend --task code --task general --out plan.json
  planner explain plan.json
  planner explain plan.json --why-not glm-4.6
  planner explain plan.json --why-not minimax-m2.1/gguf-q8_0 --format json";

/// Arguments of `explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A plan that `recommend --out` saved
    plan: PathBuf,
    /// A model or model/variant: why it is not in the loadout, and what would bring it in
    #[arg(long, value_name = "MODEL")]
    why_not: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, common: &Common, output: &Output) -> Result<Outcome> {
    let plan = plan_file::read(&args.plan)?;
    let profiles = Profiles::embedded()?;
    let catalog = context::catalog(common)?;
    let predictor = Predictor::fit(&catalog, &profiles.chips);
    let machine = again::machine(&plan, &profiles.chips);
    let request = again::request(&plan);
    let limits = Limits::of(&machine);
    let setting = Setting {
        catalog: &catalog,
        machine: &machine,
        limits: &limits,
        predictor: &predictor,
        request: &request,
    };
    let wait = ProgressBar::new_spinner().with_message("solving the plan's variations");
    wait.enable_steady_tick(TICK);
    let answer = explain::explain(setting, &plan, args.why_not.as_deref());
    wait.finish_and_clear();
    let answer = answer?;
    match output.format {
        Format::Json => output.json(&answer)?,
        Format::Text => output.text(&report::explain::text(&answer, &output.screen))?,
    }
    Ok(Outcome::Done)
}
