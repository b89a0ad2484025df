//! A meeting's join URL: the ids that it holds, and the form in which two are compared.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// The ids that a long join URL holds in `context`. Newer, short join URLs hold none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JoinUrlContext {
    /// The id of the organizer's tenant; `None` where the context lacks it.
    #[serde(rename = "Tid")]
    pub tenant_id: Option<String>,
    /// The object id of the user who organized the meeting; `None` where the context lacks it.
    #[serde(rename = "Oid")]
    pub organizer_id: Option<String>,
}

/// Reads `context={"Tid":…,"Oid":…}` of a join URL; `None` where the URL has none, or is no URL.
pub fn join_url_context(join_web_url: &str) -> Option<JoinUrlContext> {
    let url = Url::parse(join_web_url).ok()?;
    let (_, context) = url.query_pairs().find(|(name, _)| name == "context")?;
    serde_json::from_str(&context).ok()
}

/// A join URL without any percent-encoding, for comparison: Graph encodes it once or twice, with upper-case
/// or lower-case hex digits.
pub fn normalize_join_url(address: &str) -> String {
    let mut plain = address.to_owned();
    loop {
        let decoded = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
        if decoded == plain {
            return plain;
        }
        plain = decoded;
    }
}
