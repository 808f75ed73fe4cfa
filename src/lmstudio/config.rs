//! LM Studio's configuration files for a model: its defaults, and presets.
//!
//! LM Studio drops fields it does not know and values of the wrong shape without a word, so each
//! field is made by a function that can only give the right shape (`globalConfigSchematics` of its
//! SDK 2.0.0). What is never written: fields of the other engine, and anything not asked for.

use serde_json::{Value, json};

use crate::fault::Hinted;
use crate::memory::{Engine, KvType, Settings};
use crate::task::Sampling;

/// Tokens per logical batch, LM Studio's own value.
const EVAL_BATCH: u32 = 2048;
/// Values of one MLX quantization group, LM Studio's own.
const MLX_GROUP: u32 = 64;

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The full key.
    pub key: &'static str,
    /// The value, in the shape that the key takes.
    pub value: Value,
}

/// A setting that LM Studio has no value for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LM Studio's {engine} engine can't keep {what} as {kv_type}")]
pub struct Unsupported {
    engine: Engine,
    what: &'static str,
    kv_type: KvType,
    instead: &'static str,
}

impl Hinted for Unsupported {
    fn hint(&self) -> Option<String> {
        Some(format!("plan with `--kv-type {}`", self.instead))
    }
}

const fn field(key: &'static str, value: Value) -> Field {
    Field { key, value }
}

fn checkbox(key: &'static str, value: f64) -> Field {
    field(key, json!({"checked": true, "value": value}))
}

/// The fields that load a model with these settings.
///
/// # Errors
/// When LM Studio has no value for one of them.
pub fn load_fields(settings: &Settings) -> Result<Vec<Field>, Unsupported> {
    match settings.engine {
        Engine::LlamaCpp => llama_cpp_fields(settings),
        Engine::Mlx => mlx_fields(settings),
    }
}

fn llama_cpp_fields(settings: &Settings) -> Result<Vec<Field>, Unsupported> {
    let checkpoints = settings.checkpoints;
    let checkpoints = checkpoints.map(|n| field("llm.load.llama.contextCheckpoints", json!(n)));
    let mut fields = vec![
        // Only Bionic fits contexts to memory by itself; elsewhere the key is ignored.
        field("llm.load.llama.autoFit", json!(false)),
        field("llm.load.contextLength", json!(settings.context)),
        field("llm.load.llama.acceleration.offloadRatio", json!("max")),
        field("llm.load.offloadKVCacheToGpu", json!(true)),
        field(
            "llm.load.llama.flashAttention",
            json!(settings.flash_attention),
        ),
        field("llm.load.numParallelSessions", json!(settings.slots)),
        field("llm.load.useUnifiedKvCache", json!(settings.kv_unified)),
        field(
            "llm.load.llama.evalBatchSize",
            json!(EVAL_BATCH.max(settings.ubatch)),
        ),
        field("llm.load.llama.physicalBatchSize", json!(settings.ubatch)),
        cache_type(
            "llm.load.llama.kCacheQuantizationType",
            "keys",
            settings.kv_type_k,
        )?,
        cache_type(
            "llm.load.llama.vCacheQuantizationType",
            "values",
            settings.kv_type_v,
        )?,
    ];
    fields.extend(checkpoints);
    // As the application writes it: 34 of 48 layers are 0.7083333333333334.
    let experts = settings.cpu_experts;
    let ratio = experts.map(|e| f64::from(e.layers.min(e.of)) / f64::from(e.of.max(1)));
    fields.extend(ratio.map(|ratio| field("llm.load.numCpuExpertLayersRatio", json!(ratio))));
    Ok(fields)
}

fn cache_type(
    key: &'static str,
    what: &'static str,
    kv_type: KvType,
) -> Result<Field, Unsupported> {
    if kv_type == KvType::Bf16 {
        return Err(Unsupported {
            engine: Engine::LlamaCpp,
            what,
            kv_type,
            instead: "f16",
        });
    }
    let checked = kv_type != KvType::F16;
    Ok(field(
        key,
        json!({"checked": checked, "value": kv_type.id()}),
    ))
}

fn mlx_fields(settings: &Settings) -> Result<Vec<Field>, Unsupported> {
    let bits = match (settings.kv_type_k, settings.kv_type_v) {
        (KvType::F16 | KvType::Bf16, KvType::F16 | KvType::Bf16) => None,
        (KvType::Q8_0, KvType::Q8_0) => Some(8),
        (KvType::Q4_0, KvType::Q4_0) => Some(4),
        (k, v) => {
            return Err(Unsupported {
                engine: Engine::Mlx,
                what: if k == v {
                    "keys and values"
                } else {
                    "keys and values of two types, or values"
                },
                kv_type: v,
                instead: "f16` or `q8_0",
            });
        }
    };
    Ok(vec![
        field("llm.load.mlx.autoFit", json!(false)),
        field("llm.load.contextLength", json!(settings.context)),
        field("llm.load.numParallelSessions", json!(settings.slots)),
        field(
            "llm.load.mlx.kvCacheQuantization",
            json!({
                "enabled": bits.is_some(),
                "bits": bits.unwrap_or(8),
                "groupSize": MLX_GROUP,
                // The ledger counts every token as quantized.
                "quantizedStart": 0,
            }),
        ),
    ])
}

/// The fields of sampling settings, of those that are said.
#[must_use]
pub fn sampling_fields(sampling: &Sampling) -> Vec<Field> {
    let plain = |key, value: Option<Value>| value.map(|v| field(key, v));
    let checked = |key, value: Option<f64>| value.map(|v| checkbox(key, v));
    let fields = [
        plain(
            "llm.prediction.temperature",
            sampling.temperature.map(Value::from),
        ),
        plain(
            "llm.prediction.topKSampling",
            sampling.top_k.map(Value::from),
        ),
        checked("llm.prediction.topPSampling", sampling.top_p),
        checked("llm.prediction.minPSampling", sampling.min_p),
        checked("llm.prediction.repeatPenalty", sampling.repeat_penalty),
    ];
    fields.into_iter().flatten().collect()
}

/// The field that switches thinking on or off, for chat templates that take `enable_thinking`.
#[must_use]
pub fn thinking_field(on: bool) -> Field {
    field("llm.prediction.reasoning.enableThinking", json!(on))
}

/// Fields as LM Studio's files hold them.
#[must_use]
pub fn fields(fields: &[Field]) -> Value {
    let list: Vec<Value> = fields
        .iter()
        .map(|f| json!({"key": f.key, "value": f.value}))
        .collect();
    json!({ "fields": list })
}

/// A model's default configuration.
#[must_use]
pub fn model_default(load: &[Field], operation: &[Field]) -> Value {
    json!({"preset": "", "operation": fields(operation), "load": fields(load)})
}

/// A preset of sampling settings. Load settings are no part of presets unless the user turned an
/// experiment on, so it has none.
#[must_use]
pub fn preset(name: &str, operation: &[Field]) -> Value {
    json!({
        "identifier": format!("@local:{name}"),
        "name": name,
        "changed": false,
        "operation": fields(operation),
        "load": fields(&[]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys, types and limits from LM Studio's SDK 2.0.0.
    const KEYS: &str = include_str!("../../tests/data/lmstudio-config-keys.tsv");

    fn all_fields() -> Vec<Field> {
        let mut all = sampling_fields(&Sampling {
            temperature: Some(0.7),
            top_p: Some(0.9),
            top_k: Some(40),
            min_p: Some(0.05),
            repeat_penalty: Some(1.1),
            source: String::new(),
        });
        all.push(thinking_field(false));
        for engine in Engine::ALL {
            for kv in KvType::ALL {
                let settings = Settings {
                    checkpoints: Some(8),
                    kv_type_k: kv,
                    kv_type_v: kv,
                    ..Settings::lm_studio(engine, 131_072)
                };
                all.extend(load_fields(&settings).unwrap_or_default());
            }
        }
        all
    }

    fn row(key: &str) -> Option<(&'static str, Value)> {
        let mut columns = KEYS
            .lines()
            .find(|l| l.split('\t').next() == Some(key))?
            .split('\t');
        let kind = columns.nth(1)?;
        Some((kind, serde_json::from_str(columns.next()?).ok()?))
    }

    /// What LM Studio's parser accepts; everything else it drops.
    fn accepted(kind: &str, limits: &Value, value: &Value) -> bool {
        let within = |v: &Value| {
            v.as_f64().is_some_and(|n| {
                limits["min"].as_f64().is_none_or(|min| n >= min)
                    && limits["max"].as_f64().is_none_or(|max| n <= max)
                    && (limits["int"] != true || v.is_u64() || v.is_i64())
            })
        };
        match kind {
            "boolean" => value.is_boolean(),
            "contextLength" => value.as_u64().is_some_and(|n| n > 0),
            "numeric" => within(value),
            "checkboxNumeric" => value["checked"].is_boolean() && within(&value["value"]),
            "llamaAccelerationOffloadRatio" => {
                value == "max"
                    || value == "off"
                    || value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n))
            }
            "llamaCacheQuantizationType" => {
                let types = [
                    "f32", "f16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1",
                ];
                value["checked"].is_boolean()
                    && value["value"].as_str().is_some_and(|v| types.contains(&v))
            }
            "mlxKvCacheQuantizationType" => {
                value["enabled"].is_boolean()
                    && [8, 6, 4, 3, 2].contains(&value["bits"].as_i64().unwrap_or(0))
                    && [32, 64, 128].contains(&value["groupSize"].as_i64().unwrap_or(0))
                    && value["quantizedStart"].is_u64()
            }
            _ => false,
        }
    }

    #[test]
    fn every_field_is_one_that_lm_studio_keeps() {
        for field in all_fields() {
            let (kind, limits) =
                row(field.key).unwrap_or_else(|| panic!("no such key: {}", field.key));
            assert!(
                accepted(kind, &limits, &field.value),
                "{} = {} ({kind})",
                field.key,
                field.value
            );
        }
    }

    #[test]
    fn the_shapes_that_circulate_and_do_nothing_are_told_from_the_right_ones() {
        let bad = include_str!("../../tests/data/lmstudio-bad-default.json");
        let bad: Value = serde_json::from_str(bad).unwrap();
        for part in ["operation", "load"] {
            for field in bad[part]["fields"].as_array().unwrap() {
                let key = field["key"].as_str().unwrap();
                let kept =
                    row(key).is_some_and(|(kind, limits)| accepted(kind, &limits, &field["value"]));
                assert!(!kept, "{key} = {} was taken for right", field["value"]);
            }
        }
    }

    #[test]
    fn each_engine_gets_only_what_applies_to_it() {
        for (engine, other) in [(Engine::LlamaCpp, ".mlx."), (Engine::Mlx, ".llama.")] {
            let all = load_fields(&Settings::lm_studio(engine, 4096)).unwrap();
            assert!(all.iter().all(|f| !f.key.contains(other)), "{engine}");
        }
        let bf16 = Settings {
            kv_type_k: KvType::Bf16,
            ..Settings::lm_studio(Engine::LlamaCpp, 4096)
        };
        assert!(load_fields(&bf16).unwrap_err().hint().is_some());
    }
}
