//! Results of `planner bench`, made on this machine or another.

use serde_json::Value;

use super::rows::{Imported, ModelHint, Row, Skipped};
use crate::measure::Bench;
use crate::measure::record;
use crate::measure::record::Target;

pub(super) fn read(file: &str, json: &Value) -> Option<Imported> {
    let made_by = json.get("generator")?.as_str()?;
    if !made_by.starts_with("planner ") || json.get("models")?.get(0)?.get("requests").is_none() {
        return None;
    }
    let mut found = Imported {
        format: "planner bench",
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    match serde_json::from_value::<Bench>(json.clone()) {
        Ok(bench) => rows(file, &bench, &mut found),
        Err(error) => found.skipped.push(Skipped {
            what: "the result".to_owned(),
            reason: format!("it is of another shape than this planner's: {error}"),
        }),
    }
    Some(found)
}

fn rows(file: &str, bench: &Bench, found: &mut Imported) {
    let machine = bench.machine.as_ref();
    // A llama.cpp server is its own engine; elsewhere the variant says.
    let engine = match bench.server.kind.as_deref() {
        Some("llama.cpp") => "llama.cpp",
        _ => "",
    };
    let target = Target {
        variant: String::new(),
        engine: engine.to_owned(),
        chip: String::new(),
        gpu_cores: machine.and_then(|m| m.gpu_cores),
        memory: machine.and_then(|m| m.memory_physical_bytes),
        file: file.to_owned(),
        own: false,
    };
    for model in &bench.models {
        let measurements = record::measurements(bench, model, &target);
        if measurements.is_empty() {
            found.skipped.push(Skipped {
                what: model.model.clone(),
                reason: "no request of it was measured".to_owned(),
            });
        }
        for (n, measurement) in (1..).zip(measurements) {
            found.rows.push(Row {
                what: format!("{}, measurement {n}", model.model),
                model: ModelHint {
                    name: model.variant.clone().or_else(|| Some(model.model.clone())),
                    ..ModelHint::default()
                },
                chip_name: machine.and_then(|m| m.chip_name.clone()),
                measurement,
            });
        }
    }
}
