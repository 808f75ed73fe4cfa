//! Documents of planner's own, read by a version that does not know all of their fields.
//!
//! The shapes that a plan shares with files that people write refuse unknown keys, as they must
//! there. In a plan such a field is what another version added: it is passed over.

use serde_json::Value;

/// Drops the fields of a document that its JSON Schema does not name, at any depth.
pub fn only(document: &mut Value, schema: &Value) {
    prune(document, &shapes(schema, schema), schema);
}

/// The shapes that a schema allows, references followed and alternatives side by side.
fn shapes<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let named = reference.and_then(|r| root.pointer(r.strip_prefix('#')?));
    let mut all = vec![schema];
    all.extend(named.into_iter().flat_map(|named| shapes(named, root)));
    for several in ["anyOf", "oneOf", "allOf"] {
        let each = schema.get(several).and_then(Value::as_array);
        all.extend(each.into_iter().flatten().flat_map(|s| shapes(s, root)));
    }
    all
}

fn prune(value: &mut Value, allowed: &[&Value], root: &Value) {
    match value {
        Value::Array(items) => {
            let inner = inside(allowed, root, |s| s.get("items"));
            items.iter_mut().for_each(|item| prune(item, &inner, root));
        }
        Value::Object(fields) => {
            // What names no fields is a map, whose keys are data.
            if allowed.iter().any(|s| s.get("properties").is_some()) {
                fields.retain(|name, _| allowed.iter().any(|s| property(s, name).is_some()));
            }
            for (name, field) in fields.iter_mut() {
                let inner = inside(allowed, root, |s| property(s, name));
                prune(field, &inner, root);
            }
        }
        _ => {}
    }
}

fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

/// The shapes of what stands inside one of these.
fn inside<'a>(
    allowed: &[&'a Value],
    root: &'a Value,
    step: impl Fn(&'a Value) -> Option<&'a Value>,
) -> Vec<&'a Value> {
    let inner = allowed.iter().filter_map(|s| step(s));
    inner.flat_map(|schema| shapes(schema, root)).collect()
}
