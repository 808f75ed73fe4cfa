//! The tools for agents, by the protocol's own lines over standard input and output.
//! `tests/conformance/mcp_client.py` has the official client ask them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::studio::{Loaded, Studio, planned, two_models};
use crate::support;

/// A client that says what it was told to say when it is asked.
struct Client {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    /// What its user answers; none where it can't ask.
    answer: Option<&'static str>,
    /// What its user was asked.
    asked: Vec<String>,
}

impl Client {
    fn new(mut command: Command, answer: Option<&'static str>) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = piped.spawn().unwrap();
        let (to, from) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let mut client = Self {
            server,
            to,
            from: BufReader::new(from),
            calls: 0,
            answer,
            asked: Vec::new(),
        };
        let capabilities = match answer {
            Some(_) => json!({"elicitation": {}}),
            None => json!({}),
        };
        let started = client.request(
            "initialize",
            json!({"protocolVersion": "2025-06-18", "capabilities": capabilities,
                   "clientInfo": {"name": "test", "version": "0"}}),
        );
        assert_eq!(started["result"]["serverInfo"]["name"], "planner");
        client.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    /// A server on the shipped catalog, away from LM Studio.
    fn alone() -> Self {
        Self::new(support::command(&["mcp"]), None)
    }

    /// A server in the stand-in's world.
    fn beside(studio: &Studio, answer: Option<&'static str>, flags: &[&str]) -> Self {
        let mut command = studio.command(env!("CARGO_BIN_EXE_planner"));
        command.arg("mcp").args(flags);
        Self::new(command, answer)
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.to, "{message}").unwrap();
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the server went"
            );
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["method"] == "elicitation/create" {
                let text = message["params"]["message"].as_str().unwrap();
                self.asked.push(text.to_owned());
                let result = json!({"action": self.answer.unwrap(), "content": {}});
                self.say(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
            } else if message["id"] == id {
                return message;
            }
        }
    }

    fn tools(&mut self) -> BTreeMap<String, Value> {
        let listed = self.request("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().unwrap().clone();
        let named = |tool: Value| (tool["name"].as_str().unwrap().to_owned(), tool);
        tools.into_iter().map(named).collect()
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request("tools/call", json!({"name": tool, "arguments": arguments}));
        answer["result"].clone()
    }

    /// The document of a call that must succeed, held against the tool's own schema.
    fn document(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{tool}: {result}");
        let schema = self.tools()[tool]["outputSchema"].clone();
        let document = result["structuredContent"].clone();
        let wrong: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(wrong.is_empty(), "{tool}: {wrong:?}");
        document
    }

    /// What a call says that must fail.
    fn error(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn every_tool_says_what_it_may_change_and_answers_by_its_schema() {
    let mut client = Client::alone();
    let tools = client.tools();
    let names: Vec<&str> = tools.keys().map(String::as_str).collect();
    let all = [
        "apply",
        "explain",
        "fit",
        "machines",
        "models",
        "recommend",
        "status",
        "whatif",
    ];
    assert_eq!(names, all);
    for (name, tool) in &tools {
        let changes = name == "apply";
        assert_eq!(tool["annotations"]["readOnlyHint"], !changes, "{name}");
        assert_eq!(tool["annotations"]["destructiveHint"], changes, "{name}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
    }
    for (tool, file) in [
        ("recommend", "plan"),
        ("explain", "explain"),
        ("whatif", "whatif"),
        ("status", "status"),
        ("models", "ranking"),
        ("machines", "machines"),
        ("apply", "apply"),
    ] {
        let path = format!("{}/schemas/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let shipped: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(
            tools[tool]["outputSchema"], shipped,
            "planner schema {file} > schemas/{file}.json"
        );
    }

    let asked = json!({"tasks": ["code"], "machine": "m4-max-64gb"});
    let plan = client.document("recommend", asked);
    let printed = support::plan(&["--task", "code", "--machine", "m4-max-64gb"]);
    assert_eq!(plan["loadout"], printed["loadout"]);
    let model = plan["loadout"][0]["model"].as_str().unwrap().to_owned();
    let variant = format!(
        "{model}/{}",
        plan["loadout"][0]["variant"].as_str().unwrap()
    );

    let why = client.document(
        "explain",
        json!({"why_not": "gpt-oss-120b", "time_limit_seconds": 5}),
    );
    assert_eq!(why["why_not"]["model"], "gpt-oss-120b");
    let whatif = client.document(
        "whatif",
        json!({"agents": [3], "machines": ["m3-ultra-512gb"]}),
    );
    assert_eq!(whatif["scenarios"].as_array().unwrap().len(), 2);
    let fit = client.document(
        "fit",
        json!({"model": variant, "machine": "m4-max-64gb", "context": 8192}),
    );
    assert_eq!(fit["verdict"], "fits");
    let models = client.document("models", json!({"task": "code", "machine": "m4-max-64gb"}));
    assert!(
        models["models"]
            .as_array()
            .unwrap()
            .iter()
            .any(|m| m["model"] == model.as_str())
    );
    let machines = client.document("machines", json!({"words": ["m3", "ultra"]}));
    assert_eq!(machines["chips"].as_array().unwrap().len(), 1);
}

#[test]
fn nonsense_is_answered_with_what_is_wrong_and_a_hint() {
    let mut client = Client::alone();
    for (tool, arguments, wrong, hint) in [
        (
            "recommend",
            json!({"taks": ["code"]}),
            "unknown argument of `recommend`: `taks`; did you mean `tasks`",
            "it takes tasks, mix",
        ),
        (
            "recommend",
            json!({"tasks": ["cod"]}),
            "did you mean `code`",
            "hint: ",
        ),
        (
            "recommend",
            json!({"reserve": "24"}),
            "argument `reserve` of `recommend`",
            "hint: ",
        ),
        (
            "recommend",
            json!({"max_models": 9}),
            "argument `max_models` of `recommend`: 9 is not from 1 to 8",
            "hint: ",
        ),
        (
            "recommend",
            json!({"agents": 4_294_967_295_u64}),
            "argument `agents` of `recommend`: 4294967295 is not from 1 to 64",
            "hint: ",
        ),
        (
            "fit",
            json!({"model": "x", "slots": 0}),
            "argument `slots` of `fit`: 0 is not from 1 to 1023",
            "hint: ",
        ),
        (
            "whatif",
            json!({"max_turn_seconds": [60, -1]}),
            "argument `max_turn_seconds[1]` of `whatif`: -1 are no seconds above zero",
            "hint: ",
        ),
        (
            "explain",
            json!({"time_limit_seconds": 0}),
            "argument `time_limit_seconds` of `explain`",
            "hint: ",
        ),
        (
            "recommend",
            json!({"depth": 33_554_432}),
            "argument `depth` of `recommend`",
            "hint: ",
        ),
        (
            "recommend",
            json!({"tasks": ["code"], "mix": "office"}),
            "one of `tasks` and `mix`",
            "leave the other out",
        ),
        // What is wrong beyond the schema is told with arguments too.
        (
            "recommend",
            json!({"machine": "m4-max-64gb", "reserve": "64GiB"}),
            "",
            "hint: ",
        ),
        ("fit", json!({}), "one of `model` and `installed`", "hint: "),
        (
            "fit",
            json!({"model": "qwen3-coder-nxt/gguf-q4_k_m"}),
            "qwen3-coder-nxt",
            "hint: ",
        ),
        (
            "explain",
            json!({"plan": "never"}),
            "saved plan not found: `never`",
            "hint: ",
        ),
        (
            "whatif",
            json!({"plan": "/nowhere/plan.json"}),
            "/nowhere/plan.json",
            "hint: ",
        ),
        ("status", json!({}), "`lms`", "hint: "),
        (
            "machines",
            json!({"words": ["cray"]}),
            "no machine is like that",
            "hint: ",
        ),
        (
            "apply",
            json!({"plan": "x", "undo": true}),
            "one of `plan`, `undo` and `resume`",
            "hint: ",
        ),
    ] {
        let said = client.error(tool, arguments);
        assert!(
            said.contains(wrong)
                && said.contains(hint)
                && ["--reserve", "--task", "--machine"]
                    .iter()
                    .all(|flag| !said.contains(flag)),
            "{tool}: {said}"
        );
    }
    let unknown = client.request("tools/call", json!({"name": "recomend", "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
}

fn as_planned() -> Loaded {
    let mut all = planned();
    all.sort();
    all
}

#[test]
fn an_agent_applies_a_plan_with_consent_and_takes_it_back() {
    let studio = Studio::new();
    let before = [crate::studio::loaded("stranger", "stranger", 8192, 4)];
    studio.load(&before);
    let plan = studio.plan(&two_models());
    let asked = json!({"plan": plan, "any_machine": true});

    let mut refused = Client::beside(&studio, Some("decline"), &[]);
    let said = refused.error("apply", asked.clone());
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(
        refused.asked[0].contains("unload  stranger"),
        "{:?}",
        refused.asked
    );
    let mut silent = Client::beside(&studio, None, &[]);
    let said = silent.error("apply", asked.clone());
    assert!(said.contains("--allow-apply"), "{said}");
    assert_eq!(studio.loaded(), before);
    assert!(studio.changes().is_empty());

    let mut client = Client::beside(&studio, Some("accept"), &[]);
    let dry = json!({"plan": plan, "any_machine": true, "dry_run": true});
    let dry = client.document("apply", dry);
    assert_eq!(
        (&dry["outcome"], client.asked.len()),
        (&json!("not_started"), 0)
    );
    let done = client.document("apply", asked.clone());
    assert_eq!(done["outcome"], "applied", "{done}");
    assert_eq!(studio.loaded(), as_planned());
    let status = client.document("status", json!({"plan": plan}));
    assert_eq!(status["drift"], json!([]), "{status}");
    let undone = client.document("apply", json!({"undo": true}));
    assert_eq!(undone["outcome"], "rolled_back");
    assert_eq!(studio.loaded(), before);
    assert_eq!(client.asked.len(), 2, "{:?}", client.asked);

    let mut trusted = Client::beside(&studio, None, &["--allow-apply"]);
    assert_eq!(trusted.document("apply", asked)["outcome"], "applied");
    assert_eq!(studio.loaded(), as_planned());
}

/// From this version on a server puts its question as an answer, and is called again with what the
/// user said; agreed is to what was shown, whatever the client keeps of it.
#[test]
fn a_question_can_be_an_answer() {
    let studio = Studio::new();
    let mut client = Client::beside(&studio, Some("accept"), &[]);
    let plan = studio.plan(&two_models());
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
    });
    let call =
        json!({"name": "apply", "arguments": {"plan": plan, "any_machine": true}, "_meta": meta});
    let asked = client.request("tools/call", call.clone())["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    assert!(studio.changes().is_empty() && client.asked.is_empty());
    let again = |client: &mut Client, action: &str| {
        let mut call = call.clone();
        call["inputResponses"] = json!({"consent": {"action": action, "content": {}}});
        call["requestState"] = asked["requestState"].clone();
        client.request("tools/call", call)["result"].clone()
    };
    assert_eq!(again(&mut client, "decline")["isError"], true);
    assert!(studio.changes().is_empty());
    // Something was loaded meanwhile: that was not shown.
    studio.load(&[crate::studio::loaded("stranger", "stranger", 8192, 4)]);
    assert_eq!(again(&mut client, "accept")["resultType"], "input_required");
    assert!(studio.changes().is_empty());
}

/// The file, what a user has there, and what of it must stay.
const HOSTS: [(&str, &str, &str, &str); 5] = [
    (
        "claude-code",
        "home/.claude.json",
        "{\"mcpServers\": {\"other\": {\"command\": \"x\"}}, \"userID\": \"u\"}",
        "\"userID\": \"u\"",
    ),
    (
        "codex",
        "home/.codex/config.toml",
        "# mine\n[mcp_servers.other]\ncommand = \"x\"\n",
        "# mine",
    ),
    (
        "opencode",
        "xdg/opencode/opencode.jsonc",
        "{ // mine\n  \"mcp\": {\"other\": {}} }",
        "// mine",
    ),
    (
        "zed",
        "xdg/zed/settings.json",
        "// Zed\n{ \"context_servers\": {\"other\": {}}, }",
        "// Zed",
    ),
    (
        "lmstudio",
        "home/.lmstudio/mcp.json",
        "{\"mcpServers\": {\"other\": {\"url\": \"http://h/\"}}}",
        "http://h/",
    ),
];

#[test]
fn the_server_goes_into_a_clients_file_and_out_again() {
    for (client, file, before, stays) in HOSTS {
        let studio = Studio::new();
        let path = studio.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, before).unwrap();
        let unasked = studio.planner(&["mcp", "install", client]);
        assert_eq!(unasked.status.code(), Some(2), "{client}");
        assert_eq!(fs::read_to_string(&path).unwrap(), before, "{client}");
        let done = studio.planner(&["mcp", "install", client, "--yes"]);
        assert!(
            done.status.success(),
            "{client}: {}",
            crate::studio::words(&done)
        );
        let after = fs::read_to_string(&path).unwrap();
        for kept in [stays, "other", env!("CARGO_BIN_EXE_planner"), "mcp"] {
            assert!(after.contains(kept), "{client} lacks {kept}: {after}");
        }
        let skills = [
            "home/.claude/skills/planner/SKILL.md",
            "home/.agents/skills/planner/SKILL.md",
        ];
        let skills = || skills.iter().filter(|s| studio.path(s).is_file()).count();
        let expected = usize::from(!["zed", "lmstudio"].contains(&client));
        assert_eq!(skills(), expected, "{client}");
        // Another installation stays when this one is taken back.
        let second = if client == "zed" { "lmstudio" } else { "zed" };
        let other = studio.planner(&["mcp", "install", second, "--yes"]);
        assert!(other.status.success(), "{}", crate::studio::words(&other));
        let undone = studio.planner(&["mcp", "uninstall", client]);
        assert!(
            undone.status.success(),
            "{client}: {}",
            crate::studio::words(&undone)
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), before, "{client}");
        assert_eq!(skills(), 0, "{client}");
        let twice = studio.planner(&["mcp", "uninstall", client]);
        assert_eq!(twice.status.code(), Some(2), "{client}");
        assert!(
            studio
                .planner(&["mcp", "uninstall", second])
                .status
                .success(),
            "{client}"
        );
    }
}

/// What a client does with its file while it is used: other settings, another layout.
fn rewritten(client: &str, text: &str) -> String {
    if client == "codex" {
        return format!("{text}\n[history]\npersistence = \"none\"\n");
    }
    let (before, after) = text.rsplit_once('}').unwrap();
    let comma = if before.trim_end().ends_with(',') {
        ""
    } else {
        ","
    };
    format!("{}{comma}\n  \"starts\": 7\n}}{after}", before.trim_end())
}

#[test]
fn the_server_comes_out_of_a_file_that_its_client_has_changed_since() {
    for (client, file, before, stays) in HOSTS {
        let studio = Studio::new();
        let path = studio.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, before).unwrap();
        let run = |what: &[&str]| {
            let done = studio.planner(&[&["mcp"], what].concat());
            (done.status.code(), crate::studio::words(&done))
        };
        let install = ["install", client, "--yes"];
        assert_eq!(run(&install).0, Some(0), "{client}");
        let changed = rewritten(client, &fs::read_to_string(&path).unwrap());
        fs::write(&path, &changed).unwrap();
        // A second installation finds all in place, or puts it there again.
        let (code, said) = run(&install);
        assert!(
            code == Some(0) && said.contains("nothing would change"),
            "{client}: {said}"
        );
        let moved = changed.replace(env!("CARGO_BIN_EXE_planner"), "/gone/planner");
        fs::write(&path, moved).unwrap();
        let (code, said) = run(&install);
        assert_eq!(code, Some(0), "{client}: {said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), changed, "{client}");

        let (code, said) = run(&["uninstall", client]);
        assert!(
            code == Some(0) && said.contains("taken out"),
            "{client}: {said}"
        );
        let after = fs::read_to_string(&path).unwrap();
        assert!(
            !after.contains(env!("CARGO_BIN_EXE_planner")),
            "{client}: {after}"
        );
        for kept in [
            stays,
            "other",
            if client == "codex" {
                "persistence"
            } else {
                "starts"
            },
        ] {
            assert!(after.contains(kept), "{client} lost {kept}: {after}");
        }
        let (code, said) = run(&["uninstall", client]);
        assert!(
            code == Some(2) && said.contains("not installed"),
            "{client}: {said}"
        );

        // One that planner has no record of comes out as well.
        assert_eq!(run(&install).0, Some(0), "{client}");
        fs::remove_dir_all(studio.path("xdg/state/planner")).unwrap();
        assert_eq!(run(&["uninstall", client]).0, Some(0), "{client}");
        let after = fs::read_to_string(&path).unwrap();
        assert!(
            !after.contains(env!("CARGO_BIN_EXE_planner")),
            "{client}: {after}"
        );
    }
}

#[test]
fn a_skill_that_two_programs_share_stays_until_the_last_of_them_goes() {
    let studio = Studio::new();
    let run = |what: &[&str]| studio.planner(&[&["mcp"], what].concat());
    let skill = studio.path("home/.agents/skills/planner/SKILL.md");
    for client in ["codex", "opencode"] {
        assert!(run(&["install", client, "--yes"]).status.success());
    }
    let said = crate::studio::words(&run(&["uninstall", "codex"]));
    assert!(
        said.contains("kept for another program") && skill.is_file(),
        "{said}"
    );
    let said = crate::studio::words(&run(&["uninstall", "opencode"]));
    assert!(!skill.exists(), "{said}");
}

#[test]
fn where_the_skill_can_not_be_written_nothing_is() {
    let studio = Studio::new();
    fs::create_dir_all(studio.path("home")).unwrap();
    fs::write(studio.path("home/.agents"), "a file").unwrap();
    let done = studio.planner(&["mcp", "install", "codex", "--yes"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(!studio.path("home/.codex/config.toml").exists());
    // Nor where its name is a folder's, which shows only while writing.
    fs::remove_file(studio.path("home/.agents")).unwrap();
    fs::create_dir_all(studio.path("home/.agents/skills/planner/SKILL.md")).unwrap();
    let done = studio.planner(&["mcp", "install", "codex", "--yes"]);
    assert_eq!(
        done.status.code(),
        Some(2),
        "{}",
        crate::studio::words(&done)
    );
    assert!(!studio.path("home/.codex/config.toml").exists());
    assert!(studio.planner(&["emit", "--undo"]).status.code() == Some(2));
}
