//! What the colours and lines of a session's picture mean.

use crate::model::{Kind, Role};
use crate::pictures::Px;
use crate::pictures::timeline::Timeline;
use crate::times;

/// One entry of the legend: what is drawn, what it means, and where it stands.
pub(crate) struct Entry {
    /// The class in the style sheet: a bar's, or a line's.
    pub(crate) class: &'static str,
    /// What is drawn: `bar`, `line`, `frame`.
    pub(crate) shape: &'static str,
    pub(crate) words: String,
    pub(crate) x: Px,
    /// Where the words begin.
    pub(crate) words_x: Px,
}

/// About how wide a letter is.
const LETTER: f64 = 6.6;
/// The space between two entries.
const SPACE: f64 = 24.0;

/// The legend: only of what the picture has.
pub(crate) fn entries(timeline: &Timeline<'_>) -> Vec<Entry> {
    let mut x = 24.0;
    words(timeline)
        .into_iter()
        .map(|(class, shape, words)| {
            let words_x = x + if shape == "bar" { 28.0 } else { 36.0 };
            let entry = Entry { class, shape, x: Px(x), words_x: Px(words_x), words };
            x = words_x + LETTER * entry.words.chars().count() as f64 + SPACE;
            entry
        })
        .collect()
}

fn words(timeline: &Timeline<'_>) -> Vec<(&'static str, &'static str, String)> {
    let has = |role: Role| timeline.attendees.iter().any(|attendee| attendee.role == role);
    let mut words = Vec::new();
    if has(Role::Organizer) {
        words.push(("organizer", "bar", "Organizer".to_owned()));
    }
    match timeline.session.series.kind {
        Kind::Meeting => words.push(("attendee", "bar", "Others".to_owned())),
        Kind::Webinar | Kind::Townhall => {
            if has(Role::Presenter) {
                words.push(("presenter", "bar", "Presenter".to_owned()));
            }
            words.push(("attendee", "bar", "Attendee".to_owned()));
        }
    }
    let limits = timeline.limits();
    let time = |at| times::time(at, &timeline.rules.zone);
    words.extend(limits.late.map(|at| ("late-limit", "line", format!("late after {}", time(at)))));
    words.extend(limits.early.map(|at| ("early-limit", "line", format!("left early before {}", time(at)))));
    if timeline.attendees.iter().any(|attendee| attendee.spans.len() > 1) {
        words.push(("away", "line", "away".to_owned()));
    }
    if timeline.attendees.iter().any(|attendee| !attendee.unclear.is_empty()) {
        words.push(("open attendee", "open", "an end is not known".to_owned()));
    }
    words.extend(timeline.absentees.first().map(|absentee| ("missing", "frame", absentee.why.clone())));
    words
}
