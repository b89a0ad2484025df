//! What one person did in each session, exactly as the pages of these sessions show it.

use serde::Serialize;

use crate::index::{Index, IndexError, SessionLine};
use crate::model::Span;
use crate::pages::loaded::loaded;
use crate::rules::Rules;
use crate::session::{Attendee, Session, excerpt_suffices};
use crate::text::Text;

/// What one person did in a session.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attended {
    pub(super) key: String,
    pub(super) title: Option<Text>,
    pub(super) span: Option<Span>,
    pub(super) window: Option<Span>,
    pub(super) attendee: Attendee,
    /// The SHA-256 of the session's reports, as far as they are known.
    #[serde(skip)]
    pub(super) hashes: Vec<String>,
}

/// What the person with a key did in these sessions. Most are made of an excerpt: a session may be of thousands of people.
pub(super) fn attended(
    index: &Index,
    key: &str,
    sessions: &[SessionLine],
    rules: &Rules,
) -> Result<Vec<Attended>, IndexError> {
    let keys = index.keys_of(key)?;
    let lines: Vec<&str> = sessions.iter().map(|line| line.key.as_str()).collect();
    let mut attended = Vec::with_capacity(sessions.len());
    for (line, excerpt) in lines.iter().zip(index.excerpts(key, &lines)?) {
        let session = match excerpt_suffices(&excerpt, rules) {
            true => Session::of(&excerpt, &[], rules),
            false => loaded(index, line, rules.clone())?.map(|loaded| loaded.session),
        };
        attended.extend(session.and_then(|session| Attended::of(&keys, line, session)));
    }
    Ok(attended)
}

impl Attended {
    /// What the person did in the session, by any of the keys that are the person's.
    pub(super) fn of(keys: &[String], line: &str, session: Session) -> Option<Self> {
        let is_person =
            |attendee: &Attendee| attendee.person.keys().any(|key| keys.contains(&key.to_string()));
        let attendee = session.attendees.into_iter().find(is_person)?;
        let hashes = session.parts.into_iter().filter_map(|part| part.provenance.sha256);
        Some(Self {
            key: line.to_owned(),
            title: session.title,
            span: session.span,
            window: session.window.map(|window| window.span),
            attendee,
            hashes: hashes.collect(),
        })
    }
}
