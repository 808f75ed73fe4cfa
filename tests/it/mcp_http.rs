//! The tools for agents over HTTP, by the protocol's own requests on a socket.
//! `tests/conformance/mcp_client.py` has the official client ask them, and `mcp_suite.mjs` is the
//! protocol's own suite.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::studio::{Studio, loaded, two_models, words};

const TOKEN: &str = "a-token-of-the-tests-own";
/// Where a token that planner made is kept.
const KEPT: &str = "xdg/state/planner/mcp-token";

/// A server in the stand-in's world, and what it said when it began.
struct Server {
    process: Child,
    said: String,
    address: String,
}

/// What came back.
struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Server {
    fn new(studio: &Studio, token: Option<&str>, flags: &[&str]) -> Self {
        let mut command = studio.command(env!("CARGO_BIN_EXE_planner"));
        command.args(["mcp", "--http", "0"]).args(flags);
        command.env_remove("PLANNER_MCP_TOKEN");
        command.envs(token.map(|token| ("PLANNER_MCP_TOKEN", token)));
        let piped = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = piped.spawn().unwrap();
        let mut said = String::new();
        let mut from = BufReader::new(process.stderr.take().unwrap());
        from.read_line(&mut said).unwrap();
        let address = said.split("http://").nth(1).expect(&said);
        let address = address.split("/mcp").next().unwrap().to_owned();
        Self {
            process,
            said,
            address,
        }
    }

    fn with_token(studio: &Studio, flags: &[&str]) -> Self {
        Self::new(studio, Some(TOKEN), flags)
    }

    /// A request as it is sent: by the older HTTP, whose answers end with the connection.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let mut head = format!(
            "{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Accept: application/json, text/event-stream\r\n"
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        // One that is refused unread may be closed in the middle.
        let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
        stream
    }

    fn post(&self, headers: &[(&str, &str)], message: &Value) -> Answer {
        let host = ("Host", self.address.as_str());
        let token = format!("Bearer {TOKEN}");
        let usual = [host, ("Authorization", &token)];
        let given = |name: &str| headers.iter().any(|(n, _)| *n == name);
        let usual = usual.iter().filter(|(name, _)| !given(name));
        let all: Vec<_> = usual.chain(headers).copied().collect();
        Answer::of(self.send("POST", "/mcp", &all, &message.to_string()))
    }

    /// Ends as by Ctrl-C, and gives the exit code.
    fn interrupt(mut self, studio: &Studio) -> Option<i32> {
        assert!(studio.signal(self.process.id(), "-INT"));
        self.process.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Answer {
    fn of(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (headers, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            headers: headers.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let of = |line: &'_ str| line.starts_with(&format!("{name}: "));
        let line = self.headers.lines().find(|line| of(line)).expect(name);
        &line[name.len() + 2..]
    }

    /// The response among the events, or alone.
    fn response(&self) -> Value {
        let lines = self.body.lines();
        let data = lines.map(|line| line.strip_prefix("data:").unwrap_or(line));
        data.filter_map(|data| serde_json::from_str(data.trim()).ok())
            .find(|message: &Value| message["id"] == 1)
            .expect(&self.body)
    }
}

fn request(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn hello() -> Value {
    let params = json!({"protocolVersion": "2025-06-18", "capabilities": {},
                        "clientInfo": {"name": "test", "version": "0"}});
    request("initialize", params)
}

/// A client with a session.
struct Client<'a> {
    server: &'a Server,
    session: String,
}

impl<'a> Client<'a> {
    fn new(server: &'a Server) -> Self {
        let answer = server.post(&[], &hello());
        assert_eq!(answer.response()["result"]["serverInfo"]["name"], "planner");
        let session = answer.header("mcp-session-id").to_owned();
        let client = Self { server, session };
        let begun = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(client.post(&begun).status, 202);
        client
    }

    fn headers(&self) -> [(&str, &str); 2] {
        [
            ("Mcp-Session-Id", &self.session),
            ("Mcp-Protocol-Version", "2025-06-18"),
        ]
    }

    fn post(&self, message: &Value) -> Answer {
        self.server.post(&self.headers(), message)
    }

    fn call(&self, tool: &str, arguments: Value) -> Value {
        let call = request("tools/call", json!({"name": tool, "arguments": arguments}));
        self.post(&call).response()["result"].clone()
    }
}

#[test]
fn who_lacks_the_token_or_comes_from_elsewhere_is_not_let_in() {
    let studio = Studio::new();
    let server = Server::with_token(&studio, &[]);
    let port = server.address.rsplit(':').next().unwrap();
    let own_page = format!("http://localhost:{port}");
    let longer = format!("Bearer {TOKEN}x");
    let basic = format!("Basic {TOKEN}");
    let lower = format!("bearer {TOKEN}");
    let rebound = format!("planner.example:{port}");
    for (status, header) in [
        (200, ("Authorization", lower.as_str())),
        (200, ("Origin", &own_page)),
        (200, ("Host", "localhost")),
        (401, ("Authorization", "")),
        (401, ("Authorization", "Bearer")),
        (401, ("Authorization", "Bearer wrong")),
        (401, ("Authorization", &longer)),
        (401, ("Authorization", &basic)),
        (403, ("Origin", "https://planner.example")),
        (403, ("Origin", "http://localhost:1")),
        (403, ("Origin", "null")),
        (403, ("Host", "planner.example")),
        (403, ("Host", &rebound)),
    ] {
        let answer = server.post(&[header], &hello());
        assert_eq!(answer.status, status, "{header:?}: {}", answer.body);
    }
    let refused = server.post(&[("Authorization", "")], &hello());
    assert!(refused.header("www-authenticate").starts_with("bearer"));
    assert!(!refused.body.contains(TOKEN), "{}", refused.body);
    let elsewhere = Answer::of(server.send("GET", "/", &[("Host", "localhost")], ""));
    assert_eq!(elsewhere.status, 404);
    // A body beyond all bounds is not taken in.
    let long = json!({"x": "x".repeat(2 << 20)});
    assert_eq!(server.post(&[], &long).status, 413);
}

#[test]
fn two_clients_have_plans_of_their_own() {
    let studio = Studio::new();
    let server = Server::with_token(&studio, &[]);
    let clients = [Client::new(&server), Client::new(&server)];
    let machines = ["m4-max-64gb", "m3-ultra-512gb"];
    let planned = |n: usize| {
        let asked = json!({"tasks": ["code"], "machine": machines[n]});
        clients[n].call("recommend", asked)["structuredContent"].clone()
    };
    let plans = thread::scope(|scope| {
        [0, 1]
            .map(|n| scope.spawn(move || planned(n)))
            .map(|thread| thread.join().unwrap())
    });
    for (client, plan) in clients.iter().zip(&plans) {
        let asked = client.call("whatif", json!({"agents": [2]}));
        let now = &asked["structuredContent"]["current"]["members"][0]["variant"];
        let entry = &plan["loadout"][0];
        let variant = |name: &str| entry[name].as_str().unwrap();
        assert_eq!(now, &format!("{}/{}", variant("model"), variant("variant")));
    }
    assert_ne!(plans[0]["loadout"], plans[1]["loadout"]);
    let said = clients[0].call("recommend", json!({"taks": ["code"]}));
    assert_eq!(said["isError"], true);
    let text = said["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("did you mean `tasks`"), "{text}");
}

/// The newest protocol has no sessions: a plan that nobody named gets a name that no other has.
#[test]
fn without_sessions_a_plan_goes_by_the_name_that_was_told() {
    let studio = Studio::new();
    let server = Server::with_token(&studio, &[]);
    let version = "2026-07-28";
    let call = |tool: &str, arguments: Value| {
        let meta = json!({"io.modelcontextprotocol/protocolVersion": version,
                          "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
                          "io.modelcontextprotocol/clientCapabilities": {}});
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let headers = [
            ("Mcp-Protocol-Version", version),
            ("Mcp-Method", "tools/call"),
            ("Mcp-Name", tool),
        ];
        let answer = server.post(&headers, &request("tools/call", params));
        answer.response()["result"].clone()
    };
    let made = ["m4-max-64gb", "m3-ultra-512gb"].map(|machine| {
        let made = call("recommend", json!({"tasks": ["code"], "machine": machine}));
        let text = made["content"][0]["text"].as_str().unwrap();
        let name = text.split("This plan is `").nth(1).unwrap();
        name.split('`').next().unwrap().to_owned()
    });
    assert_ne!(made[0], made[1]);
    for name in &made {
        assert_eq!(
            call("whatif", json!({"plan": name, "agents": [2]}))["isError"],
            false
        );
    }
    let which = call("whatif", json!({"agents": [2]}));
    let text = which["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("which plan?") && text.contains("hint: "),
        "{text}"
    );
}

#[test]
fn a_token_that_was_made_is_its_owners_alone_and_stays() {
    let studio = Studio::new();
    let token = studio.path(KEPT);
    let mut before = String::new();
    for _ in 0..2 {
        let server = Server::new(&studio, None, &[]);
        assert!(
            server.said.contains(&token.display().to_string()),
            "{}",
            server.said
        );
        let mode = fs::metadata(&token).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs::read_to_string(&token).unwrap();
        assert!(text.trim().len() == 64 && (before.is_empty() || before == text));
        assert!(!server.said.contains(text.trim()));
        let header = format!("Bearer {}", text.trim());
        let let_in = |header: &str| server.post(&[("Authorization", header)], &hello()).status;
        assert_eq!((let_in(&header), let_in("Bearer x")), (200, 401));
        before = text;
        assert_eq!(server.interrupt(&studio), Some(0));
    }

    let refused = |token: Option<&str>, address: &str, wrong: &str| {
        let mut command = studio.command(env!("CARGO_BIN_EXE_planner"));
        command.env_remove("PLANNER_MCP_TOKEN");
        command.envs(token.map(|token| ("PLANNER_MCP_TOKEN", token)));
        let done = command.args(["mcp", "--http", address]).output().unwrap();
        let said = words(&done);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(wrong) && said.contains("hint: "), "{said}");
    };
    refused(
        Some(TOKEN),
        "0.0.0.0:0",
        "can be reached from other machines",
    );
    refused(Some("short"), "0", "PLANNER_MCP_TOKEN is no token");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
    refused(None, "0", "others than you can read the token");
    let taken = Server::with_token(&studio, &[]);
    refused(Some(TOKEN), &taken.address, "can't listen on");
}

#[test]
fn an_end_in_the_middle_of_an_apply_takes_back_what_it_did() {
    let studio = Studio::new();
    let before = [loaded("stranger", "stranger", 8192, 4)];
    studio.load(&before);
    studio.faults("slow_load=900");
    let plan = studio.plan(&two_models());
    let server = Server::with_token(&studio, &["--allow-apply"]);
    let client = Client::new(&server);
    // A client that listens all the while does not hold up the end.
    let token = format!("Bearer {TOKEN}");
    let mut headers = client.headers().to_vec();
    headers.extend([("Host", "localhost"), ("Authorization", &token)]);
    let _listening = server.send("GET", "/mcp", &headers, "");
    let call = json!({"name": "apply", "arguments": {"plan": plan, "any_machine": true}});
    let _asked = server.send(
        "POST",
        "/mcp",
        &headers,
        &request("tools/call", call).to_string(),
    );
    studio.wait_for("--identifier=minimax-m2.1\"");
    assert_eq!(server.interrupt(&studio), Some(0));
    assert_eq!(studio.loaded(), before);
}
