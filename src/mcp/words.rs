//! Words that were written for the command line, for somebody who calls tools: `planner fit` is the
//! tool `fit` to them, and `--max-turn` its argument `max_turn_seconds`.

/// Commands that are tools, with those whose name differs.
const TOOLS: [(&str, &str); 11] = [
    ("planner catalog rank", "models"),
    ("planner catalog list", "models"),
    ("planner machine list", "machines"),
    ("planner task list", "recommend"),
    ("planner recommend", "recommend"),
    ("planner explain", "explain"),
    ("planner whatif", "whatif"),
    ("planner status", "status"),
    ("planner apply", "apply"),
    ("planner speed", "fit"),
    ("planner fit", "fit"),
];

/// Flags that are arguments, with those whose name differs.
const ARGUMENTS: [(&str, &str); 37] = [
    ("--task", "tasks"),
    ("--for", "mix"),
    ("--models", "max_models"),
    ("--machine", "machine"),
    ("--memory", "memory"),
    ("--wired-limit", "wired_limit"),
    ("--reserve", "reserve"),
    ("--context", "context"),
    ("--gpu-layers", "gpu_layers"),
    ("--n-cpu-moe", "n_cpu_moe"),
    ("--cpu-moe", "cpu_moe"),
    ("--depth", "depth"),
    ("--agents", "agents"),
    ("--effort", "effort"),
    ("--max-first-token", "max_first_token_seconds"),
    ("--max-turn", "max_turn_seconds"),
    ("--min-tps", "min_tokens_per_second"),
    ("--engine", "engine"),
    ("--pin", "pin"),
    ("--exclude", "exclude"),
    ("--with", "with"),
    ("--new", "with"),
    ("--installed", "installed"),
    ("--disk", "disk"),
    ("--details", "details"),
    ("--beside", "beside"),
    ("--beside-loaded", "beside_loaded"),
    ("--slots", "slots"),
    ("--kv-type", "kv_type"),
    ("--why-not", "why_not"),
    ("--together", "together"),
    ("--machines", "compare_machines"),
    ("--time-limit", "time_limit_seconds"),
    ("--undo", "undo"),
    ("--resume", "resume"),
    ("--dry-run", "dry_run"),
    ("--any-machine", "any_machine"),
];

/// A text as a caller of tools reads it. Commands that are no tools stay what they are.
pub(super) fn for_callers(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let told = pieces.iter().enumerate().map(|(n, piece)| match n % 2 {
        0 => arguments(piece),
        _ => command(piece),
    });
    told.collect::<Vec<_>>().join("`")
}

/// What stands between a pair of backticks.
fn command(piece: &str) -> String {
    let named = |(command, tool): &(&str, &'static str)| {
        let rest = piece.strip_prefix(command)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((*tool, rest))
    };
    // What a tool has no argument for is for the user to do.
    let known = |word: &str| !word.starts_with("--") || ARGUMENTS.iter().any(|(f, _)| *f == word);
    let callable = piece.split_whitespace().all(known);
    match TOOLS.iter().find_map(named).filter(|_| callable) {
        Some((tool, rest)) => format!("{tool}{}", arguments(rest)),
        None if piece.starts_with("--") => arguments(piece),
        None => piece.to_owned(),
    }
}

fn arguments(piece: &str) -> String {
    let words = piece.split_inclusive(char::is_whitespace);
    words
        .map(|word| {
            let flag = word.trim_end();
            let known = ARGUMENTS.iter().find(|(name, _)| *name == flag);
            known.map_or(word.to_owned(), |(_, argument)| {
                format!("{argument}{}", &word[flag.len()..])
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::tool::Tool;

    #[test]
    fn commands_and_flags_are_told_as_tools_and_arguments() {
        for (text, told) in [
            ("give `--reserve 16GiB`", "give `reserve 16GiB`"),
            ("`planner catalog list` lists them", "`models` lists them"),
            (
                "see `planner fit x --max-turn 60s --slots 1`",
                "see `fit x max_turn_seconds 60s slots 1`",
            ),
            (
                "`planner catalog add x --task y`",
                "`planner catalog add x --task y`",
            ),
            (
                "`planner recommend --save x`",
                "`planner recommend --save x`",
            ),
            ("`planner fitting`", "`planner fitting`"),
            ("one ` alone --task", "one ` alone --task"),
            (
                "do this\n    --reserve 1GiB\n",
                "do this\n    reserve 1GiB\n",
            ),
        ] {
            assert_eq!(for_callers(text), told);
        }
    }

    #[test]
    fn whatever_is_named_is_a_tool_or_an_argument_of_one() {
        let tools = Tool::ALL.map(Tool::described);
        for (_, tool) in TOOLS {
            assert!(Tool::named(tool).is_some(), "{tool}");
        }
        for (_, argument) in ARGUMENTS {
            let takes =
                |t: &rmcp::model::Tool| t.input_schema["properties"].get(argument).is_some();
            assert!(tools.iter().any(takes), "{argument}");
        }
    }
}
