//! Lists: page by page, and entry by entry, so that one odd entry or page does not hide the others.

use std::collections::HashSet;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use url::Url;

use super::GraphClient;
use super::client::GraphResponse;
use super::error::GraphError;
use super::next_link::next_page;
use crate::model::Outcome;

/// The most pages of one list: a list that is longer does not end.
pub(super) const MAX_PAGES: usize = 1_000;
/// The most bytes of one list, all its pages together.
pub(super) const MAX_BYTES: usize = 128 << 20;
/// How often a list is begun anew because Graph no longer knows one of its pages.
const RESTARTS: usize = 2;

/// A list as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The entries that could be read, perhaps none.
    pub entries: Vec<T>,
    /// Why an entry is not among them: the first that is not as documented; `None` where all are.
    pub odd: Option<GraphError>,
    /// Why there is no further page among them; `None` where the list was read to its end.
    pub unread: Option<GraphError>,
    /// Graph's `request-id` of the first page; `None` where Graph gave none.
    pub request_id: Option<String>,
}

/// An entry of a list, with its text as Graph sent it.
#[derive(Debug, Clone)]
pub(super) struct AsSent<T> {
    pub(super) text: Box<RawValue>,
    pub(super) entry: T,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for AsSent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let entry = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        Ok(Self { text, entry })
    }
}

/// One page of a list, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries of this page that could be read, perhaps none.
    pub value: Vec<T>,
    /// What is odd about the page: an entry that is not as documented, and so not in `value`, or a link that leads
    /// back to the page; `None` where nothing is.
    pub odd: Option<GraphError>,
    /// Graph's link to the next page; `None` on the last page.
    pub next_link: Option<String>,
}

/// A page as Graph sends it.
#[derive(Deserialize)]
struct SentPage {
    value: Vec<Box<RawValue>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// The raw entries of a list's pages, and why there are no more of them than that.
pub(super) struct Pages {
    pub(super) pages: Vec<Vec<Box<RawValue>>>,
    pub(super) unread: Option<GraphError>,
    /// Graph's `request-id` of the first page.
    pub(super) request_id: Option<String>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), odd: None, unread: None, request_id: None }
    }
}

impl<T> List<T> {
    /// The entries, where every one could be read.
    ///
    /// # Errors
    /// An entry or a page could not be read.
    pub fn whole(self) -> Result<Vec<T>, GraphError> {
        self.unread.or(self.odd).map_or(Ok(self.entries), Err)
    }
}

impl<T> Page<T> {
    /// The page with each entry mapped, or left out where `entry` gives `None`.
    pub(super) fn map<U>(self, entry: impl FnMut(T) -> Option<U>) -> Page<U> {
        let value = self.value.into_iter().filter_map(entry).collect();
        Page { value, odd: self.odd, next_link: self.next_link }
    }
}

impl GraphClient {
    /// Gets a list, every page. What cannot be read is told beside the rest.
    pub(super) async fn list<T: DeserializeOwned>(&self, first: Url) -> Result<List<T>, GraphError> {
        let Pages { pages, unread, request_id } = self.pages(&first, first.clone()).await?;
        let (entries, odd) = read_entries(pages.into_iter().flatten());
        Ok(List { entries, odd, unread, request_id })
    }

    /// Gets the pages of a list from `page` on, where `asked` is the URL of the list's first request. A page
    /// after the first that fails ends the list.
    pub(super) async fn pages(&self, asked: &Url, page: Url) -> Result<Pages, GraphError> {
        let mut restarts = 0;
        loop {
            match self.pages_once(asked, page.clone()).await? {
                Pages { unread: Some(error), .. }
                    if error.outcome == Outcome::PageExpired && restarts < RESTARTS =>
                {
                    restarts += 1;
                }
                pages => return Ok(pages),
            }
        }
    }

    async fn pages_once(&self, asked: &Url, page: Url) -> Result<Pages, GraphError> {
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut bytes = 0;
        let mut url = page;
        let mut first_request_id = None;
        let unread = loop {
            let (page, GraphResponse { text, request_id }) = match self.sent_page(url.clone()).await {
                Ok(page) => page,
                Err(error) if pages.is_empty() => return Err(error),
                Err(error) => break Some(error),
            };
            bytes += text.len();
            first_request_id = first_request_id.or(request_id);
            let is_empty = page.value.is_empty();
            pages.push(page.value);
            let Some(link) = page.next_link else { break None };
            seen.insert(url);
            url = match next_page(asked, &link) {
                // The last page may name itself.
                Ok(next) if seen.contains(&next) && is_empty => break None,
                Ok(next) if seen.contains(&next) => break Some(malformed("the pages run in a circle")),
                Ok(_) if pages.len() >= MAX_PAGES || bytes > MAX_BYTES => {
                    break Some(malformed("the list does not end"));
                }
                Ok(next) => next,
                Err(reason) => break Some(malformed(reason)),
            };
        };
        Ok(Pages { pages, unread, request_id: first_request_id })
    }

    /// Gets one page of a list: the first, or the one that the `next_link` of the page before leads to.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        first: Url,
        next_link: Option<&str>,
    ) -> Result<Page<T>, GraphError> {
        let next = next_link.map(|link| next_page(&first, link)).transpose().map_err(malformed)?;
        let url = next.unwrap_or_else(|| first.clone());
        let (page, _) = self.sent_page(url.clone()).await?;
        let repeats = |link: &String| next_page(&first, link).is_ok_and(|next| next == url);
        let is_circle = page.next_link.as_ref().is_some_and(repeats);
        let circle = (is_circle && !page.value.is_empty()).then(|| malformed("the pages run in a circle"));
        let (value, odd) = read_entries(page.value);
        Ok(Page { value, odd: circle.or(odd), next_link: page.next_link.filter(|_| !is_circle) })
    }

    /// One page, and the answer that it was read from.
    async fn sent_page(&self, url: Url) -> Result<(SentPage, GraphResponse), GraphError> {
        let answer = self.get(url).await?;
        Ok((answer.read()?, answer))
    }
}

/// The entries that are as documented, and the error of the first that is not.
fn read_entries<T: DeserializeOwned>(
    entries: impl IntoIterator<Item = Box<RawValue>>,
) -> (Vec<T>, Option<GraphError>) {
    let mut odd = None;
    let read = entries.into_iter().filter_map(|entry| match serde_json::from_str(entry.get()) {
        Ok(entry) => Some(entry),
        Err(error) => {
            odd.get_or_insert_with(|| GraphError::not_as_documented(&error));
            None
        }
    });
    let read = read.collect();
    (read, odd)
}

fn malformed(reason: &'static str) -> GraphError {
    GraphError::new(Outcome::Malformed).because(reason)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::graph::{Endpoints, StaticToken, TokenCache};
    use crate::ports::clock::SystemClock;
    use crate::ports::http::{Http, HttpError, Request, Response};
    use std::sync::Arc;

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
            let list = graph.list::<serde::de::IgnoredAny>(asked).await.unwrap();
            assert_eq!(list.unread.map(|error| error.outcome), Some(Outcome::Malformed));
            assert_eq!(http.asked.load(Ordering::Relaxed), pages);
        }
    }
}
