//! `planner catalog update` and `planner catalog bundle`: signed catalogs, taken and made.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::app;
use crate::app::Workspace;
use crate::app::catalog::{BundleRequest, UpdateRequest, Way};
use crate::cli::context::Format;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::terminal::Terminal;
use crate::{fault, report};

const EXAMPLES: &str = "\
Examples:
  planner catalog update --check --from catalog.bundle --key fleet.pub
      what it would change
  planner catalog update --from https://example.org/catalog.bundle \\
      --key fleet.pub
  planner catalog update --rollback  back to the one before

The signature is the file beside it, with .minisig at the end of its name. Nothing is sent, and
nothing is taken before you agree.";

/// Arguments of `catalog update`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct UpdateArgs {
    /// The bundle: a file or an address, with its signature beside it
    #[arg(long, value_name = "FILE|URL", conflicts_with = "rollback")]
    from: Option<String>,
    /// The public key that it must be signed with: a `.pub` file of minisign's
    #[arg(long, value_name = "FILE", conflicts_with = "rollback")]
    key: Option<PathBuf>,
    /// Go back to the catalog that was in use before
    #[arg(long)]
    rollback: bool,
    /// Only say what would change
    #[arg(long)]
    check: bool,
    /// Agree beforehand
    #[arg(long)]
    yes: bool,
}

/// Arguments of `catalog bundle`.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct BundleArgs {
    /// Folders of catalog files: `catalog` in planner's repository, and your own
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Its number, higher than that of every bundle signed before; the time to the minute when left
    /// out
    #[arg(long)]
    serial: Option<u64>,
    /// The day that it is of; today when left out
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
}

/// Runs `catalog update`.
pub(super) fn update(args: &UpdateArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = UpdateRequest {
        way: way(args)?,
        check: args.check,
    };
    let terminal = Terminal::of(output).agreeing(args.yes);
    let update = app::catalog::update(workspace, &request, &terminal)?;
    if output.format == Format::Json {
        output.json(&update)?;
    } else if args.check || (update.from == update.to) {
        output.text(&report::catalog_update::text(&update, &output.screen))?;
    }
    if update.from == update.to {
        output.note("this catalog is in use already");
    } else if update.taken {
        let now = report::catalog_update::edition(&update.to);
        // Behind the catalog in planner itself there is none.
        let back = match update.to.serial {
            Some(_) => "; `planner catalog update --rollback` goes back",
            None => "",
        };
        output.note(&format!("in use now: {now}{back}"));
    }
    Ok(Outcome::Done)
}

fn way(args: &UpdateArgs) -> Result<Way> {
    if args.rollback {
        return Ok(Way::Back);
    }
    let Some(from) = &args.from else {
        bail!(fault!(
            "no place to update from: planner publishes no bundles yet";
            "give one that was made with `planner catalog bundle`: `--from FILE --key FILE`"
        ));
    };
    let Some(key) = &args.key else {
        bail!(fault!(
            "no key: planner has no release key yet";
            "give the public key of whoever signed the bundle: `--key FILE`"
        ));
    };
    Ok(Way::Bundle {
        from: from.clone(),
        key: key.clone(),
    })
}

/// Runs `catalog bundle`.
pub(super) fn bundle(args: &BundleArgs, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let request = BundleRequest {
        folders: args.folders.clone(),
        serial: args.serial,
        date: args.date.clone(),
        out: args.out.clone(),
    };
    let bundled = app::catalog::bundle(workspace, &request)?;
    output.saved(&bundled.saved);
    let shown = bundled.saved.path.display();
    output.note(&format!(
        "{} models, serial {}; sign it with `minisign -Sm {shown}`",
        bundled.models, bundled.serial
    ));
    if bundled.findings > 0 {
        output.note(&format!(
            "{} findings of `planner catalog check` in it are not explained",
            bundled.findings
        ));
    }
    Ok(Outcome::Done)
}
