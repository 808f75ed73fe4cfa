//! Names that decide by being equal: a misspelt one is refused nowhere, and its row decides nothing.

use std::collections::BTreeSet;

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model};
use crate::machine::profile::Chip;
use crate::suggest;

/// Engines that planner knows the memory of.
const ENGINES: [&str; 2] = ["llama.cpp", "mlx"];
/// Two names are one where no more letters differ.
const SLIPS: usize = 2;

pub(super) fn chips(model: &Model, chips: &[Chip]) -> Vec<Finding> {
    let rows = model.measurements.iter();
    rows.filter_map(|m| match chips.iter().find(|c| c.id == m.chip) {
        None => Some(no_chip(subject(model, m), &m.chip, chips)),
        Some(chip) => no_bin(model, m, chip),
    })
    .collect()
}

/// That what was run somewhere names a chip that there is not.
pub(super) fn no_chip(whose: String, chip: &str, chips: &[Chip]) -> Finding {
    let near = suggest::nearest(chip, chips.iter().map(|c| c.id.as_str()));
    let near = suggest::or_nothing(near.as_deref());
    finding(
        "unknown-chip",
        whose,
        (
            format!("no chip is called `{chip}`{near}"),
            vec![("chip", chip.to_owned())],
        ),
        "write the chip as `profiles/chips.toml` has it: `m3-ultra`",
    )
}

fn no_bin(model: &Model, m: &Measurement, chip: &Chip) -> Option<Finding> {
    let cores = m.gpu_cores?;
    let built: Vec<String> = chip.bins.iter().map(|b| b.gpu_cores.to_string()).collect();
    (!chip.bins.iter().any(|b| b.gpu_cores == cores)).then(|| {
        let built = built.join(", ");
        finding(
            "no-such-bin",
            subject(model, m),
            (
                format!(
                    "{cores} GPU cores, and {} was built with {built}",
                    chip.brand
                ),
                vec![("cores", cores.to_string()), ("built", built)],
            ),
            "look the number of cores up, or leave `gpu_cores` out",
        )
    })
}

/// Names of one model alone that are another model's but for a slip.
pub(super) fn misspelt(catalog: &Catalog) -> Vec<Finding> {
    let kinds: [fn(&Model) -> BTreeSet<&str>; 3] = [engines, benchmarks, specialties];
    let mut findings = Vec::new();
    for names in kinds {
        let all: Vec<(&Model, BTreeSet<&str>)> =
            catalog.models.iter().map(|m| (m, names(m))).collect();
        for (model, own) in &all {
            for name in own {
                let others = || all.iter().filter(|(m, _)| m.id != model.id);
                if ENGINES.contains(name) || others().any(|(_, names)| names.contains(name)) {
                    continue;
                }
                let mut known = others().flat_map(|(_, names)| names.iter().copied());
                let meant = known.find(|known| is_slip(name, known));
                findings.extend(meant.map(|meant| slip(model, name, meant)));
            }
        }
    }
    findings
}

fn slip(model: &Model, name: &str, meant: &str) -> Finding {
    finding(
        "misspelt",
        model.id.clone(),
        (
            format!("`{name}` is written so nowhere else; `{meant}` is"),
            vec![("name", name.to_owned()), ("meant", meant.to_owned())],
        ),
        "write it as the other models do: what is not equal decides nothing",
    )
}

fn engines(model: &Model) -> BTreeSet<&str> {
    let of_files = model.variants.iter().map(|v| v.engine.as_str());
    of_files
        .chain(model.measurements.iter().map(|m| m.engine.as_str()))
        .collect()
}

fn benchmarks(model: &Model) -> BTreeSet<&str> {
    model.scores.iter().map(|s| s.benchmark.as_str()).collect()
}

fn specialties(model: &Model) -> BTreeSet<&str> {
    model.specialties.iter().map(String::as_str).collect()
}

/// Whether one is the other with a slip. Numbers are no slips: versions and years differ in them.
fn is_slip(name: &str, known: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (a, b) = (name.to_lowercase(), known.to_lowercase());
    digits(&a) == digits(&b)
        && suggest::nearest(&a, [b.as_str()]).is_some()
        && strsim::damerau_levenshtein(&a, &b) <= SLIPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_slip_and_versions_do_not() {
        assert!(is_slip("IFEvall", "IFEval") && is_slip("llamacpp", "llama.cpp"));
        assert!(is_slip("llama-cpp", "llama.cpp") && is_slip("generall", "general"));
        assert!(!is_slip("Terminal-Bench 3.0", "Terminal-Bench 2.0"));
        assert!(!is_slip("exo", "gbx") && !is_slip("rapid-mlx", "mlx"));
    }
}
