//! A meeting's join URL: what it says of the meeting, and how two of them are compared.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// What the address of a meeting says of it. Newer addresses say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JoinUrlContext {
    /// The tenant that it is of.
    #[serde(rename = "Tid")]
    pub tenant_id: Option<String>,
    /// The object id of the user who organized it.
    #[serde(rename = "Oid")]
    pub organizer_id: Option<String>,
}

/// What an address of the long form says, in `context={"Tid":…,"Oid":…}`.
pub fn join_url_context(join_web_url: &str) -> Option<JoinUrlContext> {
    let url = Url::parse(join_web_url).ok()?;
    let (_, context) = url.query_pairs().find(|(name, _)| name == "context")?;
    serde_json::from_str(&context).ok()
}

/// A meeting's address without any encoding, to compare: Graph encodes it once or twice, in either case
/// of letters.
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
