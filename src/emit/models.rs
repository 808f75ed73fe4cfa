//! The plan's models as templates need them, and the user's own choices.

use std::collections::BTreeMap;

use serde::Serialize;

use super::clients::Client;
use crate::catalog::effort::{Effort, Setting, TemplateVariables};
use crate::catalog::roles::Pooling;
use crate::fault::Hinted;
use crate::lmstudio::matching::{Wanted, repository_path};
use crate::memory::{Engine, LineKind, Part};
use crate::model::repository;
use crate::plan::Plan;
use crate::plan::document::{Entry, TaskEffort};
use crate::task::Sampling;
use crate::units::Bytes;

/// What the user chose beside the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// LM Studio's key per model of the plan: its identifier, `model` or `model/variant`.
    pub keys: BTreeMap<String, String>,
    /// Seconds without a request after which models are unloaded.
    pub ttl_seconds: Option<u64>,
    /// The folder that the files go to, where they are to be run at login.
    pub at_login: Option<String>,
    /// The address that LM Studio's server is bound to, where not this machine's own alone.
    pub host: Option<String>,
    /// Its port, where not the one that it had last.
    pub port: Option<u16>,
    /// Also write model.yaml files.
    pub model_yaml: bool,
    /// Only the settings of these clients; of all where none is named.
    pub clients: Vec<Client>,
}

/// A key for a model that the plan does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan has no `{name}`")]
pub struct UnknownKey {
    name: String,
    has: String,
}

impl Hinted for UnknownKey {
    fn hint(&self) -> Option<String> {
        Some(format!("it has {}", self.has))
    }
}

/// What matches each model of the plan among those installed, with the user's keys.
///
/// # Errors
/// When a key is for no model of the plan.
pub fn keyed(plan: &Plan, keys: &BTreeMap<String, String>) -> Result<Vec<Wanted>, UnknownKey> {
    let names = |e: &Entry| [e.identifier.clone(), e.model.clone(), e.full_name()];
    for name in keys.keys() {
        if !plan.loadout.iter().any(|e| names(e).contains(name)) {
            let has: Vec<String> = plan
                .loadout
                .iter()
                .map(|e| format!("`{}/{}`", e.model, e.variant))
                .collect();
            return Err(UnknownKey {
                name: name.clone(),
                has: has.join(", "),
            });
        }
    }
    let wanted = plan.loadout.iter().map(|entry| Wanted {
        repository: (entry.repository.as_deref())
            .and_then(repository_path)
            .map(str::to_owned),
        files: entry.files.clone(),
        quantization: entry.quantization.clone(),
        size: files_of(entry),
        key: names(entry).iter().find_map(|n| keys.get(n)).cloned(),
    });
    Ok(wanted.collect())
}

/// The bytes of its own files, without those of what sees beside it.
fn files_of(entry: &Entry) -> Bytes {
    let beside = entry.ledger.iter();
    let beside = beside.filter(|l| l.line == LineKind::Weights && l.part == Part::Vision);
    let beside: Bytes = beside.map(|l| l.bytes).sum();
    entry.memory.weights_bytes.saturating_sub(beside)
}

/// One model, in the words of the templates.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Model {
    /// `MiniMax M2.1, Q4_K_S, for general`.
    pub(super) title: String,
    pub(super) name: String,
    pub(super) identifier: String,
    /// The identifier as a file name.
    pub(super) file: String,
    /// `model/variant`.
    pub(super) variant: String,
    pub(super) key: String,
    pub(super) repository: String,
    pub(super) files: String,
    pub(super) quantization: String,
    /// The same as a repository's tag.
    pub(super) tag: String,
    pub(super) bytes: u64,
    pub(super) size: String,
    pub(super) memory: String,
    pub(super) context: u32,
    pub(super) slots: u32,
    pub(super) gguf: bool,
    /// It turns text into vectors, and answers nothing.
    pub(super) embedding: bool,
    /// How, as llama-server takes it.
    pub(super) pooling: Option<&'static str>,
    /// It completes code at the cursor.
    pub(super) completes: bool,
    /// It does nothing else.
    pub(super) completes_only: bool,
    pub(super) gpu: &'static str,
    pub(super) ttl: String,
    pub(super) tasks: Vec<String>,
    pub(super) kv_unified: bool,
    pub(super) kv_type_k: &'static str,
    pub(super) kv_type_v: &'static str,
    pub(super) flash_attention: bool,
    pub(super) ubatch: u32,
    pub(super) swa_full: bool,
    /// `--ctx-checkpoints`, where the plan caps them.
    pub(super) checkpoints: Option<u32>,
    /// `--n-cpu-moe`, where experts lie in ordinary memory.
    pub(super) n_cpu_moe: Option<u32>,
    /// `--cache-ram` in MiB, where the plan caps it.
    pub(super) cache_ram_mib: Option<u32>,
    /// The same in bytes, for `--prompt-cache-bytes`.
    pub(super) prompt_cache_bytes: Option<u64>,
    pub(super) sampling: Option<Sampling>,
    /// The same in a line.
    pub(super) sampling_text: Option<String>,
    /// What the chat template is told, where all tasks ask for the same that is not its default:
    /// JSON for flags of engines.
    pub(super) template: Option<String>,
    /// Whether thinking is switched on or off by that; absent where a level of it is asked for.
    pub(super) thinking: Option<bool>,
    /// `reasoning_effort` as requests carry it.
    pub(super) reasoning_effort: Option<String>,
    /// What each task asks for, in words, where that is not the model's default.
    pub(super) efforts: Vec<String>,
    /// Settings that no flag of `lms load` sets, in words; empty where LM Studio's defaults hold.
    pub(super) only_by_file: Vec<String>,
}

/// The models, the largest first: that is the order of loading.
pub(super) fn models(plan: &Plan, options: &Options) -> Result<Vec<Model>, UnknownKey> {
    let wanted = keyed(plan, &options.keys)?;
    let mut files = Vec::new();
    let mut models: Vec<(u64, Model)> = plan
        .loadout
        .iter()
        .zip(wanted)
        .map(|(entry, wanted)| {
            let file = file_name(&entry.identifier, &mut files);
            (
                entry.memory.total_bytes.0,
                model(entry, wanted, file, options),
            )
        })
        .collect();
    models.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    Ok(models.into_iter().map(|(_, m)| m).collect())
}

pub(super) fn model(entry: &Entry, wanted: Wanted, file: String, options: &Options) -> Model {
    let settings = &entry.settings;
    let gguf = settings.engine == Engine::LlamaCpp;
    let effort = one_effort(entry);
    let tasks = if entry.tasks.is_empty() {
        String::new()
    } else {
        format!(", for {}", entry.tasks.join(", "))
    };
    Model {
        title: format!("{}, {}{tasks}", entry.name, entry.quantization),
        name: entry.name.clone(),
        identifier: entry.identifier.clone(),
        file,
        variant: entry.full_name(),
        key: wanted.key.unwrap_or_default(),
        repository: wanted.repository.unwrap_or_default(),
        files: wanted.files.unwrap_or_default(),
        quantization: entry.quantization.clone(),
        tag: tag(entry),
        bytes: wanted.size.0,
        size: wanted.size.both(),
        memory: entry.memory.gpu_total_bytes.both(),
        context: settings.context,
        slots: settings.slots,
        gguf,
        embedding: entry.embedding.is_some(),
        pooling: (entry.embedding.as_ref()).and_then(|e| e.pooling.map(Pooling::id)),
        completes: !entry.completes.is_empty(),
        completes_only: !entry.completes.is_empty() && entry.completes == entry.tasks,
        gpu: if gguf { "max" } else { "" },
        ttl: options
            .ttl_seconds
            .map_or_else(String::new, |s| s.to_string()),
        tasks: entry.tasks.clone(),
        kv_unified: settings.kv_unified,
        kv_type_k: settings.kv_type_k.id(),
        kv_type_v: settings.kv_type_v.id(),
        flash_attention: settings.flash_attention,
        ubatch: settings.ubatch,
        swa_full: settings.swa_full,
        checkpoints: settings.checkpoints,
        n_cpu_moe: settings.cpu_experts.map(|e| e.layers),
        cache_ram_mib: settings.cache_ram_mib,
        prompt_cache_bytes: (settings.cache_ram_mib).map(|mib| Bytes::from_mib(u64::from(mib)).0),
        sampling: entry.sampling.clone(),
        sampling_text: entry.sampling.as_ref().map(ToString::to_string),
        template: effort.and_then(|e| serde_json::to_string(&e.template).ok()),
        thinking: effort.and_then(|e| switched(&e.template)),
        reasoning_effort: effort.and_then(|e| reasoning_effort(e.effort)),
        efforts: efforts(entry),
        only_by_file: only_by_file(entry),
    }
}

impl Model {
    /// Whether a router can be told which files it is: by its repository, and a tag that is no words.
    pub(super) fn is_named(&self) -> bool {
        !self.repository.is_empty() && !self.tag.contains(' ')
    }
}

/// The quantization as a repository's tag: where it is told in words (`MXFP4, rest F16`), what its
/// file's name ends in.
fn tag(entry: &Entry) -> String {
    let quantization = &entry.quantization;
    let file = entry.files.as_deref();
    let file = file.filter(|_| quantization.contains(' '));
    let stem = file.and_then(|file| file.strip_suffix(".gguf"));
    stem.and_then(repository::quantization)
        .unwrap_or_else(|| quantization.clone())
}

/// What has to be set for every task alike; none where nothing has, or tasks differ.
fn one_effort(entry: &Entry) -> Option<&TaskEffort> {
    let first = entry.efforts.first()?;
    let alike = entry.efforts.iter().all(|e| e.effort == first.effort);
    (alike && !first.effort.is_default()).then_some(first)
}

/// Whether LM Studio's own switch does what the chat template is told: it sets `enable_thinking`, and
/// no level.
fn switched(template: &TemplateVariables) -> Option<bool> {
    match (template.len(), template.get("enable_thinking")) {
        (1, Some(on)) => on.as_bool(),
        _ => None,
    }
}

/// The word of OpenAI's protocol for a setting; LM Studio takes `none` for thinking off, and knows
/// no `max`.
pub(super) fn reasoning_effort(setting: Setting) -> Option<String> {
    let effort = setting.effort()?;
    Some(match effort {
        Effort::Off => "none".to_owned(),
        Effort::Max => "high".to_owned(),
        other => other.id().to_owned(),
    })
}

/// `code: thinking off ("reasoning_effort": "none")` for each task, where one has to ask for something:
/// beside it the others say so too, whatever a server takes for the default.
fn efforts(entry: &Entry) -> Vec<String> {
    if entry.efforts.iter().all(|e| e.effort.is_default()) {
        return Vec::new();
    }
    let words = |e: &TaskEffort| {
        let setting = e.means.map_or(e.effort, Setting::from);
        let (words, value) = (setting.words()?, reasoning_effort(setting)?);
        let task = &e.task;
        Some(format!(
            "{task}: {words}, `\"reasoning_effort\": \"{value}\"`"
        ))
    };
    entry.efforts.iter().filter_map(words).collect()
}

/// What `lms load` has no flag for, where it is not what LM Studio does by itself, in words.
#[must_use]
pub fn only_by_file(entry: &Entry) -> Vec<String> {
    let settings = &entry.settings;
    let stock = crate::memory::Settings::lm_studio(settings.engine, settings.context);
    let mut words = Vec::new();
    if (settings.kv_type_k, settings.kv_type_v) != (stock.kv_type_k, stock.kv_type_v) {
        words.push(format!(
            "KV cache in {} and {}",
            settings.kv_type_k, settings.kv_type_v
        ));
    }
    if settings.kv_unified != stock.kv_unified {
        words.push("a KV cache per slot".to_owned());
    }
    if settings.flash_attention != stock.flash_attention {
        words.push("no flash attention".to_owned());
    }
    if settings.ubatch != stock.ubatch {
        words.push(format!("physical batches of {}", settings.ubatch));
    }
    if let (Engine::LlamaCpp, Some(n)) = (settings.engine, settings.checkpoints) {
        words.push(format!("at most {n} context checkpoints per slot"));
    }
    if let Some(experts) = settings.cpu_experts {
        words.push(format!("{experts} in the system's memory"));
    }
    words
}

/// A name as a file name of its own: letters, digits, `.`, `_` and `-`, not in use yet.
fn file_name(name: &str, taken: &mut Vec<String>) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let plain: String = name
        .chars()
        .map(|c| if fine(c) { c } else { '-' })
        .collect();
    let plain = plain.trim_start_matches(['.', '-']);
    let plain = if plain.is_empty() { "model" } else { plain };
    let numbered = (2..).map(|n| format!("{plain}-{n}"));
    let free = std::iter::once(plain.to_owned())
        .chain(numbered)
        .find(|n| !taken.contains(n))
        .unwrap_or_default();
    taken.push(free.clone());
    free
}
