//! What was found.

use schemars::JsonSchema;
use serde::Serialize;

use super::bundle::Bundle;

/// Version of a diagnosis' shape.
const SCHEMA: u32 = 1;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No plan can be carried out, or an earlier one is unfinished.
    Problem,
    /// A plan may not hold, or be slower than it says.
    Warning,
    /// Good to know.
    Note,
}

/// What would set a finding right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fix {
    /// In words; empty where the command says it all.
    pub words: String,
    /// A command that does it; none where only hands can.
    pub command: Option<String>,
}

/// Something that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Which check found it: `lms_missing`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub what: String,
    /// What would set it right.
    pub fix: Fix,
    /// Where it is known from, where that is not this machine.
    pub source: Option<String>,
}

/// Something that is as it should be, or just is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fact {
    /// What.
    pub what: &'static str,
    /// How it is.
    pub is: String,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotLooked {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What stands between a machine and a plan that works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Version of this shape.
    pub schema: u32,
    /// When the machine was asked, in UTC.
    pub read_at: String,
    /// What was seen.
    pub facts: Vec<Fact>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub not_looked_at: Vec<NotLooked>,
}

impl Diagnosis {
    /// Whether no plan can be carried out.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|f| f.severity == Severity::Problem)
    }
}

/// A diagnosis in the making.
#[derive(Default)]
pub(super) struct Draft {
    facts: Vec<Fact>,
    findings: Vec<Finding>,
    not_looked_at: Vec<NotLooked>,
}

impl Draft {
    pub(super) fn fact(&mut self, what: &'static str, is: impl Into<String>) {
        let is = is.into();
        self.facts.push(Fact { what, is });
    }

    pub(super) fn found(
        &mut self,
        severity: Severity,
        id: &'static str,
        what: impl Into<String>,
        fix: Fix,
    ) -> &mut Finding {
        let at = self.findings.len();
        self.findings.push(Finding {
            id,
            severity,
            what: what.into(),
            fix,
            source: None,
        });
        &mut self.findings[at]
    }

    /// What has the same reason is told together.
    pub(super) fn not_looked(&mut self, what: impl Into<String>, why: impl ToString) {
        let (what, why) = (what.into(), why.to_string());
        match self.not_looked_at.iter_mut().find(|n| n.why == why) {
            Some(same) => same.what = format!("{}, {what}", same.what),
            None => self.not_looked_at.push(NotLooked { what, why }),
        }
    }

    pub(super) fn done(mut self, bundle: &Bundle) -> Diagnosis {
        self.findings.sort_by_key(|f| f.severity);
        Diagnosis {
            schema: SCHEMA,
            read_at: bundle.read_at.clone(),
            facts: self.facts,
            findings: self.findings,
            not_looked_at: self.not_looked_at,
        }
    }
}

/// A command that does it.
pub(super) fn run(command: impl Into<String>) -> Fix {
    Fix {
        words: String::new(),
        command: Some(command.into()),
    }
}

/// Words, and the command that does it.
pub(super) fn so(words: &str, command: impl Into<String>) -> Fix {
    Fix {
        words: words.to_owned(),
        command: Some(command.into()),
    }
}

/// What only hands can do.
pub(super) fn by_hand(words: impl Into<String>) -> Fix {
    Fix {
        words: words.into(),
        command: None,
    }
}
