//! `planner fit`: does this model fit on the machine, beside what runs, and up to which context.

mod beside;
mod catalog;
mod companions;
mod folder;
mod gguf;
mod hypothetical;
mod installed;
pub(super) mod remote;
pub(super) mod target;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args as ClapArgs};

use super::context;
use super::context::{Format, MachineArgs, SettingsArgs};
use super::outcome::Outcome;
use super::output::Output;
use crate::app::Workspace;
use crate::catalog::Catalog;
use crate::edge::hub;
use crate::fault;
use crate::fit::{
    Fit, LeftOut, Neighbour, Question, Subject, Survey, SurveyRow, Verdict, common_context, fit,
    fit_range, model_of, siblings, speed,
};
use crate::machine::{Machine, MachineError, Profiles};
use crate::memory::limits::Limits;
use crate::memory::settings::SHORTEST_CONTEXT;
use crate::memory::{Engine, Settings, llama_cpp};
use crate::model::repository::GgufSet;
use crate::plan::document::SCHEMA;
use crate::report;
use crate::speed::Predictor;
use crate::units::{Bytes, exact_tokens};
use remote::Remote;
use target::Found;

const EXAMPLES: &str = "\
Examples:
  planner fit qwen3-coder-next/gguf-q4_k_m --context 128k
  planner fit ~/models/model-00001-of-00009.gguf --machine m3-ultra-512gb
  planner fit ~/models/mlx-community/GLM-4.6-4bit --table
  planner fit model.gguf --slots 1 --kv-type q8_0 --format json
  planner fit model.gguf --beside qwen3-coder-next/gguf-q4_k_m@64k --beside plan.json
  planner fit model.gguf --beside-loaded
  planner fit hf:unsloth/GLM-4.6-GGUF                 what a repository offers, each sized
  planner fit hf:unsloth/GLM-4.6-GGUF:Q4_K_M --table
  planner fit --weights 300GB --like glm-4.6
  planner fit --installed

Exit codes: 0 it fits with the context asked for (the model's own when left out); 1 it does not as
it is, or that is not known, even where it fits with a shorter context (`largest_context` in the
JSON) or with the GPU's limit raised; 2 bad input. Of several models, 0 when one of them fits.";

/// Arguments of `fit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("what").required(true).args(["model", "weights", "installed"])))]
pub(super) struct Args {
    /// A variant of the catalog (`model/variant`), a .gguf file (of a split file, any part), a
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
    /// Memory over contexts up to the model's own, for each KV cache type
    #[arg(long)]
    table: bool,
    /// The hub, or a mirror of it; HF_TOKEN is sent to it alone
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = hub::ENDPOINT)]
    endpoint: String,
    #[command(flatten)]
    beside: beside::BesideArgs,
    #[command(flatten)]
    companions: companions::CompanionArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    /// The engine: llama.cpp or mlx; the one that runs the files when left out
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg, help_heading = "Settings")]
    engine: Option<Engine>,
    #[command(flatten)]
    machine: MachineArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, workspace: &Workspace, output: &Output) -> Result<Outcome> {
    let profiles = workspace.profiles();
    let machine = args.machine.choice().find(profiles)?;
    let catalog = workspace.catalog()?;
    let asking = Asking {
        args,
        machine: &machine,
        catalog,
        beside: beside::neighbours(&args.beside, catalog)?,
        macs: macs(profiles)?,
        predictor: workspace.predictor()?,
    };
    if let Some(weights) = args.weights {
        return asking
            .hypothetical(weights)
            .and_then(|fit| one(&fit, output));
    }
    let Some(name) = args.model.as_deref().filter(|_| !args.installed) else {
        return asking.installed().and_then(|all| many(&all, output));
    };
    if !remote::is_remote(name) {
        let found = target::find(name, args.engine, catalog)?;
        return asking.about(found).and_then(|fit| one(&fit, output));
    }
    let reading = remote::find(name, &args.endpoint)?;
    output.note(&reading.told);
    match reading.remote {
        Remote::One(found) => {
            target::check_engine(name, args.engine, &found)?;
            asking.about(*found).and_then(|fit| one(&fit, output))
        }
        Remote::Several(found, sets) => {
            target::check_engine(name, args.engine, &found)?;
            asking
                .offered(name, &found, &sets)
                .and_then(|all| many(&all, output))
        }
    }
}

fn one(fit: &Fit, output: &Output) -> Result<Outcome> {
    match output.format {
        Format::Json => output.json(fit)?,
        Format::Text => output.text(&report::fit::text(fit, &output.screen))?,
    }
    Ok(outcome(fit.verdict == Verdict::Fits))
}

fn many(all: &Survey, output: &Output) -> Result<Outcome> {
    match output.format {
        Format::Json => output.json(all)?,
        Format::Text => output.text(&report::survey::text(all, &output.screen))?,
    }
    let fits = |row: &SurveyRow| row.verdict == Verdict::Fits;
    Ok(outcome(all.models.iter().any(fits)))
}

fn outcome(fits: bool) -> Outcome {
    if fits { Outcome::Done } else { Outcome::No }
}

/// The question, but for the model.
struct Asking<'a> {
    args: &'a Args,
    machine: &'a Machine,
    catalog: &'a Catalog,
    beside: Vec<Neighbour>,
    macs: Vec<Machine>,
    predictor: &'a Predictor,
}

impl Asking<'_> {
    /// The answer for a model that was found.
    fn about(&self, found: Found) -> Result<Fit> {
        let (about, known) = (found.about.clone(), found.known.clone());
        let mut subject = companions::load(found, &self.args.companions, self.catalog)?;
        if subject.siblings.is_empty()
            && let Some(model) = model_of(self.catalog, &subject, &about)
        {
            subject.siblings = siblings(model, subject.engine);
        }
        let speed = speed(
            &subject,
            &about,
            known.as_deref(),
            self.catalog,
            self.predictor,
            self.machine,
        );
        let context = context_of(self.args.context, self.args.beyond_trained, &mut subject)?;
        let mut settings = self.args.settings.settings().at(subject.engine, context)?;
        settings.draft_tokens = companions::draft_tokens(&self.args.companions);
        check(&subject, &settings, self.machine)?;
        Ok(fit(Question {
            speed: speed.as_ref(),
            ..self.question(&subject, &settings, &Limits::of(self.machine))
        }))
    }

    fn question<'q>(
        &'q self,
        subject: &'q Subject,
        settings: &'q Settings,
        limits: &'q Limits,
    ) -> Question<'q> {
        Question {
            subject,
            settings,
            machine: &self.machine.name,
            limits,
            speed: None,
            beside: &self.beside,
            machines: &self.macs,
            table: self.args.table,
        }
    }

    fn hypothetical(&self, weights: Bytes) -> Result<Fit> {
        let args = self.args;
        let like = args.like.as_deref();
        let (mut subject, shapes) = hypothetical::find(weights, like, args.engine, self.catalog)?;
        if like.is_some() {
            let context = context_of(args.context, args.beyond_trained, &mut subject)?;
            let settings = args.settings.settings().at(subject.engine, context)?;
            check(&subject, &settings, self.machine)?;
            return Ok(fit(self.question(
                &subject,
                &settings,
                &Limits::of(self.machine),
            )));
        }
        let context = args.context.unwrap_or_else(|| common_context(&shapes));
        let settings = args.settings.settings().at(subject.engine, context)?;
        let limits = Limits::of(self.machine);
        fit_range(self.question(&subject, &settings, &limits), &shapes)
            .context("the catalog has no architecture to compare with")
    }

    fn installed(&self) -> Result<Survey> {
        let folder = self.args.models_folder.as_deref();
        let installed = installed::find(folder, self.catalog)?;
        let mut all = self.survey(installed.source);
        all.left_out = installed.left_out;
        for (name, found) in installed.found {
            match self.about(found) {
                Ok(fit) => all.models.push(SurveyRow::of(name, &fit)),
                Err(error) => all.left_out.push(LeftOut {
                    model: name,
                    reason: format!("{error:#}"),
                }),
            }
        }
        Ok(all)
    }

    /// Every quantization of a repository: one was looked into, the others have its architecture
    /// and the weights that their files' sizes give.
    fn offered(&self, name: &str, found: &Found, sets: &[GgufSet]) -> Result<Survey> {
        let mut all = self.survey(name.to_owned());
        all.notes.push(format!(
            "weights are the sizes of the files; {name}:QUANTIZATION looks into the file itself"
        ));
        for set in sets {
            let mut found = found.clone();
            found.subject.weights = remote::by_size(set.bytes);
            let row = SurveyRow::of(set.quantization.clone(), &self.about(found)?);
            all.models.push(row);
        }
        Ok(all)
    }

    fn survey(&self, source: String) -> Survey {
        Survey {
            schema: SCHEMA,
            source,
            machine: self.machine.name.clone(),
            models: Vec::new(),
            left_out: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The context asked for, else the model's own, else the shortest that is worth loading.
///
/// One beyond what the model was trained for is refused unless it is meant: engines clamp it or
/// give nonsense, and memory for it would be advice to buy a machine for nothing.
fn context_of(asked: Option<u32>, beyond_trained: bool, subject: &mut Subject) -> Result<u32> {
    if let (Some(asked), Some(own)) = (asked, subject.context_length)
        && asked > own
        && !beyond_trained
    {
        bail!(fault!(
            "--context {asked}: {} was trained for {}, which is the most that is sized", subject.name, exact_tokens(own);
            "leave --context out, or give at most {own}; where RoPE scaling stretches it, add --beyond-trained"
        ));
    }
    if let Some(context) = asked.or(subject.context_length) {
        return Ok(context);
    }
    subject.notes.push(format!(
        "the file does not say which context it was trained for; {SHORTEST_CONTEXT} tokens stand in"
    ));
    Ok(SHORTEST_CONTEXT)
}

/// Every machine that planner knows.
fn macs(profiles: &Profiles) -> Result<Vec<Machine>> {
    let machines = profiles.machines.iter();
    Ok(machines
        .map(|p| Machine::from_profile(p, &profiles.chips))
        .collect::<Result<_, MachineError>>()?)
}

/// What the engine or the machine refuses whatever the memory.
fn check(subject: &Subject, settings: &Settings, machine: &Machine) -> Result<()> {
    let (k, v) = (settings.kv_type_k, settings.kv_type_v);
    if let Ok(arch) = &subject.architecture
        && settings.engine == Engine::LlamaCpp
        && !llama_cpp::stores(arch, k, v)
    {
        bail!(fault!(
            "llama.cpp stores this model's keys and values in one type, and {k} and {v} were asked for";
            "give one type: `--kv-type {k}`"
        ));
    }
    if settings.engine == Engine::Mlx && !machine.apple_silicon {
        bail!(fault!(
            "MLX needs Apple silicon, and {} is not a Mac with it", machine.name;
            "name a Mac with --machine (`planner machines` lists them)"
        ));
    }
    Ok(())
}
