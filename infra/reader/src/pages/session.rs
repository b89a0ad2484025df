//! One session: what is asked, and from whom; its page is written beside.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::files::{csv, json, names};
use crate::index::{Index, IndexError, IndexState};
use crate::model::{Kind, Registration, Report};
use crate::pages::export::{Format, attachment};
use crate::pages::failure::Failure;
use crate::pages::params::Params;
use crate::pages::{Pages, session_page};
use crate::pictures::{Absentee, Timeline, words};
use crate::rules::{Level, Mark, Rules};
use crate::session::{Attendee, Session, did_not_come};

/// A session, with all that its page and its files are made of.
pub(super) struct Loaded {
    pub(super) state: IndexState,
    pub(super) reports: Vec<Report>,
    pub(super) registrations: Vec<Registration>,
    pub(super) session: Session,
    pub(super) rules: Rules,
}

impl Loaded {
    /// The name of a file of the session.
    pub(super) fn file_name(&self, ending: &str) -> String {
        let start = self.session.span.map(|span| span.start);
        names::file_name(self.session.title.as_ref(), start, &self.rules, ending)
    }

    /// Who registered and did not come.
    pub(super) fn absentees(&self) -> Vec<Absentee> {
        let registrants = did_not_come(&self.session, &self.registrations);
        let is_known = self.session.parts.iter().all(|part| !part.is_short());
        let mark = Mark::of(if is_known { Level::Absent } else { Level::Unknown });
        let absentee = |one: &Registration| {
            let name = [&one.name, &one.address].into_iter().flatten().map(|text| words::clean(text.shown()));
            Absentee {
                name: name
                    .into_iter()
                    .find(|name| !name.trim().is_empty())
                    .unwrap_or_else(|| "(no name)".to_owned()),
                why: "registered, did not come".to_owned(),
                mark,
            }
        };
        registrants.did_not_come.iter().map(absentee).collect()
    }
}

/// The session of an address.
pub(super) async fn load(pages: &Pages, params: &Params) -> Result<Loaded, Failure> {
    let rules = params.rules(&pages.rules)?;
    let key = params.key.clone();
    pages.ask(move |index| loaded(index, &key, rules)).await?.ok_or_else(|| Failure::not_found("session"))
}

/// The session whose first report has this key; `None` where there is none.
pub(super) fn loaded(index: &Index, key: &str, rules: Rules) -> Result<Option<Loaded>, IndexError> {
    let state = index.state()?;
    let Some(reports) = index.session(key)?.filter(|reports| !reports.is_empty()) else { return Ok(None) };
    let series = &reports[0].series;
    let registrations = match series.kind {
        Kind::Meeting => Vec::new(),
        Kind::Webinar | Kind::Townhall => index.registrations(series.kind, &series.id)?,
    };
    let session = Session::of(reports.clone(), &registrations, &rules);
    Ok(Some(Loaded { state, reports, registrations, session, rules }))
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    let written = match params.format()? {
        Format::Page => return session_page::page(&pages, &loaded, &params),
        Format::Csv => {
            let file = csv::attendees(&loaded.session, &loaded.rules, csv::CsvOptions::default());
            file.map(|file| attachment(&loaded.file_name("csv"), "text/csv; charset=utf-8", file))
        }
        Format::Json => json::session(&loaded.session, &loaded.rules)
            .map(|file| attachment(&loaded.file_name("json"), "application/json", file)),
    };
    written.map_err(|error| Failure::internal(format!("The file could not be written: {error}.")))
}

/// The picture as a file; in a page with many people it is shown from here, too.
pub(super) async fn picture(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    let attendees = ordered(&loaded.session, &params)?;
    let absentees = loaded.absentees();
    let timeline = Timeline {
        session: &loaded.session,
        rules: &loaded.rules,
        attendees: &attendees,
        absentees: &absentees,
    };
    let picture = match params.show.as_str() {
        "inside" => timeline.inside(),
        _ => timeline.file(),
    };
    let picture =
        picture.ok_or_else(|| Failure::odd("No times are known of this session: it has no picture."))?;
    match params.show.as_str() {
        "inside" => Ok(([(CONTENT_TYPE, "image/svg+xml")], picture).into_response()),
        _ => Ok(attachment(&loaded.file_name("svg"), "image/svg+xml", picture)),
    }
}

/// The people of a session who are looked for, in the order of the address.
pub(super) fn ordered<'a>(session: &'a Session, params: &Params) -> Result<Vec<&'a Attendee>, Failure> {
    let search = params.search().map(|search| search.to_lowercase());
    let is_meant = |attendee: &&Attendee| search.as_ref().is_none_or(|search| matches(attendee, search));
    let mut attendees: Vec<&Attendee> = session.attendees.iter().filter(is_meant).collect();
    match params.sort.as_str() {
        "" | "role" => {}
        "name" => attendees.sort_by_cached_key(|attendee| words::name(&attendee.person).to_lowercase()),
        "join" => attendees.sort_by_key(|attendee| (attendee.first_join.is_none(), attendee.first_join)),
        "leave" => attendees.sort_by_key(|attendee| (attendee.last_leave.is_none(), attendee.last_leave)),
        "minutes" => attendees.sort_by_key(|attendee| std::cmp::Reverse(attendee.seconds)),
        "graph" => attendees.sort_by_key(|attendee| std::cmp::Reverse(attendee.graph_seconds)),
        "joins" => attendees.sort_by_key(|attendee| std::cmp::Reverse(attendee.joins)),
        "mark" => attendees
            .sort_by_key(|attendee| (attendee.mark.level, attendee.mark.is_late, attendee.mark.left_early)),
        _ => {
            return Err(Failure::odd(
                "People are sorted by role, name, join, leave, minutes, graph, joins or mark.",
            ));
        }
    }
    if params.is_reversed() {
        attendees.reverse();
    }
    Ok(attendees)
}

fn matches(attendee: &Attendee, search: &str) -> bool {
    let texts = [&attendee.person.name, &attendee.person.address];
    texts.into_iter().flatten().any(|text| text.shown().to_lowercase().contains(search))
}
