//! Code that is called with arguments it has not seen, and what it has to return.
//!
//! That never goes into the sandbox: the program prints what was returned, and it is compared here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::program::Ran;
use super::schema::same;
use super::task::Case;

/// Calls the function; it is told the arguments alone.
pub(super) const HARNESS: &str = include_str!("harness.py");

/// What the harness reads.
pub(super) fn asked(function: &str, cases: &[Case]) -> String {
    let calls: Vec<&[Value]> = cases.iter().map(|case| case.arguments.as_slice()).collect();
    json!({ "function": function, "calls": calls }).to_string()
}

/// What the harness says of a call.
#[derive(Deserialize)]
struct Came {
    #[serde(default)]
    returns: Value,
    /// The error and those that it is a kind of.
    #[serde(default)]
    raises: Vec<String>,
}

/// Whether each call came to what it should.
pub(super) fn judge(cases: &[Case], ran: &Ran) -> Result<(), String> {
    let came: Vec<Came> = serde_json::from_str(ran.stdout.trim())
        .map_err(|_| format!("its code gave no result: {}", ran.last_words()))?;
    if came.len() != cases.len() {
        return Err(format!("{} results for {} calls", came.len(), cases.len()));
    }
    for (n, (case, came)) in (1..).zip(cases.iter().zip(came)) {
        let right = match &case.raises {
            Some(error) => came.raises.contains(error),
            None => {
                let wanted = case.returns.as_ref().unwrap_or(&Value::Null);
                came.raises.is_empty() && same(wanted, &came.returns)
            }
        };
        if !right {
            let what = match came.raises.first() {
                Some(error) => format!("raised {error}"),
                None => format!("gave {}", came.returns),
            };
            return Err(format!("call {n} of {} {what}", cases.len()));
        }
    }
    Ok(())
}
