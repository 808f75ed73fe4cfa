//! What most commands share: the common flags, and reading catalogs, machines and tasks.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::catalog::{Catalog, Layer};
use crate::edge::files;
use crate::fault;
use crate::machine::profile::MachineProfile;
use crate::machine::{Machine, Profiles, parse_machine};
use crate::memory::{Engine, KvType, Settings};
use crate::suggest;
use crate::units::{Bytes, parse_tokens};

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Text for people or JSON for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// A folder of catalog files to lay on the shipped catalog; may be repeated
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) catalog: Vec<PathBuf>,
}

/// Text or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which machine to plan for.
#[derive(Debug, Clone, Args)]
pub(super) struct MachineArgs {
    /// A machine by name (`planner machines`) or a profile file; this machine when left out
    #[arg(long, value_name = "NAME|FILE", help_heading = "Machine")]
    pub(super) machine: Option<String>,
    /// Another amount of memory than the machine has, such as 256GiB
    #[arg(long, value_name = "SIZE", help_heading = "Machine")]
    pub(super) memory: Option<Bytes>,
    /// The GPU's limit, as `sysctl iogpu.wired_limit_mb` would set it, such as 480GiB
    #[arg(long, value_name = "SIZE", help_heading = "Machine")]
    pub(super) wired_limit: Option<Bytes>,
    /// Memory to leave to the system and other applications, such as 24GiB
    #[arg(long, value_name = "SIZE", help_heading = "Machine")]
    pub(super) reserve: Option<Bytes>,
}

/// How models are loaded, as far as it changes their memory. Defaults are LM Studio's.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct SettingsArgs {
    /// Requests at once per model (LM Studio's default is 4)
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1023))]
    slots: u32,
    /// Slots share one pool of cells, or each has its own
    #[arg(long, value_enum, default_value_t = Kv::Unified)]
    kv: Kv,
    /// Type of the KV cache: one, or keys and values apart (q8_0,q4_0)
    #[arg(long, value_name = "TYPE[,TYPE]", default_value = "f16", value_parser = kv_types_arg)]
    kv_type: (KvType, KvType),
    /// Flash attention
    #[arg(long, value_enum, default_value_t = Switch::On)]
    flash_attention: Switch,
    /// Tokens of a physical batch
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    ubatch: u32,
    /// Sliding-window layers keep the whole context
    #[arg(long)]
    swa_full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kv {
    /// One pool for all slots
    Unified,
    /// A pool per slot
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// On
    On,
    /// Off
    Off,
}

impl SettingsArgs {
    /// The settings of a load in this engine at this context.
    pub(super) fn at(&self, engine: Engine, context: u32) -> Result<Settings> {
        let (k, v) = self.kv_type;
        let flash_attention = self.flash_attention == Switch::On;
        if !flash_attention && v.is_quantized() {
            bail!(fault!(
                "values of type {v} need flash attention";
                "leave `--flash-attention off` out, or give `--kv-type {k},f16`"
            ));
        }
        Ok(Settings {
            engine,
            context,
            slots: self.slots,
            kv_unified: self.kv == Kv::Unified,
            kv_type_k: k,
            kv_type_v: v,
            flash_attention,
            ubatch: self.ubatch,
            swa_full: self.swa_full,
            output_rows: None,
            draft_tokens: None,
        })
    }
}

/// The catalog: shipped, then the user's own, then each `--catalog`.
pub(super) fn catalog(common: &Common) -> Result<Catalog> {
    let mut catalog = Catalog::embedded()?;
    if let Some(folder) = files::user_catalog() {
        catalog = catalog.with_layer(&layer(&files::read_toml_folder(&folder)?)?)?;
    }
    for folder in &common.catalog {
        let texts = files::read_toml_folder(folder)?;
        if texts.is_empty() {
            bail!(fault!(
                "--catalog {}: there is no .toml file in it", folder.display();
                "`planner catalog add MODEL --out {}` writes one", folder.join("model.toml").display()
            ));
        }
        catalog = catalog.with_layer(&layer(&texts)?)?;
    }
    Ok(catalog)
}

fn layer(texts: &[(String, String)]) -> Result<Layer> {
    Ok(Layer::read(
        texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )?)
}

/// The machine that the flags describe.
pub(super) fn machine(args: &MachineArgs, profiles: &Profiles) -> Result<Machine> {
    let mut machine = match &args.machine {
        Some(name) => named_machine(name, profiles)?,
        None => super::machine::this_machine(profiles)?,
    };
    if let Some(bytes) = args.memory.filter(|b| *b != machine.memory) {
        machine = machine.with_memory(bytes);
        machine.name = format!("{}, with {bytes} given", machine.name);
    }
    if let Some(bytes) = args.wired_limit {
        if bytes > machine.memory {
            bail!(fault!(
                "--wired-limit {} is more than the machine's memory of {}", bytes.both(), machine.memory.both();
                "give less, or a larger --memory"
            ));
        }
        if machine.gpu_working_set.is_none() {
            bail!(fault!(
                "--wired-limit is a setting of Apple silicon, and this machine has no such limit";
                "plan for a Mac with --machine, or leave the flag out"
            ));
        }
        machine = machine.with_wired_limit(bytes);
    }
    if let Some(bytes) = args.reserve {
        if bytes >= machine.memory {
            bail!(
                "--reserve {} leaves nothing of the machine's memory of {}",
                bytes.both(),
                machine.memory.both()
            );
        }
        machine = machine.with_reserve(bytes);
    }
    Ok(machine)
}

/// A machine by name or profile file.
pub(super) fn named_machine(name: &str, profiles: &Profiles) -> Result<Machine> {
    let profile = profile(name, profiles)?;
    Ok(Machine::from_profile(&profile, &profiles.chips)?)
}

/// The profile of a machine by name, or of a file.
pub(super) fn profile(name: &str, profiles: &Profiles) -> Result<MachineProfile> {
    if files::means_a_file(name) {
        Ok(parse_machine(name, &files::read_text(Path::new(name))?)?)
    } else {
        Ok(profiles.machine(name)?.clone())
    }
}

/// A chip by its id, whole.
pub(super) fn chip(id: &str, profiles: &Profiles) -> Result<String> {
    if profiles.chips.iter().any(|c| c.id == id) {
        return Ok(id.to_owned());
    }
    let near = crate::suggest::nearest(id, profiles.chips.iter().map(|c| c.id.as_str()));
    bail!(fault!(
        "no chip is called `{id}`{}", crate::suggest::or_nothing(near.as_deref());
        "`planner machines` shows the chips that are known"
    ))
}

/// A variant of the catalog by `model/variant`.
pub(super) fn variant(name: &str, catalog: &Catalog) -> Result<String> {
    match catalog.find(name) {
        Some((_, Some(_))) => Ok(name.to_owned()),
        Some((model, None)) => {
            let variants: Vec<&str> = model.variants.iter().map(|v| v.id.as_str()).collect();
            bail!(fault!(
                "`{name}` is a model, and a variant of it is wanted";
                "write `{name}/VARIANT` with one of {}", variants.join(", ")
            ))
        }
        None => {
            let names: Vec<String> = catalog.names().collect();
            let near = crate::suggest::nearest(name, names.iter().map(String::as_str));
            bail!(fault!(
                "the catalog has no variant `{name}`{}", crate::suggest::or_nothing(near.as_deref());
                "`planner catalog list` shows the models; a file of your own adds one"
            ))
        }
    }
}

/// Reads a context for clap.
pub(super) fn context_arg(text: &str) -> Result<u32, String> {
    parse_tokens(text).map_err(|e| e.to_string())
}

/// Reads an engine for clap.
pub(super) fn engine_arg(text: &str) -> Result<Engine, String> {
    Engine::from_id(text).ok_or_else(|| {
        let near = suggest::nearest(text, Engine::ALL.iter().map(|e| e.id()));
        format!(
            "LM Studio's engines are `llama.cpp` and `mlx`{}",
            suggest::or_nothing(near.as_deref())
        )
    })
}

/// Reads one or two KV cache types for clap: `f16`, or `q8_0,q4_0` for keys and values.
pub(super) fn kv_types_arg(text: &str) -> Result<(KvType, KvType), String> {
    let mut types = text.split(',').map(str::parse::<KvType>);
    match (types.next(), types.next(), types.next()) {
        (Some(Ok(both)), None, None) => Ok((both, both)),
        (Some(Ok(k)), Some(Ok(v)), None) => Ok((k, v)),
        (Some(Err(e)), _, _) | (_, Some(Err(e)), _) => Err(e.to_string()),
        _ => Err("give one type, or two for keys and values".to_owned()),
    }
}
