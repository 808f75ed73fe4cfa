//! `planner fit`: does this model fit on the machine, beside what runs, and up to which context.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgGroup, Args as ClapArgs};

use super::again;
use super::context;
use super::context::{Format, MachineArgs, SettingsArgs};
use super::counts;
use super::outcome::Outcome;
use super::output::Output;
use super::terminal::Terminal;
use crate::app;
use crate::app::fit::{Asked, Companions, FitAnswer, FitRequest, Projector};
use crate::app::{Apart, Demands, Engine, HUB, Workspace, tasks};
use crate::fit::{Fit, Survey, SurveyRow};
use crate::report;
use crate::report::Screen;
use crate::units::Bytes;

const EXAMPLES: &str = "\
Examples:
  planner fit qwen3-coder-next/gguf-q4_k_m --context 128k
  planner fit qwen3-coder-next         all its variants, each sized
  planner fit ~/models/model-00001-of-00009.gguf --machine m3-ultra-512gb
  planner fit ~/models/mlx-community/GLM-4.6-4bit --table
  planner fit model.gguf --slots 1 --kv-type q8_0 --format json
  planner fit model.gguf --beside qwen3-coder-next/gguf-q4_k_m@64k \\
      --beside plan.json
  planner fit model.gguf --beside-loaded
  planner fit hf:unsloth/GLM-4.6-GGUF  what a repository offers, each sized
  planner fit hf:unsloth/GLM-4.6-GGUF:Q4_K_M --table
  planner fit --weights 300GB --like glm-4.6
  planner fit --installed
  planner fit qwen3.6-27b --task agent --max-turn 60s  and quick enough

Exit codes: 0 it fits with the context asked for (the model's own when left out), and is as quick as
was asked for; 1 it does not or is not, or that is not known, even where it fits with a shorter
context (`largest_context` in the JSON) or with the GPU's limit raised; 2 bad input. Of several
models, 0 when one of them fits.";

/// Arguments of `fit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("what").required(true).args(["model", "weights", "installed"])))]
pub(super) struct Args {
    /// A variant of the catalog (`model/variant`), or all of a model (`model`); a .gguf file (of a split file, any part), a
    /// folder with config.json and safetensors, hf:OWNER/REPOSITORY[:QUANTIZATION], or an address
    model: Option<String>,
    /// A model that need not exist, of this size, such as 300GB
    #[arg(long, value_name = "SIZE")]
    weights: Option<Bytes>,
    /// With --weights: built like this model of the catalog
    #[arg(long, value_name = "MODEL", requires = "weights")]
    like: Option<String>,
    /// Everything that LM Studio has on disk
    #[arg(long)]
    installed: bool,
    /// With --installed: the models folder, where LM Studio's own is not found
    #[arg(long, value_name = "DIR", requires = "installed")]
    models_folder: Option<PathBuf>,
    /// Context in tokens, such as 131072 or 128k; the model's own when left out
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg)]
    context: Option<u32>,
    /// Size a context beyond the one that the model was trained for, as with RoPE scaling (YaRN)
    #[arg(long, requires = "context")]
    beyond_trained: bool,
    /// Layers on a graphics card, the output matrix counted as one (llama.cpp's -ngl); the others are
    /// left to the processor; all when left out
    #[arg(long, value_name = "N")]
    gpu_layers: Option<u32>,
    /// Leave the experts of the first N layers to the processor (llama.cpp's --n-cpu-moe)
    #[arg(long, value_name = "N", conflicts_with = "cpu_moe")]
    n_cpu_moe: Option<u32>,
    /// Leave the experts of all layers to the processor (llama.cpp's --cpu-moe)
    #[arg(long)]
    cpu_moe: bool,
    /// Memory over contexts up to the model's own, for each KV cache type
    #[arg(long)]
    table: bool,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB)]
    endpoint: String,
    #[command(flatten)]
    beside: BesideArgs,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    /// A task whose turns are told, such as agent, or a file; may be repeated; chat and agent when
    /// left out
    #[arg(long = "task", value_name = "TASK", help_heading = "Turns")]
    tasks: Vec<String>,
    /// The tasks of a mix: coding, research, office, one of your own, or a file
    #[arg(
        long = "for",
        value_name = "MIX|FILE",
        conflicts_with = "tasks",
        help_heading = "Turns"
    )]
    mix: Option<String>,
    /// Tokens in the context of a turn, such as 60k; what each task's profile says when left out
    #[arg(long, value_name = "TOKENS", value_parser = context::context_arg, help_heading = "Turns")]
    depth: Option<u32>,
    /// Conversations at once, each with a slot
    #[arg(long, value_name = "N", value_parser = counts::agents(), help_heading = "Turns")]
    agents: Option<u32>,
    /// Most seconds to the first token of a turn, such as 30s; slower is no fit
    #[arg(long, value_name = "TIME", value_parser = context::time_arg, help_heading = "Turns")]
    max_first_token: Option<f64>,
    /// Most seconds of a turn, such as 60s or 2min; longer is no fit
    #[arg(long, value_name = "TIME", value_parser = context::time_arg, help_heading = "Turns")]
    max_turn: Option<f64>,
    /// Slowest decode speed to accept, tokens per second at the depth of a turn
    #[arg(long, value_name = "TPS", value_parser = context::tps_arg, allow_negative_numbers = true, help_heading = "Turns")]
    min_tps: Option<f64>,
    /// The engine: llama.cpp or mlx; the one that runs the files when left out
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg, help_heading = "Settings")]
    engine: Option<Engine>,
    #[command(flatten)]
    machine: MachineArgs,
}

/// What is loaded besides.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Beside it")]
struct BesideArgs {
    /// Loaded besides: a variant, a file or a folder, with `@CONTEXT` if not its own; or a saved
    /// plan (plan.json); may be repeated
    #[arg(long, value_name = "MODEL[@CONTEXT]|PLAN", num_args = 1..)]
    beside: Vec<String>,
    /// Beside what LM Studio has loaded now (`lms ps`)
    #[arg(long)]
    beside_loaded: bool,
}

/// What to load with the model.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Loaded with it")]
struct CompanionArgs {
    /// The vision projector: a file, `auto` (one beside the file, or inside the folder), or `off`
    #[arg(long, value_name = "FILE|auto|off", default_value = "auto")]
    mmproj: String,
    /// A smaller model that drafts tokens: a file or a variant of the catalog
    #[arg(long, value_name = "MODEL")]
    draft: Option<String>,
    /// Draft with the model's own layers for multi-token prediction, so many tokens at a time
    #[arg(long, value_name = "TOKENS", num_args = 0..=1, default_missing_value = "3", value_parser = clap::value_parser!(u32).range(1..=64), conflicts_with = "draft")]
    mtp: Option<u32>,
}

impl Args {
    fn asked(&self) -> Asked {
        match (self.weights, &self.model) {
            (Some(weights), _) => Asked::Hypothetical {
                weights,
                like: self.like.clone(),
            },
            (None, Some(name)) => Asked::Named(name.clone()),
            (None, None) => Asked::Installed {
                folder: self.models_folder.clone(),
            },
        }
    }

    fn request(&self) -> Result<FitRequest> {
        Ok(FitRequest {
            model: self.asked(),
            machine: self.machine.choice(),
            context: self.context,
            beyond_trained: self.beyond_trained,
            apart: Apart::from_flags(self.gpu_layers, self.n_cpu_moe, self.cpu_moe),
            table: self.table,
            endpoint: self.endpoint.clone(),
            beside: self.beside.beside.clone(),
            beside_loaded: self.beside.beside_loaded,
            companions: Companions {
                projector: match self.companions.mmproj.as_str() {
                    "auto" => Projector::Auto,
                    "off" => Projector::Off,
                    file => Projector::File(PathBuf::from(file)),
                },
                draft: self.companions.draft.clone(),
                draft_tokens: self.companions.mtp,
            },
            settings: self.settings.with_slots(self.agents),
            tasks: self.turns()?,
            depth: self.depth,
            agents: self.agents,
            demands: Demands {
                min_tokens_per_second: self.min_tps,
                max_first_token_seconds: self.max_first_token,
                max_turn_seconds: self.max_turn,
            },
            engine: self.engine,
        })
    }

    /// The tasks whose turns are told.
    fn turns(&self) -> Result<Vec<String>> {
        match &self.mix {
            Some(mix) => {
                let shares = tasks::mix(mix)?.tasks.into_iter();
                Ok(shares.map(|s| s.task).collect())
            }
            None => Ok(self.tasks.clone()),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let mut answer = app::fit(workspace, &args.request()?, &Terminal::of(output))?;
    if let FitAnswer::One(fit) = &mut answer {
        again::complete(&mut fit.advice);
    }
    match (&answer, output.format) {
        (FitAnswer::One(fit), Format::Json) => output.json(fit)?,
        (FitAnswer::Several(all), Format::Json) => output.json(all)?,
        (_, Format::Text) => output.text(&text(args, &answer, workspace, &output.screen))?,
    }
    Ok(Outcome::when(answer.fits()))
}

/// The answer, of which day its catalog is, and what to type next.
fn text(args: &Args, answer: &FitAnswer, workspace: &Workspace, screen: &Screen) -> String {
    let (mut out, next) = match answer {
        FitAnswer::One(fit) => (report::fit::text(fit, screen), next(args, fit)),
        FitAnswer::Several(all) => (report::survey::text(all, screen), best_of(args, all)),
    };
    let date = workspace.catalog_date();
    out.extend(date.map(|date| format!("Catalog of {date}.\n")));
    out.extend(next.map(|command| screen.commands(&[command])));
    out
}

/// What is asked after all files of a model of the catalog: which is best here, at what context.
fn best_of(args: &Args, all: &Survey) -> Option<String> {
    let typed = args.model.as_deref()?;
    let own = format!("{typed}/");
    let listed = all.models.iter().all(|row| row.model.starts_with(&own));
    let poor = |row: &SurveyRow| !row.quality.is_empty() && !row.keeps_quality();
    let usable = |row: &SurveyRow| row.is_usable() && !poor(row);
    let usable = all.models.iter().any(usable);
    let command = || again::on_this_machine(&["recommend", "--pin", typed]);
    (listed && usable).then(command).flatten()
}

/// What is asked after a model: to plan with it where it can be used, or else which of its files can.
fn next(args: &Args, fit: &Fit) -> Option<String> {
    let typed = args.model.as_deref()?;
    let hub = typed.starts_with("hf:");
    let (model, variant) = typed.split_once('/').unwrap_or((typed, ""));
    let listed = !variant.is_empty() && !variant.contains('/') && !typed.starts_with('.');
    match (fit.is_usable(), hub, listed) {
        (true, true, _) => again::on_this_machine(&["recommend", "--with", typed]),
        (true, false, true) => again::on_this_machine(&["recommend", "--pin", typed]),
        (false, false, true) => again::on_this_machine(&["fit", model]),
        _ => None,
    }
}
