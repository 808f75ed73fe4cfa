//! Merging fields into a configuration file that is there already.
//!
//! What others wrote stays: unknown keys, their order, fields we do not set. A file of a shape
//! that we do not know is refused, never repaired.

use serde_json::{Map, Value};

/// Why a file is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Not JSON.
    #[error("it is not JSON ({0})")]
    NotJson(String),
    /// JSON of another shape.
    #[error("`{0}` is not what LM Studio writes there")]
    Shape(String),
}

/// Merges a configuration of ours into the text of a file. A field of ours replaces the value of
/// the same key where it stands, and is added at the end where the key is not there.
///
/// # Errors
/// When the file has a shape that we do not know.
pub fn merge(existing: &str, ours: &Value) -> Result<Value, MergeError> {
    let mut merged: Value =
        serde_json::from_str(existing).map_err(|e| MergeError::NotJson(e.to_string()))?;
    let top = object(&mut merged, "the file")?;
    for part in ["operation", "load"] {
        if !top.contains_key(part) {
            return Err(MergeError::Shape(part.to_owned()));
        }
        let target = fields(&mut top[part], part)?;
        let added = ours[part]["fields"].as_array().cloned().unwrap_or_default();
        for field in added {
            put(target, field);
        }
    }
    Ok(merged)
}

fn object<'a>(value: &'a mut Value, name: &str) -> Result<&'a mut Map<String, Value>, MergeError> {
    value
        .as_object_mut()
        .ok_or_else(|| MergeError::Shape(name.to_owned()))
}

fn fields<'a>(part: &'a mut Value, name: &str) -> Result<&'a mut Vec<Value>, MergeError> {
    let shape = || MergeError::Shape(format!("{name}.fields"));
    let list = object(part, name)?
        .get_mut("fields")
        .and_then(Value::as_array_mut)
        .ok_or_else(shape)?;
    let known = |f: &Value| f.get("key").is_some_and(Value::is_string) && f.get("value").is_some();
    if list.iter().all(known) {
        Ok(list)
    } else {
        Err(shape())
    }
}

/// LM Studio ignores all but one of several fields of a key, so ours takes the place of the first
/// and the others go.
fn put(list: &mut Vec<Value>, field: Value) {
    let key = field["key"].clone();
    let Some(at) = list.iter().position(|f| f["key"] == key) else {
        list.push(field);
        return;
    };
    list[at]["value"] = field["value"].clone();
    let mut index = 0;
    list.retain(|f| {
        index += 1;
        index <= at + 1 || f["key"] != key
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ours() -> Value {
        json!({"preset": "", "operation": {"fields": []}, "load": {"fields": [
            {"key": "llm.load.contextLength", "value": 131_072},
            {"key": "llm.load.numParallelSessions", "value": 2},
        ]}})
    }

    #[test]
    fn foreign_fields_unknown_keys_and_order_stay() {
        let existing = r#"{"later":{"z":1},"load":{"note":"mine","fields":[{"key":"llm.load.seed","value":{"checked":true,"value":7},"extra":1},{"key":"llm.load.contextLength","value":4096},{"key":"from.the.future","value":[1]}]},"operation":{"fields":[{"key":"llm.prediction.systemPrompt","value":"hi"}]},"preset":"@local:mine"}"#;
        let merged = merge(existing, &ours()).unwrap().to_string();
        let expected = existing.replace("4096", "131072").replace(
            r#"{"key":"from.the.future","value":[1]}"#,
            r#"{"key":"from.the.future","value":[1]},{"key":"llm.load.numParallelSessions","value":2}"#,
        );
        assert_eq!(merged, expected);
        assert_eq!(
            merge(&merged, &ours()).unwrap().to_string(),
            merged,
            "a second time changes nothing"
        );
    }

    #[test]
    fn a_key_that_stands_twice_ends_up_once() {
        let existing = r#"{"operation":{"fields":[]},"load":{"fields":[{"key":"llm.load.contextLength","value":1},{"key":"a","value":0},{"key":"llm.load.contextLength","value":2}]}}"#;
        let merged = merge(existing, &ours()).unwrap();
        let keys: Vec<&str> = merged["load"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["key"].as_str().unwrap())
            .collect();
        assert_eq!(
            keys,
            [
                "llm.load.contextLength",
                "a",
                "llm.load.numParallelSessions"
            ]
        );
    }

    #[test]
    fn an_unknown_shape_is_refused_and_named() {
        for (text, named) in [
            ("{", "not JSON"),
            ("[]", "the file"),
            (r#"{"fields":[]}"#, "operation"),
            (
                r#"{"operation":{"fields":[]},"load":{"fields":{}}}"#,
                "load.fields",
            ),
            (
                r#"{"operation":{"fields":["x"]},"load":{"fields":[]}}"#,
                "operation.fields",
            ),
        ] {
            let error = merge(text, &ours()).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
