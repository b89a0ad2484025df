//! The page of one session: the picture, the people, who did not come, and where it all comes from.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::files;
use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Heading, Pager, grouped, headings, html};
use crate::pages::loaded::{Loaded, ordered};
use crate::pages::params::{Params, ROWS};
use crate::pages::rules_form::RulesForm;
use crate::pictures::{Timeline, mark_class, minutes, times, words};
use crate::rules::{Mark, Rules};
use crate::session::{Attendee, Part, SecondsBasis, did_not_come};

/// The largest picture that stands in the page itself: a larger one is shown from its own address.
const LARGEST_INSIDE: usize = 60_000;

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage {
    frame: Frame,
    series: String,
    lines: Vec<String>,
    notices: Vec<String>,
    picture: Option<String>,
    picture_href: Option<String>,
    form: RulesForm,
    search: String,
    key: String,
    headings: Vec<Heading>,
    rows: Vec<PersonRow>,
    pager: Pager,
    apart: Vec<(&'static str, Vec<Named>)>,
    parts: Vec<PartView>,
    files: Vec<(String, String)>,
}

/// Somebody beside the table.
struct Named {
    name: String,
    about: String,
}

struct PersonRow {
    href: String,
    name: String,
    role: &'static str,
    address: String,
    join: String,
    leave: String,
    minutes: String,
    /// Where the minutes come from, if not from the times.
    basis: &'static str,
    graph: String,
    differs: bool,
    joins: usize,
    mark: MarkView,
}

/// A mark as the tables show it.
pub(super) struct MarkView {
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    /// The letter, where the rules have others than ours; else empty.
    pub(super) letter: String,
    pub(super) words: String,
}

impl MarkView {
    pub(super) fn of(mark: Mark, rules: &Rules) -> Self {
        let letter = if rules.letters.is_empty() { String::new() } else { rules.letter(mark) };
        Self { class: mark_class(mark), glyph: mark.glyph(), letter, words: mark.details() }
    }

    /// The mark as a legend has it.
    pub(super) fn in_a_word(mark: Mark, rules: &Rules) -> Self {
        Self { words: mark.words().to_owned(), ..Self::of(mark, rules) }
    }
}

/// A report, and where it comes from.
struct PartView {
    when: String,
    counts: String,
    json: String,
    facts: Vec<(&'static str, String)>,
    revisions: Vec<RevisionView>,
}

/// Another answer that Graph gave for a report.
struct RevisionView {
    key: String,
    href: String,
    /// What differs from the current one; empty where that was not compared.
    difference: String,
}

const COLUMNS: [(&str, &str, &str, bool); 9] = [
    ("Role", "role", "", false),
    ("Name", "name", "", false),
    ("Address", "", "", false),
    ("First join", "join", "", false),
    ("Last leave", "leave", "", false),
    ("Minutes", "minutes", "number", true),
    ("Graph", "graph", "number", true),
    ("Joins", "joins", "number", true),
    ("Mark", "mark", "", false),
];

/// The page; `differences` are those of other answers from the current ones, by their keys.
pub(super) fn page(
    pages: &Pages,
    loaded: &Loaded,
    params: &Params,
    differences: &BTreeMap<String, String>,
) -> Result<Response, Failure> {
    let session = &loaded.session;
    let attendees = ordered(session, params)?;
    let page = params.page()?;
    let absentees = loaded.absentees();
    let timeline = Timeline { session, rules: &loaded.rules, attendees: &attendees, absentees: &absentees };
    let picture = timeline.figure();
    let is_large = picture.as_ref().is_some_and(|picture| picture.len() > LARGEST_INSIDE);
    let [_, when, counts] = timeline.heading();
    let title = session.title.as_ref().map_or("(no title)".to_owned(), |title| words::clean(title.shown()));
    let shown = attendees.iter().skip(page * ROWS).take(ROWS);
    html(&SessionPage {
        frame: Frame::of(pages, loaded.state, params, &loaded.rules, ("/session", &title)),
        series: params.series_href(&session.series),
        lines: vec![when, counts, window_words(loaded)],
        notices: notices(loaded),
        picture_href: is_large
            .then(|| params.href("/session/picture.svg", &[("show", "inside"), ("page", "")])),
        picture: picture.filter(|_| !is_large),
        form: RulesForm::of(params, &loaded.rules, "/session"),
        search: params.search.clone(),
        key: params.key.clone(),
        headings: headings(params, "/session", &COLUMNS),
        rows: shown.map(|attendee| row(attendee, loaded, params)).collect(),
        pager: Pager::of(params, "/session", (page, ROWS), attendees.len()),
        apart: apart(loaded),
        parts: session
            .parts
            .iter()
            .map(|part| part_view(part, params, &loaded.rules.zone, differences))
            .collect(),
        files: files(params, loaded),
    })
}

/// What the minutes are of, and by which rules.
fn window_words(loaded: &Loaded) -> String {
    let Some(window) = loaded.session.window else {
        return "No time is known: nobody has minutes.".to_owned();
    };
    let hours = times::hours(window.span, &loaded.rules.zone);
    let length = SignedDuration::from_secs(window.span.seconds());
    let basis = files::words::window(window.basis);
    format!("Minutes within {hours}: {basis}, {} min", length.as_mins())
}

/// What a person must know before reading the table.
fn notices(loaded: &Loaded) -> Vec<String> {
    let session = &loaded.session;
    let mut notices = Vec::new();
    for part in &session.parts {
        match (part.participants, part.records) {
            (Some(count), 0) if count > 0 => {
                notices
                    .push(format!("Graph counts {count} and sent no records: who was there is not known."));
            }
            (None, 0) => notices
                .push("The report has neither records nor a count: who was there is not known.".to_owned()),
            (Some(count), records) if part.is_short() => {
                notices.push(format!(
                    "Graph counts {count} and sent {records} records: who is not named may have been there."
                ));
            }
            _ => {}
        }
    }
    if session.has_names_only {
        notices.push(
            "The report has names and no times: everybody named counts as present, without minutes."
                .to_owned(),
        );
    }
    if session.attendees.iter().any(|attendee| !attendee.unclear.is_empty()) {
        notices.push("Of some times one end is not known: they are drawn open, and not counted.".to_owned());
    }
    if session.is_stray {
        notices.push(
            "Under five minutes with at most two people: a stray, which has no column in the register."
                .to_owned(),
        );
    }
    notices
}

fn row(attendee: &Attendee, loaded: &Loaded, params: &Params) -> PersonRow {
    let zone = &loaded.rules.zone;
    let day = loaded.session.span.map(|span| times::day(span.start, zone));
    let time = |at: Option<jiff::Timestamp>| match at {
        Some(at) if Some(times::day(at, zone)) == day => times::format(at, zone, "%H:%M:%S"),
        Some(at) => times::format(at, zone, "%-d %b %H:%M:%S"),
        None => "?".to_owned(),
    };
    PersonRow {
        href: params.to("/person", &[("key", &attendee.person.key.to_string())]),
        name: words::name(&attendee.person),
        role: words::role(attendee.role, loaded.session.series.kind),
        address: words::about(&attendee.person),
        join: time(attendee.first_join),
        leave: time(attendee.last_leave),
        minutes: minutes(attendee.seconds),
        basis: basis(attendee),
        graph: minutes(attendee.graph_seconds),
        differs: attendee.differs,
        joins: attendee.joins,
        mark: MarkView::of(attendee.mark, &loaded.rules),
    }
}

/// What stands beside minutes that are not of the times, or not of all of them.
fn basis(attendee: &Attendee) -> &'static str {
    match attendee.basis {
        SecondsBasis::AsGraph => "as Graph",
        _ if !attendee.unclear.is_empty() => "a time is unclear",
        SecondsBasis::Times | SecondsBasis::NamedOnly | SecondsBasis::Nothing => "",
    }
}

/// Who did not come, who was not expected, and who came without a registration.
fn apart(loaded: &Loaded) -> Vec<(&'static str, Vec<Named>)> {
    if loaded.registrations.is_empty() {
        return Vec::new();
    }
    let registrants = did_not_come(&loaded.session, &loaded.registrations);
    let shown = |text: &Option<crate::text::Text>| {
        text.as_ref().map(|text| words::clean(text.shown())).unwrap_or_default()
    };
    let named = |one: &crate::model::Registration| Named {
        name: shown(&one.name),
        about: [shown(&one.address), one.status.clone().unwrap_or_default()].join(" · "),
    };
    let came =
        |person: &crate::people::Person| Named { name: words::name(person), about: words::about(person) };
    [
        ("Did not come", registrants.did_not_come.iter().map(named).collect::<Vec<_>>()),
        (
            "Not expected: canceled, waitlisted, pending or rejected",
            registrants.not_expected.iter().map(named).collect(),
        ),
        ("Came without a registration", registrants.came_unregistered.iter().map(came).collect()),
    ]
    .into_iter()
    .filter(|(_, people)| !people.is_empty())
    .collect()
}

fn part_view(
    part: &Part,
    params: &Params,
    zone: &TimeZone,
    differences: &BTreeMap<String, String>,
) -> PartView {
    let provenance = &part.provenance;
    let json = |key: &str| params.to("/session/report.json", &[("key", &params.key), ("id", key)]);
    let revision = |key: &String| RevisionView {
        key: key.clone(),
        href: json(key),
        difference: differences.get(key).cloned().unwrap_or_default(),
    };
    let facts = [
        ("Report id", Some(part.report_id.clone())),
        ("Graph's path", Some(part.source.clone())),
        ("Object", Some(provenance.key.clone())),
        ("SHA-256", provenance.sha256.clone()),
        ("Fetched", provenance.fetched_at.map(|at| times::moment(at, zone))),
        ("request-id", provenance.request_id.clone()),
        ("Graph's version", provenance.api.clone()),
        ("Pages joined", provenance.pages.map(|pages| pages.to_string())),
        ("Fetched because of", provenance.cause.clone()),
    ];
    let participants =
        part.participants.map_or("does not count".to_owned(), |count| format!("counts {count}"));
    PartView {
        when: part.span.map_or("no times".to_owned(), |span| times::range(span, zone)),
        counts: format!("{} records, Graph {participants}", part.records),
        json: json(&provenance.key),
        facts: facts
            .into_iter()
            .filter_map(|(name, fact)| Some((name, words::clean_whole(&fact?))))
            .collect(),
        revisions: provenance.revisions.iter().map(revision).collect(),
    }
}

/// The files that can be taken away.
fn files(params: &Params, loaded: &Loaded) -> Vec<(String, String)> {
    let key: (&str, &str) = ("key", &params.key);
    let mut files: Vec<(String, String)> = [
        ("CSV, a line a person", "/session/people.csv"),
        ("CSV, a line a record", "/session/records.csv"),
        ("Teams CSV", "/session/teams.csv"),
        ("Teams CSV with engagement columns", "/session/teams-engagement.csv"),
        ("XLSX", "/session/people.xlsx"),
        ("JSON", "/session/people.json"),
        ("SVG", "/session/picture.svg"),
    ]
    .into_iter()
    .map(|(label, path)| (label.to_owned(), params.to(path, &[key])))
    .collect();
    if !loaded.registrations.is_empty() {
        let label = format!("CSV of {} registrations", grouped(loaded.registrations.len()));
        files.push((label, params.to("/session/registrants.csv", &[key])));
    }
    files
}
