//! A ranking as text.

use super::screen::Screen;
use super::table::{Column, Grid};
use super::turn;
use crate::catalog::effort::Setting;
use crate::quality::rank::{RankedModel, Ranking};

/// In the order of a row's cells. What a quality rests on goes first where the table has to be narrow.
const COLUMNS: [Column<'static>; 8] = [
    Column::figures("", 0),
    Column::words("Model", 0).folding(),
    Column::figures("Quality", 0),
    Column::words("Band", 1),
    Column::figures("Scores", 2),
    Column::figures("A turn", 0),
    Column::figures("GiB", 0),
    Column::words("Fits", 0),
];
/// How many of them there are without a machine.
const WITHOUT_MACHINE: usize = 5;

/// The ranking as a table.
#[must_use]
pub fn text(ranking: &Ranking, screen: &Screen) -> String {
    let with_machine = ranking.machine.is_some();
    let columns = match with_machine {
        true => &COLUMNS[..],
        false => &COLUMNS[..WITHOUT_MACHINE],
    };
    let rows = ranking.models.iter().enumerate();
    let rows: Vec<Vec<String>> = rows.map(|(i, m)| row(i, m, with_machine)).collect();
    let table = screen.narrowed(columns, &rows);
    let on = ranking.machine.as_deref();
    let title = match on {
        Some(machine) => format!(
            "Expected quality for {}, and memory and seconds of a turn on {machine}",
            ranking.task
        ),
        None => format!("Expected quality for {}, on any machine", ranking.task),
    };
    let title = screen.heading(&title);
    let mut out = format!("{}{table}\n", title.trim_start_matches('\n'));
    out.push_str(&screen.fold("", "", &notes(&table)));
    let asked = match with_machine {
        true => {
            "Each is asked at the reasoning effort that scores best on this machine, as `recommend` would ask it."
        }
        false => {
            "Each is asked at its highest reasoning effort; with `--machine`, at the one that scores best there."
        }
    };
    out.push_str(&screen.fold("", "", asked));
    if !ranking.unknown_benchmarks.is_empty() {
        let names = ranking.unknown_benchmarks.join(", ");
        let text =
            format!("Counted for no model, because fewer than six models published it: {names}.");
        out.push_str(&screen.fold("", "", &text));
    }
    out.push_str(&screen.fold("", "", &best_that_fits(ranking).unwrap_or_default()));
    out
}

fn row(at: usize, m: &RankedModel, with_machine: bool) -> Vec<String> {
    let mut row = vec![
        (at + 1).to_string(),
        named(m),
        format!("{:.1}", m.quality),
        format!("{:.1}-{:.1}", m.low, m.high),
        scores(m),
    ];
    if with_machine {
        let seconds = m.seconds_per_turn.map(turn::seconds);
        row.push(seconds.unwrap_or_else(|| "unknown".to_owned()));
        row.extend(memory(m));
    }
    row
}

/// What the columns mean that are shown.
fn notes(table: &Grid) -> String {
    let mut notes =
        "Quality is the weighted mean of the scores expected on the task's benchmarks, \
         out of 100, before quantization"
            .to_owned();
    if table.shows("Band") {
        notes.push_str(
            "; four of five lie within the band. Where bands overlap, what is published cannot \
             tell two models apart",
        );
    }
    notes.push('.');
    if table.shows("Scores") {
        notes.push_str(
            " Scores: how many of those benchmarks were published, + how many others place the \
             model; few make a wide band.",
        );
    }
    notes
}

/// The model whose file keeps the most of those that the machine holds and runs as fast as the task
/// asks; none without a machine.
fn best_that_fits(ranking: &Ranking) -> Option<String> {
    let machine = ranking.machine.as_ref()?;
    let serving = ranking.models.iter().filter(|m| m.serves == Some(true));
    let kept = |m: &&RankedModel| m.kept_quality.unwrap_or(0.0);
    let Some(m) = serving.max_by(|a, b| kept(a).total_cmp(&kept(b))) else {
        return Some(format!("None fits on {machine} and is fast enough."));
    };
    let turn = m.seconds_per_turn.map(turn::seconds);
    let turn = turn.map_or_else(String::new, |turn| format!(", {turn} a turn"));
    let turn = match m.cpu_experts {
        Some(experts) => format!("{turn}, with {experts} in RAM"),
        None => turn,
    };
    let (name, file) = (named(m), m.variant.as_deref().unwrap_or_default());
    Some(format!(
        "By quality alone, the best that fits on {machine} and is fast enough is {name} as {file}: {:.1} points after quantization{turn}. `planner recommend` weighs time and context too.",
        kept(&m)
    ))
}

/// Its id, with what it has to be asked for on the machine.
fn named(m: &RankedModel) -> String {
    let words = m.effort.and_then(Setting::words);
    words.map_or_else(|| m.model.clone(), |words| format!("{}, {words}", m.model))
}

fn scores(m: &RankedModel) -> String {
    match (m.published, m.other_evidence) {
        (0, 0) => "none".to_owned(),
        (n, 0) => format!("{n}/{}", m.expected.len()),
        (n, others) => format!("{n}/{} +{others}", m.expected.len()),
    }
}

fn memory(m: &RankedModel) -> [String; 2] {
    let Some(bytes) = m.memory_bytes else {
        return ["unknown".to_owned(), String::new()];
    };
    let fits = match (m.fits, m.cpu_experts) {
        (Some(true), Some(_)) => "with RAM",
        (Some(true), None) => "yes",
        _ => "no",
    };
    [format!("{:.1}", bytes.gib()), fits.to_owned()]
}
