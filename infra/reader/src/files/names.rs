//! Names of files, made of titles: safe on every system, and bounded.

use jiff::Timestamp;

use crate::rules::Rules;
use crate::text::Text;

/// How many bytes of a title are in a file's name: with the day, the zone and the ending below 255, the usual limit.
const TITLE_BYTES: usize = 120;

/// What no name of a file has: on Windows, or in a shell.
const UNSAFE: &str = "/\\:*?\"<>|`$;&%!#~'";

/// The name of a session's or register's file: `{title} {day} ({zone}).{ending}`.
///
/// The zone's slash is a hyphen (`Europe-Amsterdam`); the day is left out where no start is known; the title becomes
/// `attendance` where nothing of it is left.
pub fn file_name(title: Option<&Text>, start: Option<Timestamp>, rules: &Rules, ending: &str) -> String {
    let title = safe_title(title.map_or("", Text::shown));
    let zone = rules.zone_name().replace('/', "-").replace(':', "");
    let day = start.map(|at| format!(" {}", at.to_zoned(rules.zone.clone()).date())).unwrap_or_default();
    format!("{title}{day} ({zone}).{ending}")
}

/// The title as the beginning of a file's name.
fn safe_title(title: &str) -> String {
    let is_kept = |letter: char| {
        !(letter.is_control()
            || is_invisible(letter)
            || UNSAFE.contains(letter)
            || letter == char::REPLACEMENT_CHARACTER)
    };
    let spaced: String = title.chars().map(|letter| if is_kept(letter) { letter } else { ' ' }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    // A name that begins with a hyphen is an option to many programs, one that begins with a dot is hidden.
    let bounded = bounded(words.trim_matches(['.', '-', ' '])).trim_end_matches(['.', ' ']);
    match bounded {
        "" => "attendance".to_owned(),
        device if is_device(device) => format!("_{device}"),
        safe => safe.to_owned(),
    }
}

/// Marks that turn the direction of text, or that nobody sees: a name could look like another.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether Windows takes a name that begins so for a device.
fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ' ']).next().unwrap_or_default().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || numbered.is_some_and(|rest| rest.chars().count() == 1)
}

fn bounded(text: &str) -> &str {
    let end =
        (0..=TITLE_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_safe_name() {
        let titles = [
            ("Data protection training", "Data protection training"),
            ("../../etc/passwd", "etc passwd"),
            ("-rf *", "rf"),
            ("a\0b\u{202e}c\r\nd", "a b c d"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Consent", "Consent"),
            ("研修 𝄞", "研修 𝄞"),
            ("\u{fffd}...", "attendance"),
            ("", "attendance"),
        ];
        for (title, name) in titles {
            assert_eq!(safe_title(title), name);
        }
    }

    #[test]
    fn the_zone_and_the_day_stand_in_the_name() {
        let rules = crate::files::samples::rules();
        let start = "2026-10-14T22:30:00Z".parse().ok();
        let name = file_name(Some(&Text::from("Data protection training")), start, &rules, "csv");
        assert_eq!(name, "Data protection training 2026-10-15 (Europe-Amsterdam).csv");
        assert_eq!(file_name(None, None, &rules, "xlsx"), "attendance (Europe-Amsterdam).xlsx");
    }

    #[test]
    fn a_long_title_is_cut_between_characters() {
        let name = safe_title(&"é€𝄞".repeat(1000));
        assert!((TITLE_BYTES - 3..=TITLE_BYTES).contains(&name.len()), "{name}");
    }
}
