//! One person: the sessions whose reports name the person, and the certificate of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;

use crate::files::table::Value;
use crate::index::{Index, IndexError, IndexState, PersonLine, SessionQuery, SessionSort};
use crate::model::Span;
use crate::pages::Pages;
use crate::pages::attended::{Attended, attended};
use crate::pages::export;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Pager, grouped, html};
use crate::pages::mark::MarkView;
use crate::pages::params::{Params, ROWS};
use crate::people::Person;
use crate::pictures::minutes;
use crate::rules::{Level, Rules};
use crate::session::Attendee;
use crate::text::Text;
use crate::times;
use crate::words::{self, one_line};

/// The most sessions of one person that are added up.
const SESSIONS: usize = 1_000;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    address: String,
    keys: Vec<String>,
    sums: String,
    certificate: String,
    doubles: Vec<(String, String)>,
    rows: Vec<SessionRow>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Certificate {
    frame: Frame,
    address: String,
    keys: Vec<String>,
    sums: String,
    rules: String,
    rows: Vec<SessionRow>,
}

struct SessionRow {
    href: String,
    when: String,
    title: String,
    minutes: String,
    of: String,
    graph: Option<String>,
    percent: Option<i64>,
    mark: MarkView,
    hashes: Vec<String>,
}

/// One person, with what is known.
struct Known {
    state: IndexState,
    line: PersonLine,
    /// As the last session has the person; `None` where no session could be read.
    person: Option<Person>,
    attended: Vec<Attended>,
    /// How many sessions there are in all.
    total: usize,
    doubles: Vec<PersonLine>,
    rules: Rules,
}

impl Known {
    /// The name, and what stands below it.
    fn words(&self) -> (String, String) {
        let (name, about) = match &self.person {
            Some(person) => (words::name(person), words::about(person)),
            None => {
                let address = self.line.address.as_ref();
                let about = address.map_or("no address", Text::shown).to_owned();
                (words::name_of(self.line.name.as_ref(), address), about)
            }
        };
        (one_line(&name), one_line(&about))
    }
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let known = load(&pages, &params).await?;
    let format = params.format()?;
    if let Some(file) =
        export::file((format, "person"), &known.rules.zone, &known.attended, (&FIELDS, fields))?
    {
        return Ok(file);
    }
    let page = params.page()?;
    let (title, address) = known.words();
    let double = |line: &PersonLine| {
        let name = one_line(&words::name_of(line.name.as_ref(), line.address.as_ref()));
        (name, params.to("/person", &[("key", &line.key)]))
    };
    let shown = known.attended.iter().skip(page * ROWS).take(ROWS);
    html(&PersonPage {
        frame: Frame::of(&pages, known.state, &params, &known.rules, ("/person", &title)),
        address,
        keys: keys(&known),
        sums: sums(&known),
        certificate: params.href("/certificate", &[("page", "")]),
        doubles: known.doubles.iter().map(double).collect(),
        rows: shown.map(|one| row(one, &params, &known.rules)).collect(),
        pager: Pager::of(&params, "/person", (page, ROWS), known.attended.len()),
    })
}

/// One page for print: as Teams recorded it, with the reports' hashes.
pub(super) async fn certificate(
    State(pages): State<Arc<Pages>>,
    params: Params,
) -> Result<Response, Failure> {
    let known = load(&pages, &params).await?;
    let (title, address) = known.words();
    html(&Certificate {
        frame: Frame::of(&pages, known.state, &params, &known.rules, ("/certificate", &title)),
        address,
        keys: keys(&known),
        sums: sums(&known),
        rules: known.rules.description(None),
        rows: known.attended.iter().map(|one| row(one, &params, &known.rules)).collect(),
    })
}

async fn load(pages: &Pages, params: &Params) -> Result<Known, Failure> {
    let rules = params.rules(&pages.rules)?;
    let query = SessionQuery {
        person: Some(params.key.clone()),
        since: params.since(&rules.zone)?,
        until: params.until(&rules.zone)?,
        sort: SessionSort::Start,
        limit: SESSIONS,
        ..SessionQuery::default()
    };
    let key = params.key.clone();
    let found = pages.ask(move |index| known(index, &key, &query, rules)).await?;
    found.ok_or_else(|| Failure::not_found("person"))
}

fn known(index: &Index, key: &str, query: &SessionQuery, rules: Rules) -> Result<Option<Known>, IndexError> {
    let Some(line) = index.person(key)? else { return Ok(None) };
    let found = index.sessions(query)?;
    let attended = attended(index, key, &found.rows, &rules)?;
    Ok(Some(Known {
        state: index.state()?,
        doubles: index.doubles_of(key)?,
        person: attended.first().map(|one| one.attendee.person.clone()),
        total: found.total,
        attended,
        rules,
        line,
    }))
}

/// `41 of 44 known sessions that name the person · 2 318 min`: what is not known is in no sum.
fn sums(known: &Known) -> String {
    let counted: Vec<&Attendee> =
        known.attended.iter().map(|one| &one.attendee).filter(|one| one.mark.is_known()).collect();
    let present = counted.iter().filter(|one| one.mark.level == Level::Present).count();
    let seconds = counted.iter().filter_map(|one| one.seconds).fold(0, i64::saturating_add);
    let minutes = grouped(usize::try_from(seconds / 60).unwrap_or(0));
    let (shown, known_sessions) = (known.attended.len(), counted.len());
    let all = match known.total > shown {
        true => format!(" (the last {} of {})", grouped(shown), grouped(known.total)),
        false => String::new(),
    };
    format!(
        "present in {present} of {known_sessions} known sessions that name the person{all} · {minutes} min"
    )
}

fn keys(known: &Known) -> Vec<String> {
    let keys = known.person.iter().flat_map(Person::keys).map(|key| one_line(&key.to_string()));
    let own = known.person.is_none().then(|| one_line(&known.line.key));
    keys.chain(own).collect()
}

fn row(one: &Attended, params: &Params, rules: &Rules) -> SessionRow {
    let attendee = &one.attendee;
    let length = one.window.map(Span::seconds).filter(|seconds| *seconds > 0);
    SessionRow {
        href: params.to("/session", &[("key", &one.key)]),
        when: one.span.map_or("no time known".to_owned(), |span| times::range(span, &rules.zone)),
        title: one_line(words::title(one.title.as_ref())),
        minutes: minutes(attendee.seconds),
        of: length.map(|seconds| (seconds / 60).to_string()).unwrap_or_default(),
        graph: attendee.graph_seconds.filter(|_| attendee.differs).map(|seconds| minutes(Some(seconds))),
        percent: attendee.seconds.zip(length).map(|(seconds, length)| seconds * 100 / length),
        mark: MarkView::of(attendee.mark, rules),
        hashes: one.hashes.clone(),
    }
}

const FIELDS: [&str; 9] =
    ["Start", "End", "Title", "Seconds", "Graph seconds", "Mark", "First join", "Last leave", "Session"];

fn fields(one: &Attended) -> Vec<Value> {
    let start = |span: Option<Span>| -> Option<Timestamp> { span.map(|span| span.start) };
    vec![
        Value::time(start(one.span)),
        Value::time(one.span.map(|span| span.end)),
        Value::text(one.title.as_ref()),
        Value::number(one.attendee.seconds),
        Value::number(one.attendee.graph_seconds),
        Value::from(one.attendee.mark.details()),
        Value::time(one.attendee.first_join),
        Value::time(one.attendee.last_leave),
        Value::from(one.key.clone()),
    ]
}
