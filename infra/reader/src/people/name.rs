//! A name as it is compared, where a roster may match by name: exactly, and never by similarity.

use unicode_normalization::UnicodeNormalization;

/// The name in NFKC, case folded, without marks in brackets (`(External)`), `Last, First` as `first last`, with single
/// spaces. `None` where nothing is left.
pub fn comparable_name(name: &str) -> Option<String> {
    let name = without_brackets(&composed(name));
    let name = match name.split_once(',') {
        Some((last, first)) if !first.contains(',') => format!("{first} {last}"),
        _ => name,
    };
    // Through capitals, for some letters have several small forms: `ß` is `ss`, a final sigma any other.
    let folded = composed(&name.to_uppercase().to_lowercase());
    let words: Vec<&str> = folded.split_whitespace().collect();
    Some(words.join(" ")).filter(|words| !words.is_empty())
}

/// The text in NFKC. ASCII is, and need not be looked up.
fn composed(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfkc().collect() }
}

/// The text without what stands in brackets; one that is never closed stays.
fn without_brackets(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((_, beyond)) = after.split_once(')') else { break };
        kept.push_str(before);
        kept.push(' ');
        rest = beyond;
    }
    kept + rest
}
