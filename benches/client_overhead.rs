//! What measuring costs: planner's own delay per token, and its processor time, against a server
//! that sends a token every 10 ms and says when.
//!
//! `cargo bench --bench client_overhead` prints both, and fails where they are above what a
//! measurement may add: 50 microseconds per token, 2 % of one core at 100 tokens per second.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark, with a server of its own"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use planner::edge::clock;
use planner::edge::openai::{Limits, Server};
use serde_json::json;

const TOKENS: usize = 1500;
const PAUSE: Duration = Duration::from_millis(10);
const DELAY_SECONDS_MAX: f64 = 50e-6;
const CORE_SHARE_MAX: f64 = 0.02;

fn main() {
    // Both sides read one clock, in one process: differences of its times are delays.
    let _ = clock::seconds();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sent, times) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, &sent);
        }
    });
    // A bare socket on the same loopback tells what the system itself takes.
    let bare = bare_client(&address.to_string());
    let bare_sent: Vec<f64> = times.iter().take(TOKENS).collect();
    let bare = delays(&bare_sent, &bare);

    let limits = Limits {
        first_token_seconds: 10.0,
        stall_seconds: 10.0,
        request_seconds: 60.0,
    };
    let server = Server::new(&format!("http://{address}/v1"), None, limits).unwrap();
    let body = json!({"model": "m", "stream": true, "messages": []});
    let (cpu, begun) = (processor_seconds(), Instant::now());
    let url = format!("{}/chat/completions", server.base());
    let (_, answer) = server.chat(&url, &body, &AtomicBool::new(false));
    let (cpu, wall) = (processor_seconds() - cpu, begun.elapsed().as_secs_f64());
    assert_eq!(answer.figures.pieces as usize, TOKENS);
    let sent: Vec<f64> = times.iter().take(TOKENS).collect();
    let ours = delays(&sent, &answer.arrivals);

    let added = ours - bare;
    println!(
        "a bare socket, median delay:  {:7.1} us per token",
        bare * 1e6
    );
    println!(
        "planner, median delay:        {:7.1} us per token",
        ours * 1e6
    );
    println!(
        "added by planner:             {:7.1} us per token (at most {:.0})",
        added * 1e6,
        DELAY_SECONDS_MAX * 1e6
    );
    let rate = TOKENS as f64 / wall;
    // The server's thread is in this process, so its time is in the figure too: from above.
    let share = cpu / wall * 100.0 / rate;
    println!(
        "processor, client and server: {:7.2} % of one core at 100 tokens/s (at most {:.0} %)",
        share * 100.0,
        CORE_SHARE_MAX * 100.0
    );
    assert!(added < DELAY_SECONDS_MAX, "the delay is too long");
    assert!(share < CORE_SHARE_MAX, "too much processor time");
}

/// How long each token took from the server's hand to the client's.
fn delays(sent: &[f64], came: &[f64]) -> f64 {
    assert_eq!(sent.len(), came.len());
    let mut all: Vec<f64> = sent.iter().zip(came).map(|(s, c)| c - s).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Answers any request with tokens, and reports the time just before each is sent.
fn serve(mut stream: TcpStream, sent: &mpsc::Sender<f64>) {
    stream.set_nodelay(true).unwrap();
    let mut request = [0; 4096];
    let _ = stream.read(&mut request).unwrap();
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let token = chunk(
        "data: {\"id\":\"chatcmpl-JZePgrEEr9qABEuEPATS4Gqn3spkEWok\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}],\"object\":\"chat.completion.chunk\"}\n\n",
    );
    for _ in 0..TOKENS {
        thread::sleep(PAUSE);
        sent.send(clock::seconds()).unwrap();
        stream.write_all(token.as_bytes()).unwrap();
    }
    let last = format!(
        "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"length\"}}]}}\n\ndata: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":{TOKENS}}}}}\n\ndata: [DONE]\n\n"
    );
    stream.write_all(chunk(&last).as_bytes()).unwrap();
    stream.write_all(b"0\r\n\r\n").unwrap();
}

/// Reads the same answer with nothing but a socket; when each token came.
fn bare_client(address: &str) -> Vec<f64> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\n\r\n").unwrap();
    let mut buffer = vec![0; 64 << 10];
    let mut came = Vec::new();
    while came.len() < TOKENS {
        let n = stream.read(&mut buffer).unwrap();
        let now = clock::seconds();
        // On a busy machine one read may hold two tokens.
        let text = String::from_utf8_lossy(&buffer[..n]);
        came.extend(text.matches("\"content\"").map(|_| now));
        assert!(n > 0, "the server has hung up");
    }
    while stream.read(&mut buffer).unwrap() > 0 {}
    came
}

/// Processor time of this process, its ended threads too, as `ps` tells it.
fn processor_seconds() -> f64 {
    // Linux counts it in hundredths of a second; `ps` there rounds to whole ones.
    if let Ok(stat) = std::fs::read_to_string("/proc/self/stat") {
        let after = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |n: usize| fields[n].parse::<f64>().unwrap();
        return (ticks(11) + ticks(12)) / 100.0;
    }
    let id = std::process::id().to_string();
    let ps = std::process::Command::new("ps")
        .args(["-o", "time=", "-p", &id])
        .output()
        .unwrap();
    let text = String::from_utf8(ps.stdout).unwrap();
    text.trim()
        .split(':')
        .fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
}
