//! Who is let in: whoever shows the token, at the one path there is, from no page of somebody else.

use std::convert::Infallible;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Response, StatusCode};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use crate::app::server::Secret;

/// Where the tools are.
pub const PATH: &str = "/mcp";
/// Bytes that a request's body has at most: arguments are short.
const MOST_BYTES: usize = 1 << 20;

/// What is answered.
pub(super) type HttpReply = Response<BoxBody<Bytes, Infallible>>;

/// Why a request is not let in; none where it is.
pub(super) fn refusal(token: &Secret, path: &str, headers: &HeaderMap) -> Option<HttpReply> {
    if path != PATH {
        let text = format!("nothing is here; the tools are at {PATH}\n");
        return Some(words(StatusCode::NOT_FOUND, text));
    }
    let shown = headers.get(AUTHORIZATION).and_then(bearer);
    if shown.is_some_and(|shown| token.is(shown)) {
        return None;
    }
    let what = if shown.is_some() { "another" } else { "a" };
    let text = format!(
        "{what} token is needed: `Authorization: Bearer TOKEN`, where `planner mcp --http` says which\n"
    );
    let mut answer = words(StatusCode::UNAUTHORIZED, text);
    let scheme = HeaderValue::from_static("Bearer realm=\"planner\"");
    answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    Some(answer)
}

/// The token of `Bearer TOKEN`; schemes are written in any case.
fn bearer(header: &HeaderValue) -> Option<&[u8]> {
    const SCHEME: usize = "Bearer ".len();
    let (scheme, token) = header.as_bytes().split_at_checked(SCHEME)?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

/// What the protocol's own part checks: a page that a name was rebound for says that name in `Host`,
/// and any page says where it is from in `Origin`. From here no page is served.
pub(super) fn rules(port: u16) -> StreamableHttpServerConfig {
    let hosts = ["localhost", "127.0.0.1", "[::1]"];
    StreamableHttpServerConfig::default()
        .with_allowed_origins(hosts.map(|host| format!("http://{host}:{port}")))
        .with_max_request_body_bytes(MOST_BYTES)
}

fn words(status: StatusCode, text: String) -> HttpReply {
    let mut answer = Response::new(Full::new(Bytes::from(text)).boxed());
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}
