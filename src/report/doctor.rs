//! A diagnosis as text.

use super::screen::{Paint, Screen};
use crate::doctor::{Diagnosis, Finding, Severity};

/// Columns before a fact.
const NAMES: usize = 17;

/// What was found, the worst first, each with what would set it right; then what was seen, and what
/// could not be looked at.
#[must_use]
pub fn diagnosis(found: &Diagnosis, screen: &Screen) -> String {
    let mut text = String::new();
    for finding in &found.findings {
        text.push_str(&one(finding, screen));
    }
    let mut section = |title: &str, rows: &mut dyn Iterator<Item = (&str, &str)>| {
        let mut rows = rows.peekable();
        if rows.peek().is_some() {
            text.push_str(&screen.heading(title));
        }
        for (name, is) in rows {
            text.push_str(&named(name, is, screen));
        }
    };
    section(
        "Seen",
        &mut found.facts.iter().map(|f| (f.what, f.is.as_str())),
    );
    let not = found.not_looked_at.iter();
    section(
        "Not looked at",
        &mut not.map(|n| (n.what.as_str(), n.why.as_str())),
    );
    text.push('\n');
    text.push_str(&screen.fold("", "", &conclusion(found)));
    text
}

fn conclusion(found: &Diagnosis) -> String {
    let of = |severity: Severity| (found.findings.iter()).filter(move |f| f.severity == severity);
    let warnings = match of(Severity::Warning).count() {
        0 => String::new(),
        1 => "; 1 warning above".to_owned(),
        n => format!("; {n} warnings above"),
    };
    match of(Severity::Problem).count() {
        0 => format!("Nothing stands in the way of a plan{warnings}."),
        1 => format!("1 problem stands in the way of a plan; its fix is above{warnings}."),
        n => format!("{n} problems stand in the way of a plan; their fixes are above{warnings}."),
    }
}

fn named(name: &str, is: &str, screen: &Screen) -> String {
    if name.chars().count() < NAMES {
        screen.fold(&format!("{name:<NAMES$}"), &" ".repeat(NAMES), is)
    } else {
        screen.fold("", &" ".repeat(NAMES), &format!("{name}: {is}"))
    }
}

fn one(finding: &Finding, screen: &Screen) -> String {
    let (word, paint) = match finding.severity {
        Severity::Problem => ("problem", Paint::Bad),
        Severity::Warning => ("warning", Paint::Care),
        Severity::Note => ("note", Paint::Faint),
    };
    let plain = format!("{word:<9}");
    let text = screen.fold(&plain, &" ".repeat(9), &finding.what);
    let mut text = text.replacen(word, &screen.paint(paint, word), 1);
    let fix = &finding.fix;
    let line = match (&fix.command, fix.words.as_str()) {
        (Some(command), "") => format!("`{command}`"),
        (Some(command), words) => format!("{words}: `{command}`"),
        (None, words) => words.to_owned(),
    };
    text.push_str(&screen.fold("         fix: ", "              ", &line));
    if let Some(source) = &finding.source {
        text.push_str(&screen.fold("         see: ", "              ", source));
    }
    text
}
