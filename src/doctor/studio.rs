//! LM Studio, llmster and `lms`: which, which version, and whether they answer.

use serde_json::Value;

use super::bundle::StudioAnswers;
use super::diagnosis::{Draft, Severity, by_hand, run, so};
use crate::apply::local_models;
use crate::lmstudio::{Listing, installed};
use crate::lmstudio::{Program, Running, known_faults, loaded, running};

/// What a plan needs of `lms load`.
const NEEDED: [&str; 4] = [
    "--context-length",
    "--parallel",
    "--identifier",
    "--estimate-only",
];

pub(super) fn look(studio: &StudioAnswers, draft: &mut Draft) {
    command_line(studio, draft);
    if studio.lms.is_err() {
        draft.not_looked("LM Studio, its server, models, engines", "only `lms` tells");
        return settings(studio, draft);
    }
    program(studio, draft);
    server(studio, draft);
    listings(studio, draft);
    devices(studio, draft);
    settings(studio, draft);
}

fn command_line(studio: &StudioAnswers, draft: &mut Draft) {
    let path = match &studio.lms {
        Ok(path) => path,
        Err(why) => {
            draft.found(
                Severity::Problem,
                "lms_missing",
                why.to_string(),
                by_hand(
                    "get LM Studio from https://lmstudio.ai and start it once: that puts `lms` where planner finds it",
                ),
            );
            return;
        }
    };
    let commit = json(&studio.version).and_then(|v| Some(v["version"].as_str()?.to_owned()));
    draft.fact(
        "lms",
        match &commit {
            Some(commit) => format!("{path}, commit {commit}"),
            None => path.clone(),
        },
    );
    match &studio.load_help {
        Ok(help) => {
            let lacks: Vec<&str> = NEEDED.into_iter().filter(|f| !help.contains(f)).collect();
            if !lacks.is_empty() {
                draft.found(
                    Severity::Problem,
                    "lms_too_old",
                    format!("`lms load` does not know {}", lacks.join(", ")),
                    by_hand("update LM Studio, and `lms` with it"),
                );
            }
        }
        Err(why) => draft.not_looked("what `lms load` knows", why),
    }
}

fn program(studio: &StudioAnswers, draft: &mut Draft) {
    let said = match &studio.running {
        Ok(said) => said,
        Err(why) => {
            draft.not_looked("which of LM Studio's programs runs", why);
            return;
        }
    };
    match running(said) {
        Some(Running::Nothing) => {
            draft.found(
                Severity::Problem,
                "not_running",
                "neither LM Studio nor llmster is running",
                so("start LM Studio, or without its window", "lms daemon up"),
            );
        }
        Some(Running::Program { program, version }) => {
            let shown = version.map_or_else(String::new, |v| format!(" {v}"));
            draft.fact("Running", format!("{}{shown}", program.name()));
            let version = version.filter(|_| program == Program::App);
            for fault in version
                .iter()
                .flat_map(|v| known_faults("LM Studio", *v, None))
            {
                draft
                    .found(
                        Severity::Warning,
                        "known_fault",
                        format!("LM Studio{shown} {}", fault.text),
                        by_hand("update LM Studio"),
                    )
                    .source = Some(fault.source.clone());
            }
        }
        None => draft.not_looked(
            "which of LM Studio's programs runs",
            "`lms daemon status` says something that planner does not know",
        ),
    }
    if studio.bionic {
        draft.found(
            Severity::Note,
            "bionic",
            "LM Studio's sibling Bionic is installed as well, and keeps its own settings of models",
            so(
                "for plans in Bionic, install a plan's settings into its home",
                "planner emit PLAN --install --lmstudio-home ~/.lmstudio/apps/bionic",
            ),
        );
    }
}

fn server(studio: &StudioAnswers, draft: &mut Draft) {
    match (&studio.server, json(&studio.server)) {
        (Ok(_), Some(said)) => match said["running"].as_bool() {
            Some(true) => draft.fact("Server", format!("answers at port {}", said["port"])),
            _ => {
                draft.found(
                    Severity::Warning,
                    "server_off",
                    "LM Studio's server is off: no client reaches the models",
                    run("lms server start"),
                );
            }
        },
        (Err(why), _) => draft.not_looked("LM Studio's server", why),
        (Ok(_), None) => draft.not_looked(
            "LM Studio's server",
            "`lms server status --json` prints no JSON",
        ),
    }
}

fn listings(studio: &StudioAnswers, draft: &mut Draft) {
    match studio.installed.as_deref().map(installed) {
        Ok(Ok(listing)) => {
            let here = listing.rows.iter();
            let here = here.filter(|m| m.kind == "llm" && m.device_identifier.is_none());
            draft.fact("Installed", format!("{} language models", here.count()));
            odd("lms ls --json", &listing, draft);
        }
        Ok(Err(error)) => unreadable("lms ls --json", &error.to_string(), draft),
        Err(why) => draft.not_looked("what is installed", why),
    }
    match studio.loaded.as_deref().map(loaded) {
        Ok(Ok(listing)) => {
            let here = local_models(&listing.rows, &[]);
            draft.fact("Loaded", format!("{} language models", here.len()));
            for again in here {
                let (name, key) = (&again.state.identifier, &again.model.model_key);
                if name.strip_prefix(key.as_str()).is_some_and(is_number) {
                    draft.found(
                        Severity::Warning,
                        "loaded_twice",
                        format!("`{key}` is loaded more than once, as `{name}` too"),
                        run(format!("lms unload {}", shell_word(name))),
                    );
                }
            }
            odd("lms ps --json", &listing, draft);
        }
        Ok(Err(error)) => unreadable("lms ps --json", &error.to_string(), draft),
        Err(why) => draft.not_looked("what is loaded", why),
    }
}

/// `:2`, `:3`, ...: what LM Studio adds to a name that is taken.
fn is_number(ending: &str) -> bool {
    let digits = ending.strip_prefix(':').unwrap_or_default();
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

fn unreadable(command: &str, error: &str, draft: &mut Draft) {
    draft.found(
        Severity::Problem,
        "listing_unreadable",
        error.to_owned(),
        so(
            "see what it prints, and update LM Studio or planner",
            command,
        ),
    );
}

fn odd<T>(command: &str, listing: &Listing<T>, draft: &mut Draft) {
    for row in &listing.odd {
        draft.found(
            Severity::Warning,
            "odd_row",
            format!(
                "`{command}` lists `{}`, which can't be read: {}",
                row.name, row.why
            ),
            so("it is passed over; to see it", command),
        );
    }
}

fn devices(studio: &StudioAnswers, draft: &mut Draft) {
    let said = match (&studio.link, json(&studio.link)) {
        (Err(why), _) => return draft.not_looked("linked devices", why),
        (Ok(_), None) => {
            return draft.not_looked("linked devices", "`lms link status --json` prints no JSON");
        }
        (Ok(_), Some(said)) => said,
    };
    let peers = said["peers"].as_array().map_or(0, Vec::len);
    if peers > 0 {
        draft.fact("Linked devices", peers.to_string());
    }
    let (own, preferred) = (
        &said["deviceIdentifier"],
        &said["preferredDeviceIdentifier"],
    );
    if preferred.is_string() && own != preferred {
        draft.found(
            Severity::Warning,
            "other_device_preferred",
            "a linked device is preferred: what loads without `--local`, loads there",
            so(
                "planner's own loads stay here; for the others prefer this device",
                "lms link set-preferred-device",
            ),
        );
    }
}

fn settings(studio: &StudioAnswers, draft: &mut Draft) {
    for (name, answer) in [
        ("settings.json", &studio.settings),
        (".internal/http-server-config.json", &studio.server_config),
    ] {
        if answer.is_ok() && json(answer).is_none() {
            draft.found(
                Severity::Warning,
                "config_unreadable",
                format!("`{name}` in LM Studio's home is no JSON"),
                by_hand("move it away while LM Studio is not running; it writes a new one"),
            );
        }
    }
    let settings = json(&studio.settings).unwrap_or_default();
    let guard = settings["modelLoadingGuardrails"]["mode"].as_str();
    if let Some(mode) = guard.filter(|m| *m != "off") {
        draft.fact("Guardrails", mode);
        draft.found(
            Severity::Note,
            "guardrails",
            format!("LM Studio's guardrails are at `{mode}`: they may refuse a load that fits, and no command line can override them"),
            by_hand("where a load of a plan is refused, choose a lower level in LM Studio under Settings, Hardware"),
        );
    }
}

fn json(answer: &Result<String, crate::machine::reading::NotRead>) -> Option<Value> {
    serde_json::from_str(answer.as_ref().ok()?).ok()
}

/// A word of a command that people may paste.
fn shell_word(name: &str) -> String {
    shlex::try_quote(name).map_or_else(|_| "NAME".to_owned(), std::borrow::Cow::into_owned)
}
