//! What of LM Studio's answers may be shown.

use serde_json::{Map, Value, json};

use super::veil::{Veil, lines};
use crate::doctor::bundle::StudioAnswers;
use crate::lmstudio::{Running, running};

/// What a listing says of a model.
const MODEL_FIELDS: [&str; 22] = [
    "type",
    "modelKey",
    "format",
    "displayName",
    "publisher",
    "path",
    "sizeBytes",
    "indexedModelIdentifier",
    "architecture",
    "paramsString",
    "quantization",
    "variants",
    "selectedVariant",
    "maxContextLength",
    "vision",
    "trainedForToolUse",
    "identifier",
    "contextLength",
    "parallel",
    "ttlMs",
    "status",
    "queued",
];
/// Settings that bear on loading.
const SETTINGS: [&str; 5] = [
    "modelLoadingGuardrails",
    "defaultContextLength",
    "developer",
    "enableLocalService",
    "autoLoadBundledLLM",
];
/// Settings for developers that bear on loading.
const DEVELOPER: [&str; 3] = [
    "unloadPreviousJITModelOnLoad",
    "jitModelTTL",
    "experimentalLoadPresets",
];
const SERVER_CONFIG: [&str; 4] = [
    "port",
    "cors",
    "autoStartOnLaunch",
    "justInTimeModelLoading",
];

pub(super) fn studio(studio: &mut StudioAnswers, veil: &Veil<'_>) {
    for path in [&mut studio.home, &mut studio.lms] {
        veil.kept(path, |text| {
            let mut text = text.to_owned();
            veil.words(&mut text);
            text
        });
    }
    veil.kept(&mut studio.version, |text| object(text, &["version"]));
    veil.kept(&mut studio.load_help, |text| {
        let flags = text.split_whitespace().filter(|w| w.starts_with("--"));
        flags.collect::<Vec<_>>().join("\n")
    });
    veil.kept(&mut studio.running, |text| match running(text) {
        Some(Running::Nothing) => text.to_owned(),
        Some(Running::Program { .. }) => {
            let before = text.split(" (PID").next().unwrap_or_default();
            before.to_owned()
        }
        None => "something else".to_owned(),
    });
    veil.kept(&mut studio.server, |text| {
        object(text, &["running", "port"])
    });
    veil.kept(&mut studio.installed, rows);
    veil.kept(&mut studio.loaded, rows);
    veil.kept(&mut studio.runtimes, |text| {
        let fine = |c: char| c.is_ascii_alphanumeric() || "@._- ,✓".contains(c);
        lines(text, |line| line.chars().all(fine))
    });
    veil.kept(&mut studio.link, link);
    veil.kept(&mut studio.settings, |text| {
        let mut kept = fields(text, &SETTINGS);
        if let Some(developer) = kept.get_mut("developer") {
            *developer = only(developer.take(), &DEVELOPER);
        }
        shown(text, kept)
    });
    veil.kept(&mut studio.server_config, |text| {
        object(text, &SERVER_CONFIG)
    });
}

/// The rows of a listing; a device is told from this one, and not named.
fn rows(text: &str) -> String {
    let Ok(Value::Array(rows)) = serde_json::from_str(text) else {
        return "something else".to_owned();
    };
    let row = |row: Value| {
        let elsewhere = row["deviceIdentifier"].is_string();
        let mut kept = only(row, &MODEL_FIELDS);
        if elsewhere {
            kept["deviceIdentifier"] = "another device".into();
            // It begins with the device's own name.
            kept["indexedModelIdentifier"] = Value::Null;
        }
        kept
    };
    rows.into_iter().map(row).collect::<Value>().to_string()
}

fn link(text: &str) -> String {
    let Ok(said) = serde_json::from_str::<Value>(text) else {
        return "something else".to_owned();
    };
    let peers = said["peers"].as_array().map_or(0, Vec::len);
    let preferred = &said["preferredDeviceIdentifier"];
    let mut kept = only(said.clone(), &["status", "issues"]);
    kept["peers"] = vec![json!({}); peers].into();
    kept["deviceIdentifier"] = "this".into();
    if preferred.is_string() {
        let own = *preferred == said["deviceIdentifier"];
        kept["preferredDeviceIdentifier"] = if own { "this" } else { "another" }.into();
    }
    kept.to_string()
}

fn object(text: &str, known: &[&str]) -> String {
    shown(text, fields(text, known))
}

fn fields(text: &str, known: &[&str]) -> Value {
    only(serde_json::from_str(text).unwrap_or_default(), known)
}

/// What is no JSON stays none.
fn shown(text: &str, kept: Value) -> String {
    if serde_json::from_str::<Value>(text).is_ok() {
        kept.to_string()
    } else {
        "no JSON".to_owned()
    }
}

/// These fields of an object; anything else is an empty one.
fn only(value: Value, known: &[&str]) -> Value {
    let Value::Object(fields) = value else {
        return json!({});
    };
    let kept = fields
        .into_iter()
        .filter(|(name, _)| known.contains(&name.as_str()));
    Value::Object(kept.collect::<Map<_, _>>())
}
