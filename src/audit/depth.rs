//! Decode against depth, within one series of runs.

use crate::audit::finding::{Finding, finding, subject};
use crate::catalog::schema::{Measurement, Model};
use crate::speed::measured;

/// Runs of one series repeat within some 3 %; a deeper one that is faster by twice that is not
/// noise.
const NOISE: f64 = 1.06;

/// A longer context is never read faster. Compared within one source, file, machine, program and
/// number of streams; for each run the slowest shallower one is named.
pub(super) fn check(model: &Model) -> Vec<Finding> {
    let rows: Vec<(&Measurement, u32, f64)> = model
        .measurements
        .iter()
        .filter(|m| m.suspect.is_none())
        .filter_map(|m| Some((m, m.depth_tokens?, measured::run_decode(m)?)))
        .collect();
    rows.iter()
        .filter_map(|(deep, depth, fast)| {
            let shallower = rows
                .iter()
                .filter(|(m, d, _)| d < depth && same_series(m, deep))
                .min_by(|a, b| a.2.total_cmp(&b.2))?;
            (*fast > shallower.2 * NOISE).then(|| rises(model, deep, *fast, shallower))
        })
        .collect()
}

fn same_series(a: &Measurement, b: &Measurement) -> bool {
    a.variant == b.variant
        && a.chip == b.chip
        && (a.gpu_cores, a.memory_gib) == (b.gpu_cores, b.memory_gib)
        && (&a.engine, &a.app, a.method) == (&b.engine, &b.app, b.method)
        && a.concurrency == b.concurrency
        && a.source == b.source
}

fn rises(
    model: &Model,
    deep: &Measurement,
    fast: f64,
    (_, depth, slow): &(&Measurement, u32, f64),
) -> Finding {
    let evidence =
        format!("{fast:.1} t/s, though the same series has {slow:.1} t/s at {depth} tokens");
    let figures = vec![
        ("fast", format!("{fast:.1}")),
        ("slow", format!("{slow:.1}")),
        ("shallow", depth.to_string()),
    ];
    let remedy = "one of the two was disturbed, or they are runs of different settings: measure both again, or mark the odd one";
    finding(
        "rises-with-depth",
        subject(model, deep),
        (evidence, figures),
        remedy,
    )
}
