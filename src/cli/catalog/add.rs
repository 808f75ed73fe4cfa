//! `planner catalog add`: a catalog entry from a model's own files, ready to be measured.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::app;
use crate::app::Workspace;
use crate::app::catalog::{AddRequest, Missing};
use crate::app::unlisted::Unlisted;
use crate::cli::context::ScoreArgs;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::terminal::Terminal;

/// Arguments of `catalog add`.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct AddArgs {
    /// A .gguf file, a folder with config.json and safetensors, or hf:OWNER/REPOSITORY[:QUANTIZATION]
    model: String,
    /// Id of the new model; from its name when left out
    #[arg(long, value_name = "ID", conflicts_with = "extends")]
    id: Option<String>,
    /// Add a variant to this model of the catalog instead
    #[arg(long, value_name = "MODEL")]
    extends: Option<String>,
    /// The file to write; one in your own catalog folder when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    scored: ScoreArgs,
}

/// Runs the command.
pub(super) fn run(args: &AddArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let Unlisted {
        scores, endpoint, ..
    } = args.scored.of(Vec::new());
    let request = AddRequest {
        model: args.model.clone(),
        scores,
        endpoint,
        id: args.id.clone(),
        extends: args.extends.clone(),
        out: args.out.clone(),
    };
    let added = app::catalog::add(workspace, &request, &Terminal::of(output))?;
    let (names, path) = (added.variants.join(", "), added.path.display());
    output.text(&(output.screen).fold("", "  ", &format!("{names} written to {path}")))?;
    for missing in added.missing {
        let text = format!("Missing: {}", words(missing));
        output.text(&output.screen.fold("", "  ", &text))?;
    }
    Ok(Outcome::Done)
}

/// What it means for answers that an entry lacks something.
const fn words(missing: Missing) -> &'static str {
    match missing {
        Missing::Architecture => {
            "figures of its architecture; its memory is not known, and it is in no plan"
        }
        Missing::Scores => {
            "scores; its quality is estimated from size, date and maker, in a wide band (`--score BENCHMARK=SCORE` gives one)"
        }
        Missing::Released => "the day of its release; the mean of the catalog stands in",
        Missing::License => "its license",
    }
}
