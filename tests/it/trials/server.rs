//! A server of one model whose answers to the shipped tasks are told beforehand; in pieces, as
//! servers stream them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use planner::trial::{Task, shipped};
use serde_json::{Value, json};

use super::answers::Said;

/// What is answered: to a task (empty where it is none that ships), and its last message.
pub(super) type Answers = dyn Fn(&str, &str) -> Said + Send + Sync;

/// Serves a model `m` until the test ends, and gives the address.
pub(super) fn start(answers: Box<Answers>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let (answers, tasks) = (Arc::new(answers), Arc::new(shipped().unwrap()));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answers, tasks) = (Arc::clone(&answers), Arc::clone(&tasks));
            // A client that goes away is its own affair.
            thread::spawn(move || serve(stream, &**answers, &tasks).ok());
        }
    });
    base
}

fn serve(mut stream: TcpStream, answers: &Answers, tasks: &[Task]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(n) = line.to_lowercase().strip_prefix("content-length: ") {
            length = n.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if first.starts_with("GET ") {
        let (status, text) = match first.contains(" /v1/models ") {
            true => ("200 OK", json!({"data": [{"id": "m"}]}).to_string()),
            false => ("404 Not Found", "{}".to_owned()),
        };
        return write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["temperature"], 0);
    let task = tasks.iter().find(|task| task.messages == body["messages"]);
    let last = body["messages"].as_array().unwrap().last().unwrap();
    let said = answers(
        task.map_or("", |t| t.id.as_str()),
        last["content"].as_str().unwrap(),
    );
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
    )?;
    for delta in deltas(&said) {
        let json =
            json!({"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
        write!(stream, "data: {json}\n\n")?;
    }
    let end =
        json!({"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 50}});
    write!(stream, "data: {end}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}

/// Text by a few characters, and calls as llama.cpp streams them: the name first, then arguments in
/// pieces under the call's index.
fn deltas(said: &Said) -> Vec<Value> {
    let characters: Vec<char> = said.text.chars().collect();
    let mut all: Vec<Value> = characters
        .chunks(7)
        .map(|piece| json!({"content": piece.iter().collect::<String>()}))
        .collect();
    for (index, (name, arguments)) in said.calls.iter().enumerate() {
        all.push(
            json!({"tool_calls": [{"index": index, "id": "x", "type": "function",
            "function": {"name": name, "arguments": ""}}]}),
        );
        let arguments: Vec<char> = arguments.to_string().chars().collect();
        all.extend(arguments.chunks(5).map(|piece| {
            let piece: String = piece.iter().collect();
            json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        }));
    }
    all
}
