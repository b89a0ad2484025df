//! Text that a spreadsheet could take for a formula, or that no file of text can hold.

use crate::words::printable;

/// What begins a formula, in its narrow and its full-width form.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text as a field of a file of text.
///
/// An apostrophe stands before what a spreadsheet could take for a formula (OWASP ASVS 1.2.10); controls become U+FFFD.
/// Raw text stays as it is.
pub(super) fn field(text: &str, is_raw: bool) -> String {
    if is_raw {
        return text.to_owned();
    }
    let shown = printable(text);
    if is_formula(&shown) { format!("'{shown}") } else { shown }
}

fn is_formula(text: &str) -> bool {
    // A byte order mark within a text is no white space to Rust, and nothing to a spreadsheet.
    let first =
        text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}').chars().next();
    first.is_some_and(|first| SIGNS.contains(&first)) || text.starts_with(['\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_formula_gets_an_apostrophe() {
        let formulas =
            ["=1+1", "+31", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "  =1", "\u{a0}=1", "\u{feff}=1"];
        for text in formulas.into_iter().chain(["\tNoor", "\rNoor", "\nNoor"]) {
            assert_eq!(field(text, false), format!("'{text}"));
            assert_eq!(field(text, true), text);
        }
    }

    #[test]
    fn any_other_text_is_itself() {
        for text in ["", "Noor", "a=b", "'=1", "1-2", "明子", "Örnberg, Yusuf", "a\tb", "\u{202e}noor", "<b>"]
        {
            assert_eq!(field(text, false), text);
        }
    }

    #[test]
    fn controls_become_replacements_except_where_text_is_raw() {
        assert_eq!(field("a\0b\u{7}c\u{85}d\u{ffff}\n", false), "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}\n");
        assert_eq!(field("a\0b", true), "a\0b");
    }

    proptest::proptest! {
        #[test]
        fn no_field_begins_like_a_formula_and_none_loses_more_than_its_controls(text in "[\\s=+@＝\u{feff}a-]{0,6}.*") {
            let written = field(&text, false);
            proptest::prop_assert!(!is_formula(&written), "{written:?}");
            proptest::prop_assert!(written.ends_with(&printable(&text)));
            proptest::prop_assert!(written.chars().all(|letter| !letter.is_control() || "\t\r\n".contains(letter)));
        }
    }
}
