//! Speeds at depths and with several streams as a table.

use super::screen::Screen;
use super::table::Column;
use super::turn;
use super::words::{common_model, join, own_name};
use super::wrap::TOGETHER;
use crate::basis::Basis;
use crate::speed::answer::{Row, Speeds};
use crate::units::{Bytes, thousands, tokens};

/// What the columns mean.
const NOTE: &str = "decode is of one stream while the others run; prefill and the first token are of a whole prompt as long as the depth (512 tokens at 0), from an empty context; what has a range is predicted, and about four of five measured figures lie in such ranges";

/// In the order of a row's cells.
const COLUMNS: [Column<'static>; 6] = [
    Column::words("Variant", 0),
    Column::figures("Depth", 0),
    Column::figures("Streams", 0),
    Column::figures("Decode t/s", 0),
    Column::figures("Prefill t/s", 0),
    Column::figures("First token", 1),
];

/// The table, with what is not known, and which variant is the fastest.
#[must_use]
pub fn text(speeds: &Speeds, screen: &Screen) -> String {
    let why = speeds.rows.iter().find_map(|r| r.unknown.as_ref());
    if let Some(why) = why.filter(|_| speeds.rows.iter().all(|r| r.unknown.is_some())) {
        let text = format!(
            "No speed is known on {}: {why}. Name another machine with `--machine`, such as `--machine m4-max-64gb`; `planner machines` lists them.",
            speeds.machine
        );
        return screen.fold("", "  ", &text);
    }
    let apart = speeds.rows.iter().find_map(|r| r.cpu_experts);
    let apart = apart.map_or_else(String::new, |e| format!(", {e} in the system's memory"));
    let of = model(speeds).map_or_else(String::new, |model| format!(" of {model}"));
    let title = format!("Speeds{of} on {}{apart}:", speeds.machine);
    let mut out = screen.fold("", "  ", &title);
    out.push_str(&table(speeds, screen));
    if let Some(why) = why {
        out.push_str(&screen.fold("", "  ", &format!("unknown: {why}")));
    }
    if let Some(context) = speeds.rows.iter().find_map(|r| r.beyond_context_tokens) {
        let words = format!(
            "Its context is {} tokens: deeper rows are what it would do with a longer one.",
            thousands(u64::from(context))
        );
        out.push_str(&screen.fold("", "  ", &words));
    }
    if let Some(words) = elsewhere(speeds) {
        out.push_str(&screen.fold("", "  ", &words));
    }
    if let Some(words) = too_large(speeds) {
        out.push_str(&screen.fold("", "  ", &words));
    }
    out.push_str(&screen.fold("", "  ", NOTE));
    if let Some(fastest) = fastest(speeds) {
        out.push_str(&screen.fold("", "  ", &fastest));
    }
    for gain in &speeds.drafting {
        out.push_str(&screen.fold("", "  ", &gain.words()));
    }
    if !speeds.drafting.is_empty() && speeds.rows.iter().any(|r| r.streams > 1) {
        let words = "Drafts were measured with one conversation at a time.";
        out.push_str(&screen.fold("", "  ", words));
    }
    out
}

/// The rows, each variant named once, without what is the same in all of them.
fn table(speeds: &Speeds, screen: &Screen) -> String {
    let several = speeds.rows.iter().any(|r| r.streams > 1);
    let all_of = model(speeds);
    let mut before = "";
    let mut rows = Vec::new();
    for r in &speeds.rows {
        let name = match r.variant == before {
            true => "",
            false => own_name(&r.variant, all_of),
        };
        before = &r.variant;
        rows.push([
            name.to_owned(),
            tokens(r.depth_tokens),
            r.streams.to_string(),
            figure(
                r.decode_tokens_per_second,
                r.decode_basis,
                [r.decode_low, r.decode_high],
            ),
            figure(
                r.prefill_tokens_per_second,
                r.prefill_basis,
                [r.prefill_low, r.prefill_high],
            ),
            first_token(r),
        ]);
    }
    let columns = COLUMNS.map(|c| c.when(several || c.title != "Streams"));
    screen.narrowed(&columns, &rows).to_string()
}

/// `121 s`; nothing where nothing is read, or it is not known how fast.
fn first_token(r: &Row) -> String {
    let told = r.first_token_seconds.map(turn::seconds);
    told.map_or_else(|| "-".to_owned(), |s| s.replace(' ', &TOGETHER.to_string()))
}

/// Which of the variants no engine of LM Studio runs.
fn elsewhere(speeds: &Speeds) -> Option<String> {
    let own = |r: &Row| own_name(&r.variant, model(speeds)).to_owned();
    let others = speeds.rows.iter().filter(|r| r.elsewhere.is_some());
    let mut names: Vec<String> = others.map(own).collect();
    names.dedup();
    (!names.is_empty()).then(|| {
        let runs = if names.len() == 1 { "runs" } else { "run" };
        format!("{} {runs} in other apps than LM Studio.", join(&names))
    })
}

/// Which of the variants can't be loaded there at all.
fn too_large(speeds: &Speeds) -> Option<String> {
    let mut large: Vec<(&str, Bytes)> = (speeds.rows.iter())
        .filter_map(|r| Some((own_name(&r.variant, model(speeds)), r.too_large_bytes?)))
        .collect();
    large.dedup();
    let names: Vec<String> = (large.iter())
        .map(|(name, bytes)| format!("{name} ({bytes})"))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "Too large for {}, whose models may take {}: {}. These would be the speeds with room for {}.",
            speeds.machine,
            speeds.budget_bytes,
            join(&names),
            if names.len() == 1 { "it" } else { "them" }
        )
    })
}

/// The model that all rows are of.
fn model(speeds: &Speeds) -> Option<&str> {
    common_model(speeds.rows.iter().map(|r| r.variant.as_str()))
}

/// Which of several variants generates fastest at the greatest depth, one stream at a time.
fn fastest(speeds: &Speeds) -> Option<String> {
    let deepest = speeds.rows.iter().map(|r| r.depth_tokens).max()?;
    let there: Vec<&Row> = (speeds.rows.iter())
        .filter(|r| r.depth_tokens == deepest && r.streams == 1)
        .filter(|r| r.decode_tokens_per_second.is_some() && r.too_large_bytes.is_none())
        .filter(|r| r.elsewhere.is_none())
        .collect();
    let decode = |r: &&&Row| r.decode_tokens_per_second.unwrap_or(0.0);
    let first = (there.iter()).max_by(|a, b| decode(a).total_cmp(&decode(b)))?;
    (there.len() > 1).then(|| {
        format!(
            "At {} tokens {} generates fastest: {:.1} t/s.",
            tokens(deepest),
            own_name(&first.variant, model(speeds)),
            decode(&first)
        )
    })
}

/// `13.7 (11 to 17)` of what is predicted, `13.7 measured` of what is not, on one line.
fn figure(value: Option<f64>, basis: Option<Basis>, range: [Option<f64>; 2]) -> String {
    let (Some(value), Some(basis), [Some(low), Some(high)]) = (value, basis, range) else {
        return "unknown".to_owned();
    };
    let digits = usize::from(value < 100.0);
    let narrow = usize::from(value < 10.0);
    let told = match basis {
        Basis::Predicted => format!("{value:.digits$} ({low:.narrow$} to {high:.narrow$})"),
        basis => format!("{value:.digits$} {basis}"),
    };
    told.replace(' ', &TOGETHER.to_string())
}
