//! What the command prints: its result on the standard output, and what a person wants to know meanwhile beside it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Whether only results and failures are printed. The process has one terminal, so this is the process's.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on only results and failures are printed: `--quiet`.
pub fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// A bar that shows how far something is, in the words of `template`. It shows nothing where there is no terminal, and nothing
/// where the command is to be quiet.
pub(crate) fn bar(template: &str) -> ProgressBar {
    let bar = match IS_QUIET.load(Ordering::Relaxed) {
        true => ProgressBar::hidden(),
        false => ProgressBar::no_length(),
    };
    bar.with_style(style(template))
}

/// How a bar looks, in the words of `template`, without a colour.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Prints a line of the result. Its reader may have gone (`| head`): that is no failure.
pub(crate) fn print_stdout(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

/// Prints a line that is no part of the result: progress, and what a person wants to know meanwhile. Not where the command is to
/// be quiet.
pub(crate) fn print_stderr(line: &str) {
    if !IS_QUIET.load(Ordering::Relaxed) {
        writeln!(io::stderr(), "{line}").ok();
    }
}

/// Prints a failure, or a question that must be answered: also where the command is to be quiet.
pub fn print_failure(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}

/// A text from outside, as it can be shown on a terminal in one line: without control characters and those that turn the
/// direction of what follows, and not longer than `most` characters.
pub(crate) fn readable(text: &str, most: usize) -> String {
    let shown: String = text.chars().map(|c| if is_harmful(c) { ' ' } else { c }).collect();
    let shown = shown.trim();
    if shown.chars().count() <= most {
        return shown.to_owned();
    }
    shown.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Whether a character moves the cursor, breaks the line or turns the direction of writing.
fn is_harmful(c: char) -> bool {
    let turns =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_and_turns_nothing() {
        assert_eq!(readable("Plan\r\n\u{1b}[31mred\u{202e}dab\u{2069}", 60), "Plan   [31mred dab");
        assert_eq!(readable("  مراجعة 🎯 ", 60), "مراجعة 🎯");
        assert_eq!(readable(&"x".repeat(61), 60), format!("{}…", "x".repeat(59)));
        assert_eq!(readable(&"x".repeat(60), 60), "x".repeat(60));
    }
}
