//! What the rows of the index hold, as the types that people look at.

use jiff::Timestamp;

use super::archived::RawInterval;
use crate::model::{IdentityKind, Interval, Kind, LedgerState, Role, Span};

/// The instant of so many nanoseconds.
pub(super) fn timestamp(nanoseconds: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).ok()
}

/// The time between two instants, where both are known and in order.
pub(super) fn span(start: Option<i64>, end: Option<i64>) -> Option<Span> {
    Span::new(timestamp(start?)?, timestamp(end?)?)
}

/// The intervals in a JSON list.
pub(super) fn intervals(json: &str) -> Option<Vec<Interval>> {
    intervals_with(json, None)
}

/// The intervals in a JSON list, of whose times the first join and the last leave are known in nanoseconds: of a single interval
/// nothing else need be read.
pub(super) fn intervals_with(json: &str, ends: Option<[Option<i64>; 2]>) -> Option<Vec<Interval>> {
    // Times are plain, and need not be copied; whatever else Graph wrote in their place may need it.
    match (serde_json::from_str::<Vec<PlainInterval<'_>>>(json), ends) {
        (Ok(plain), Some([join, leave])) if plain.len() == 1 => {
            let [join, leave] = [join, leave].map(|end| end.and_then(timestamp));
            Some(vec![Interval { join, leave, seconds: plain[0].2 }])
        }
        (Ok(plain), _) => Some(plain.into_iter().map(interval).collect()),
        (Err(_), _) => {
            let raw: Vec<RawInterval> = serde_json::from_str(json).ok()?;
            Some(
                raw.iter()
                    .map(|(join, leave, seconds)| interval((join.as_deref(), leave.as_deref(), *seconds)))
                    .collect(),
            )
        }
    }
}

/// Join, leave and seconds, as Graph wrote them, without an escape in them.
type PlainInterval<'a> = (Option<&'a str>, Option<&'a str>, Option<i64>);

fn interval((join, leave, seconds): PlainInterval<'_>) -> Interval {
    let time = |text: Option<&str>| {
        let time = shared::model::parse_time(text?)?;
        super::archived::nanoseconds(time).map(|_| time)
    };
    Interval { join: time(join), leave: time(leave), seconds }
}

/// The kind with a name; `None` where there is none.
pub(super) fn kind(name: String) -> Option<Kind> {
    Kind::of_name(&name)
}

/// What an identity is, by its name in the index.
pub(super) fn identity(name: &str) -> IdentityKind {
    match name {
        "user" => IdentityKind::User,
        "phone" => IdentityKind::Phone,
        "anonymous" => IdentityKind::Anonymous,
        _ => IdentityKind::None,
    }
}

/// A role as Graph wrote it.
pub(super) fn role(name: Option<&str>) -> Role {
    match name {
        Some("Organizer") => Role::Organizer,
        Some("Presenter") => Role::Presenter,
        _ => Role::Attendee,
    }
}

/// The state of a ledger's line; one that is added later is doubtful.
pub(super) fn ledger_state(name: &str) -> LedgerState {
    match name {
        "archived" => LedgerState::Archived,
        "pending" => LedgerState::Pending,
        "short" => LedgerState::Short,
        "unreachable" => LedgerState::Unreachable,
        "absent" => LedgerState::Absent,
        "missing" => LedgerState::Missing,
        "lost" => LedgerState::Lost,
        _ => LedgerState::Doubtful,
    }
}
