//! What a study of so many hours should measure, as text.

use super::screen::{Paint, Screen};
use super::table::Column;
use super::wrap::TOGETHER;
use crate::campaign::{Measuring, NextStudy};

/// Names of models that had no room, at most.
const NAMED: usize = 3;
const SECONDS_PER_HOUR: f64 = 3600.0;

const COLUMNS: [Column<'static>; 6] = [
    Column::words("Measure", 0),
    Column::figures("Gain", 0),
    Column::figures("Download", 0),
    Column::figures("Load", 2),
    Column::figures("Requests", 1),
    Column::figures("Together", 0),
];

/// What to measure, how long each takes, what that rests on, and what to type next.
#[must_use]
pub fn text(study: &NextStudy, screen: &Screen) -> String {
    let strong = screen.paint(Paint::Strong, &sentence(study));
    let mut out = screen.fold("", "", &strong);
    if !study.measure.is_empty() {
        let rows: Vec<[String; 6]> = study.measure.iter().map(row).collect();
        out.push_str(&format!("\n{}\n", screen.narrowed(&COLUMNS, &rows)));
    }
    for (label, words) in lines(study) {
        out.push_str(&screen.labelled(label, &words));
    }
    out
}

fn sentence(study: &NextStudy) -> String {
    let allowed = hours(study.seconds_allowed);
    match (study.measure.len(), study.left_out.len()) {
        (0, 0) => "No measurement could change the answer.".to_owned(),
        (0, n) => {
            format!("Nothing that could change the answer fits into {allowed}: {n} take longer.")
        }
        (n, _) => format!(
            "Measure {n} of {} in about {}, {} at most, of {allowed}.",
            n + study.left_out.len(),
            hours(study.seconds_expected),
            hours(study.seconds_most)
        ),
    }
}

fn row(m: &Measuring) -> [String; 6] {
    let time = |seconds: f64| hours(seconds).replace(' ', &TOGETHER.to_string());
    let download = match m.on_disk {
        true => "here".to_owned(),
        false => format!(
            "{}, {}",
            m.download_bytes.decimal(),
            hours(m.download_seconds)
        ),
    };
    [
        m.variant.clone(),
        format!("+{:.3}", m.gain),
        download.replace(' ', &TOGETHER.to_string()),
        time(m.load_seconds),
        time(m.measure_seconds),
        time(m.seconds()),
    ]
}

fn lines(study: &NextStudy) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let left = &study.left_out;
    if !left.is_empty() && !study.measure.is_empty() {
        let names: Vec<String> = left.iter().take(NAMED).map(|m| m.variant.clone()).collect();
        let more = left.len() - names.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        all.push(("No room", format!("{}{more}", names.join(", "))));
    }
    if study.untried > 0 {
        all.push((
            "Untried",
            format!("{} variants: the time limit came first", study.untried),
        ));
    }
    let job = &study.job;
    let list = |all: &[u32]| {
        all.iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    all.push((
        "Each is",
        format!(
            "downloaded, loaded, and asked: {} runs of the five tests; at depths of {}; {} at once",
            job.runs,
            list(&job.depths),
            list(&job.streams)
        ),
    ));
    all.push(("Rests on", rests_on(study)));
    let next = match study.measure.is_empty() {
        true => "more `--hours`; `planner catalog gaps` ranks what could change the answer",
        false => "`--out study.toml` writes the study, `planner study run study.toml` does it",
    };
    all.push(("Next", next.to_owned()));
    all
}

fn rests_on(study: &NextStudy) -> String {
    let speed = format!("{}/s", study.download_bytes_per_second.decimal());
    let download = match study.download_speed_assumed {
        true => format!("downloads at {speed}, assumed (`--download-speed` says otherwise)"),
        false => format!("downloads at {speed}, as given"),
    };
    format!(
        "{download}; loads as measured here, else read at {:.0} GB per second, assumed; requests as long as they may be at predicted speeds",
        study.load_bytes_per_second / 1e9
    )
}

/// `40 s`, `12 min`, `1.4 h`.
fn hours(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 1.5 * SECONDS_PER_HOUR {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / SECONDS_PER_HOUR)
    }
}
