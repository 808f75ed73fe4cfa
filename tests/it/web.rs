//! A real HTTP server of a few lines, on a port of its own, that does what a test tells it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// First and last byte of the range asked for.
    pub(crate) fn range(&self) -> Option<(u64, u64)> {
        let (first, last) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    }
}

/// What to answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What the answer says that its length is.
    pub(crate) length: u64,
    /// What is sent, before zeros up to the length.
    pub(crate) body: Vec<u8>,
    /// Closes the connection after so many bytes of the body.
    pub(crate) cut: Option<u64>,
}

impl Reply {
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        Self {
            status,
            headers: Vec::new(),
            length: body.len() as u64,
            body: body.to_vec(),
            cut: None,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A file with nothing but zeros after its beginning.
#[derive(Debug, Clone)]
pub(crate) struct Sparse {
    pub(crate) start: Vec<u8>,
    pub(crate) length: u64,
}

impl Sparse {
    /// The bytes from `first` to `last`, as a server of ranges answers.
    pub(crate) fn part(&self, first: u64, last: u64) -> Reply {
        let last = last.min(self.length - 1);
        let at = |n: u64| usize::try_from(n).unwrap().min(self.start.len());
        let mut reply = Reply::of(206, &self.start[at(first)..at(last + 1)]);
        reply.length = last + 1 - first;
        reply.with(
            "Content-Range",
            format!("bytes {first}-{last}/{}", self.length),
        )
    }

    /// All of it, as a server that ignores ranges answers.
    pub(crate) fn whole(&self) -> Reply {
        let mut reply = Reply::of(200, &self.start);
        reply.length = self.length;
        reply
    }
}

/// A server, and what it was asked so far.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<Vec<Weak<TcpStream>>>>,
}

impl Server {
    /// Starts a server that answers as `answer` says. It ends with the test's process.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let answer = Arc::new(answer);
        let connections = Arc::new(Mutex::new(Vec::new()));
        let open = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten().map(Arc::new) {
                open.lock().unwrap().push(Arc::downgrade(&stream));
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that goes away is its own affair.
                thread::spawn(move || serve(&stream, &seen, &*answer).ok());
            }
        });
        Self {
            address,
            asked,
            connections,
        }
    }

    /// Closes every connection that there is, in the middle of what it sends.
    pub(crate) fn hang_up(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            // One that is closed already is as it should be.
            let _ = connection.upgrade().map(|c| c.shutdown(Shutdown::Both));
        }
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request) -> Reply,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let request = Request { path, headers };
    let reply = answer(&request);
    seen.lock().unwrap().push(request);
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
    head.push_str(&format!("Content-Length: {}\r\n", reply.length));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    let mut body = reply.body.as_slice().chain(std::io::repeat(0));
    let length = reply.cut.unwrap_or(reply.length).min(reply.length);
    std::io::copy(&mut (&mut body).take(length), &mut stream)?;
    stream.flush()
}
