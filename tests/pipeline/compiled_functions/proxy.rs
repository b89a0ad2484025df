//! A proxy between a function's process and everything else: each of its requests passes here, and at
//! chosen ones the process is killed, before the request arrives or before its answer does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use http::StatusCode;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::PathAndQuery;
use shared::ports::http::{ConnectFailure, Http, HttpClient, HttpError, MAX_ANSWER_BYTES, Response};
use tokio::net::TcpListener;
use tools::runtime_api::{FunctionProcess, Settings};

/// When a process is killed at one of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// The request never arrives.
    BeforeTheEffect,
    /// It arrived and was done, but the process never knew.
    BeforeTheAnswer,
}

/// When processes are killed: at every n-th request of each kind, in turn before its effect and before its
/// answer.
#[derive(Default)]
pub(super) struct Kills {
    seen: Mutex<BTreeMap<String, usize>>,
    done: Mutex<BTreeMap<(String, Moment), usize>>,
}

impl Kills {
    fn next(&self, effect: &str, one_in: usize) -> Option<Moment> {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            let number = seen.entry(effect.to_owned()).or_default();
            *number += 1;
            *number
        };
        let moment = match number % (2 * one_in) {
            2 => Moment::BeforeTheEffect,
            rest if rest == one_in + 2 => Moment::BeforeTheAnswer,
            _ => return None,
        };
        *self.done.lock().unwrap().entry((effect.to_owned(), moment)).or_default() += 1;
        Some(moment)
    }

    /// How often a process was killed at each kind of request.
    pub(super) fn done(&self) -> BTreeMap<(String, Moment), usize> {
        self.done.lock().unwrap().clone()
    }
}

/// A function behind the proxy, killed at one in so many requests of a kind.
pub(super) async fn proxied(
    binary: &Path,
    mut settings: Settings,
    kills: &Arc<Kills>,
    one_in: usize,
) -> Arc<FunctionProcess> {
    let mut routes = Vec::new();
    for (upstream, names) in
        [("AWS_ENDPOINT_URL", &["AWS_ENDPOINT_URL"][..]), ("GRAPH_URL", &["GRAPH_URL", "LOGIN_URL"])]
    {
        let upstream = settings.iter().find(|(name, _)| *name == upstream).unwrap().1.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        settings.extend(names.iter().map(|name| (*name, url.clone())));
        routes.push((upstream, listener));
    }
    let function = Arc::new(FunctionProcess::new(binary.to_owned(), settings));
    for (upstream, listener) in routes {
        let proxy = Proxy {
            function: function.clone(),
            name: binary.file_name().unwrap().to_str().unwrap().to_owned(),
            upstream,
            http: HttpClient::new().unwrap(),
            kills: kills.clone(),
            one_in,
        };
        let router = Router::new().fallback(forward_or_kill).with_state(Arc::new(proxy));
        tokio::spawn(async { axum::serve(listener, router).await });
    }
    function
}

struct Proxy {
    function: Arc<FunctionProcess>,
    name: String,
    upstream: String,
    http: HttpClient,
    kills: Arc<Kills>,
    one_in: usize,
}

async fn forward_or_kill(
    State(proxy): State<Arc<Proxy>>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_ANSWER_BYTES).await else { return no_answer() };
    let kill = proxy.kills.next(&format!("{} {}", proxy.name, effect(&parts)), proxy.one_in);
    if kill == Some(Moment::BeforeTheEffect) {
        proxy.function.kill().await;
        return no_answer();
    }
    let answer = proxy.forward(http::Request::from_parts(parts, body)).await;
    if kill == Some(Moment::BeforeTheAnswer) {
        proxy.function.kill().await;
        return no_answer();
    }
    answer.map_or_else(|_| no_answer(), |answer| answer.map(Body::from))
}

impl Proxy {
    async fn forward(&self, mut request: shared::ports::http::Request) -> Result<Response, HttpError> {
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        *request.uri_mut() = format!("{}{path}", self.upstream)
            .parse()
            .map_err(|_| HttpError::Connect(ConnectFailure::Refused))?;
        request.headers_mut().remove(TRANSFER_ENCODING);
        let mut answer = self.http.send(request).await?;
        for name in [TRANSFER_ENCODING, CONNECTION] {
            answer.headers_mut().remove(name);
        }
        Ok(answer)
    }
}

/// The answer to a request whose process is dead.
fn no_answer() -> http::Response<Body> {
    let mut answer = http::Response::default();
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    answer
}

/// What a request does: the operation of AWS, or the method and the path's words without its ids.
fn effect(parts: &Parts) -> String {
    if let Some(target) = parts.headers.get("x-amz-target") {
        return target.to_str().unwrap_or_default().to_owned();
    }
    let is_word =
        |segment: &&str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphabetic());
    let words: Vec<&str> = parts.uri.path().split('/').filter(is_word).collect();
    format!("{} {}", parts.method, words.join("/"))
}
