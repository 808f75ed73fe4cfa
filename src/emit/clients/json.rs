//! Our JSON in the user's, whose comments, order and layout stay.
//!
//! Objects merge by key; a list's objects by their `id`, or their `name`; anything else of ours, a
//! list of plain values among it, takes the place of what is there.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::Value;

use super::cant_merge::CantMerge;

pub(super) fn merged(existing: &str, ours: &str) -> Result<String, CantMerge> {
    let ours: Value = serde_json::from_str(ours).map_err(|e| CantMerge(e.to_string()))?;
    let root = CstRootNode::parse(existing, &ParseOptions::default())
        .map_err(|error| CantMerge(format!("it can't be read: {error}")))?;
    let strange = || CantMerge("it holds something else than the client reads".to_owned());
    match (&ours, root.value()) {
        (_, None) => root.set_value(input(&ours)),
        (Value::Object(fields), Some(there)) => {
            merge_object(&there.as_object().ok_or_else(strange)?, fields)?;
        }
        (Value::Array(items), Some(there)) => {
            merge_array(&there.as_array().ok_or_else(strange)?, items)?;
        }
        _ => return Err(strange()),
    }
    let mut text = root.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn merge_object(
    there: &CstObject,
    fields: &serde_json::Map<String, Value>,
) -> Result<(), CantMerge> {
    for (name, ours) in fields {
        match there.get(name) {
            None => {
                there.append(name, input(ours));
            }
            Some(field) => match (ours, field.value()) {
                (Value::Object(below), Some(node)) if node.as_object().is_some() => {
                    merge_object(&node.as_object().ok_or_else(gone)?, below)?;
                }
                (Value::Array(below), Some(node)) if node.as_array().is_some() && !plain(below) => {
                    merge_array(&node.as_array().ok_or_else(gone)?, below)?;
                }
                (_, Some(node)) if node.to_serde_value().as_ref() == Some(ours) => {}
                _ => field.set_value(input(ours)),
            },
        }
    }
    Ok(())
}

/// Whether a list is a value as a whole, such as a command and its arguments.
fn plain(items: &[Value]) -> bool {
    !items.iter().any(Value::is_object)
}

/// What is left when the field at the end of this path is taken out; none where it is not there.
pub(super) fn without(existing: &str, path: &[&str]) -> Result<Option<String>, CantMerge> {
    let root = CstRootNode::parse(existing, &ParseOptions::default())
        .map_err(|error| CantMerge(format!("it can't be read: {error}")))?;
    let Some((name, above)) = path.split_last() else {
        return Ok(None);
    };
    let top = root.value().and_then(|value| value.as_object());
    let holder = above.iter().try_fold(top, |object, name| {
        let value = object?.get(name)?.value()?;
        Some(value.as_object())
    });
    let Some(field) = holder.flatten().and_then(|object| object.get(name)) else {
        return Ok(None);
    };
    field.remove();
    Ok(Some(root.to_string()))
}

fn merge_array(there: &CstArray, items: &[Value]) -> Result<(), CantMerge> {
    for ours in items {
        let elements = there.elements();
        let mut same = elements.iter().filter(|node| are_one(node, ours));
        match (same.next().and_then(CstNode::as_object), ours) {
            (Some(node), Value::Object(fields)) => merge_object(&node, fields)?,
            (None, Value::Object(_)) => {
                there.append(input(ours));
            }
            _ => return Err(gone()),
        }
    }
    Ok(())
}

fn gone() -> CantMerge {
    CantMerge("it holds a list that planner does not know how to add to".to_owned())
}

/// Whether an element of a list is what ours is of the same name.
fn are_one(node: &CstNode, ours: &Value) -> bool {
    let Some(there) = node.as_object() else {
        return false;
    };
    let text = |name: &str| {
        let literal = there.get(name)?.value()?.as_string_lit()?;
        literal.decoded_value().ok()
    };
    let named = ["id", "name"].into_iter().find(|n| ours[*n].is_string());
    named.is_some_and(|n| text(n).as_deref() == ours[n].as_str())
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(yes) => CstInputValue::Bool(*yes),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(fields) => {
            let fields = fields.iter();
            CstInputValue::Object(fields.map(|(n, v)| (n.clone(), input(v))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_order_and_what_is_not_ours_stay() {
        let existing = "// mine\n{\n  \"b\": 1, // one\n  \"a\": { \"keep\": true, \"set\": \"old\" },\n  \"list\": [\n    { \"id\": \"x\", \"n\": 1 },\n    { \"id\": \"y\" }, /* last */\n  ],\n}\n";
        let ours = r#"{"a": {"set": "new", "more": [{"id": "z"}]}, "list": [{"id": "x", "n": 2}, {"id": "w"}]}"#;
        let text = merged(existing, ours).unwrap();
        for kept in ["// mine", "// one", "/* last */", "\"keep\": true"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let root = CstRootNode::parse(&text, &ParseOptions::default()).unwrap();
        let list = root.object_value().unwrap().array_value("list").unwrap();
        assert_eq!(list.elements().len(), 3, "{text}");
        assert!(text.contains("\"n\": 2") && text.contains("\"set\": \"new\""));
        assert_eq!(
            merged(&text, ours).unwrap(),
            text,
            "a second time changes nothing"
        );
    }

    #[test]
    fn what_is_no_json_or_another_shape_is_left_alone() {
        for strange in ["{\"a\": ", "[1]", "7", "{\"list\": 3"] {
            assert!(merged(strange, r#"{"a": 1}"#).is_err(), "{strange}");
        }
        assert!(merged("", r#"{"a": 1}"#).unwrap().contains("\"a\": 1"));
    }
}
