//! The server over HTTP: several clients of this machine at once, each with plans of its own.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::gate::{self, HttpReply};
use super::options::Options;
use super::server::Server;
use super::session::Session;
use crate::app::Workspace;
use crate::app::server::{Door, Secret};

/// Connections at once; a client holds a few.
const MOST_CONNECTIONS: usize = 256;
/// Sessions at once; those of clients that went without a word end by themselves.
const MOST_SESSIONS: usize = 512;
/// A session ends after so long without a word: longer than a user thinks about a question.
const SILENCE: Duration = Duration::from_secs(4 * 60 * 60);
/// A request's headers are here within this time, and take no more than this.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
const HEADERS_BYTES: usize = 64 << 10;
/// How long clients are given to hear the end.
const PARTING: Duration = Duration::from_secs(2);
/// How often it is looked whether the end has come.
const LOOK: Duration = Duration::from_millis(50);

type Service = StreamableHttpService<Server, LocalSessionManager>;

/// What each connection needs.
struct House {
    service: Service,
    token: Secret,
    end: CancellationToken,
}

/// Serves until `options.end` is turned on; what is being loaded then is taken back first.
pub(super) async fn serve(workspace: Arc<Workspace>, options: Options, door: Door) -> Result<()> {
    let asked = Arc::clone(&options.end);
    let session = Session::new(workspace, options);
    let end = CancellationToken::new();
    let house = Arc::new(House {
        service: service(&session, door.listener.port(), end.clone()),
        token: door.token,
        end: end.clone(),
    });
    let listener =
        TcpListener::from_std(door.listener.into_listener()).context("can't wait for clients")?;
    let connections = TaskTracker::new();
    tokio::select! {
        () = accept(&listener, &house, &connections) => {}
        () = turned_on(&asked) => {}
    }
    end.cancel();
    drop(listener);
    connections.close();
    let _ = timeout(PARTING, connections.wait()).await;
    session.applies.close();
    session.applies.wait().await;
    Ok(())
}

async fn turned_on(end: &std::sync::atomic::AtomicBool) {
    while !end.load(Ordering::Relaxed) {
        sleep(LOOK).await;
    }
}

fn service(session: &Arc<Session>, port: u16, end: CancellationToken) -> Service {
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(SILENCE);
    // Clients of the newest protocol have no sessions: to them, all plans are in one place.
    let of_many = session.beside(true);
    let own = Arc::clone(session);
    let alive = Arc::new(());
    let make = move || {
        if Arc::strong_count(&alive) > MOST_SESSIONS {
            return Err(io::Error::other(
                "too many sessions: end some, or start the server anew",
            ));
        }
        Ok(Server::beside(own.beside(false), &of_many, &alive))
    };
    let rules = gate::rules(port).with_cancellation_token(end);
    StreamableHttpService::new(make, Arc::new(sessions), rules)
}

async fn accept(listener: &TcpListener, house: &Arc<House>, connections: &TaskTracker) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        // One that went before it was taken, or too many files: the next may come through.
        let Ok((stream, _)) = listener.accept().await else {
            sleep(LOOK).await;
            continue;
        };
        let house = Arc::clone(house);
        connections.spawn(async move {
            talk(stream, &house).await;
            drop(place);
        });
    }
}

async fn talk(stream: TcpStream, house: &Arc<House>) {
    let answering = service_fn(|request| {
        let house = Arc::clone(house);
        async move { Ok::<_, Infallible>(answer(&house, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADERS_BYTES)
        .serve_connection(TokioIo::new(stream), answering);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong on the way is the client's to notice.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = house.end.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(house: &House, request: Request<Incoming>) -> HttpReply {
    let refused = gate::refusal(&house.token, request.uri().path(), request.headers());
    match refused {
        Some(refused) => refused,
        None => house.service.handle(request).await,
    }
}
