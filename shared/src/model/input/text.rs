//! A text without what clings to it when it is copied: blanks, quotes, brackets.

/// The quotes and brackets that no name begins or ends with.
const WRAPPERS: &[char] =
    &['"', '\'', '`', '<', '>', '(', ')', '[', ']', '„', '“', '”', '‚', '‘', '’', '«', '»', '‹', '›'];

/// The punctuation that a sentence leaves behind a name.
const PUNCTUATION: &[char] = &['.', ',', ';'];

/// Whether a character is a blank, a line break, or one that nobody sees: zero-width blanks, a byte order mark,
/// a soft hyphen, the marks of the writing direction.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Whether a character is a hyphen, or a dash that a mail client made of one.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The text without blanks, be they around it or where a line was broken.
pub(super) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).collect()
}

/// The text without the blanks, quotes, brackets and punctuation around it. Of `words <name>`, as mail clients
/// write it, the name.
pub(super) fn bare(text: &str) -> &str {
    let mut text = text.trim_matches(is_blank);
    if let (Some(begin), Some(before_end)) = (text.rfind('<'), text.strip_suffix('>')) {
        text = before_end.get(begin + 1..).unwrap_or_default();
    }
    loop {
        let trimmed =
            text.trim_matches(|c| is_blank(c) || WRAPPERS.contains(&c)).trim_end_matches(PUNCTUATION);
        // Braces stand around ids, but a join URL that is not encoded ends with one.
        let inner = trimmed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inner = inner.filter(|inner| !inner.contains(['{', '}'])).unwrap_or(trimmed);
        if inner == text {
            return text;
        }
        text = inner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clings_to_a_copied_name_is_left_out() {
        for typed in [
            "name",
            " name\n",
            "\u{feff}name\u{200b}",
            "\"name\".",
            "„name“,",
            "<name>",
            "(name)",
            "{name}",
            "'{name}';",
            "Some Words <name>",
            "« name »",
        ] {
            assert_eq!(bare(typed), "name", "{typed:?}");
        }
        assert_eq!(bare("https://x/?context={\"Oid\":\"o\"}"), "https://x/?context={\"Oid\":\"o\"}");
        for nothing in ["", "<>", "{}", "><", ". ."] {
            assert_eq!(bare(nothing), "", "{nothing:?}");
        }
    }
}
