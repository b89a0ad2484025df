//! What the picture of a session is made of: the session, its rules and people, and the words above and below them.

use jiff::{SignedDuration, Timestamp};

use crate::model::Span;
use crate::pictures::text::{fitting, isolated};
use crate::rules::{Mark, Rules, WindowBasis};
use crate::session::{Attendee, Session};
use crate::times;
use crate::words::{self, one_line};

/// The most rows of a picture; the curve is of all.
pub const ROWS: usize = 200;

/// What the picture of a session is made of.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    /// The session that is drawn.
    pub session: &'a Session,
    /// The rules by which it was made.
    pub rules: &'a Rules,
    /// Its people, in the order in which they are shown; the first [`ROWS`] are drawn.
    pub attendees: &'a [&'a Attendee],
    /// Who was expected and did not come.
    pub absentees: &'a [Absentee],
}

/// Somebody who was expected and is in no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absentee {
    /// The name, or the address where none is known.
    pub name: String,
    /// Why the person was expected: `registered, did not come`.
    pub why: String,
    /// What it counts as: absent, excused, or not known.
    pub mark: Mark,
}

/// The times after which a first join is late, and before which a last leave is early.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) late: Option<Timestamp>,
    pub(crate) early: Option<Timestamp>,
}

impl Timeline<'_> {
    /// The times that the axis shows: the report's and the window's; without either, all that anybody has.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let window = self.session.window.map(|window| window.span);
        let own: Vec<Span> = self.session.span.into_iter().chain(window).collect();
        match own.is_empty() {
            true => {
                self.session.attendees.iter().flat_map(|attendee| attendee.spans.iter().copied()).collect()
            }
            false => own,
        }
    }

    /// The time that was planned, where that is what counts.
    pub(crate) fn planned(&self) -> Option<Span> {
        self.session.window.filter(|window| window.basis != WindowBasis::Report).map(|window| window.span)
    }

    /// The limits of late and early, within the window.
    pub(crate) fn limits(&self) -> Limits {
        let Some(window) = self.session.window.map(|window| window.span) else { return Limits::default() };
        if self.session.has_names_only {
            return Limits::default();
        }
        let length = SignedDuration::from_secs(window.seconds());
        let within = |at: &Timestamp| (window.start..=window.end).contains(at);
        let late = window.start.checked_add(self.rules.late_after.within(length)).ok();
        let early = window.end.checked_sub(self.rules.left_before.within(length)).ok();
        Limits { late: late.filter(within), early: early.filter(within) }
    }

    /// The title, the times and who was there: the lines above a picture that stands alone.
    pub fn heading(&self) -> [String; 3] {
        let zone = &self.rules.zone;
        let title = one_line(words::title(self.session.title.as_ref()));
        let planned = self.planned().map(|plan| format!("planned {}", times::hours(plan, zone)));
        let when = self.session.span.map(|span| {
            [Some(times::range(span, zone)), planned, Some(times::zone_at(zone, span.start))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · ")
        });
        [fitting(&title, 90.0), when.unwrap_or_default(), self.counts()]
    }

    /// `Webinar · organizer Mirella Oduya · 10 joined, 2 registered, did not come · Graph counts 10`.
    fn counts(&self) -> String {
        let session = self.session;
        let organizer = session.organizer.name.as_ref().map(|name| {
            let name = one_line(name.shown());
            format!("organizer {}", isolated(&fitting(&name, 40.0)))
        });
        let missing = self.absentees.first().map(|first| {
            let why = first.why.replacen(", ", " and ", 1);
            format!(", {} {why}", self.absentees.len())
        });
        let joined = format!("{} joined{}", session.attendees.len(), missing.unwrap_or_default());
        // Each report counts by itself: who is in two of them is counted twice.
        let graph: Option<Vec<String>> =
            session.parts.iter().map(|part| Some(part.participants?.to_string())).collect();
        [
            Some(words::kind(session.series.kind).to_owned()),
            organizer,
            Some(joined),
            graph.map(|counts| format!("Graph counts {}", counts.join(" and "))),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
    }

    /// The picture in a sentence, for who does not see it; `rows` are drawn.
    pub(crate) fn description(&self, rows: usize) -> String {
        let people = self.attendees.len() + self.absentees.len();
        let shown = match people > rows {
            true => format!("The first {rows} of {people} people"),
            false => format!("{people} people"),
        };
        format!(
            "{shown}, one row each, with bars from join to leave on an axis of time; above it how many were present."
        )
    }

    /// What the minutes are, beneath the picture.
    pub(crate) fn note(&self) -> String {
        let window = self.session.window.map(|window| SignedDuration::from_secs(window.span.seconds()));
        let differs = match self.attendees.iter().any(|attendee| attendee.differs) {
            true => " · ≠: what Graph counts, all devices added",
            false => "",
        };
        let first = match self.attendees.len() > ROWS {
            true => format!("The first {ROWS} of {} people; the curve is of all. ", self.attendees.len()),
            false => String::new(),
        };
        format!("{first}{}{differs}", self.rules.description(window))
    }
}
