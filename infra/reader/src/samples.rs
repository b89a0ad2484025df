//! Invented reports for tests: people at contoso and fabrikam, on Wednesday 14 October 2026 unless said otherwise.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::{
    IdentityKind, Interval, Kind, LedgerEntry, LedgerState, Organizer, Provenance, Record, Registration,
    Report, Role, SeriesId, Span,
};

/// The archive's tenant.
pub(crate) const TENANT: &str = "00000000-0000-4000-8000-00000000c0de";

/// An instant: `10:00` or `10:00:30` of 14 October, `2026-10-21 10:00`, or one with its offset; UTC where none is given.
pub(crate) fn at(text: &str) -> Timestamp {
    if let Ok(instant) = text.parse() {
        return instant;
    }
    let text = if text.contains(' ') { text.to_owned() } else { format!("2026-10-14 {text}") };
    let text = if text.matches(':').count() == 1 { format!("{text}:00") } else { text };
    text.parse::<DateTime>().unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// A time between two instants, each as in [`at`].
pub(crate) fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

/// The series of a kind: `m-1` for meetings, `w-1@t-1` for the others.
pub(crate) fn series(kind: Kind) -> SeriesId {
    let id = if kind == Kind::Meeting { "m-1" } else { "w-1@t-1" };
    SeriesId { kind, id: id.to_owned(), channel_title: None }
}

/// A report of a meeting with its own times, no plan and no records.
pub(crate) fn meeting(id: &str, start: &str, end: &str) -> Report {
    Report {
        row: 0,
        id: id.to_owned(),
        series: series(Kind::Meeting),
        source: "users/o-1/onlineMeetings/m-1".to_owned(),
        session_id: None,
        tenant_id: TENANT.to_owned(),
        title: Some("Data protection training".into()),
        series_title: Some("Data protection training".into()),
        organizer: Organizer::default(),
        span: Some(span(start, end)),
        plan: None,
        participants: None,
        erased: 0,
        provenance: Provenance { key: format!("reports/v1/{id}.json"), ..Provenance::default() },
        records: Vec::new(),
    }
}

/// A report of a webinar's session.
pub(crate) fn webinar(id: &str, session_id: &str, start: &str, end: &str) -> Report {
    Report {
        series: series(Kind::Webinar),
        source: format!("solutions/virtualEvents/webinars/w-1%40t-1/sessions/{session_id}"),
        session_id: Some(session_id.to_owned()),
        ..meeting(id, start, end)
    }
}

impl Report {
    /// The report with a plan.
    pub(crate) fn planned(self, start: &str, end: &str) -> Self {
        Self { plan: Some(span(start, end)), ..self }
    }

    /// The report with these records, of which Graph counts as many participants.
    pub(crate) fn with(self, records: impl Into<Vec<Record>>) -> Self {
        let records = records.into();
        Self { participants: i64::try_from(records.len()).ok(), records, ..self }
    }
}

/// A user of the tenant: `Aiko Ferreira` is `aiko.ferreira@contoso.com`, with an object id of the same.
pub(crate) fn user(name: &str) -> Record {
    let account = name.to_lowercase().replace(' ', ".");
    Record {
        id: Some(format!("id-{account}")),
        name: Some(name.into()),
        address: Some(format!("{account}@contoso.com").into()),
        identity_id: Some(format!("id-{account}")),
        identity: IdentityKind::User,
        ..Record::default()
    }
}

/// Somebody anonymous, whose record has this id.
pub(crate) fn anonymous(record_id: &str, name: &str) -> Record {
    Record {
        id: Some(record_id.to_owned()),
        name: Some(name.into()),
        identity: IdentityKind::Anonymous,
        identity_id: Some(format!("8:acs:{record_id}")),
        ..Record::default()
    }
}

/// A telephone.
pub(crate) fn phone(number: &str) -> Record {
    Record { identity: IdentityKind::Phone, identity_id: Some(number.to_owned()), ..Record::default() }
}

impl Record {
    /// The record with these intervals, and their sum as Graph's.
    pub(crate) fn times(self, times: &[(&str, &str)]) -> Self {
        let interval = |(join, leave): &(&str, &str)| {
            let span = span(join, leave);
            Interval { join: Some(span.start), leave: Some(span.end), seconds: Some(span.seconds()) }
        };
        let intervals: Vec<Interval> = times.iter().map(interval).collect();
        let graph_seconds = intervals.iter().filter_map(|interval| interval.seconds).sum();
        Self { intervals: Some(intervals), graph_seconds: Some(graph_seconds), ..self }
    }

    /// The record with a role.
    pub(crate) fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// The record with another address.
    pub(crate) fn address(self, address: &str) -> Self {
        Self { address: Some(address.into()), ..self }
    }

    /// The record without an identity: a name, and an address where there is one.
    pub(crate) fn without_id(self) -> Self {
        Self { identity: IdentityKind::None, identity_id: None, ..self }
    }
}

/// A registration with a status, an id and an address.
pub(crate) fn registration(id: &str, status: &str, address: &str) -> Registration {
    Registration {
        id: Some(id.to_owned()),
        external_id: None,
        user_id: None,
        name: None,
        address: Some(address.into()),
        status: Some(status.to_owned()),
        registered_at: None,
    }
}

/// What a ledger says of a report of the meeting `m-1`.
pub(crate) fn ledger_entry(state: LedgerState, report_id: Option<&str>, start: &str) -> LedgerEntry {
    LedgerEntry {
        state,
        source: "users/o-1/onlineMeetings/m-1".to_owned(),
        series: Some(series(Kind::Meeting)),
        report_id: report_id.map(str::to_owned),
        session_id: Some(format!("call at {start}")),
        title: None,
        start: Some(at(start)),
        outcome: None,
        remedy: Some("rollcall backfill".to_owned()),
        as_of: at("2026-12-01 00:00"),
    }
}
