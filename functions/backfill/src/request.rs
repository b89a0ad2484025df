//! A request: by hand or from a schedule. It is read once; what is wrong with it is a sentence.

mod accepted;
mod items;
mod users;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::archive::layout;
use shared::jobs::{LedgerSchedule, Purpose, Run};
use shared::model::{key_segment, parse_moment};

pub use accepted::{Counts, RefusedItem, RunAccepted};
use items::MeetingField;
pub(crate) use items::{AcceptedItems, RequestItems};
pub(crate) use users::Users;

/// How long Graph keeps reports.
const A_YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// A run over more days is a bulk run.
const MOST_DAYS_AT_ONCE: SignedDuration = SignedDuration::from_hours(31 * 24);
const FIELDS: [&str; 14] = [
    "since",
    "until",
    "organizers",
    "meetings",
    "webinars",
    "townhalls",
    "from",
    "dryRun",
    "refresh",
    "events",
    "audit",
    "reconcile",
    "days",
    "schedule",
];

/// Why a request is refused: a sentence that says what to write. It quotes names of fields, never their
/// values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RequestError(String);

/// Where meetings and events are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DiscoverySource {
    /// The call records of the last 30 days: every meeting that took place.
    CallRecords,
    /// The organizers' calendars: every meeting that was planned.
    Calendars,
    /// Graph's lists of webinars and town halls.
    VirtualEvents,
}

/// The fields of a request, before they are checked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RequestFields {
    since: Option<String>,
    until: Option<String>,
    organizers: Vec<String>,
    meetings: Vec<MeetingField>,
    webinars: Vec<String>,
    townhalls: Vec<String>,
    from: Option<Vec<DiscoverySource>>,
    dry_run: bool,
    refresh: bool,
    events: bool,
    audit: bool,
    reconcile: bool,
    days: Option<u32>,
    schedule: Option<LedgerSchedule>,
}

/// A request whose fields were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) purpose: Purpose,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    /// What it names; nothing until its users are looked up. The organizers of `WATCH` count where nobody is named.
    pub(crate) items: AcceptedItems,
    /// Where to look; `None`: where it suits the run.
    pub(crate) from: Option<Vec<DiscoverySource>>,
    refresh: bool,
    /// Whether the archive is looked through for reports whose sources' titles it lacks.
    pub(crate) events: bool,
    /// The schedule that sent the request; `None` where a person did, and for a reconcile.
    schedule: Option<LedgerSchedule>,
}

impl RequestFields {
    fn items(self) -> RequestItems {
        let Self { organizers, meetings, webinars, townhalls, .. } = self;
        RequestItems { organizers, meetings, webinars, townhalls }
    }

    /// Whether organizers, meetings, events or places to look are named.
    fn names_something(&self) -> bool {
        let named = [&self.organizers, &self.webinars, &self.townhalls].iter().any(|list| !list.is_empty());
        named || !self.meetings.is_empty() || self.from.is_some()
    }

    /// Whether days and schedule stand beside what they go with.
    fn check_days_and_schedule(&self) -> Result<(), RequestError> {
        if self.days.is_some() && !self.audit {
            return Err(wrong("days goes with reconcile and audit: write since and until instead"));
        }
        if self.days.is_some() && (self.since.is_some() || self.until.is_some()) {
            return Err(wrong("days is up to now: leave out since and until"));
        }
        // The ledger of a schedule is compared with the one before, so it must be of everything.
        if self.schedule.is_some() && (self.days.is_none() || self.names_something()) {
            return Err(wrong("schedule takes audit and days and nothing else"));
        }
        Ok(())
    }

    /// Whether events stands beside what it goes with.
    fn check_events(&self) -> Result<(), RequestError> {
        let names_items =
            !self.meetings.is_empty() || !self.webinars.is_empty() || !self.townhalls.is_empty();
        if self.events && (names_items || self.dry_run) {
            return Err(wrong(
                "events looks through all that is archived of the time: leave out dryRun, meetings, webinars and townhalls",
            ));
        }
        Ok(())
    }

    /// The time whose sessions are looked for.
    fn period(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), RequestError> {
        // What is to come has no report yet.
        let until = moment("until", self.until.as_deref())?.unwrap_or(now).min(now);
        let since = match self.days {
            Some(days) => now - last_days(days)?,
            None => moment("since", self.since.as_deref())?.unwrap_or(until - A_YEAR),
        };
        if since >= until {
            return Err(wrong("since is not before until, or in the future"));
        }
        Ok((since, until))
    }
}

/// Whether a request asks for manifests, which takes nothing else.
///
/// # Errors
/// It asks for something else, too.
pub(crate) fn asks_for_manifests(event: &Value) -> Result<bool, RequestError> {
    match event.get("manifests") {
        None => Ok(false),
        Some(Value::Bool(true)) if event.as_object().is_some_and(|fields| fields.len() == 1) => Ok(true),
        Some(_) => Err(wrong("manifests is true, and takes nothing else: they are of all that is archived")),
    }
}

/// So many days, at most the year for which Graph keeps a report.
fn last_days(days: u32) -> Result<SignedDuration, RequestError> {
    match days {
        1..=365 => Ok(SignedDuration::from_hours(24 * i64::from(days))),
        _ => Err(wrong("days is a number from 1 to 365: Graph keeps a report for a year")),
    }
}

impl Request {
    /// Reads a request. Its items are accepted when their users are looked up.
    ///
    /// # Errors
    /// The request is refused; the sentence says what to write.
    pub(crate) fn read(event: Value, now: Timestamp) -> Result<(Self, RequestItems), RequestError> {
        let names_nothing = known_fields(&event)?;
        let fields: RequestFields = serde_json::from_value(event).map_err(|_| {
            wrong("a field of the request has the wrong type: dates and ids are texts, organizers, meetings, webinars, townhalls and from are lists, dryRun, refresh, events, audit and reconcile are true or false, days is a number; from takes callRecords, calendars and virtualEvents, schedule takes nightly and monthly")
        })?;
        if names_nothing {
            return Err(wrong(
                "the request is empty: say what to look for, with since and until, organizers, meetings, webinars or townhalls, or audit or reconcile",
            ));
        }
        if fields.reconcile {
            return Ok((Self::reconcile(&fields, now)?, RequestItems::default()));
        }
        if fields.audit && (fields.dry_run || fields.refresh || fields.events) {
            return Err(wrong("an audit fetches nothing: leave out dryRun, refresh and events"));
        }
        fields.check_events()?;
        fields.check_days_and_schedule()?;
        let (since, until) = fields.period(now)?;
        let purpose = match (fields.audit, fields.dry_run) {
            (true, _) => Purpose::Audit,
            (false, true) => Purpose::DryRun,
            (false, false) => Purpose::Backfill,
        };
        let (refresh, events, from, schedule) =
            (fields.refresh, fields.events, fields.from.clone(), fields.schedule);
        let request = Self { refresh, events, from, schedule, ..Self::of(purpose, since, until) };
        Ok((request, fields.items()))
    }

    fn of(purpose: Purpose, since: Timestamp, until: Timestamp) -> Self {
        let (items, from, schedule) = Default::default();
        Self { purpose, since, until, items, from, refresh: false, events: false, schedule }
    }

    /// A reconcile scans everything that is watched, over the last days.
    fn reconcile(fields: &RequestFields, now: Timestamp) -> Result<Self, RequestError> {
        let is_more = fields.names_something() || fields.since.is_some() || fields.until.is_some();
        let has_ledger = fields.audit || fields.dry_run || fields.schedule.is_some();
        if is_more || has_ledger || fields.refresh || fields.events {
            return Err(wrong("reconcile takes days and nothing else"));
        }
        Ok(Self::of(Purpose::Reconcile, now - last_days(fields.days.unwrap_or(1))?, now))
    }

    /// Whether single meetings or events are named, so that nothing else is looked for.
    pub(crate) fn names_items(&self) -> bool {
        let named = ["meetings", "webinars", "townhalls"];
        let refused = |item: &RefusedItem| named.iter().any(|list| item.item.starts_with(list));
        let AcceptedItems { meetings, webinars, townhalls, .. } = &self.items;
        !meetings.is_empty()
            || !webinars.is_empty()
            || !townhalls.is_empty()
            || self.items.refused.iter().any(refused)
    }

    /// Whether organizers are named, be they refused.
    pub(crate) fn names_organizers(&self) -> bool {
        let refused = |item: &RefusedItem| item.item.starts_with("organizers");
        !self.items.organizers.is_empty() || self.items.refused.iter().any(refused)
    }

    pub(crate) fn run(&self, id: &str, now: Timestamp) -> Run {
        Run {
            id: id.to_owned(),
            purpose: self.purpose,
            since: self.since,
            until: self.until,
            refresh: self.refresh,
            began: now,
            schedule: self.schedule,
            is_bulk: self.is_bulk(),
        }
    }

    /// Whether the run has to do with so much that gaps, and people who ask for less, must not wait for it.
    fn is_bulk(&self) -> bool {
        let is_long = self.until.duration_since(self.since) > MOST_DAYS_AT_ONCE;
        self.schedule.is_some() || (is_long && !self.names_items())
    }

    pub(crate) fn accepted(&self, run: &Run, units: usize, tenant_id: &str) -> RunAccepted {
        let refused = self.items.refused.clone();
        let counts = Counts { units, refused: refused.len() };
        let key = || layout::ledger(tenant_id, run.began, &run.id, None);
        let ledger = run.purpose.keeps_ledger().then(key);
        RunAccepted { run_id: run.id.clone(), counts, refused, ledger }
    }
}

/// Whether the request names nothing to look for. A field that is not known is an error.
fn known_fields(event: &Value) -> Result<bool, RequestError> {
    let Some(fields) = event.as_object() else { return Err(wrong("the request is no JSON object")) };
    for name in fields.keys() {
        if !FIELDS.contains(&name.as_str()) {
            let plain = key_segment(name);
            return Err(wrong(format!(
                "the request has an unknown field, {plain}: it takes {}",
                FIELDS.join(", ")
            )));
        }
    }
    let says_something = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        value => !value.is_null() && *value != Value::Bool(false),
    };
    let how = ["from", "dryRun", "refresh", "days", "schedule"];
    Ok(!fields.iter().any(|(name, value)| !how.contains(&name.as_str()) && says_something(value)))
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, RequestError> {
    let wrong = |_| {
        wrong(format!("{name} is no date: write one like 2026-01-31, or a time like 2026-01-31T10:00:00Z"))
    };
    text.map(parse_moment).transpose().map_err(wrong)
}

fn wrong(sentence: impl Into<String>) -> RequestError {
    RequestError(sentence.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TENANT: &str = "5466a424-0000-4000-8000-0000c0205050";
    const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";

    fn now() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn read(request: Value) -> Result<Request, RequestError> {
        let (request, items) = Request::read(request, now())?;
        let users = Users::of(&[("ilse@contoso.com", None), ("megan@contoso.com", Some(ORGANIZER))]);
        Ok(Request { items: items.accept(&users, TENANT), ..request })
    }

    #[test]
    fn what_is_no_request_is_refused_with_a_sentence() {
        let sentence = |request: Value| read(request).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                json!({}),
                json!([]),
                json!({"dryRun": true}),
                json!({"organizers": []}),
                json!({"sinc": "2026-01-01"}),
                json!({"since": "last week"}),
                json!({"since": 1}),
                json!({"since": "2026-02-01", "until": "2026-01-01"}),
                json!({"organizers": ORGANIZER}),
                json!({"since": "2026-01-01", "from": ["mailboxes"]}),
                json!({"reconcile": true, "days": 400}),
                json!({"reconcile": true, "since": "2026-01-01"}),
                json!({"reconcile": true, "dryRun": true}),
                json!({"reconcile": true, "refresh": true}),
                json!({"reconcile": true, "from": ["calendars"]}),
                json!({"audit": true, "refresh": true}),
                json!({"audit": true, "dryRun": true}),
                json!({"since": "2026-01-01", "days": 3}),
                json!({"audit": true, "days": 3, "since": "2026-01-01"}),
                json!({"audit": true, "days": 0}),
                json!({"days": 8, "schedule": "nightly"}),
                json!({"audit": true, "schedule": "nightly"}),
                json!({"audit": true, "days": 8, "schedule": "hourly"}),
                json!({"audit": true, "days": 8, "schedule": "nightly", "organizers": [ORGANIZER]}),
                json!({"reconcile": true, "schedule": "nightly"}),
            ]
            .map(sentence)
            .join("\n")
        );
    }

    #[test]
    fn items_that_cannot_be_looked_at_are_named_and_the_rest_goes_on() {
        let address = |tenant: &str| {
            format!(
                r#"https://teams.microsoft.com/l/meetup-join/19:m@thread.v2/0?context={{"Tid":"{tenant}","Oid":"{ORGANIZER}"}}"#
            )
        };
        let other = "b0a1b2c3-0000-4000-8000-0000c0205050";
        let request = json!({
            "organizers": ["{0A11CE00-0000-4000-8000-0000C0205050}", "ilse@contoso.com", "", "megan@contoso.com"],
            "meetings": [
                "AAMkAGI2THVSAAA=", address(other), "https://teams.microsoft.com/meet/240141283012?p=x", "MSpk",
                {"organizer": "ilse", "meeting": "MSpk"}, {"organizer": ORGANIZER, "meeting": "MSpk"},
                {"organizer": "ilse@contoso.com", "meeting": "MSpk"},
                {"organizer": " Megan@Contoso.com", "meeting": "240 141 283 012"},
                {"organizer": other, "meeting": address(TENANT)}, address(TENANT),
            ],
            "webinars": [format!("w-1@{other}"), "w-1@contoso", "a/b", ""],
        });
        let items = read(request).unwrap().items;
        let refused: Vec<String> =
            items.refused.iter().map(|item| format!("{}: {}", item.item, item.why)).collect();
        insta::assert_snapshot!(refused.join("\n"));
        assert_eq!(items.organizers, [ORGANIZER], "written twice, looked for once");
        let names: Vec<&str> = items.meetings.iter().map(|named| named.meeting.as_str()).collect();
        assert!(items.meetings.iter().all(|named| named.organizer_id == ORGANIZER));
        assert_eq!(names[..2], ["MSpk", "240141283012"]);
        assert!(
            names[2]
                .starts_with("https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b")
        );
        assert_eq!(items.webinars, ["w-1@contoso"]);
    }

    #[test]
    fn a_time_that_is_not_given_is_the_last_year() {
        let request = read(json!({"audit": true})).unwrap();
        assert_eq!((request.purpose, request.until, request.since), (Purpose::Audit, now(), now() - A_YEAR));
        let request = read(json!({"since": "2026-01-01", "until": "2026-02-01T00:00:00+01:00"})).unwrap();
        assert_eq!(request.since, "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(request.until, "2026-01-31T23:00:00Z".parse().unwrap());
        let far = read(json!({"since": "2026-01-01", "until": "6026-01-01"})).unwrap();
        assert_eq!(far.until, now(), "what is to come has no report yet");
        let request = read(json!({"reconcile": true, "days": 3})).unwrap();
        assert_eq!(
            (request.purpose, request.since),
            (Purpose::Reconcile, now() - SignedDuration::from_hours(72))
        );
        let request = read(json!({"audit": true, "days": 8, "schedule": "nightly"})).unwrap();
        assert_eq!((request.since, request.until), (now() - SignedDuration::from_hours(8 * 24), now()));
        assert_eq!(request.run("r", now()).schedule, Some(LedgerSchedule::Nightly));
        let by_hand = read(json!({"audit": true, "days": 8})).unwrap();
        assert_eq!((by_hand.since, by_hand.run("r", now()).schedule), (request.since, None));
    }
}
