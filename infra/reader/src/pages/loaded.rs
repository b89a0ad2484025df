//! A session as its pages and files need it: read from the index, with its people in the order of the address.

use crate::files::names;
use crate::index::{Index, IndexError, IndexState};
use crate::model::{Kind, Registration, Report};
use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::params::Params;
use crate::pictures::Absentee;
use crate::rules::{Level, Mark, Rules};
use crate::session::{Attendee, Session, did_not_come};
use crate::words::{self, one_line};

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
        let absentee = |one: &Registration| Absentee {
            name: one_line(&words::name_of(one.name.as_ref(), one.address.as_ref())),
            why: "registered, did not come".to_owned(),
            mark,
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
