//! Holds a value to a JSON Schema, as far as the shipped tasks use one.

use serde_json::Value;

/// The keywords that are known. A schema with another one would be held to less than it says.
pub const KEYWORDS: [&str; 11] = [
    "type",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minimum",
];

/// Where a value is not as its schema has it, and why; none where it is.
#[must_use]
pub fn fault_of(schema: &Value, value: &Value) -> Option<String> {
    at("", schema, value)
}

fn at(place: &str, schema: &Value, value: &Value) -> Option<String> {
    let shown = if place.is_empty() {
        "the answer"
    } else {
        place
    };
    if !is_of_type(&schema["type"], value) {
        return Some(format!("{shown} is not of type {}", schema["type"]));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.iter().any(|a| same(a, value))
    {
        return Some(format!("{shown} is none of {}", schema["enum"]));
    }
    match value {
        Value::Object(_) => object(place, schema, value),
        Value::Array(items) => array(place, schema, items),
        Value::String(text) => {
            let length = text.chars().count();
            (!within(schema, "minLength", "maxLength", length))
                .then(|| format!("{shown} has {length} characters"))
        }
        Value::Number(n) => {
            let least = schema["minimum"].as_f64();
            let under = least.zip(n.as_f64()).is_some_and(|(least, n)| n < least);
            under.then(|| format!("{shown} is below {}", schema["minimum"]))
        }
        _ => None,
    }
}

fn object(place: &str, schema: &Value, value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    let required = schema["required"].as_array().into_iter().flatten();
    if let Some(missing) = required
        .filter_map(Value::as_str)
        .find(|name| !fields.contains_key(*name))
    {
        return Some(format!("{place}/{missing} is missing"));
    }
    fields.iter().find_map(|(name, field)| {
        let place = format!("{place}/{name}");
        match (
            schema["properties"].get(name),
            &schema["additionalProperties"],
        ) {
            (Some(known), _) => at(&place, known, field),
            (None, Value::Bool(false)) => Some(format!("{place} is not in the schema")),
            (None, Value::Null | Value::Bool(true)) => None,
            (None, other) => at(&place, other, field),
        }
    })
}

fn array(place: &str, schema: &Value, items: &[Value]) -> Option<String> {
    if !within(schema, "minItems", "maxItems", items.len()) {
        return Some(format!("{place} has {} items", items.len()));
    }
    let each = schema.get("items")?;
    (0..)
        .zip(items)
        .find_map(|(n, item)| at(&format!("{place}/{n}"), each, item))
}

fn within(schema: &Value, least: &str, most: &str, count: usize) -> bool {
    let count = count as u64;
    schema[least].as_u64().is_none_or(|n| count >= n)
        && schema[most].as_u64().is_none_or(|n| count <= n)
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::String(name) => match name.as_str() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "number" => value.is_number(),
            // 3.0 is an integer.
            "integer" => value
                .as_f64()
                .is_some_and(|n| value.is_number() && n.fract() == 0.0),
            _ => false,
        },
        Value::Array(names) => names.iter().any(|name| is_of_type(name, value)),
        _ => true,
    }
}

/// Whether two values are the same, 2 and 2.0 among them.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let in_b = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(in_b)
        }
        _ => a == b,
    }
}
