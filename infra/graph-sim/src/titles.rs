//! Titles that people, or their programs, have given to meetings.

use serde_json::{Value, json};

/// Titles that a reader of titles stumbles over. Each is a title that Graph can hold, and none is a mistake of the
/// simulated Graph.
pub const TITLES_THAT_HURT: [&str; 14] = [
    r#"He said "quorum" \ she said \"none\""#,
    "First line\nsecond line\r\nthird line",
    "Before\ta tab",
    // A right-to-left override: what follows it is shown backwards.
    "Report \u{202e}fdp.exe",
    "اجتماع الفريق: \"الميزانية\" 2026",
    // 255 characters, the most that Teams takes, and more bytes.
    "Jährliche Überprüfung aller Maßnahmen (Straße, Brücke, Fähre) – Jährliche Überprüfung aller Maßnahmen \
     (Straße, Brücke, Fähre) – Jährliche Überprüfung aller Maßnahmen (Straße, Brücke, Fähre) – Jährliche \
     Überprüfung aller Maßnahmen (Straße, Brücke, Fähre) –",
    // What Graph calls a channel's meeting.
    "None",
    "",
    " \u{a0} ",
    r#"=HYPERLINK("http://x")"#,
    "<script>alert('x')</script>",
    "Launch 🎉👩\u{200d}👩\u{200d}👧",
    r#"{"subject":"another","value":[null]}"#,
    // JSON writes it as an escape.
    "A NUL\u{0} inside",
];

/// A title as JSON. One that is odd ends in half an emoji, which no text in Rust can: it was cut in the middle.
pub(crate) fn title_json(title: Option<&str>, is_odd: bool) -> String {
    if !is_odd {
        return json!(title).to_string();
    }
    let text = json!(title.unwrap_or("half an emoji ")).to_string();
    format!("{}\\ud83d\"", &text[..text.len() - 1])
}

/// An object with one more member, first, whose value is this JSON as it is.
pub(crate) fn with_member(name: &str, json: &str, members: &Value) -> String {
    format!("{{\"{name}\":{json},{}", &members.to_string()[1..])
}
