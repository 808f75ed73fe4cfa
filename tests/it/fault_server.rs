//! A server that answers as real ones do, and fails in every way that they fail. Which way is told
//! by the name of the model that is asked for.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// A server that answers until the test ends.
pub(crate) struct FaultServer {
    /// Its address, with `/v1`.
    pub(crate) base: String,
}

/// How many tokens a good answer has, and how long each takes.
pub(crate) const TOKENS: usize = 40;
pub(crate) const TOKEN: Duration = Duration::from_millis(5);

impl FaultServer {
    /// Starts one that serves these models; as LM Studio's, or as any server's.
    pub(crate) fn start(models: &[&str], lm_studio: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let models: Vec<String> = models.iter().map(|m| (*m).to_owned()).collect();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let models = models.clone();
                thread::spawn(move || serve(stream, &models, lm_studio));
            }
        });
        Self { base }
    }
}

/// Reads the head of a request; the body stays unread until it is asked for.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0_u8];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

fn body(stream: &mut TcpStream, head: &str) -> Value {
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut bytes = vec![0; length];
    if stream.read_exact(&mut bytes).is_err() {
        return Value::Null;
    }
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) {
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn serve(mut stream: TcpStream, models: &[String], lm_studio: bool) {
    let head = head(&mut stream);
    if head.starts_with("get /v1/models ") {
        let data: Vec<Value> = models
            .iter()
            .map(|m| json!({"id": m, "object": "model"}))
            .collect();
        answer(
            &mut stream,
            "200 OK",
            &json!({"object": "list", "data": data}).to_string(),
        );
    } else if head.starts_with("get /api/v0/models ") && lm_studio {
        let data: Vec<Value> = models
            .iter()
            .map(|m| json!({"id": m, "type": "llm", "state": "loaded", "loaded_context_length": 8192}))
            .collect();
        answer(
            &mut stream,
            "200 OK",
            &json!({"object": "list", "data": data}).to_string(),
        );
    } else if head.starts_with("post /v1/chat/completions ")
        || (lm_studio && head.starts_with("post /api/v0/chat/completions "))
    {
        if head.contains("content-length") {
            // The body is left unread for a fault that resets: then closing sends a reset.
            let length_known = stream.try_clone().map(|s| (s, head.clone()));
            let Ok((mut again, head)) = length_known else {
                return;
            };
            let peeked = peek_model(&again, &head);
            if peeked == "reset" {
                reset(stream);
                return;
            }
            let body = body(&mut again, &head);
            chat(&mut stream, &head, &body);
        }
    } else {
        answer(
            &mut stream,
            "404 Not Found",
            r#"{"error":{"message":"no such path"}}"#,
        );
    }
}

/// The model of a request whose body stays in the socket.
fn peek_model(stream: &TcpStream, head: &str) -> String {
    let length: usize = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut bytes = vec![0; length];
    for _ in 0..200 {
        if stream.peek(&mut bytes).is_ok_and(|n| n == length) {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let json: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    json["model"].as_str().unwrap_or_default().to_owned()
}

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn send(stream: &mut TcpStream, text: &str) {
    let _ = write!(stream, "{:x}\r\n{text}\r\n", text.len());
    let _ = stream.flush();
}

fn end(stream: &mut TcpStream) {
    let _ = stream.write_all(b"0\r\n\r\n");
}

fn delta(model: &str, text: &str) -> String {
    let json = json!({"model": model, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {json}\n\n")
}

fn last(model: &str) -> String {
    let finish =
        json!({"model": model, "choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]});
    format!("data: {finish}\n\n")
}

fn usage() -> String {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": TOKENS}});
    format!("data: {usage}\n\n")
}

const DONE: &str = "data: [DONE]\n\n";

fn reset(mut stream: TcpStream) {
    let _ = stream.write_all(STREAM_HEAD.as_bytes());
    for _ in 0..5 {
        send(&mut stream, &delta("reset", "word "));
        thread::sleep(TOKEN);
    }
    // Dropped with unread bytes in it, the socket resets the connection.
}

fn tokens(stream: &mut TcpStream, model: &str, count: usize) {
    for _ in 0..count {
        thread::sleep(TOKEN);
        send(stream, &delta(model, "word "));
    }
}

/// Answers a chat in the way that the model's name says.
fn chat(stream: &mut TcpStream, head: &str, body: &Value) {
    let model = body["model"].as_str().unwrap_or_default();
    let refuse = |stream: &mut TcpStream, status: &str, message: &str| {
        answer(
            stream,
            status,
            &json!({"error": {"message": message}}).to_string(),
        );
    };
    match model {
        "bad-request" => {
            return refuse(
                stream,
                "400 Bad Request",
                "the prompt is longer than the context of 4096 tokens",
            );
        }
        "broken" => {
            return refuse(
                stream,
                "500 Internal Server Error",
                "the engine has crashed",
            );
        }
        "guarded" if !head.contains("authorization: bearer sesame") => {
            return refuse(stream, "401 Unauthorized", "an API token is wanted");
        }
        "moved" => {
            let _ = stream.write_all(b"HTTP/1.1 308 Permanent Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        _ => {}
    }
    if body["stream"] == false {
        return whole(stream, model);
    }
    let _ = stream.write_all(STREAM_HEAD.as_bytes());
    match model {
        "never-starts" => {
            // Signs of life, and no token.
            for _ in 0..200 {
                send(stream, ": still here\n\n");
                thread::sleep(Duration::from_millis(50));
            }
        }
        "slow-start" => {
            thread::sleep(Duration::from_millis(300));
            finish(stream, model, &usage());
        }
        "stalls" => {
            tokens(stream, model, 5);
            thread::sleep(Duration::from_secs(20));
        }
        "cut-short" => {
            tokens(stream, model, 5);
            end(stream);
        }
        "no-usage" => finish(stream, model, ""),
        "keeps-prefixes" => {
            let prompt = body["messages"][0]["content"].as_str().unwrap_or_default();
            let (all, kept) = read(prompt);
            // A tenth of a millisecond for each word that is new.
            thread::sleep(Duration::from_micros(100) * u32::try_from(all - kept).unwrap());
            let usage = json!({"choices": [], "usage": {"prompt_tokens": all, "completion_tokens": TOKENS,
                "prompt_tokens_details": {"cached_tokens": kept}}});
            finish(stream, model, &format!("data: {usage}\n\n"));
        }
        "malformed" => {
            tokens(stream, model, 5);
            send(stream, "data: {\"choices\":[{\"delta\":{\"cont\n\n");
            finish(stream, model, &usage());
        }
        "html" => {
            send(stream, "<html><body>Bad Gateway</body></html>\n");
            end(stream);
        }
        "other-answers" => finish(stream, "somebody-else", &usage()),
        "error-inside" => {
            tokens(stream, model, 5);
            send(
                stream,
                "data: {\"error\":{\"message\":\"the model was unloaded\"}}\n\n",
            );
            end(stream);
        }
        "huge-chunk" => {
            let text = "word ".repeat(200_000);
            send(
                stream,
                &[delta(model, &text), last(model), usage(), DONE.to_owned()].concat(),
            );
            end(stream);
        }
        "trickle" => {
            // Every byte on its own, multi-byte characters cut apart.
            let text = [
                delta(model, "快排"),
                delta(model, "é"),
                delta(model, "x"),
                last(model),
                usage(),
                DONE.to_owned(),
            ];
            for byte in text.concat().replace('\n', "\r\n").as_bytes() {
                let _ = stream.write_all(format!("1\r\n{}", "").as_bytes());
                let _ = stream.write_all(&[*byte]);
                let _ = stream.write_all(b"\r\n");
            }
            end(stream);
        }
        "hangs-after-finish" => {
            tokens(stream, model, TOKENS);
            send(stream, &last(model));
            send(stream, &usage());
            thread::sleep(Duration::from_secs(20));
        }
        _ => finish(stream, model, &usage()),
    }
}

/// Words of a prompt, and how many of them began an earlier one.
fn read(prompt: &str) -> (usize, usize) {
    static READ: Mutex<Vec<Vec<String>>> = Mutex::new(Vec::new());
    let words: Vec<String> = prompt.split_whitespace().map(str::to_owned).collect();
    let mut earlier = READ.lock().unwrap();
    let shared = |other: &Vec<String>| words.iter().zip(other).take_while(|(a, b)| a == b).count();
    let kept = earlier.iter().map(shared).max().unwrap_or(0);
    let count = words.len();
    earlier.push(words);
    (count, kept)
}

fn finish(stream: &mut TcpStream, model: &str, usage: &str) {
    tokens(stream, model, TOKENS);
    send(stream, &last(model));
    if !usage.is_empty() {
        send(stream, usage);
    }
    send(stream, DONE);
    end(stream);
}

/// A whole answer with LM Studio's own figures, a third faster than the stream was.
fn whole(stream: &mut TcpStream, model: &str) {
    let body = json!({
        "model": model,
        "choices": [{"index": 0, "message": {"content": "word"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 400},
        "stats": {"tokens_per_second": 300.0, "time_to_first_token": 0.006, "generation_time": 1.3, "stop_reason": "maxPredictedTokensReached"},
        "model_info": {"arch": "qwen3next", "quant": "Q6_K", "format": "gguf", "context_length": 8192},
        "runtime": {"name": "llama.cpp-test", "version": "9.9.9", "supported_formats": ["gguf"]},
    });
    answer(stream, "200 OK", &body.to_string());
}
