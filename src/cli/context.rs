//! Flags that commands share, and how their values are read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::counts;
use crate::app::unlisted::Unlisted;
use crate::app::{
    Demands, Effort, Engine, HUB, KvType, Layers, LoadSettings, MachineChoice, Macos,
};
use crate::plan::bounds::BEYOND_TOKENS_PER_SECOND;
use crate::suggest;
use crate::units::{Bytes, parse_tokens};

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Text for people or JSON for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, help_heading = "Every command")]
    pub(super) format: Format,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, hide_short_help = true, help_heading = "Every command")]
    pub(super) color: Color,
    /// A folder of catalog files to lay on the shipped catalog; may be repeated
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_short_help = true,
        help_heading = "Every command"
    )]
    pub(super) catalog: Vec<PathBuf>,
    /// Leave the shipped catalog out: only your own, and each `--catalog`
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help_heading = "Every command"
    )]
    pub(super) no_shipped_catalog: bool,
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
    /// The version of macOS on a simulated Mac, which decides how much the GPU may use: 15, 26, 27
    /// (the newest when left out)
    #[arg(long, value_name = "VERSION", help_heading = "Machine")]
    pub(super) macos: Option<Macos>,
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
    /// Requests at once per model (4 when left out, as in LM Studio; in a plan fewer in MLX, where slots
    /// share no cache, if memory lacks)
    #[arg(long, value_name = "N", value_parser = counts::slots())]
    pub(super) slots: Option<u32>,
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
    /// Context checkpoints that llama.cpp's server keeps per slot at most (32 unless set): states to
    /// return to, of models whose cache can't be cut back
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=4096))]
    ctx_checkpoints: Option<u32>,
    /// Memory in which a server keeps finished prompts at most (8 GiB in llama.cpp unless set)
    #[arg(long, value_name = "SIZE", value_parser = cache_ram_arg)]
    cache_ram: Option<u32>,
}

/// Reads a size, 0 among them, as whole MiB.
fn cache_ram_arg(text: &str) -> Result<u32, String> {
    if text.trim() == "0" {
        return Ok(0);
    }
    let size: Bytes = text.parse().map_err(|e| format!("{e}"))?;
    u32::try_from(size.mib_floor()).map_err(|_| "give at most 4 PiB".to_owned())
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
    /// As the use cases take them.
    pub(super) fn settings(&self) -> LoadSettings {
        let (kv_type_k, kv_type_v) = self.kv_type;
        LoadSettings {
            slots: self.slots.unwrap_or(LoadSettings::default().slots),
            kv_unified: self.kv == Kv::Unified,
            kv_type_k,
            kv_type_v,
            flash_attention: self.flash_attention == Switch::On,
            ubatch: self.ubatch,
            swa_full: self.swa_full,
            checkpoints: self.ctx_checkpoints,
            cache_ram_mib: self.cache_ram,
        }
    }
}

impl SettingsArgs {
    /// As the use cases take them, with a slot for each of so many conversations.
    pub(super) fn with_slots(&self, agents: Option<u32>) -> LoadSettings {
        let settings = self.settings();
        LoadSettings {
            slots: settings.slots.max(agents.unwrap_or(1)),
            ..settings
        }
    }
}

impl MachineArgs {
    /// As the use cases take it.
    /// Whether another machine than this one may be meant.
    pub(super) const fn is_told(&self) -> bool {
        self.machine.is_some() || self.memory.is_some()
    }

    pub(super) fn choice(&self) -> MachineChoice {
        MachineChoice {
            name: self.machine.clone(),
            memory: self.memory,
            macos: self.macos,
            wired_limit: self.wired_limit,
            reserve: self.reserve,
        }
    }
}

impl Common {
    /// The catalogs that the flags name.
    pub(super) fn layers(&self) -> Layers {
        Layers {
            shipped: !self.no_shipped_catalog,
            own: true,
            folders: self.catalog.clone(),
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

/// What `--engine` is given to overrule a default of the user's.
pub(super) const ANY: &str = "any";

/// Engines that are wanted: one of LM Studio's, or any, for whose own default is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Engines(pub(super) Option<Engine>);

/// Reads [`Engines`] for clap.
pub(super) fn engines_arg(text: &str) -> Result<Engines, String> {
    match text {
        ANY => Ok(Engines(None)),
        one => engine_arg(one).map(|engine| Engines(Some(engine))),
    }
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

/// What the turns are that the tasks repeat, and how quick they have to be.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Turns")]
pub(super) struct WorkArgs {
    /// Tokens in the context of a turn, such as 60k; what each task's profile says when left out
    #[arg(long, value_name = "TOKENS", value_parser = context_arg)]
    pub(super) depth: Option<u32>,
    /// Conversations at once, each with a slot and room for its turns; a fleet divides them among
    /// copies of a model where that is better
    #[arg(long, visible_alias = "streams", value_name = "N", value_parser = counts::agents())]
    pub(super) agents: Option<u32>,
    /// Reasoning effort of every model that thinks: off, low, medium, high, max, or default to set
    /// nothing; the solver chooses for each task when left out
    #[arg(long, value_name = "EFFORT", value_parser = effort_arg)]
    pub(super) effort: Option<Effort>,
    /// Most seconds to the first token of a turn, such as 30s
    #[arg(long, value_name = "TIME", value_parser = time_arg)]
    pub(super) max_first_token: Option<f64>,
    /// Most seconds of a turn, such as 60s or 2min
    #[arg(long, value_name = "TIME", value_parser = time_arg)]
    pub(super) max_turn: Option<f64>,
    /// Slowest decode speed to accept, tokens per second at the depth of a turn
    #[arg(long, value_name = "TPS", value_parser = tps_arg, allow_negative_numbers = true)]
    pub(super) min_tps: Option<f64>,
}

/// How long to try.
#[derive(Debug, Clone, Args)]
pub(super) struct TimeLimitArg {
    /// Stop after so many seconds, and say what was left undone (20 when left out)
    #[arg(long, value_name = "SECONDS", value_parser = seconds_arg)]
    pub(super) time_limit: Option<f64>,
}

impl WorkArgs {
    /// How quick turns have to be.
    pub(super) const fn demands(&self) -> Demands {
        Demands {
            min_tokens_per_second: self.min_tps,
            max_first_token_seconds: self.max_first_token,
            max_turn_seconds: self.max_turn,
        }
    }
}

/// Reads a speed of decoding.
pub(super) fn tps_arg(text: &str) -> Result<f64, String> {
    let speed: Option<f64> = text.parse().ok();
    let speed = speed.filter(|t| t.is_finite() && *t > 0.0 && *t < BEYOND_TOKENS_PER_SECOND);
    speed.ok_or_else(|| "give tokens per second above zero, such as 20".to_owned())
}

/// Reads a reasoning effort.
pub(super) fn effort_arg(text: &str) -> Result<Effort, String> {
    // As answers call it: `with thinking on`.
    if text == "on" {
        return Ok(Effort::Max);
    }
    let known = Effort::ALL.into_iter().find(|e| e.id() == text);
    known.ok_or_else(|| "give off, low, medium, high, max or default".to_owned())
}

/// Reads seconds above zero.
pub(super) fn seconds_arg(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|s: &f64| s.is_finite() && *s > 0.0)
        .ok_or_else(|| "give seconds above zero, such as 10 or 0.5".to_owned())
}

/// Reads a time for clap: `30`, `30s`, `500ms`, `2min`, `1h`.
pub(super) fn time_arg(text: &str) -> Result<f64, String> {
    let units = [
        ("ms", 0.001),
        ("min", 60.0),
        ("h", 3600.0),
        ("s", 1.0),
        ("", 1.0),
    ];
    let read = units.iter().find_map(|(unit, scale)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(number * scale)
    });
    read.filter(|s| s.is_finite() && *s > 0.0 && *s < 1e6)
        .ok_or_else(|| "give a time above zero, such as 30s, 500ms, 2min or 1h".to_owned())
}

/// What is said of a model that the catalog does not have.
#[derive(Debug, Clone, Args)]
pub(super) struct ScoreArgs {
    /// A published score of the new model, such as "SWE-bench Pro=70"; may be repeated
    #[arg(long, value_name = "BENCHMARK=SCORE", value_parser = score_arg, help_heading = "Choice")]
    score: Vec<(String, f64)>,
    /// The hub that is asked for repositories, or a mirror of it
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB, hide_short_help = true, help_heading = "Choice")]
    endpoint: String,
}

impl ScoreArgs {
    /// As the use cases take them, of these models.
    pub(super) fn of(&self, models: Vec<String>) -> Unlisted {
        Unlisted {
            models,
            scores: self.score.clone(),
            endpoint: self.endpoint.clone(),
        }
    }
}

/// Reads a score for clap: `SWE-bench Pro=70`.
fn score_arg(text: &str) -> Result<(String, f64), String> {
    let score = text.rsplit_once('=').and_then(|(benchmark, score)| {
        let score: f64 = score.trim().parse().ok()?;
        (score.is_finite() && !benchmark.trim().is_empty())
            .then(|| (benchmark.trim().to_owned(), score))
    });
    score.ok_or_else(|| "write `BENCHMARK=SCORE`, such as `SWE-bench Pro=70`".to_owned())
}
