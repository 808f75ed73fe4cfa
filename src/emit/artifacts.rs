//! All files of a plan.

use serde::Serialize;

use super::artifact::{Artifact, Template};
use super::clients::{Client, ClientFile};
use super::error::EmitError;
use super::manifest::{MANIFEST, Manifest};
use super::models::{Model, Options, models};
use super::render::{filled, render};
use crate::lmstudio::config;
use crate::machine::gpu_limits;
use crate::plan::Plan;
use crate::plan::document::Entry;

/// LM Studio's port where nobody chose another.
const PORT: u16 = 1234;

/// What templates are filled with.
#[derive(Serialize)]
struct Values<'a> {
    generator: &'a str,
    models: &'a [Model],
    /// Those that converse.
    chat: Vec<&'a Model>,
    machine: &'a str,
    memory_bytes: u64,
    memory: String,
    gpu_mib: u64,
    gpu: String,
    margin: String,
    gpu_with_margin: String,
    wired_limit_mib: u64,
    /// What sets the GPU's limit that the plan counts on, where that is not a Mac's.
    raise: Option<String>,
    on_mac: bool,
    headroom_bytes: i64,
    headroom: String,
    default_model: &'a str,
    /// Where the files are, for what runs them at login.
    folder: &'a str,
    /// What writes code, else what converses.
    coding: Option<&'a Model>,
    port: u16,
    /// The address that the server is bound to, and whether that has to be said.
    host: &'a str,
    binds: bool,
    any_gguf: bool,
    any_mlx: bool,
    any_sampling: bool,
    any_effort: bool,
    any_embedding: bool,
    /// Models are loaded when they are asked for: not those of a plan.
    on_demand: bool,
    /// Models of llama-server's router.
    models_max: usize,
}

const SCRIPTS: [Template; 7] = [
    (
        "README.md",
        include_str!("templates/README.md"),
        false,
        "what is here, and how to use it",
    ),
    (
        "launch.sh",
        include_str!("templates/launch.sh"),
        true,
        "loads the plan in LM Studio, and checks it",
    ),
    (
        "verify.sh",
        include_str!("templates/verify.sh"),
        true,
        "says whether exactly the plan is loaded",
    ),
    (
        "unload.sh",
        include_str!("templates/unload.sh"),
        true,
        "unloads the models of the plan",
    ),
    (
        "download.sh",
        include_str!("templates/download.sh"),
        true,
        "downloads what is missing",
    ),
    (
        "common.sh",
        include_str!("templates/common.sh"),
        false,
        "the plan's figures, and what the scripts share",
    ),
    (
        "json.awk",
        include_str!("templates/json.awk"),
        false,
        "reads JSON for the scripts",
    ),
];

const WIRED_LIMIT: Template = (
    "macos/planner.wired-limit.plist",
    include_str!("templates/planner.wired-limit.plist"),
    false,
    "raises the GPU's limit at every start",
);

const AT_LOGIN: Template = (
    "macos/planner.models.plist",
    include_str!("templates/planner.models.plist"),
    false,
    "loads the plan at every login",
);

const LLAMA_SERVER: Template = (
    "engines/llama-server.ini",
    include_str!("templates/engines/llama-server.ini"),
    false,
    "llama-server: the plan as a router preset",
);
const LLAMA_SWAP: Template = (
    "engines/llama-swap.yaml",
    include_str!("templates/engines/llama-swap.yaml"),
    false,
    "llama-swap: the plan as one group",
);
const MLX_SERVER: Template = (
    "engines/mlx-server.sh",
    include_str!("templates/engines/mlx-server.sh"),
    true,
    "mlx_lm.server: one command per MLX model",
);

/// The files of a plan, the manifest last.
///
/// # Errors
/// When the plan is empty, or holds a name or a setting that a file can't hold.
pub fn artifacts(plan: &Plan, options: &Options) -> Result<Vec<Artifact>, EmitError> {
    check(plan)?;
    let models = models(plan, options)?;
    let values = values(plan, options, &models)?;
    let mut templates: Vec<Template> = SCRIPTS.to_vec();
    templates.extend((values.wired_limit_mib > 0).then_some(WIRED_LIMIT));
    templates.extend(options.at_login.is_some().then_some(AT_LOGIN));
    let clients = Client::ALL
        .iter()
        .filter(|c| options.clients.is_empty() || options.clients.contains(c))
        .filter(|c| !c.converses() || !values.chat.is_empty());
    let clients = clients.flat_map(|c| c.files());
    templates.extend(clients.map(|file| file.template));
    let named = models.iter().all(Model::is_named);
    templates.extend((named && values.any_gguf).then_some(LLAMA_SERVER));
    templates.extend(named.then_some(LLAMA_SWAP));
    templates.extend((named && values.any_mlx).then_some(MLX_SERVER));
    let mut files = filled(templates, &values)?;
    for model in &models {
        if let Some(entry) = plan
            .loadout
            .iter()
            .find(|e| e.identifier == model.identifier)
        {
            files.extend(lm_studio_files(entry, model, options)?);
        }
    }
    files.push(json_file("plan.json", plan, "the plan itself")?);
    let manifest = Manifest::of(&plan.generator, &files);
    files.push(json_file(MANIFEST, &manifest, "this list")?);
    Ok(files)
}

fn check(plan: &Plan) -> Result<(), EmitError> {
    if plan.loadout.is_empty() {
        return Err(EmitError::Empty);
    }
    for (i, entry) in plan.loadout.iter().enumerate() {
        if plan.loadout[..i]
            .iter()
            .any(|e| e.identifier == entry.identifier)
        {
            return Err(EmitError::Twice(entry.identifier.clone()));
        }
    }
    Ok(())
}

fn values<'a>(
    plan: &'a Plan,
    options: &'a Options,
    models: &'a [Model],
) -> Result<Values<'a>, EmitError> {
    let margin = plan.limits.safety_margin_bytes;
    let gpu = plan.totals.gpu_total_bytes + margin;
    let headroom = plan.headroom_bytes.max(0);
    let on_mac = plan.machine.kind.is_none();
    let codes = |m: &&Model| {
        ["code", "agent"]
            .iter()
            .any(|t| m.tasks.iter().any(|own| own == t))
    };
    let converses = |m: &&Model| !m.embedding && !m.completes_only;
    let chat: Vec<&Model> = models.iter().filter(converses).collect();
    let coding = chat.iter().copied().find(codes);
    let first = plan.loadout.iter().map(|e| e.identifier.as_str());
    let mut first = first.filter(|id| chat.iter().any(|m| m.identifier == *id));
    Ok(Values {
        folder: options.at_login.as_deref().unwrap_or_default(),
        coding: coding.or_else(|| chat.first().copied()),
        generator: &plan.generator,
        models,
        chat: chat.clone(),
        machine: &plan.machine.name,
        memory_bytes: plan.machine.memory_bytes.0,
        memory: plan.machine.memory_bytes.both(),
        gpu_mib: gpu.mib_ceil(),
        gpu: plan.totals.gpu_total_bytes.both(),
        margin: margin.both(),
        gpu_with_margin: gpu.both(),
        wired_limit_mib: plan
            .machine
            .wired_limit_bytes
            .filter(|_| on_mac)
            .map_or(0, crate::units::Bytes::mib_floor),
        raise: raise(plan),
        on_mac,
        headroom_bytes: headroom,
        headroom: crate::units::Bytes(headroom.unsigned_abs()).both(),
        default_model: first.next().unwrap_or_default(),
        port: options.port.unwrap_or(PORT),
        host: options.host.as_deref().unwrap_or("127.0.0.1"),
        binds: options.host.is_some(),
        any_gguf: models.iter().any(|m| m.gguf),
        any_mlx: models.iter().any(|m| !m.gguf),
        any_sampling: models.iter().any(|m| m.sampling.is_some()),
        any_effort: models.iter().any(|m| !m.efforts.is_empty()),
        on_demand: false,
        models_max: models.iter().filter(|m| m.gguf).count(),
        any_embedding: models.iter().any(|m| m.embedding),
    })
}

/// The command that sets the GPU's limit that a plan counts on, where it is not for a Mac.
fn raise(plan: &Plan) -> Option<String> {
    let (kind, system) = plan.machine.kind.zip(plan.machine.system)?;
    let raise = gpu_limits::raise(kind, system)?;
    let limit = plan.machine.wired_limit_bytes?;
    Some(format!("{} ({})", raise.command(limit), raise.lasts))
}

/// The files of one client.
///
/// # Errors
/// As [`artifacts`].
pub fn client_files(
    plan: &Plan,
    options: &Options,
    client: Client,
) -> Result<Vec<(&'static ClientFile, String)>, EmitError> {
    check(plan)?;
    let models = models(plan, options)?;
    let values = values(plan, options, &models)?;
    if client.converses() && values.chat.is_empty() {
        return Err(EmitError::NothingConverses);
    }
    let files = client.files().iter();
    files
        .map(|file| {
            let (path, template, ..) = file.template;
            Ok((file, render(path, template, &values)?))
        })
        .collect()
}

/// A model's defaults and its preset, and where asked for its model.yaml.
fn lm_studio_files(
    entry: &Entry,
    model: &Model,
    options: &Options,
) -> Result<Vec<Artifact>, EmitError> {
    let load = config::load_fields(&entry.settings)?;
    let mut operation = entry
        .sampling
        .as_ref()
        .map_or_else(Vec::new, config::sampling_fields);
    operation.extend(model.thinking.map(config::thinking_field));
    let preset = format!("planner-{}", model.file);
    // Settings of embedding models are others, which nobody described.
    if entry.embedding.is_some() {
        return Ok(Vec::new());
    }
    let mut files = vec![json_file(
        &format!("lmstudio/defaults/{}.json", model.file),
        &config::model_default(&load, &operation),
        "LM Studio: the model's defaults",
    )?];
    if !operation.is_empty() {
        files.push(json_file(
            &format!("lmstudio/presets/{preset}.preset.json"),
            &config::preset(&preset, &operation),
            "LM Studio: sampling settings for its chat window",
        )?);
    }
    if options.model_yaml && !model.repository.is_empty() {
        #[derive(Serialize)]
        struct Yaml<'a> {
            m: &'a Model,
            publisher: &'a str,
            repo: &'a str,
            operation: String,
            load: String,
        }
        let path = format!("lmstudio/{}/model.yaml", model.file);
        let (publisher, repo) = model.repository.split_once('/').unwrap_or_default();
        let values = Yaml {
            m: model,
            publisher,
            repo,
            operation: config::fields(&operation).to_string(),
            load: config::fields(&load).to_string(),
        };
        files.push(Artifact {
            text: render(&path, include_str!("templates/model.yaml"), &values)?,
            path,
            executable: false,
            purpose: "LM Studio: the plan's model as a virtual model, to push to its hub",
        });
    }
    Ok(files)
}

pub(super) fn json_file<T: Serialize>(
    path: &str,
    value: &T,
    purpose: &'static str,
) -> Result<Artifact, EmitError> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| EmitError::Json {
        file: path.to_owned(),
        error,
    })?;
    text.push('\n');
    Ok(Artifact {
        path: path.to_owned(),
        text,
        executable: false,
        purpose,
    })
}
