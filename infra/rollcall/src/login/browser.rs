//! The sign-in in the browser: an address on this machine waits for the code.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use shared::graph::{AuthorizationRequest, DelegatedScope, Grant, GraphError, PublicClient};
use shared::ports::secrets::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::terminal::print_failure;

/// For how long a person has time to sign in.
const PATIENCE: Duration = Duration::from_mins(10);
const DONE: &str = "Close this page and go back to the terminal: it says whether you are signed in.";
const REFUSED: &str = "You were not signed in. Close this page: the terminal says why, and what to do.";
const STRANGE: &str =
    "This is not the answer that is waited for. Sign in with the address that the terminal shows.";

/// What the browser brought: the code, or why there is none.
type Brought = Result<SecretString, GraphError>;

/// What waits at the address on this machine.
#[derive(Clone)]
struct Waiting {
    request: Arc<AuthorizationRequest>,
    brought: mpsc::Sender<Brought>,
}

/// Opens the browser with `open`, where that is given, waits for it to come back, and requests the first token.
///
/// # Errors
/// No port is free, or nobody signed in within ten minutes. Inside is what the token service refuses.
pub(super) async fn sign_in(
    client: &PublicClient,
    scopes: &[DelegatedScope],
    open: Option<&(dyn Fn(&str) -> bool + Sync)>,
) -> anyhow::Result<Result<Grant, GraphError>> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("no port of this machine can be listened on: use --device-code")?;
    // Entra takes any port behind the registered http://localhost.
    let redirect_uri = format!("http://localhost:{}", listener.local_addr()?.port());
    let request = Arc::new(AuthorizationRequest::new(redirect_uri, scopes.to_vec())?);
    let address = client.authorization_url(&request)?;
    print_failure(&format!(
        "Sign in in the browser:\n  {address}\nIf the browser shows an AADSTS number and does not come back: rollcall login --explain NUMBER"
    ));
    if open.is_some_and(|open| !open(address.as_str())) {
        print_failure(
            "No browser could be opened: open this address yourself, on this machine, or use --device-code.",
        );
    }
    let (sender, mut brought) = mpsc::channel(1);
    let waiting = Waiting { request: Arc::clone(&request), brought: sender };
    let router = Router::new().route("/", get(answer)).with_state(waiting);
    let code = tokio::select! {
        code = brought.recv() => code.context("the browser's answer was lost: run `rollcall login` again")?,
        served = axum::serve(listener, router) => { served?; bail!("the address on this machine was closed: run `rollcall login` again") }
        () = client.clock.sleep(PATIENCE) => bail!("nobody signed in within ten minutes: run `rollcall login` again"),
    };
    Ok(match code {
        Ok(code) => client.redeem(&code, &request).await,
        Err(refused) => Err(refused),
    })
}

/// Takes what the browser brought. Whatever does not answer the request is refused, and waited on: any page may send
/// requests to this machine.
async fn answer(State(waiting): State<Waiting>, RawQuery(query): RawQuery) -> Response {
    let Some(brought) = waiting.request.answer(&query.unwrap_or_default()) else {
        return page(StatusCode::BAD_REQUEST, STRANGE);
    };
    let text = if brought.is_ok() { DONE } else { REFUSED };
    // A second answer finds the channel full, or nobody at its end.
    waiting.brought.try_send(brought).ok();
    page(StatusCode::OK, text)
}

fn page(status: StatusCode, text: &str) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let html = Html(format!("<!doctype html><meta charset=\"utf-8\"><title>Rollcall</title><p>{text}</p>"));
    (status, headers, html).into_response()
}
