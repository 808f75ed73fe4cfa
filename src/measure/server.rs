//! What a server says of itself: which kind it is, what it has loaded, and how.
//!
//! `/v1/models` is every server's; LM Studio adds `/api/v1/models` and `/api/v0/models`, llama.cpp
//! `/props`. Shapes of LM Studio follow its documentation and were not seen on every version, so
//! what is not there stays unknown.

use serde_json::Value;

use crate::catalog::Catalog;
use crate::lmstudio::matching::repository_path;
use crate::lmstudio::{Loaded, rest};

/// Which server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// LM Studio.
    LmStudio,
    /// llama.cpp's own server.
    LlamaCpp,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp",
        }
    }
}

/// A model that the server can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// The name to ask for.
    pub id: String,
    /// Whether it is in memory, where the server says so.
    pub loaded: Option<bool>,
    /// The context that it is loaded with.
    pub context_tokens: Option<u32>,
    /// Requests at once.
    pub slots: Option<u32>,
}

/// Reads `/v1/models`: the models, and whether llama.cpp gave them.
#[must_use]
pub fn openai_models(json: &Value) -> (Vec<Served>, Option<Kind>) {
    let rows = json.get("data").and_then(Value::as_array);
    let rows: Vec<&Value> = rows.into_iter().flatten().collect();
    let llama = rows
        .iter()
        .any(|r| r.get("owned_by").and_then(Value::as_str) == Some("llamacpp"));
    let models = rows
        .into_iter()
        .filter_map(|row| {
            Some(Served {
                id: text(row, "id")?,
                ..Served::default()
            })
        })
        .collect();
    (models, llama.then_some(Kind::LlamaCpp))
}

/// Reads LM Studio's `/api/v1/models`: one entry per loaded instance, and one for each model that
/// is not loaded. None where it is not that document.
#[must_use]
pub fn lmstudio_v1(json: &Value) -> Option<Vec<Served>> {
    // llama.cpp answers with a list of `models` too, but has no instances.
    json.get("models")?.get(0)?.get("loaded_instances")?;
    let (installed, loaded) = rest::models(&json.to_string()).ok()?;
    let (installed, loaded) = (installed.rows, loaded.rows);
    let in_memory = loaded
        .iter()
        .filter(|l| l.model.kind == "llm")
        .map(|l| Served {
            id: l.state.identifier.clone(),
            loaded: Some(true),
            context_tokens: l.state.context_length,
            slots: l.state.parallel,
        });
    let on_disk = installed
        .iter()
        .filter(|m| m.kind == "llm" && !loaded.iter().any(|l| l.model.model_key == m.model_key))
        .map(|m| Served {
            id: m.model_key.clone(),
            loaded: Some(false),
            ..Served::default()
        });
    Some(in_memory.chain(on_disk).collect())
}

/// Reads LM Studio's `/api/v0/models`. None where it is not that document.
#[must_use]
pub fn lmstudio_v0(json: &Value) -> Option<Vec<Served>> {
    let rows = json.get("data")?.as_array()?;
    let mut out = Vec::new();
    for row in rows {
        let state = row.get("state")?.as_str()?;
        if row.get("type").and_then(Value::as_str) == Some("embeddings") {
            continue;
        }
        out.push(Served {
            id: text(row, "id")?,
            loaded: Some(state == "loaded"),
            context_tokens: number(row, "loaded_context_length"),
            slots: None,
        });
    }
    Some(out)
}

/// Reads llama.cpp's `/props`: the context of each slot, and the slots.
#[must_use]
pub fn llama_cpp_props(json: &Value) -> (Option<u32>, Option<u32>) {
    let settings = json.get("default_generation_settings");
    (
        settings.and_then(|s| number(s, "n_ctx")),
        number(json, "total_slots"),
    )
}

/// Whether an address is of this machine itself.
#[must_use]
pub fn is_local(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    matches!(host, "localhost" | "[::1]" | "0.0.0.0") || host.starts_with("127.")
}

/// Which variant of the catalog a served model is, and how that is known: by its name where that
/// is `model/variant`, else by the repository, the quantization and the format that LM Studio's
/// own listing gives. Names are compared whole; where two variants fit, it is not known.
#[must_use]
pub fn variant_of(id: &str, catalog: &Catalog, loaded: &[Loaded]) -> Option<(String, String)> {
    if let Some((model, Some(variant))) = catalog.find(id) {
        let name = format!("{}/{}", model.id, variant.id);
        return Some((name, "the name that it is served under".to_owned()));
    }
    let model = &loaded.iter().find(|l| l.state.identifier == id)?.model;
    let quantization = &model.quantization.as_ref()?.name;
    let engine = match model.format.as_str() {
        "gguf" => "llama.cpp",
        "safetensors" => "mlx",
        _ => return None,
    };
    let mut parts = model.path.split('/');
    let repository = format!("{}/{}", parts.next()?, parts.next()?);
    let mut fitting = catalog.models.iter().flat_map(|m| {
        m.variants
            .iter()
            .filter(|v| {
                v.engine == engine
                    && v.quantization.eq_ignore_ascii_case(quantization)
                    && v.repository.as_deref().and_then(repository_path)
                        == Some(repository.as_str())
            })
            .map(|v| format!("{}/{}", m.id, v.id))
    });
    let found = fitting.next()?;
    fitting
        .next()
        .is_none()
        .then(|| (found, format!("`lms ps`: {}", model.path)))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn number(value: &Value, key: &str) -> Option<u32> {
    value.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn this_machine_is_known_by_its_address() {
        for local in [
            "http://localhost:1234/v1",
            "http://127.0.0.1:8080",
            "https://[::1]:9/v1",
            "localhost",
        ] {
            assert!(is_local(local), "{local}");
        }
        for other in [
            "http://mac.local:1234/v1",
            "https://localhost.example.com",
            "http://192.168.1.7:1234",
        ] {
            assert!(!is_local(other), "{other}");
        }
    }

    #[test]
    fn each_servers_listing_is_told_from_the_others() {
        // From llama.cpp b11549, shortened.
        let llama = json!({"models": [{"name": "tiny", "model": "tiny"}], "object": "list",
            "data": [{"id": "tiny", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx": 2048}}]});
        let (models, kind) = openai_models(&llama);
        assert_eq!(
            (models[0].id.as_str(), kind),
            ("tiny", Some(Kind::LlamaCpp))
        );
        assert_eq!(lmstudio_v1(&llama), None);
        assert_eq!(lmstudio_v0(&llama), None);
        // By LM Studio's documentation of its REST API.
        let v1 = json!({"models": [
            {"type": "llm", "key": "openai/gpt-oss-20b", "format": "gguf", "size_bytes": 12, "loaded_instances": [
                {"id": "gpt20", "config": {"context_length": 131_072, "parallel": 2}}]},
            {"type": "llm", "key": "qwen3-coder-next", "format": "gguf", "size_bytes": 13, "loaded_instances": []},
            {"type": "embedding", "key": "nomic", "format": "gguf", "size_bytes": 1, "loaded_instances": [{"id": "nomic"}]}]});
        let served = lmstudio_v1(&v1).unwrap();
        assert_eq!(served.len(), 2);
        assert_eq!(served[0].context_tokens, Some(131_072));
        assert_eq!(served[0].slots, Some(2));
        assert_eq!(
            (served[1].id.as_str(), served[1].loaded),
            ("qwen3-coder-next", Some(false))
        );
        let v0 = json!({"object": "list", "data": [
            {"id": "a", "type": "llm", "state": "loaded", "loaded_context_length": 4096},
            {"id": "b", "type": "vlm", "state": "not-loaded"}]});
        let served = lmstudio_v0(&v0).unwrap();
        assert_eq!(served[0].context_tokens, Some(4096));
        assert_eq!(served[1].loaded, Some(false));
    }

    #[test]
    fn a_variant_is_known_by_its_name_or_by_repository_and_quantization() {
        let catalog = Catalog::embedded().unwrap();
        let by_name = variant_of("minimax-m2.1/gguf-q4_k_s", &catalog, &[]);
        assert_eq!(by_name.unwrap().0, "minimax-m2.1/gguf-q4_k_s");
        let ps = |path: &str, name: &str| {
            let row = json!([{"type": "llm", "modelKey": "minimax-m2.1", "format": "gguf", "path": path,
                "sizeBytes": 1, "quantization": {"name": name, "bits": 4}, "identifier": "m"}]);
            crate::lmstudio::loaded(&row.to_string()).unwrap().rows
        };
        let file = "unsloth/MiniMax-M2.1-GGUF/MiniMax-M2.1-Q4_K_S-00001-of-00003.gguf";
        let found = variant_of("m", &catalog, &ps(file, "Q4_K_S")).unwrap();
        assert_eq!(found.0, "minimax-m2.1/gguf-q4_k_s");
        for (path, name) in [
            ("other/MiniMax-M2.1-GGUF/x.gguf", "Q4_K_S"),
            ("unsloth/MiniMax-M2.1-GGUF/x.gguf", "Q2_K"),
        ] {
            assert_eq!(variant_of("m", &catalog, &ps(path, name)), None);
        }
        assert_eq!(variant_of("else", &catalog, &ps(file, "Q4_K_S")), None);
    }
}
