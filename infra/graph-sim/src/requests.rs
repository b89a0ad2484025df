//! What a request asks for.

use http::Method;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use shared::ports::http::Request;
use url::form_urlencoded;

/// A request, taken apart.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The path's segments, decoded.
    pub(crate) segments: Vec<String>,
    query: Vec<(String, String)>,
    pub(crate) bearer: Option<String>,
    pub(crate) body: bytes::Bytes,
    /// Where the request went, for links to next pages.
    origin: String,
    raw_path: String,
}

impl Asked {
    pub(crate) fn read(request: &Request) -> Self {
        let uri = request.uri();
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let authority = uri.authority().map_or("graph.microsoft.com", |authority| authority.as_str());
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            method: request.method().clone(),
            segments: uri.path().split('/').skip(1).map(decode).collect(),
            query: query.into_owned().collect(),
            bearer: bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned),
            body: request.body().clone(),
            origin: format!("{}://{authority}", uri.scheme_str().unwrap_or("https")),
            raw_path: uri.path().to_owned(),
        }
    }

    pub(crate) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The times in a query's value, in their order.
    pub(crate) fn times_in(&self, name: &str) -> Vec<Timestamp> {
        let words = self.query(name).unwrap_or_default().split(' ');
        words.filter_map(|word| word.parse().ok()).collect()
    }

    /// How many entries the pages before this one had.
    pub(crate) fn skip(&self) -> usize {
        self.query("$skiptoken").and_then(|skip| skip.parse().ok()).unwrap_or(0)
    }

    /// The link to the page after `skip` entries of this list.
    pub(crate) fn next_link(&self, skip: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(name, _)| name != "$skiptoken"));
        query.append_pair("$skiptoken", &skip.to_string());
        format!("{}{}?{}", self.origin, self.raw_path, query.finish())
    }

    /// The link to the page after `skip` records of the report at this path.
    pub(crate) fn next_records_link(&self, skip: usize) -> String {
        format!("{}{}/attendanceRecords?$skiptoken={skip}", self.origin, self.raw_path)
    }

    /// Where the request went: the scheme and the host.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A value of a form.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(&self.body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn is_new_subscription(&self) -> bool {
        self.method == Method::POST && self.segments.last().is_some_and(|last| last == "subscriptions")
    }
}
