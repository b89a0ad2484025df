//! Texts that fit into a picture, and stand by themselves in it.

/// A text that is no wider than so many letters of the Latin alphabet, with `…` where it is cut.
pub(crate) fn fitting(text: &str, letters: f64) -> String {
    if text.chars().map(width).sum::<f64>() <= letters {
        return text.to_owned();
    }
    let mut room = letters - 1.0;
    let cut: String = text
        .chars()
        .take_while(|char| {
            room -= width(*char);
            room >= 0.0
        })
        .collect();
    format!("{}…", cut.trim_end())
}

/// About how wide a character is, in letters of the Latin alphabet.
fn width(char: char) -> f64 {
    if char >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&char) { 1.8 } else { 1.0 }
}

/// The text held apart from what stands beside it, where it may run from right to left and no `<bdi>` is possible.
pub(crate) fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_wide_is_cut() {
        assert_eq!(fitting("svetlana", 8.0), "svetlana");
        assert_eq!(fitting("svetlana achterberg", 10.0), "svetlana…");
        assert_eq!(fitting("明子明子明子", 6.0), "明子…");
    }
}
