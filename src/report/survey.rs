//! Several models asked the same question, as a table.

use super::screen::{Paint, Screen};
use super::table::Column;
use super::words::{common_model, own_name};
use crate::basis::Basis;
use crate::fit::{Survey, SurveyRow, Verdict};
use crate::units::{thousands, tokens};

/// The shortest context that is of use, in tokens.
const USEFUL_CONTEXT: u32 = 32_768;

/// The table, what was left out, what to know, and what it comes to.
#[must_use]
pub fn text(survey: &Survey, screen: &Screen) -> String {
    let heading = format!("{} on {}", survey.source, survey.machine);
    let mut out = screen.fold("", "  ", &heading);
    if !survey.models.is_empty() {
        out.push_str(&table(survey, screen));
    }
    let legend = legend(&survey.models);
    if !legend.is_empty() {
        out.push_str(&screen.fold("  ", "  ", &format!("{}.", legend.join("; "))));
    }
    for left in &survey.left_out {
        let name = screen.paint(Paint::Care, &left.model);
        out.push_str(&screen.fold("  - ", "    ", &format!("{name}: {}", left.reason)));
    }
    for note in &survey.notes {
        out.push_str(&screen.fold("  ", "  ", note));
    }
    let conclusion = conclusion(&survey.models).unwrap_or_default();
    out.push_str(&screen.fold("", "", &conclusion));
    out
}

/// Columns that an answer has at least, where it is as long.
const NARROWEST: usize = 24;

/// A column stands where its rows differ; what they have in common stands in the heading.
fn table(survey: &Survey, screen: &Screen) -> String {
    let rows = &survey.models;
    let context = same(rows.iter().map(|r| r.context));
    let basis = basis(rows);
    let memory = match context {
        Some(context) => format!("GPU at {}", tokens(context)),
        None => "GPU".to_owned(),
    };
    let common = common_model(rows.iter().map(|r| r.model.as_str()));
    let model = match common {
        Some(model) => format!("{model}/"),
        None => "Model".to_owned(),
    };
    let columns = [
        Column::words(&model, 0),
        Column::figures("Weights", 2),
        // It stands over the memory where it is the same for all.
        Column::figures("Context", 0).when(context.is_none()),
        Column::figures(&memory, 0),
        Column::figures("t/s", 1),
        Column::figures("Quality", 1).when(task(rows).is_some()),
        Column::words("Answer", 0).folding_to(NARROWEST),
    ];
    let cells = |row: &SurveyRow| {
        [
            own_name(&row.model, common).to_owned(),
            row.weights_bytes.to_string(),
            tokens(row.context),
            row.gpu_total_bytes.to_string(),
            speed_of(row, basis),
            (row.quality.last()).map_or_else(String::new, |q| format!("{:.0}", q.deciding())),
            answer(row),
        ]
    };
    let rows: Vec<[String; 7]> = rows.iter().map(cells).collect();
    screen.narrowed(&columns, &rows).to_string()
}

/// What the figures of all rows have in common.
fn legend(rows: &[SurveyRow]) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(basis(rows).map(|basis| format!("t/s: {basis}, at a nearly empty context")));
    all.extend(
        task(rows).map(|task| format!("Quality: for {task}, of 100, less a margin for doubt")),
    );
    all
}

/// How the speeds are known, where that is the same for all.
fn basis(rows: &[SurveyRow]) -> Option<Basis> {
    same(rows.iter().filter_map(|r| Some(r.speed.as_ref()?.basis)))
}

/// The task that qualities are told for.
fn task(rows: &[SurveyRow]) -> Option<&str> {
    rows.iter()
        .find_map(|r| Some(r.quality.last()?.task.as_str()))
}

fn same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn speed_of(row: &SurveyRow, basis: Option<Basis>) -> String {
    row.speed
        .as_ref()
        .map_or_else(String::new, |s| match basis {
            Some(_) => format!("{:.1}", s.decode_tokens_per_second),
            None => format!("{:.1} {}", s.decode_tokens_per_second, s.basis),
        })
}

fn answer(row: &SurveyRow) -> String {
    if row.fails_to_load.is_some() {
        return "LM Studio does not load it".to_owned();
    }
    if let Some(slow) = row.too_slow.first().filter(|_| fits(row)) {
        return format!("too slow for {}: {}", slow.task, slow.reason);
    }
    match (row.verdict, row.comfort, &row.reason, row.largest_context) {
        (verdict, _, Some(reason), _) => format!("{verdict}: {reason}"),
        (Verdict::Fits, Some(level), _, _) => format!("fits ({level})"),
        (Verdict::FitsIfWiredLimitRaised, _, _, Some(longest)) => {
            format!(
                "up to {}, all if the GPU's limit is raised",
                thousands(u64::from(longest))
            )
        }
        (Verdict::DoesNotFit, _, _, Some(longest)) => {
            format!("up to {}", thousands(u64::from(longest)))
        }
        (verdict, ..) => verdict.to_string(),
    }
}

fn fits(row: &SurveyRow) -> bool {
    row.verdict == Verdict::Fits && row.fails_to_load.is_none()
}

/// Points of a file for the task that qualities are told for, to a whole one.
fn points(row: &SurveyRow) -> Option<f64> {
    Some(row.quality.last()?.deciding().round())
}

/// What is expected of a file where that is not what its model is known for.
fn expected(row: &SurveyRow) -> String {
    let points = points(row).filter(|_| !row.keeps_quality());
    points.map_or_else(String::new, |points| {
        format!(", and little is expected of it: quality {points:.0}")
    })
}

/// The best file at a context of use; of equals that of the longest.
fn best(rows: &[SurveyRow]) -> Option<(&SurveyRow, String)> {
    let of_use = |r: &&SurveyRow| {
        let long = r.largest_context.is_some_and(|c| c >= USEFUL_CONTEXT);
        r.keeps_quality() && r.too_slow.is_empty() && r.fails_to_load.is_none() && (fits(r) || long)
    };
    let known = rows.iter().filter(of_use);
    let known = known.filter_map(|r| Some((points(r)?, r.largest_context?, r)));
    let (points, context, row) = known.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    let (model, context) = (&row.model, thousands(u64::from(context)));
    let task = task(rows)?;
    let words =
        format!("The best for {task} is {model}: quality {points:.0}, up to {context} tokens.");
    Some((row, words))
}

/// The best file, and the largest of use where that is another; none where nothing can be said.
fn conclusion(rows: &[SurveyRow]) -> Option<String> {
    let Some((row, best)) = best(rows) else {
        return largest(rows);
    };
    let other = largest(rows).filter(|words| !words.contains(&row.model));
    Some(other.map_or_else(|| best.clone(), |other| format!("{best} {other}")))
}

/// The largest file of use; none where nothing can be said.
fn largest(rows: &[SurveyRow]) -> Option<String> {
    let loads = |r: &&SurveyRow| r.fails_to_load.is_none();
    let quick = || rows.iter().filter(|r| r.too_slow.is_empty()).filter(loads);
    let largest =
        |of: &dyn Fn(&&SurveyRow) -> bool| quick().filter(of).max_by_key(|r| r.weights_bytes);
    if let Some(row) = largest(&|r| fits(r)) {
        let context = tokens(row.context);
        return Some(format!(
            "The largest that fits with {context} is {}.",
            row.model
        ));
    }
    let of_use = largest(&|r| r.largest_context.is_some_and(|c| c >= USEFUL_CONTEXT));
    let longest = || quick().max_by_key(|r| r.largest_context);
    if let Some(row) = of_use
        .or_else(longest)
        .filter(|r| r.largest_context.is_some())
    {
        let context = tokens(row.largest_context?);
        let model = &row.model;
        return Some(format!(
            "None fits with the whole context; the largest of use is {model}, up to {context}{}.",
            expected(row)
        ));
    }
    let known = rows.iter().all(|r| r.verdict != Verdict::Unknown);
    let slow = rows
        .iter()
        .any(|r| !r.too_slow.is_empty() && r.largest_context.is_some());
    match (rows.is_empty() || !known, slow) {
        (true, _) => None,
        _ if rows.iter().all(|r| r.fails_to_load.is_some()) => {
            Some("LM Studio loads none of them.".to_owned())
        }
        (_, true) => Some("None is as quick as was asked for.".to_owned()),
        _ => Some(format!("None fits at any context{}.", elsewhere(rows))),
    }
}

/// Where the least of files that do not fit here does.
fn elsewhere(rows: &[SurveyRow]) -> String {
    let least = rows.iter().min_by_key(|r| r.gpu_total_bytes);
    let told = least.and_then(|r| Some((r, r.smallest_machine.as_ref()?)));
    told.map_or_else(String::new, |(least, machine)| {
        format!(". The least of them is {}: {machine}", least.model)
    })
}
