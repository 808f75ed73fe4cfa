//! The tasks that ship, from `profiles/trials/`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::needle;
use super::task::{Check, Kind, Task};
use crate::shipped;
use crate::toml_text::TomlError;

/// Raised when a task changes: results of different ones are not compared.
pub const EDITION: u32 = 1;

const FOLDER: &str = "profiles/trials";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonFile {
    tasks: Vec<JsonTask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonTask {
    id: String,
    prompt: String,
    schema: String,
    expects: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolFile {
    tools: String,
    tasks: Vec<ToolTask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolTask {
    id: String,
    messages: String,
    calls: String,
    #[serde(default)]
    says: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeFile {
    tasks: Vec<CodeTask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeTask {
    id: String,
    function: String,
    prompt: String,
    cases: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedleFile {
    tasks: Vec<NeedleTask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedleTask {
    id: String,
    records: u32,
    at: f64,
}

/// The tasks that ship, in their order.
///
/// # Errors
/// When a shipped file is broken, which a test rules out.
pub fn shipped() -> Result<Vec<Task>, TomlError> {
    let mut tasks = Vec::new();
    for task in shipped::read::<JsonFile>("profiles/trials/json.toml")?.tasks {
        tasks.push(json(&task)?);
    }
    let file_of_tools: ToolFile = shipped::read("profiles/trials/tool.toml")?;
    for task in file_of_tools.tasks {
        tasks.push(tool(&file_of_tools.tools, &task)?);
    }
    for task in shipped::read::<CodeFile>("profiles/trials/code.toml")?.tasks {
        tasks.push(code(&task)?);
    }
    for task in shipped::read::<NeedleFile>("profiles/trials/needle.toml")?.tasks {
        let (prompt, crates) = needle::prompt(task.records, task.at);
        tasks.push(Task::asking(
            Kind::Needle,
            &task.id,
            &prompt,
            Check::Number(crates),
        ));
    }
    Ok(tasks)
}

fn json(task: &JsonTask) -> Result<Task, TomlError> {
    let prompt = format!(
        "{}\nAnswer with one JSON value that follows this JSON Schema, and with nothing else:\n{}",
        task.prompt.trim(),
        task.schema
    );
    let check = Check::Json {
        schema: inner("json", &task.schema)?,
        expects: inner("json", &task.expects)?,
    };
    Ok(Task::asking(Kind::Json, &task.id, &prompt, check))
}

fn tool(tools: &str, task: &ToolTask) -> Result<Task, TomlError> {
    let check = Check::Tool {
        calls: inner("tool", &task.calls)?,
        says: task.says.clone(),
    };
    Ok(Task {
        messages: inner("tool", &task.messages)?,
        tools: Some(inner("tool", tools)?),
        ..Task::asking(Kind::Tool, &task.id, "", check)
    })
}

fn code(task: &CodeTask) -> Result<Task, TomlError> {
    let prompt = format!(
        "{}\nUse Python 3 and its standard library alone. Answer with one code block that holds the function and what it needs.",
        task.prompt.trim()
    );
    let check = Check::Code {
        function: task.function.clone(),
        cases: inner("code", &task.cases)?,
    };
    Ok(Task::asking(Kind::Code, &task.id, &prompt, check))
}

/// JSON that stands in a text of a file.
fn inner<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, TomlError> {
    shipped::parse(&format!("{FOLDER}/{name}.toml"), text.as_bytes())
}
