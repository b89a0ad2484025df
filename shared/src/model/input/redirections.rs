//! Addresses that mail filters rewrote. Most carry the original, percent-encoded, and are read without this; the
//! two forms of Proofpoint replace its percent signs.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;

/// The address inside a rewritten one, as far as its form is known; any other address unchanged.
/// <https://help.proofpoint.com/Threat_Insight_Dashboard/API_Documentation/URL_Decoder_API>
pub(super) fn unwrapped(address: &str) -> Cow<'_, str> {
    let inner = proofpoint_v2(address).or_else(|| proofpoint_v3(address));
    inner.map_or(Cow::Borrowed(address), Cow::Owned)
}

/// `…/v2/url?u=https-3A__host_path&d=…`: hyphens stand for percent signs, underscores for slashes.
fn proofpoint_v2(address: &str) -> Option<String> {
    let (before, query) = address.split_once("/v2/url?")?;
    let is_proofpoint = before.eq_ignore_ascii_case("https://urldefense.proofpoint.com");
    let original = query.split('&').find_map(|pair| pair.strip_prefix("u=")).filter(|_| is_proofpoint)?;
    Some(original.replace('-', "%").replace('_', "/"))
}

/// `…/v3/__https://…__;JSUl!!…$`: each star stands for the next character of the base64 text.
fn proofpoint_v3(address: &str) -> Option<String> {
    let (before, rest) = address.split_once("/v3/__")?;
    let hosts = ["https://urldefense.com", "https://urldefense.us"];
    let (original, rest) = rest.split_once("__;")?;
    // Two stars stand for a run of characters: a join URL has none.
    if !hosts.iter().any(|host| before.eq_ignore_ascii_case(host)) || original.contains("**") {
        return None;
    }
    let replaced = rest.split('!').next()?.trim_end_matches('=');
    let replaced = String::from_utf8(BASE64URL_NOPAD.decode(replaced.as_bytes()).ok()?).ok()?;
    let mut replaced = replaced.chars();
    original.chars().map(|c| if c == '*' { replaced.next() } else { Some(c) }).collect()
}
