//! How a call is made: the URL, the token, the response, the next pages.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::cloud::Capability;
use super::error::{GraphError, request_id};
use super::next_link::next_page;
use super::token::TokenCache;
use super::{Cloud, Endpoints, GraphVersion};
use crate::backoff::Backoff;
use crate::model::{Outcome, SEGMENT_ENCODING};
use crate::ports::clock::Clock;
use crate::ports::http::{Http, Request};

/// How long a call may wait in place, all its tries together; for a longer wait the message goes back to its
/// queue.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses between tries where Graph does not say how long to wait.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), longest: PATIENCE };
/// The most pages of one list: a list that is longer does not end.
const MAX_PAGES: usize = 1_000;
/// The most bytes of one list, all its pages together.
const MAX_BYTES: usize = 128 << 20;

/// A client of Microsoft Graph, in one cloud and one version of the API. Make one for each process: its
/// clones share the token.
#[derive(Clone)]
pub struct GraphClient {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    tokens: Arc<TokenCache>,
    /// The API's root, version included.
    root: Url,
    cloud: Cloud,
    version: GraphVersion,
}

/// A response's text, and the id under which Microsoft's support finds the request.
pub(super) struct GraphResponse {
    pub(super) text: String,
    pub(super) request_id: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page<T> {
    /// The entries of this page, perhaps none.
    pub value: Vec<T>,
    /// Graph's link to the next page; `None` on the last page.
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
}

impl<T> Page<T> {
    /// The page with each entry mapped, or left out where `entry` gives `None`.
    pub(super) fn map<U>(self, entry: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page { value: self.value.into_iter().filter_map(entry).collect(), next_link: self.next_link }
    }
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
            root: root(&endpoints.graph, endpoints.version),
            cloud: endpoints.cloud,
            version: endpoints.version,
        }
    }

    /// The same client, with the same token, for calls that exist in beta only.
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

    /// Refuses a call that this cloud and version do not have, before it is made.
    pub(super) fn require(&self, capability: Capability) -> Result<(), GraphError> {
        if self.cloud.has(capability, self.version) {
            return Ok(());
        }
        let what = format!("the cloud {} has no such call in {}", self.cloud.name(), self.version.name());
        Err(GraphError::new(Outcome::UnsupportedInCloud).because(what))
    }

    /// The URL of a resource, from raw segments and raw query values.
    pub(super) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, GraphError> {
        let invalid = || GraphError::new(Outcome::InvalidRequest).because("an id makes no URL");
        // A URL's path cannot hold such segments, and drops tabs and line breaks: the URL would name another
        // resource.
        let is_lost =
            |segment: &&str| matches!(*segment, "" | "." | "..") || segment.contains(['\t', '\n', '\r']);
        if segments.iter().any(is_lost) {
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

    /// Gets a whole list: every page.
    pub(super) async fn list<T: DeserializeOwned>(&self, first: Url) -> Result<Vec<T>, GraphError> {
        let pages = self.pages(&first, first.clone()).await?;
        Ok(pages.into_iter().flatten().collect())
    }

    /// Gets the pages of a list from `page` on, where `asked` is the URL of the list's first request.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        asked: &Url,
        page: Url,
    ) -> Result<Vec<Vec<T>>, GraphError> {
        let mut pages = Vec::new();
        let mut seen = HashSet::from([page.clone()]);
        let mut bytes = 0;
        let mut next = Some(page);
        while let Some(url) = next {
            let answer = self.get(url).await?;
            bytes += answer.text.len();
            let page: Page<T> = answer.read()?;
            pages.push(page.value);
            let link = page.next_link.as_deref().map(|link| next_page(asked, link)).transpose();
            next = link.map_err(|reason| GraphError::new(Outcome::Malformed).because(reason))?;
            if next.as_ref().is_some_and(|url| !seen.insert(url.clone())) {
                return Err(GraphError::new(Outcome::Malformed).because("the pages run in a circle"));
            }
            if pages.len() >= MAX_PAGES || bytes > MAX_BYTES {
                return Err(GraphError::new(Outcome::Malformed).because("the list does not end"));
            }
        }
        Ok(pages)
    }

    /// Gets one page of a list: the first, or the one that the `next_link` of the page before leads to.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        first: Url,
        next_link: Option<&str>,
    ) -> Result<Page<T>, GraphError> {
        let next = next_link.map(|link| next_page(&first, link)).transpose();
        let next = next.map_err(|reason| GraphError::new(Outcome::Malformed).because(reason))?;
        self.get(next.unwrap_or(first)).await?.read()
    }

    /// Makes one GET request.
    pub(super) async fn get(&self, url: Url) -> Result<GraphResponse, GraphError> {
        self.call(Method::GET, url, None).await
    }

    /// Makes one call.
    ///
    /// A token that is refused (401) is replaced once. A throttled or temporarily failed call is retried in
    /// place while the waits are short ([`PATIENCE`]).
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
            tries += 1;
            let token = self.tokens.token().await?;
            let error = match self.attempt(&call, &token).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.status.is_some_and(|status| status == 401) && may_refresh {
                may_refresh = false;
                self.tokens.discard(&token).await;
                continue;
            }
            let wait = match error.outcome {
                Outcome::Throttled => error.retry_after.unwrap_or(BACKOFF.pause(tries)),
                Outcome::Unavailable => BACKOFF.jittered_pause(tries, self.clock.now()),
                _ => return Err(error),
            };
            if waited + wait > PATIENCE {
                return Err(error);
            }
            self.clock.sleep(wait).await;
            waited += wait;
        }
    }

    async fn attempt(&self, call: &Call, token: &SecretString) -> Result<GraphResponse, GraphError> {
        let response = self.http.send(call.request(token)?).await?;
        let request_id = request_id(response.headers());
        if !response.status().is_success() {
            return Err(GraphError::from_graph(&response, self.clock.now()));
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::graph::StaticToken;
    use crate::ports::clock::SystemClock;
    use crate::ports::http::{HttpError, Response};

    /// A list without an end: after each page there is another, as long as this padding.
    struct Endless {
        padding: String,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Http for Endless {
        async fn send(&self, request: Request) -> Result<Response, HttpError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            let next = format!("https://graph.microsoft.com{}?$skiptoken={number}", request.uri().path());
            let page = json!({"value": [], "@odata.nextLink": next});
            Ok(Response::new(format!("{}{page}", self.padding).into()))
        }
    }

    #[tokio::test]
    async fn a_list_that_does_not_end_is_given_up() {
        for (padding, pages) in [(0, MAX_PAGES), (MAX_BYTES / 2, 2)] {
            let http = Arc::new(Endless { padding: " ".repeat(padding), asked: AtomicUsize::new(0) });
            let clock = Arc::new(SystemClock);
            let tokens = TokenCache::new(Box::new(StaticToken("token".to_owned().into())), clock.clone());
            let graph = GraphClient::new(http.clone(), clock, tokens, &Endpoints::from_env(&[]).unwrap());
            let asked = graph.url(&["users"], &[]).unwrap();
            let error = graph.list::<serde::de::IgnoredAny>(asked).await.unwrap_err();
            assert_eq!(error.outcome, Outcome::Malformed);
            assert_eq!(http.asked.load(Ordering::Relaxed), pages);
        }
    }
}
