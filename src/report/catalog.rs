//! The catalog as text.

use super::next;
use super::screen::{Paint, Screen};
use super::table::Column;
use crate::audit::Finding;
use crate::catalog::Catalog;
use crate::catalog::schema::{Measurement, Model, SizeBasis};
use crate::speed::measured;
use crate::units::{Bytes, thousands, tokens};

/// A table of models.
#[must_use]
pub fn list(catalog: &Catalog, screen: &Screen) -> String {
    if catalog.models.is_empty() {
        let text = "The catalog holds no model: `planner catalog add hf:OWNER/REPO` adds one.";
        return screen.fold("", "", text);
    }
    let columns = [
        Column::words("Id", 0),
        Column::figures("Parameters", 0),
        Column::figures("Active", 1),
        Column::figures("Context", 0),
        Column::figures("Variants", 0),
        Column::figures("Measured", 2),
        Column::figures("Scores", 0),
        Column::words("Memory", 3),
    ];
    let rows: Vec<[String; 8]> = (catalog.models.iter())
        .map(|m| {
            let memory = match m.architecture {
                Some(_) => "computed",
                None => "unknown",
            };
            [
                m.id.clone(),
                parameters(m.parameters_total),
                parameters(m.parameters_active),
                tokens(m.context_length),
                m.variants.len().to_string(),
                m.measurements.len().to_string(),
                m.scores.len().to_string(),
                memory.to_owned(),
            ]
        })
        .collect();
    let table = screen.narrowed(&columns, &rows);
    let sum = |f: fn(&Model) -> usize| catalog.models.iter().map(f).sum::<usize>();
    let all = format!(
        "{} models, {} variants, {} measurements, {} scores; {} published rows were left out, each with its reason",
        catalog.models.len(),
        sum(|m| m.variants.len()),
        sum(|m| m.measurements.len()),
        sum(|m| m.scores.len()),
        catalog.left_out.len(),
    );
    format!("{table}\n{}", screen.fold("", "", &all))
}

#[expect(clippy::cast_precision_loss, reason = "display only")]
fn parameters(n: u64) -> String {
    let b = n as f64 / 1e9;
    match b {
        b if b < 0.95 => format!("{:.0} M", b * 1e3),
        b if b < 100.0 => format!("{b:.1} B"),
        b => format!("{b:.0} B"),
    }
}

/// Everything that is known of one model.
#[must_use]
pub fn show(model: &Model, screen: &Screen) -> String {
    let mut out = format!(
        "{} ({}), by {}\n",
        screen.paint(Paint::Strong, &model.name),
        model.id,
        model.publisher
    );
    let sizes = format!(
        "{} parameters ({}), {} active; context {} tokens",
        thousands(model.parameters_total),
        parameters(model.parameters_total),
        parameters(model.parameters_active),
        thousands(u64::from(model.context_length)),
    );
    out.push_str(&screen.fold("  ", "    ", &sizes));
    let license = model.license.as_deref().unwrap_or("not known");
    let released = model.released.as_deref().unwrap_or("on a day not known");
    let released = format!("released {released}; license: {license}");
    out.push_str(&screen.fold("  ", "    ", &released));
    for note in &model.notes {
        out.push_str(&screen.fold("  note: ", "    ", note));
    }
    if let Some(sampling) = &model.sampling {
        out.push_str(&screen.fold(
            "  sampling: ",
            "    ",
            &format!("{sampling} [{}]", sampling.source),
        ));
    }
    out.push_str(&screen.heading("Variants"));
    out.push_str(&variants(model, screen));
    if !model.measurements.is_empty() {
        out.push_str(&screen.heading("Measurements"));
        for m in &model.measurements {
            out.push_str(&measurement(m, screen));
        }
    }
    if !model.scores.is_empty() {
        out.push_str(&screen.heading("Published scores"));
        for s in &model.scores {
            let harness = s
                .harness
                .as_deref()
                .map_or(String::new(), |h| format!(" ({h})"));
            let line = format!(
                "{} {:.1}{harness}, {} [{}]",
                s.benchmark, s.score, s.reported_by, s.source
            );
            out.push_str(&screen.fold("  ", "    ", &line));
        }
    }
    out.push_str(&screen.heading("Sources"));
    for s in &model.sources {
        out.push_str(&screen.fold("  ", "    ", s));
    }
    out.push('\n');
    out.push_str(&screen.fold("", "", &sized(model)));
    out
}

/// How many files there are, of which sizes, and what tells more.
fn sized(model: &Model) -> String {
    let sizes = || model.variants.iter().map(|v| v.weights_bytes);
    let (id, count) = (&model.id, model.variants.len());
    let range = match (sizes().min(), sizes().max()) {
        (Some(least), Some(most)) if least < most => {
            format!("{count} variants of {} to {}", least.both(), most.both())
        }
        (Some(only), _) => format!("1 variant of {}", only.both()),
        _ => return "No file of it is known, its scores alone: `planner fit hf:OWNER/REPO` sizes a repository.".to_owned(),
    };
    format!(
        "{range}: `planner fit {id}` says which fit here, `planner speed {id}` how fast they are."
    )
}

fn variants(model: &Model, screen: &Screen) -> String {
    let header = [
        "Variant",
        "Engine",
        "Quantization",
        "Weights",
        "Size",
        "Bits/weight",
    ];
    let mut table = screen.table(&header).right(&[3, 5]);
    for v in &model.variants {
        let size = match v.size {
            SizeBasis::Exact => "exact",
            SizeBasis::Published => "published",
            SizeBasis::Rounded => "rounded",
        };
        table.add_row([
            v.id.clone(),
            v.engine.clone(),
            v.quantization.clone(),
            v.weights_bytes.both(),
            size.to_owned(),
            format!("{:.2}", model.bits_per_weight(v)),
        ]);
    }
    let notes: String = model
        .variants
        .iter()
        .flat_map(|v| v.notes.iter().map(move |n| (v, n)))
        .map(|(v, n)| screen.fold(&format!("  {}: ", v.id), "    ", n))
        .collect();
    let places: String = model
        .variants
        .iter()
        .filter_map(|v| {
            let place = next::place(v.repository.as_deref(), v.files.as_deref())?;
            Some(screen.fold(&format!("  {}: ", v.id), "    ", &place))
        })
        .collect();
    let places = if places.is_empty() {
        "no repository is recorded\n".to_owned()
    } else {
        format!("Where to get them\n{places}")
    };
    format!("{table}\n{places}\n{notes}")
}

fn measurement(m: &Measurement, screen: &Screen) -> String {
    let cores = m.gpu_cores.map_or(String::new(), |c| format!(" {c}-core"));
    let memory = m.memory_gib.map_or(String::new(), |g| format!(" {g} GiB"));
    let rate = measured::run_decode(m)
        .map_or_else(|| "no decode speed".to_owned(), |t| format!("{t:.1} t/s"));
    let wall = measured::wall_clock_mean(m).map_or(String::new(), |t| {
        format!(", {t:.2} t/s over whole requests")
    });
    let depth = m.depth_tokens.map_or(String::new(), |d| {
        format!(", depth {}", thousands(u64::from(d)))
    });
    let passed = if m.tests.is_empty() {
        String::new()
    } else {
        format!(
            ", {} of {} passed",
            m.tests.iter().filter(|t| t.passed).count(),
            m.tests.len()
        )
    };
    let peak = m
        .peak_memory_bytes
        .map_or(String::new(), |b: Bytes| format!(", peak {}", b.both()));
    let line = format!(
        "{} on {}{cores}{memory}, {}: {rate}{wall}{depth}{passed}{peak} [{}]",
        m.variant,
        m.chip,
        m.app.as_deref().unwrap_or(&m.engine),
        m.source
    );
    let mut out = screen.fold("  ", "    ", &line);
    if let Some(why) = &m.suspect {
        out.push_str(&screen.fold(
            &format!("    {} ", screen.paint(Paint::Bad, "suspect:")),
            "      ",
            why,
        ));
    }
    for note in &m.notes {
        out.push_str(&screen.fold("    note: ", "      ", note));
    }
    out
}

/// What the check found: the unexplained, and with `all` the explained too.
#[must_use]
pub fn findings(findings: &[Finding], all: bool, screen: &Screen) -> String {
    let mut out = String::new();
    for f in findings.iter().filter(|f| all || f.explanation.is_none()) {
        let paint = if f.explanation.is_none() {
            Paint::Bad
        } else {
            Paint::Care
        };
        out.push_str(&format!("{} {}\n", screen.paint(paint, f.rule), f.subject));
        out.push_str(&screen.fold("    ", "    ", &f.evidence));
        match &f.explanation {
            Some(why) => out.push_str(&screen.fold("    known: ", "      ", why)),
            None => out.push_str(&screen.fold("    hint: ", "      ", f.remedy)),
        }
    }
    let unexplained = findings.iter().filter(|f| f.explanation.is_none()).count();
    let explained = findings.len() - unexplained;
    let hint = if explained > 0 && !all {
        " (`--all` prints them)"
    } else {
        ""
    };
    out.push_str(&format!(
        "{unexplained} {} to look at; {explained} known and explained{hint}\n",
        if unexplained == 1 {
            "finding"
        } else {
            "findings"
        }
    ));
    out
}
