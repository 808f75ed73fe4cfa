//! `model/variant` as people say it: the model's name and the quantization.

use std::collections::BTreeMap;

use minijinja::Environment;

use crate::study::Study;

/// Names by `model/variant`.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn of(study: &Study) -> Self {
        let measured = study.measured.iter().map(|v| {
            (
                &v.model,
                &v.variant,
                &v.name,
                &v.quantization,
                &v.files_engine,
            )
        });
        let unmeasured = study
            .unmeasured
            .iter()
            .map(|v| (&v.model, &v.variant, &v.name, &v.quantization, &v.engine));
        let on_fronts = study
            .front_variants
            .iter()
            .map(|v| (&v.model, &v.variant, &v.name, &v.quantization, &v.engine));
        let all = measured.chain(unmeasured).chain(on_fronts);
        let mut names: BTreeMap<String, String> = all
            .map(|(model, variant, name, quantization, engine)| {
                let id = format!("{model}/{variant}");
                (id, spoken(name, quantization, engine))
            })
            .collect();
        for e in study.scenarios.iter().flat_map(|s| &s.loadout) {
            let id = e.full_name();
            names.insert(id, spoken(&e.name, &e.quantization, e.engine.id()));
        }
        Self(names)
    }

    pub(super) fn say(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

/// "4bit" alone says too little; K-quants name their engine by themselves.
fn spoken(name: &str, quantization: &str, engine: &str) -> String {
    match quantization.strip_suffix("bit") {
        Some(_) => format!("{name} {} {quantization}", engine.to_uppercase()),
        None => format!("{name} {quantization}"),
    }
}

/// Puts `named(id)` into the templates.
pub(super) fn add(environment: &mut Environment<'static>, names: Names) {
    environment.add_function("named", move |id: &str| names.say(id));
}
