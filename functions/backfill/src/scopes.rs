//! What a run scans: its first units. Pure.

use std::iter::successors;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use shared::archive::layout::utc_day;
use shared::jobs::{CallSession, LedgerSchedule, Purpose, Run, Scope, UnitId};
use shared::model::{NamedMeeting, Organizers, VirtualEventKind, Watch, WatchedResource, key_segment};

use crate::request::{DiscoverySource, Request};

/// Units and their ids. The same unit has the same id, however often it is sent.
pub(crate) type Units = Vec<(UnitId, Scope)>;

const UTC: Offset = Offset::UTC;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long Graph keeps call records.
const CALL_RECORDS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long before a run's time its first window of call records begins.
const OVERLAP: SignedDuration = SignedDuration::from_hours(25);
/// Call records name every meeting, also those in no calendar; a run over more days than this is seldom
/// enough to scan every calendar as well.
const CALL_RECORDS_SUFFICE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many meetings one unit scans. If one fails, the whole unit is scanned again.
const MEETINGS: usize = 10;
/// How many calendars one unit makes units of.
const CALENDARS: usize = 100;
/// Into how many windows one of call records is split whose list is long.
const SHARDS: i32 = 16;
/// A window of call records that is no longer than this is not split further.
const SHORTEST_SHARD: SignedDuration = SignedDuration::from_mins(10);

/// The units that the run of `request` begins with.
pub(crate) fn first_units(request: &Request, run: &Run, watch: &Watch) -> Units {
    if request.names_items() {
        return named(request);
    }
    let from = request.from.clone().unwrap_or_else(|| suitable(run, watch));
    let mut units = Vec::new();
    if from.contains(&DiscoverySource::Calendars) {
        units.extend(calendars(request, watch));
    }
    if from.contains(&DiscoverySource::VirtualEvents) {
        units.extend(events(request));
    }
    if from.contains(&DiscoverySource::CallRecords) {
        units.extend(call_records(run, &request.items.organizers, request.names_organizers()));
        units.extend(sessions(run, request, watch));
    }
    if request.events {
        units.extend(archived_reports(run, &request.items.organizers, request.names_organizers()));
    }
    units
}

/// The archived reports of each day of the run.
fn archived_reports(run: &Run, organizers: &[String], are_named: bool) -> Units {
    // Organizers were named, and all were refused: nobody's reports are meant.
    if are_named && organizers.is_empty() {
        return Units::new();
    }
    let kinds = [None].into_iter().chain(VirtualEventKind::ALL.map(Some));
    let of_kind = |kind: Option<VirtualEventKind>| {
        let name = kind.map_or("meeting", VirtualEventKind::name);
        days(run.since, run.until).map(move |(day, since)| {
            let scope =
                Scope::ArchivedReports { kind, since, organizer_ids: organizers.to_vec(), after: None };
            (UnitId::new(format!("archived.{name}.{day}")), scope)
        })
    };
    kinds.flat_map(of_kind).collect()
}

/// The days (UTC) that a time touches, each with its beginning.
fn days(since: Timestamp, until: Timestamp) -> impl Iterator<Item = (Date, Timestamp)> {
    let first = utc_day(since);
    let day = move |day: Date| Some((day, UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?));
    let days = successors(Some(first), |day| day.tomorrow().ok());
    days.map_while(day).take_while(move |(_, begins)| *begins < until)
}

/// Where to look. By hand: everywhere. On a schedule: where it is worth its calls.
fn suitable(run: &Run, watch: &Watch) -> Vec<DiscoverySource> {
    if run.purpose != Purpose::Reconcile && run.schedule.is_none() {
        return vec![
            DiscoverySource::CallRecords,
            DiscoverySource::Calendars,
            DiscoverySource::VirtualEvents,
        ];
    }
    let is_long = match run.schedule {
        // Each night over every calendar costs more than it finds: what took place has call records.
        Some(LedgerSchedule::Nightly) => false,
        Some(LedgerSchedule::Monthly) => true,
        None => run.until.duration_since(run.since) > CALL_RECORDS_SUFFICE,
    };
    let mut from = Vec::new();
    if watch.call_records {
        from.push(DiscoverySource::CallRecords);
    }
    if is_long || !watch.call_records {
        from.push(DiscoverySource::Calendars);
    }
    if watch.virtual_events {
        from.push(DiscoverySource::VirtualEvents);
    }
    from
}

/// How the ids of the units begin that scan the meetings that a request names.
const NAMED_MEETINGS: &str = "meetings";

/// Whether a unit scans meetings that a request names.
pub(crate) fn is_of_named_meetings(id: &UnitId) -> bool {
    id.as_str().split('.').next() == Some(NAMED_MEETINGS)
}

fn named(request: &Request) -> Units {
    let mut units = meetings(&UnitId::new(NAMED_MEETINGS), &request.items.meetings);
    for (kind, ids) in [
        (VirtualEventKind::Webinar, &request.items.webinars),
        (VirtualEventKind::Townhall, &request.items.townhalls),
    ] {
        units.extend(ids.iter().map(|id| event(kind, id, None)));
    }
    units
}

/// Units for the meetings that the unit `of` found, some in each.
pub(crate) fn meetings(of: &UnitId, meetings: &[NamedMeeting]) -> Units {
    let unit = |(index, meetings): (usize, &[NamedMeeting])| {
        (of.child(index), Scope::Meetings { meetings: meetings.to_vec() })
    };
    meetings.chunks(MEETINGS).enumerate().map(unit).collect()
}

/// Units for calls that the unit `of` found and could not resolve, some in each.
pub(crate) fn calls(of: &UnitId, ids: &[String], organizer_ids: &[String]) -> Units {
    let unit = |(index, ids): (usize, &[String])| {
        let scope = Scope::Calls { ids: ids.to_vec(), organizer_ids: organizer_ids.to_vec() };
        (UnitId::new(format!("{of}.calls.{index}")), scope)
    };
    ids.chunks(MEETINGS).enumerate().map(unit).collect()
}

fn calendars(request: &Request, watch: &Watch) -> Units {
    if request.names_organizers() {
        return request.items.organizers.iter().map(|id| calendar(id)).collect();
    }
    match &watch.organizers {
        Organizers::All => vec![users(None)],
        Organizers::Group { group } => vec![users(Some(group.clone()))],
        Organizers::Users(ids) => ids.iter().map(|id| calendar(id)).collect(),
    }
}

fn users(group_id: Option<String>) -> (UnitId, Scope) {
    (UnitId::new("users"), Scope::Users { group_id, next_link: None })
}

/// Units for the calendars of the users that the unit `of` found, some in each: a list may name very many users, and
/// no part of a ledger names very many units.
pub(crate) fn calendars_of(of: &UnitId, user_ids: &[String]) -> Units {
    let unit = |(index, ids): (usize, &[String])| {
        (UnitId::new(format!("{of}.calendars.{index}")), Scope::Calendars { organizer_ids: ids.to_vec() })
    };
    user_ids.chunks(CALENDARS).enumerate().map(unit).collect()
}

/// Units for shards of the unit `of`, a window of call records whose list is long; none where it is short already.
pub(crate) fn shards(of: &UnitId, (since, until): (Timestamp, Timestamp), organizer_ids: &[String]) -> Units {
    let length = until.duration_since(since);
    if length <= SHORTEST_SHARD {
        return Units::new();
    }
    let begin = |index| since + length / SHARDS * index;
    let shard = |index| {
        let until = if index + 1 == SHARDS { until } else { begin(index + 1) };
        let organizer_ids = organizer_ids.to_vec();
        let scope = Scope::CallRecords { since: begin(index), until, organizer_ids, next_link: None };
        (UnitId::new(format!("{of}.shard.{index}")), scope)
    };
    (0..SHARDS).map(shard).collect()
}

/// The unit that scans the calendar of a user.
pub(crate) fn calendar(organizer_id: &str) -> (UnitId, Scope) {
    let scope = Scope::Calendar { organizer_id: organizer_id.to_owned(), next_link: None };
    (UnitId::new(format!("calendar.{}", key_segment(organizer_id))), scope)
}

/// The webinars and town halls of the organizers that are named, or of the tenant.
fn events(request: &Request) -> Units {
    let of = |kind: VirtualEventKind, organizer_id: Option<&String>| {
        let owner = organizer_id.map_or_else(String::new, |id| format!(".{}", key_segment(id)));
        let scope = Scope::Events { kind, organizer_id: organizer_id.cloned(), next_link: None };
        (UnitId::new(format!("{}{owner}", kind.segment())), scope)
    };
    let organizers: Vec<Option<&String>> = match request.names_organizers() {
        true => request.items.organizers.iter().map(Some).collect(),
        false => vec![None],
    };
    VirtualEventKind::ALL.iter().flat_map(|kind| organizers.iter().map(|id| of(*kind, *id))).collect()
}

/// The unit that scans a webinar or town hall, whose status may be known.
pub(crate) fn event(kind: VirtualEventKind, event_id: &str, status: Option<String>) -> (UnitId, Scope) {
    let scope = Scope::Event { kind, event_id: event_id.to_owned(), status };
    (UnitId::new(format!("event.{}.{}", kind.segment(), key_segment(event_id))), scope)
}

/// Units for sessions that the unit `of` found without a report, some in each.
pub(crate) fn sessions_without_report(
    of: &UnitId,
    sessions: &[CallSession],
    organizer_ids: &[String],
) -> Units {
    let unit = |(index, sessions): (usize, &[CallSession])| {
        let (sessions, organizer_ids) = (sessions.to_vec(), organizer_ids.to_vec());
        let scope = Scope::SessionsWithoutReport { sessions, organizer_ids };
        (UnitId::new(format!("{of}.sessions.{index}")), scope)
    };
    sessions.chunks(MEETINGS).enumerate().map(unit).collect()
}

/// The sessions of each day of the run, by the archive's memory: for the ledger. A call may have begun on the day
/// before.
fn sessions(run: &Run, request: &Request, watch: &Watch) -> Units {
    let nobody_is_meant = request.names_organizers() && request.items.organizers.is_empty();
    if !run.purpose.keeps_ledger() || nobody_is_meant {
        return Vec::new();
    }
    let organizer_ids = match &watch.organizers {
        Organizers::Users(ids) if !request.names_organizers() => ids,
        _ => &request.items.organizers,
    };
    let of_day = |(day, since): (Date, Timestamp)| {
        let organizer_ids = organizer_ids.clone();
        let scope = Scope::Sessions { since, until: since + A_DAY, organizer_ids, after: None };
        (UnitId::new(format!("sessions.{day}")), scope)
    };
    days(run.since - A_DAY, run.until).map(of_day).collect()
}

/// The call records of each day that Graph still has. They are listed by when the call began: long calls, and
/// records that came late, fall out of a window that only joins the one before.
fn call_records(run: &Run, organizers: &[String], are_named: bool) -> Units {
    // Organizers were named, and all were refused: nobody's calls are meant.
    if are_named && organizers.is_empty() {
        return Vec::new();
    }
    let mut units = Vec::new();
    let mut since = (run.since - OVERLAP).max(run.began - CALL_RECORDS_KEPT);
    while since < run.until {
        let until = (since + A_DAY).min(run.until);
        let organizer_ids = organizers.to_vec();
        let scope = Scope::CallRecords { since, until, organizer_ids, next_link: None };
        units.push((UnitId::new(format!("calls.{}", units.len())), scope));
        since = until;
    }
    units
}

/// How the ids of gaps' runs begin; those of others are Lambda's.
const GAP: &str = "gap-";

/// Whether a run is of a time in which nothing may have been notified of.
pub(crate) fn is_gap(run: &Run) -> bool {
    run.id.starts_with(GAP)
}

/// The run and the units for a time in which nothing may have been notified of `resource`.
pub(crate) fn of_gap(
    resource: &WatchedResource,
    (since, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> (Run, Units) {
    let id = format!("{GAP}{}", until.as_second());
    let purpose = Purpose::Reconcile;
    let run = Run { id, purpose, since, until, refresh: false, began: now, schedule: None, is_bulk: false };
    let units = match resource {
        WatchedResource::CallRecords => call_records(&run, &[], false),
        WatchedResource::VirtualEvents => VirtualEventKind::ALL
            .iter()
            .map(|kind| {
                (
                    UnitId::new(kind.segment()),
                    Scope::Events { kind: *kind, organizer_id: None, next_link: None },
                )
            })
            .collect(),
        WatchedResource::Reports { kind, event_id } => vec![event(*kind, event_id, None)],
        // The list of all is asked for when a report comes.
        WatchedResource::Registrations { .. } => Units::new(),
        WatchedResource::MeetingCalls { organizer_id, join_web_url } => {
            let meeting = NamedMeeting { organizer_id: organizer_id.clone(), meeting: join_web_url.clone() };
            meetings(&UnitId::new("meetings"), &[meeting])
        }
    };
    (run, units)
}
