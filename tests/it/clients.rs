//! Clients' settings: what they say, and how they go into a user's own files and out again.
//! `tests/conformance/clients.py` has the clients themselves read them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use serde_json::Value;

use crate::studio::{Studio, two_models};

/// The client, its file in the user's home, what a user has there, and what of it must stay.
const CLIENTS: [(&str, &str, &str, &[&str]); 9] = [
    (
        "claude-code",
        ".claude/settings.json",
        "{\n  \"permissions\": { \"allow\": [\"Bash(ls)\"] },\n  \"env\": { \"FOO\": \"bar\" },\n  \"model\": \"opus\"\n}\n",
        &["Bash(ls)", "\"FOO\": \"bar\""],
    ),
    (
        "codex",
        ".codex/config.toml",
        "# mine\nmodel = \"gpt-5.5\" # the usual\n\n[mcp_servers.x]\ncommand = \"y\"\n",
        &["# mine", "# the usual", "[mcp_servers.x]"],
    ),
    (
        "aider",
        ".aider.conf.yml",
        "# mine\nmodel: sonnet\ndark-mode: true\n",
        &["# mine", "dark-mode: true"],
    ),
    (
        "aider",
        ".aider.model.metadata.json",
        "{\"openai/x\": {\"max_tokens\": 1}}\n",
        &["openai/x"],
    ),
    (
        "crush",
        "xdg/crush/crush.json",
        "{\n  \"lsp\": { \"go\": { \"command\": \"gopls\" } }\n}\n",
        &["gopls"],
    ),
    (
        "opencode",
        "xdg/opencode/opencode.jsonc",
        "{\n  // mine\n  \"theme\": \"x\",\n  \"provider\": { \"other\": { \"name\": \"o\" } },\n}\n",
        &["// mine", "\"theme\": \"x\"", "\"other\""],
    ),
    (
        "zed",
        "xdg/zed/settings.json",
        "// Zed\n{\n  \"vim_mode\": true, // yes\n  \"agent\": { \"default_profile\": \"ask\" }\n}\n",
        &["// Zed", "// yes", "default_profile"],
    ),
    (
        "continue",
        ".continue/config.yaml",
        "name: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n  # theirs\n  - name: x\n    provider: ollama\n    model: y\nrules:\n  - brief\n",
        &["name: Mine", "# theirs", "  - name: x", "  - brief"],
    ),
    (
        "vscode",
        "xdg/Code/User/chatLanguageModels.json",
        "[\n  { \"name\": \"Other\", \"vendor\": \"ollama\" }\n]\n",
        &["\"Other\""],
    ),
];

fn home(studio: &Studio, file: &str) -> PathBuf {
    match file.strip_prefix("xdg/") {
        Some(below) => studio.path("xdg").join(below),
        None => studio.path("home").join(file),
    }
}

#[test]
fn settings_go_into_a_users_file_beside_what_is_there_and_out_again() {
    if cfg!(target_os = "macos") {
        return; // VS Code's files are elsewhere there.
    }
    for (client, file, before, stays) in CLIENTS {
        let studio = Studio::new();
        let plan = studio.plan(&two_models());
        let path = home(&studio, file);
        let real = studio.path("real file");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&real, before).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&real, &path).unwrap();
        let install = ["emit", plan.as_str(), "--client", client, "--install"];
        let unasked = studio.planner(&install);
        let said = String::from_utf8_lossy(&unasked.stderr);
        assert_eq!(unasked.status.code(), Some(2), "{client}: {said}");
        assert!(
            said.contains("+ ") && said.contains("1234"),
            "{client}: {said}"
        );
        assert_eq!(fs::read_to_string(&real).unwrap(), before, "{client}");

        let yes = [&install[..], &["--yes"]].concat();
        let done = studio.planner(&yes);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{client}: {said}");
        let after = fs::read_to_string(&real).unwrap();
        for kept in stays {
            assert!(after.contains(kept), "{client} lost {kept}: {after}");
        }
        assert!(after.contains("qwen3-coder-next"), "{client}: {after}");
        assert!(path.is_symlink());
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{client}");

        let again = studio.planner(&yes);
        let said = String::from_utf8_lossy(&again.stderr);
        assert!(
            again.status.success() && said.contains("nothing would change"),
            "{client}: {said}"
        );

        assert!(studio.planner(&["emit", "--undo"]).status.success());
        assert_eq!(fs::read_to_string(&real).unwrap(), before, "{client}");
        assert!(path.is_symlink());
    }
}

#[test]
fn where_nothing_was_settings_are_new_and_an_undo_removes_them() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    for (client, file, ..) in CLIENTS {
        let shown = studio.planner(&["emit", &plan, "--client", client]);
        assert!(shown.status.success());
        let install = ["emit", &plan, "--client", client, "--install", "--yes"];
        let done = studio.planner(&install);
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        if client == "opencode" || (client == "vscode" && cfg!(target_os = "macos")) {
            continue; // Has another name, or another place, where it is new.
        }
        let text = fs::read_to_string(home(&studio, file)).unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout);
        assert!(shown.contains(&text), "{client}: {shown}");
    }
    assert!(studio.planner(&["emit", "--undo"]).status.success());
    for (client, file, ..) in CLIENTS {
        assert!(!home(&studio, file).exists(), "{client}");
    }
}

#[test]
fn what_can_not_be_merged_into_is_left_alone_and_said() {
    let studio = Studio::new();
    let plan = studio.plan(&two_models());
    for (client, file, text) in [
        ("claude-code", ".claude/settings.json", "{\"env\": "),
        ("codex", ".codex/config.toml", "model = [\n"),
        ("continue", ".continue/config.yaml", "models: [{name: x}]\n"),
        ("zed", "xdg/zed/settings.json", "[]\n"),
    ] {
        let path = home(&studio, file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let done = studio.planner(&["emit", &plan, "--client", client, "--install", "--yes"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{client}: {said}");
        assert!(
            said.contains("left alone") && said.contains("hint:"),
            "{client}: {said}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn each_file_says_the_plans_models_contexts_and_port() {
    let studio = Studio::new();
    let folder = studio.emit(&two_models(), &[]);
    let read = |name: &str| fs::read_to_string(folder.join("clients").join(name)).unwrap();
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).unwrap() };
    let claude = json("claude-code.json");
    let env = claude["env"].as_object().unwrap();
    // Without it, a header that changes with each request stands before all that is cached.
    assert_eq!(env["CLAUDE_CODE_ATTRIBUTION_HEADER"], "0");
    assert!(env.values().all(Value::is_string), "variables are texts");
    assert_eq!(claude["model"], "qwen3-coder-next", "what writes code");
    assert_eq!(env["CLAUDE_CODE_MAX_CONTEXT_TOKENS"], "262144");
    assert_eq!(env["ANTHROPIC_BASE_URL"], "http://127.0.0.1:1234");
    let codex: toml::Table = toml::from_str(&read("codex.toml")).unwrap();
    let provider = codex["model_provider"].as_str().unwrap();
    let provider = &codex["model_providers"][provider];
    assert_eq!(provider["wire_api"].as_str(), Some("responses"));
    assert_eq!(
        provider["base_url"].as_str(),
        Some("http://127.0.0.1:1234/v1")
    );
    assert_eq!(codex["model_context_window"].as_integer(), Some(262_144));
    let aider = json("aider.model.metadata.json");
    let mini = &aider["openai/minimax-m2.1"];
    let sum =
        mini["max_input_tokens"].as_u64().unwrap() + mini["max_output_tokens"].as_u64().unwrap();
    assert_eq!(sum, 65_536);
    let crush = json("crush.json");
    let (large, models) = (
        &crush["models"]["large"],
        &crush["providers"]["lmstudio-planned"]["models"],
    );
    assert_eq!(large["model"], "qwen3-coder-next");
    let known = models.as_array().unwrap().iter().map(|m| &m["id"]);
    assert_eq!(
        known.collect::<Vec<_>>(),
        ["minimax-m2.1", "qwen3-coder-next"]
    );
}
