//! How a call is made: the URL, the token, the response, the next pages.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::budget::{Budget, CallEnd, Permit};
use super::cloud::Capability;
use super::error::{GraphError, request_id};
use super::refusal::Resource;
use super::throttle::Throttle;
use super::token::TokenCache;
use super::{Cloud, DelegatedScope, Endpoints, GraphVersion};
use crate::backoff::Backoff;
use crate::memory;
use crate::model::{MAX_ID_BYTES, Outcome, SEGMENT_ENCODING};
use crate::ports::clock::Clock;
use crate::ports::http::{Http, Request};

/// How long a call may wait in place, all its tries together, and what failed ones took; for a longer wait the message
/// goes back to its queue.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses between tries where Graph does not say how long to wait.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), longest: PATIENCE };

/// A client of Microsoft Graph, in one cloud and one version of the API. Make one for each process: its
/// clones share the token, the calls that may be under way at once, and the time that Graph asked to wait.
#[derive(Clone)]
pub struct GraphClient {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    tokens: Arc<TokenCache>,
    budget: Arc<Budget>,
    throttle: Arc<Throttle>,
    /// The API's root, version included.
    root: Url,
    cloud: Cloud,
    version: GraphVersion,
    /// What a signed-in person allows; `None` where the application calls.
    allowed: Option<Arc<[DelegatedScope]>>,
}

/// A response's text, and the id under which Microsoft's support finds the request.
pub(super) struct GraphResponse {
    pub(super) text: String,
    pub(super) request_id: Option<String>,
}

impl GraphClient {
    /// A client for the cloud, the hosts and the version of `endpoints`.
    pub fn new(
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
        tokens: TokenCache,
        endpoints: &Endpoints,
    ) -> Self {
        Self {
            http,
            clock,
            tokens: Arc::new(tokens),
            budget: Arc::default(),
            throttle: Arc::default(),
            root: root(&endpoints.graph, endpoints.version),
            cloud: endpoints.cloud,
            version: endpoints.version,
            allowed: None,
        }
    }

    /// The same client for a person who allows `scopes` alone: any other call of theirs is refused before it is made.
    #[must_use]
    pub fn for_person(self, scopes: &[DelegatedScope]) -> Self {
        Self { allowed: Some(scopes.into()), ..self }
    }

    /// The same client, with the same token and the same waits, for calls that exist in beta only.
    #[must_use]
    pub fn in_beta(&self) -> Self {
        let mut graph = self.root.clone();
        if let Ok(mut path) = graph.path_segments_mut() {
            path.pop();
        }
        Self { root: root(&graph, GraphVersion::Beta), version: GraphVersion::Beta, ..self.clone() }
    }

    /// The version of the API that the client calls.
    pub fn version(&self) -> GraphVersion {
        self.version
    }

    /// How many calls may be under way at once now, of all clones together: 1 or more. It changes with each answer.
    pub fn calls_at_once(&self) -> usize {
        self.budget.limit()
    }

    /// How many calls are under way, of all clones together. None is where nobody waits for an answer.
    pub fn calls_under_way(&self) -> usize {
        self.budget.under_way()
    }

    /// Refuses a call that this cloud and version do not have, before it is made.
    pub(super) fn require(&self, capability: Capability) -> Result<(), GraphError> {
        if self.cloud.has(capability, self.version) {
            return Ok(());
        }
        let what = format!("the cloud {} has no such call in {}", self.cloud.name(), self.version.name());
        Err(GraphError::new(Outcome::UnsupportedInCloud).because(what))
    }

    /// Refuses a call that a signed-in person does not allow, before it is made.
    pub(super) fn require_scope(&self, scope: DelegatedScope) -> Result<(), GraphError> {
        match &self.allowed {
            Some(allowed) if !allowed.contains(&scope) => {
                let what = format!("{} was not asked for", scope.permission());
                Err(GraphError::new(Outcome::ConsentMissing).because(what).mended_by(scope.remedy()))
            }
            _ => Ok(()),
        }
    }

    /// The URL of a resource, from raw segments and raw query values.
    pub(super) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, GraphError> {
        let invalid = || GraphError::new(Outcome::InvalidRequest).because("an id makes no URL");
        // A URL's path cannot hold such segments, and drops tabs and line breaks: the URL would name another
        // resource. None of Graph's ids is very long.
        let is_lost =
            |segment: &&str| matches!(*segment, "" | "." | "..") || segment.contains(['\t', '\n', '\r']);
        if segments.iter().any(|segment| is_lost(segment) || segment.len() > MAX_ID_BYTES) {
            return Err(invalid());
        }
        let mut url = self.root.clone();
        url.path_segments_mut().map_err(|()| invalid())?.extend(segments);
        let encode = |text| utf8_percent_encode(text, QUERY).to_string();
        let pairs = query.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let pairs = pairs.collect::<Vec<_>>().join("&");
        url.set_query(Some(pairs.as_str()).filter(|pairs| !pairs.is_empty()));
        Ok(url)
    }

    /// Makes one GET request. An answer that is too large beside those of other steps is asked for again when it is its
    /// step's turn.
    pub(super) async fn get(&self, url: Url) -> Result<GraphResponse, GraphError> {
        loop {
            match self.call(Method::GET, url.clone(), None).await {
                Err(_) if memory::is_refused() => memory::take_turn().await,
                answer => return answer,
            }
        }
    }

    /// Makes one call.
    ///
    /// A token that is refused (401) is replaced once. A throttled or temporarily failed call is retried in
    /// place while the waits are short ([`PATIENCE`]). While Graph asked the process to wait, no call is made, and no more
    /// are made at once than it stands.
    pub(super) async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
    ) -> Result<GraphResponse, GraphError> {
        let call = Call { method, url, body };
        let mut may_refresh = true;
        let mut waited = Duration::ZERO;
        let mut tries = 0;
        loop {
            let (token, permit) = self.permit().await?;
            tries += 1;
            let answer = self.attempt(&call, &token).await;
            let now = self.clock.now();
            let wait = answer.as_ref().err().and_then(|error| wait_before_retry(error, tries, now));
            let end = call_end(&answer);
            if end == CallEnd::Throttled {
                // Before the next has its permit.
                self.throttle.wait(now, wait.unwrap_or_default());
            }
            // An answer that hangs is waited for once: its message's neighbours wait, too.
            waited += permit.end(end);
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.status.is_some_and(|status| status == 401) && may_refresh {
                may_refresh = false;
                self.tokens.discard(&token).await;
                continue;
            }
            let Some(wait) = wait else { return Err(error) };
            self.pause(&mut waited, wait, error).await?;
        }
    }

    /// Waits for the permit of one attempt, and gives the token for it: Graph may be asked now. What the answers to others
    /// close meanwhile is no wait of this call, unless one of these is longer than its patience.
    async fn permit(&self) -> Result<(SecretString, Permit<'_>), GraphError> {
        loop {
            if let Some(left) = self.throttle.left(self.clock.now()) {
                if left > PATIENCE {
                    return Err(GraphError::throttled(left));
                }
                self.clock.sleep(left).await;
                continue;
            }
            let token = self.tokens.token().await?;
            let permit = self.budget.permit(&*self.clock).await;
            // Another call may have been throttled while this one waited for its permit.
            if self.throttle.left(self.clock.now()).is_none() {
                return Ok((token, permit));
            }
        }
    }

    /// Waits in place, as long as all waits of a call together are short; else `error` is its result.
    async fn pause(
        &self,
        waited: &mut Duration,
        wait: Duration,
        error: GraphError,
    ) -> Result<(), GraphError> {
        *waited += wait;
        if *waited > PATIENCE {
            return Err(error);
        }
        self.clock.sleep(wait).await;
        Ok(())
    }

    async fn attempt(&self, call: &Call, token: &SecretString) -> Result<GraphResponse, GraphError> {
        let response = self.http.send(call.request(token)?).await?;
        let request_id = request_id(response.headers());
        if !response.status().is_success() {
            let refused = GraphError::from_graph(&response, Resource::of(&call.url), self.clock.now());
            return Err(if self.allowed.is_some() { refused.told_to_person() } else { refused });
        }
        let text = String::from_utf8(response.into_body().into()).map_err(|_| {
            let malformed = GraphError::new(Outcome::Malformed).because("it is not UTF-8");
            malformed.with_request_id(request_id.clone())
        })?;
        Ok(GraphResponse { text, request_id })
    }
}

impl GraphResponse {
    /// Reads the response's JSON.
    pub(super) fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, GraphError> {
        serde_json::from_str(&self.text)
            .map_err(|error| GraphError::not_as_documented(&error).with_request_id(self.request_id.clone()))
    }
}

/// How long to wait before a failed call is tried again; `None` where it is not.
fn wait_before_retry(error: &GraphError, tries: u32, now: Timestamp) -> Option<Duration> {
    match error.outcome {
        Outcome::Throttled => Some(error.retry_after.unwrap_or(BACKOFF.pause(tries))),
        Outcome::Unavailable => Some(BACKOFF.jittered_pause(tries, now)),
        _ => None,
    }
}

/// What an attempt tells of how much Graph stands.
fn call_end(answer: &Result<GraphResponse, GraphError>) -> CallEnd {
    match answer {
        Err(error) if error.outcome == Outcome::Throttled => CallEnd::Throttled,
        // An answer that began to come, and was too large to be held beside others, is one.
        Err(error) if error.status.is_none() && error.outcome != Outcome::Malformed => CallEnd::Unanswered,
        Err(error) if error.outcome == Outcome::Unavailable => CallEnd::Failed,
        _ => CallEnd::Answered,
    }
}

/// The root of one version of the API, below Graph's root.
fn root(graph: &Url, version: GraphVersion) -> Url {
    let mut root = graph.clone();
    if let Ok(mut path) = root.path_segments_mut() {
        path.pop_if_empty().push(version.name());
    }
    root
}

/// One call, of which each try makes a request.
struct Call {
    method: Method,
    url: Url,
    body: Option<String>,
}

impl Call {
    fn request(&self, token: &SecretString) -> Result<Request, GraphError> {
        let refused = || GraphError::new(Outcome::CredentialRefused).because("the token makes no header");
        let bearer = format!("Bearer {}", token.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| refused())?;
        authorization.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(self.url.as_str())
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json");
        if self.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(self.body.clone().unwrap_or_default().into());
        request.map_err(|_| GraphError::new(Outcome::InvalidRequest).because("an id makes no URL"))
    }
}

/// A text as an OData string literal: in single quotes, a quote inside written twice.
pub(super) fn odata_string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The characters that are encoded in a query value: as in a segment, but OData's quotes and dollar signs
/// stay readable.
const QUERY: &AsciiSet = &SEGMENT_ENCODING.remove(b'\'').remove(b'$');
