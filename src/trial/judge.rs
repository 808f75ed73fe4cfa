//! Whether an answer passes, or which program has to run to tell.

use serde_json::Value;

use super::answer::{bare, code, without_thoughts};
use super::code::HARNESS;
use super::program::{Program, Ran};
use super::task::{Check, OwnCheck, Task};
use super::{code as calls, needle, schema};
use crate::measure::{Call, Said};

/// What an answer came to: passed, or why it did not.
pub type Verdict = Result<(), String>;

/// What is known of an answer before anything runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// Passed, or why not.
    Settled(Verdict),
    /// This program has to run.
    Run(Program),
}

/// How long code of an answer may run.
const CODE_SECONDS: u32 = 10;
/// What it may take of memory: the interpreter itself is content with a twentieth.
const CODE_MIB: u32 = 1024;

/// Why an answer that did not come to its end fails.
#[must_use]
pub fn out_of_length(tokens: u32) -> String {
    format!("it had not come to its end after {tokens} tokens")
}

/// Holds an answer to its task.
#[must_use]
pub fn judge(task: &Task, said: &Said) -> Judged {
    if said.cut {
        return Judged::Settled(Err("it is longer than any answer to this".to_owned()));
    }
    let settled = match &task.check {
        Check::Json { schema, expects } => json(&said.text, schema, expects),
        Check::Tool { calls, says } => tools(said, calls, says.as_deref()),
        Check::Number(wanted) => number(&said.text, *wanted),
        Check::Code { function, cases } => match code(&said.text, &format!("def {function}")) {
            Some(code) => return Judged::Run(program(code, calls::asked(function, cases))),
            None => Err(format!("it has no function `{function}`")),
        },
        Check::Own(own) => return own_run(own, &said.text),
    };
    Judged::Settled(settled)
}

/// Whether an answer passes, by the program that ran.
///
/// # Errors
/// With why it does not.
pub fn judge_run(task: &Task, ran: &Ran) -> Verdict {
    if let Some(by) = &ran.ended_by {
        return Err(format!("its code was ended: {by}"));
    }
    match &task.check {
        Check::Code { cases, .. } => calls::judge(cases, ran),
        _ if ran.succeeded => Ok(()),
        _ => Err(format!("the check failed: {}", ran.last_words())),
    }
}

fn program(code: String, stdin: String) -> Program {
    Program {
        files: vec![
            ("answer.py".to_owned(), code),
            ("check.py".to_owned(), HARNESS.to_owned()),
        ],
        beside: None,
        command: None,
        stdin,
        seconds: CODE_SECONDS,
        memory_mib: CODE_MIB,
    }
}

/// Text goes into the file as it is, anything else as the code in it.
fn own_run(own: &OwnCheck, text: &str) -> Judged {
    let is_text = [".txt", ".md"].iter().any(|e| own.answer.ends_with(e));
    let answer = if is_text {
        Some(without_thoughts(text).to_owned())
    } else {
        code(text, "")
    };
    let Some(answer) = answer.filter(|a| !a.is_empty()) else {
        return Judged::Settled(Err("it is empty".to_owned()));
    };
    Judged::Run(Program {
        files: vec![(own.answer.clone(), answer)],
        beside: Some(own.folder.clone()),
        command: Some(own.command.clone()),
        stdin: String::new(),
        seconds: own.seconds,
        memory_mib: own.memory_mib,
    })
}

fn json(text: &str, schema: &Value, expects: &serde_json::Map<String, Value>) -> Verdict {
    let value: Value =
        serde_json::from_str(&bare(text)).map_err(|error| format!("it is no JSON: {error}"))?;
    if let Some(fault) = schema::fault_of(schema, &value) {
        return Err(fault);
    }
    for (place, wanted) in expects {
        let found = value.pointer(place).unwrap_or(&Value::Null);
        if !schema::same(wanted, found) {
            return Err(format!("{place} is {found}, and should be {wanted}"));
        }
    }
    Ok(())
}

fn tools(said: &Said, wanted: &[Value], says: Option<&str>) -> Verdict {
    if said.calls.len() != wanted.len() {
        let (made, due) = (said.calls.len(), wanted.len());
        return Err(format!("it makes {made} calls, and {due} are due"));
    }
    for (call, wanted) in said.calls.iter().zip(wanted) {
        same_call(call, wanted)?;
    }
    let text = without_thoughts(&said.text);
    match says.filter(|word| !holds_word(text, word)) {
        Some(word) => Err(format!("it does not say {word}")),
        None => Ok(()),
    }
}

fn same_call(call: &Call, wanted: &Value) -> Verdict {
    if wanted["name"] != call.name.as_str() {
        return Err(format!(
            "it calls {}, and {} is due",
            call.name, wanted["name"]
        ));
    }
    let arguments: Value = serde_json::from_str(&call.arguments)
        .map_err(|error| format!("the arguments of its call are no JSON: {error}"))?;
    if schema::same(&wanted["arguments"], &arguments) {
        Ok(())
    } else {
        let (due, made) = (&wanted["arguments"], &arguments);
        Err(format!("it calls with {made}, and {due} is due"))
    }
}

/// Whether a word stands in a text with no letter or digit beside it.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.into_iter().chain(after).any(char::is_alphanumeric)
    })
}

fn number(text: &str, wanted: u32) -> Verdict {
    let found = needle::numbers(without_thoughts(text));
    // The depot's own number may stand beside it; another record's crates may not.
    let crates: Vec<&u64> = found.iter().filter(|n| **n >= 2000).collect();
    match crates.as_slice() {
        [n, rest @ ..] if **n == u64::from(wanted) && rest.iter().all(|r| r == n) => Ok(()),
        [] => Err(format!("it gives no such number, and {wanted} is due")),
        [n, ..] => Err(format!("it says {n}, and {wanted} is due")),
    }
}
