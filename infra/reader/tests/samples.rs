//! A session and a register of invented people, made by hand: six Wednesdays, one of which is not kept.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reader::model::{
    IdentityKind, Interval, Kind, LedgerEntry, LedgerState, Organizer, Provenance, Record, Registration,
    Report, Role, SeriesId, Span,
};
use reader::people::{Person, PersonKey};
use reader::register::{Cell, Column, ColumnOf, Double, MarkedCell, Register, Row, Totals};
use reader::roster::{RosterLine, RosterMatch};
use reader::rules::{Level, Mark, Rules, WindowBasis};
use reader::session::{Attendee, Part, SecondsBasis, Session, Window};
use reader::text::Text;

const TENANT: &str = "f0000000-0000-4000-8000-000000000001";

/// The rules that are asked for by default, in Amsterdam.
pub(crate) fn rules() -> Rules {
    Rules { zone: TimeZone::get("Europe/Amsterdam").unwrap(), ..Rules::default() }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

fn series() -> SeriesId {
    SeriesId { kind: Kind::Webinar, id: "webinar-1".to_owned(), channel_title: None }
}

/// A user of the tenant.
pub(crate) fn person(name: &str, address: &str) -> Person {
    let key = PersonKey::User { tenant_id: TENANT.to_owned(), id: format!("id-of-{address}") };
    Person { key, name: Some(Text::from(name)), address: Some(Text::from(address)), also: Vec::new() }
}

/// A registration that counts.
pub(crate) fn registration(name: &str, address: &str) -> Registration {
    Registration {
        id: Some("registration-1".to_owned()),
        external_id: None,
        user_id: None,
        name: Some(Text::from(name)),
        address: Some(Text::from(address)),
        status: Some("registered".to_owned()),
        registered_at: Some(at("2026-10-01T10:00:00Z")),
    }
}

fn interval(join: &str, leave: Option<&str>, seconds: Option<i64>) -> Interval {
    Interval { join: Some(at(join)), leave: leave.map(at), seconds }
}

fn record(name: &str, address: &str, role: Role, seconds: Option<i64>, intervals: Vec<Interval>) -> Record {
    let is_anonymous = address.is_empty();
    Record {
        id: Some(format!("record-of-{name}")),
        name: Some(Text::from(name)),
        address: (!is_anonymous).then(|| Text::from(address)),
        identity_id: (!is_anonymous).then(|| format!("id-of-{address}")),
        identity: if is_anonymous { IdentityKind::Anonymous } else { IdentityKind::User },
        tenant_id: (!is_anonymous).then(|| TENANT.to_owned()),
        role,
        graph_seconds: seconds,
        intervals: Some(intervals),
        ..Record::default()
    }
}

fn attendee(record: &Record, seconds: Option<i64>, mark: Mark) -> Attendee {
    let intervals = record.intervals.clone().unwrap_or_default();
    let end = |one: &Interval| {
        one.leave.or(one.seconds.map(|seconds| one.join.unwrap() + SignedDuration::from_secs(seconds)))
    };
    let spans: Vec<Span> = intervals.iter().filter_map(|one| Span::new(one.join?, end(one)?)).collect();
    let address = record.address.as_ref().map_or("", Text::shown);
    let mut person = person(record.name.as_ref().unwrap().shown(), address);
    if address.is_empty() {
        let record_id = record.id.clone().unwrap();
        person.address = None;
        person.key = PersonKey::Anonymous { report_id: "report-3".to_owned(), record_id };
    }
    Attendee {
        person,
        role: record.role,
        stands_apart: record.role != Role::Attendee,
        unclear: intervals.iter().filter(|one| end(one).is_none()).copied().collect(),
        basis: if spans.is_empty() { SecondsBasis::Nothing } else { SecondsBasis::Times },
        seconds,
        graph_seconds: record.graph_seconds,
        differs: record.graph_seconds != seconds && intervals.len() > 1,
        first_join: spans.iter().map(|span| span.start).min(),
        last_leave: spans.iter().map(|span| span.end).max(),
        joins: intervals.len(),
        mark,
        late_by: None,
        early_by: None,
        registration_ids: Vec::new(),
        spans,
    }
}

fn records() -> Vec<Record> {
    vec![
        record(
            "Mirella Oduya",
            "mirella.oduya@contoso.com",
            Role::Organizer,
            Some(4088),
            vec![interval("2026-10-14T07:56:02Z", Some("2026-10-14T09:04:10Z"), Some(4088))],
        ),
        record(
            "Aiko Ferreira",
            "aiko.ferreira@contoso.com",
            Role::Attendee,
            Some(3780),
            vec![interval("2026-10-14T07:59:00Z", None, Some(3780))],
        ),
        record(
            "Linh Castellano, Dr",
            "linh.castellano@contoso.com",
            Role::Attendee,
            Some(4740),
            vec![
                interval("2026-10-14T08:00:00Z", Some("2026-10-14T08:41:00Z"), Some(2460)),
                interval("2026-10-14T08:22:00Z", Some("2026-10-14T09:00:00Z"), Some(2280)),
            ],
        ),
        record("Noor", "", Role::Attendee, None, vec![interval("2026-10-14T08:27:00Z", None, None)]),
    ]
}

/// The third session: an organizer, two devices, a leave that is missing, somebody anonymous; and its report.
pub(crate) fn session() -> (Session, Vec<Report>) {
    let records = records();
    let present = Mark::of(Level::Present);
    let attendees = vec![
        attendee(&records[0], Some(3600), present),
        attendee(&records[1], Some(3600), present),
        attendee(&records[2], Some(3600), present),
        attendee(&records[3], None, Mark::of(Level::Unknown)),
    ];
    let mut session =
        empty_session(3, "2026-10-14T08:00:00Z", span("2026-10-14T07:56:02Z", "2026-10-14T09:04:10Z"));
    session.parts[0].participants = Some(4);
    session.attendees = attendees;
    let report = Report {
        row: 1,
        id: "report-3".to_owned(),
        series: series(),
        source: session.parts[0].source.clone(),
        session_id: None,
        tenant_id: TENANT.to_owned(),
        title: session.title.clone(),
        series_title: session.title.clone(),
        organizer: session.organizer.clone(),
        span: session.span,
        plan: session.plan,
        participants: Some(4),
        provenance: session.parts[0].provenance.clone(),
        records,
        erased: 0,
    };
    (session, vec![report])
}

fn empty_session(number: usize, planned: &str, times: Span) -> Session {
    let plan = Span::new(at(planned), at(planned) + SignedDuration::from_hours(1)).unwrap();
    let provenance = Provenance {
        key: format!("reports/v1/tenant={TENANT}/kind=webinar/date=2026/report-{number}.json"),
        sha256: Some(format!("{number:064x}")),
        fetched_at: Some(times.end),
        request_id: Some(format!("request-{number}")),
        ..Provenance::default()
    };
    let part = Part {
        report_id: format!("report-{number}"),
        source: format!("solutions/virtualEvents/webinars/webinar-1/sessions/{number}"),
        span: Some(times),
        participants: Some(8),
        erased: 0,
        records: 8,
        provenance,
    };
    let organizer = Organizer { name: Some(Text::from("Mirella Oduya")), ..Organizer::default() };
    Session {
        series: series(),
        title: Some(Text::from("Data protection training")),
        organizer,
        parts: vec![part],
        span: Some(times),
        plan: Some(plan),
        window: Some(Window { span: plan, basis: WindowBasis::Session }),
        attendees: Vec::new(),
        has_names_only: false,
        is_stray: false,
    }
}

/// The days of the sessions, with the instant at which each is planned to begin: 10:00 in Amsterdam.
const DAYS: [(&str, &str); 6] = [
    ("30 Sep", "2026-09-30T08:00:00Z"),
    ("7 Oct", "2026-10-07T08:00:00Z"),
    ("14 Oct", "2026-10-14T08:00:00Z"),
    ("21 Oct", "2026-10-21T08:00:00Z"),
    ("28 Oct", "2026-10-28T09:00:00Z"),
    ("4 Nov", "2026-11-04T09:00:00Z"),
];

const ROWS: [(&str, &str, &str); 8] = [
    ("Achterberg, Svetlana", "S-1041", "P60 P58 L46 P60 ? P57"),
    ("Brandsma, Kwame", "S-1042", "P60 P60 P56 P59 ? P60"),
    ("Castellano, Linh", "S-1043", "P59 D47 P60 P60 ? P60"),
    ("Ferreira, Aiko", "S-1044", "P60 P60 P60 P60 ? P60"),
    ("Mulgrew, Daan", "S-1045", "H31 A0 A0 P52 ? E"),
    ("Örnberg, Yusuf", "", "L45 P55 D47 P58 ? P60"),
    ("Oyelaran, Renske", "S-1047", "P60 L48 H32 H28 ? P54"),
    ("Vossberg, Petra", "S-1049", "P60 P60 A0 A3 ? LD46"),
];

/// The register of the six sessions, in which the fifth is not kept.
pub(crate) fn register() -> Register {
    let rows: Vec<Row> = ROWS.iter().enumerate().map(|(at, row)| roster_row(at + 2, row)).collect();
    Register {
        title: Some(Text::from("Data protection training, autumn 2026")),
        series: vec![series()],
        rules: rules(),
        roster: Some(("autumn.csv".to_owned(), rows.len())),
        as_of: at("2026-11-05T06:30:00Z"),
        columns: (0..DAYS.len()).map(|at| column(at, &rows)).collect(),
        rows,
        apart: vec![found_row("Mirella Oduya", "mirella.oduya@contoso.com")],
        not_on_roster: vec![found_row("Noor", "noor@fabrikam.com")],
        doubles: vec![Double {
            address: "petra.vossberg@contoso.com".to_owned(),
            persons: vec![person("Petra Vossberg", "petra.vossberg@contoso.com"); 2],
        }],
        unclear: Vec::new(),
        strays: vec![Session {
            is_stray: true,
            ..empty_session(9, DAYS[0].1, span("2026-10-01T14:40:00Z", "2026-10-01T14:42:00Z"))
        }],
    }
}

fn column(number: usize, rows: &[Row]) -> Column {
    let (label, start) = DAYS[number];
    let known: Vec<MarkedCell> =
        rows.iter().filter_map(|row| marked(row.cells[number])).filter(|cell| cell.mark.is_known()).collect();
    let present = known.iter().filter(|cell| cell.mark.level == Level::Present).count();
    let times =
        Span::new(at(start) - SignedDuration::from_mins(4), at(start) + SignedDuration::from_mins(64))
            .unwrap();
    let of = match number {
        4 => ColumnOf::NotKept(LedgerEntry {
            state: LedgerState::Missing,
            source: "solutions/virtualEvents/webinars/webinar-1/sessions/5".to_owned(),
            series: None,
            report_id: None,
            session_id: None,
            title: None,
            start: Some(at(start)),
            outcome: None,
            remedy: Some("rollcall backfill --since 2026-10-28 --until 2026-10-29".to_owned()),
            as_of: at("2026-11-05T06:30:00Z"),
        }),
        2 => ColumnOf::Session(Box::new(session().0)),
        _ => ColumnOf::Session(Box::new(empty_session(number + 1, start, times))),
    };
    Column {
        lacks_a_part: false,
        label: label.to_owned(),
        day: Some(at(start).to_zoned(rules().zone).date()),
        start: match &of {
            ColumnOf::Session(session) => session.span.map(|span| span.start),
            ColumnOf::NotKept(entry) => entry.start,
        },
        present: (number != 4).then_some((present, known.len())),
        unidentified: usize::from(number == 2),
        of,
    }
}

fn roster_row(line: usize, (name, number, cells): &(&str, &str, &str)) -> Row {
    let address = format!("person-{line}@contoso.com");
    let line = RosterLine {
        line,
        name: Some((*name).to_owned()),
        number: (!number.is_empty()).then(|| (*number).to_owned()),
        group: Some("autumn".to_owned()),
        addresses: vec![address.clone()],
        ..RosterLine::default()
    };
    let cells: Vec<Cell> = cells.split(' ').map(cell).collect();
    Row {
        person: Some(person(name, &address)),
        matched: if number.is_empty() { RosterMatch::Address } else { RosterMatch::Id },
        totals: totals(&cells),
        line: Some(line),
        cells,
    }
}

fn found_row(name: &str, address: &str) -> Row {
    let cells: Vec<Cell> = "P60 A0 P60 P60 ? P60".split(' ').map(cell).collect();
    Row {
        line: None,
        person: Some(person(name, address)),
        matched: RosterMatch::NoRoster,
        totals: totals(&cells),
        cells,
    }
}

fn cell(written: &str) -> Cell {
    let letters = written.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let level = match letters {
        "H" => Level::Partial,
        "A" => Level::Absent,
        "E" => Level::Excused,
        "?" => Level::Unknown,
        _ => Level::Present,
    };
    let seconds = written[letters.len()..].parse::<i64>().ok().map(|minutes| minutes * 60);
    let mark = Mark { level, is_late: letters.starts_with('L'), left_early: letters.ends_with('D') };
    Cell::Marked(MarkedCell {
        mark,
        seconds,
        graph_seconds: None,
        basis: seconds.map(|_| SecondsBasis::Times),
    })
}

fn totals(cells: &[Cell]) -> Totals {
    let known: Vec<MarkedCell> =
        cells.iter().filter_map(|cell| marked(*cell)).filter(|cell| cell.mark.is_known()).collect();
    Totals {
        present: known.iter().filter(|cell| cell.mark.level == Level::Present).count(),
        known: known.len(),
        seconds: known.iter().filter_map(|cell| cell.seconds).sum(),
        possible_seconds: i64::try_from(known.len()).unwrap() * 3600,
    }
}

fn marked(cell: Cell) -> Option<MarkedCell> {
    match cell {
        Cell::Blank => None,
        Cell::Marked(cell) => Some(cell),
    }
}
