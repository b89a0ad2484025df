//! An attendance report with its records, out of the bytes that Graph sent.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::model::comparable_id;
use shared::ports::store::Metadata;

use super::identity::{RecordIdentity, identity_kind};
use super::members::{count, list, object, object_of_any_names, shown, text_of};
use super::{Place, Target, decoded, instant, is_erased};
use crate::people::{PersonKey, RecordIds, comparable_address};

/// A report as a row, with its records.
pub(in crate::index) struct Report {
    pub(in crate::index) kind: String,
    pub(in crate::index) series: String,
    pub(in crate::index) event_id: String,
    pub(in crate::index) is_channel: bool,
    pub(in crate::index) report_id: String,
    pub(in crate::index) source: String,
    pub(in crate::index) session_id: Option<String>,
    pub(in crate::index) organizer_id: Option<String>,
    pub(in crate::index) tenant_id: String,
    pub(in crate::index) day: String,
    pub(in crate::index) start: Option<String>,
    pub(in crate::index) end: Option<String>,
    pub(in crate::index) participants: Option<i64>,
    pub(in crate::index) metadata: Metadata,
    pub(in crate::index) records: Vec<Record>,
    /// How many records are of people who were erased.
    pub(in crate::index) erased: usize,
}

/// A record as a row.
pub(in crate::index) struct Record {
    pub(in crate::index) identity: RecordIdentity,
    pub(in crate::index) person: String,
    pub(in crate::index) person_kind: &'static str,
    pub(in crate::index) digest: String,
    pub(in crate::index) id: Option<String>,
    pub(in crate::index) registration_id: Option<String>,
    pub(in crate::index) external_registration_id: Option<String>,
    pub(in crate::index) role: Option<String>,
    pub(in crate::index) seconds: Option<i64>,
    pub(in crate::index) intervals: Option<Vec<RawInterval>>,
}

/// Join, leave and seconds, as Graph wrote them.
pub(in crate::index) type RawInterval = (Option<String>, Option<String>, Option<i64>);

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Members<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    total_participant_count: Option<&'a RawValue>,
    meeting_start_date_time: Option<&'a RawValue>,
    meeting_end_date_time: Option<&'a RawValue>,
    attendance_records: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RecordMembers<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    email_address: Option<&'a RawValue>,
    identity: Option<&'a RawValue>,
    registration_id: Option<&'a RawValue>,
    external_registration_information: Option<&'a RawValue>,
    role: Option<&'a RawValue>,
    total_attendance_in_seconds: Option<&'a RawValue>,
    attendance_intervals: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Identity<'a> {
    #[serde(rename = "@odata.type", borrow)]
    odata_type: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    display_name: Option<&'a RawValue>,
    tenant_id: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Interval<'a> {
    #[serde(borrow)]
    join_date_time: Option<&'a RawValue>,
    leave_date_time: Option<&'a RawValue>,
    duration_in_seconds: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct External<'a> {
    #[serde(borrow)]
    registration_id: Option<&'a RawValue>,
    referrer: Option<&'a RawValue>,
}

/// The id and the referrer of a registration in another system.
pub(super) fn external(member: Option<&RawValue>) -> (Option<String>, Option<String>) {
    let External { registration_id, referrer } = object(member);
    (shown(registration_id), shown(referrer))
}

impl Report {
    /// Reads the report at `key`.
    ///
    /// # Errors
    /// Why it is no report, without what it holds.
    pub(in crate::index) fn read(key: &str, body: &[u8], metadata: Metadata) -> Result<Self, &'static str> {
        let place = Place::of(key).ok_or("its key is not like those of reports")?;
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        let members: Members<'_> = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).map_err(|_| "it is not JSON, or has a member twice")?,
            false => return Err("it is no JSON object"),
        };
        let (day, name) = place.rest.split_once('/').ok_or("its key is not like those of reports")?;
        let name = name.strip_suffix(".json").unwrap_or(name);
        let id = shown(members.id).or_else(|| decoded(&metadata, "report-id"));
        let report_id = id.unwrap_or_else(|| name.to_owned());
        let source = metadata.get("source").cloned().unwrap_or_default();
        let target = Target::of_path(&source).filter(|target| target.kind == place.kind);
        let mut report = Self::of_target(target, if source.is_empty() { &report_id } else { &source });
        report.kind = place.kind.to_owned();
        report.tenant_id = place.tenant.to_owned();
        report.day = day.strip_prefix("date=").unwrap_or(day).to_owned();
        report.start = shown(members.meeting_start_date_time);
        report.end = shown(members.meeting_end_date_time);
        report.participants = count(members.total_participant_count);
        (report.report_id, report.source, report.metadata) = (report_id, source, metadata);
        let records = list(members.attendance_records).unwrap_or_default();
        // Each keeps the place that it had: some people are known by it.
        let people = records.iter().enumerate().filter(|(_, record)| !is_erased(record));
        report.records = people.map(|(place, record)| report.record(place, record)).collect();
        report.erased = records.len() - report.records.len();
        Ok(report)
    }

    /// A report of which nothing is known but what it is of; `otherwise`: the id of what it is of, where that is not known.
    fn of_target(target: Option<Target>, otherwise: &str) -> Self {
        let target = target.unwrap_or_else(|| Target {
            kind: "meeting",
            event_id: otherwise.to_owned(),
            session_id: None,
            organizer_id: None,
            is_channel: false,
        });
        Self {
            kind: String::new(),
            series: target.series(),
            event_id: target.event_id,
            is_channel: target.is_channel,
            report_id: String::new(),
            source: String::new(),
            session_id: target.session_id,
            organizer_id: target.organizer_id,
            tenant_id: String::new(),
            day: String::new(),
            start: None,
            end: None,
            participants: None,
            metadata: Metadata::new(),
            records: Vec::new(),
            erased: 0,
        }
    }

    fn record(&self, place: usize, record: &RawValue) -> Record {
        let mut spare = String::new();
        let members: RecordMembers<'_> = object_of_any_names(record, &mut spare);
        let identity: Identity<'_> = object(members.identity);
        let identity_id = shown(identity.id);
        let identity = RecordIdentity {
            name: text_of(identity.display_name),
            address: text_of(members.email_address),
            kind: identity_kind(identity_id.as_deref(), shown(identity.odata_type).as_deref()),
            identity_id,
            tenant_id: shown(identity.tenant_id),
        };
        let (id, registration_id) = (shown(members.id), shown(members.registration_id));
        let person = self.person(&identity, id.as_deref(), registration_id.as_deref(), place);
        let person_kind = kind_of(&person);
        let person = person.to_string();
        Record {
            digest: identity.digest(&person),
            person,
            person_kind,
            identity,
            id,
            registration_id,
            external_registration_id: external(members.external_registration_information).0,
            role: shown(members.role),
            seconds: count(members.total_attendance_in_seconds),
            intervals: list(members.attendance_intervals)
                .map(|intervals| intervals.into_iter().map(interval).collect()),
        }
    }

    /// Whom a record means. A registrant is nobody else yet: whose address the registration has may be known later only.
    fn person(
        &self,
        identity: &RecordIdentity,
        record_id: Option<&str>,
        registration_id: Option<&str>,
        place: usize,
    ) -> PersonKey {
        let registration =
            registration_id.filter(|_| self.kind != "meeting").map(|id| comparable_id(id.trim()));
        let registration = registration.filter(|id| !id.is_empty());
        let address = identity.address.as_ref().filter(|_| registration.is_none());
        PersonKey::of(&RecordIds {
            identity: identity.kind,
            identity_id: identity.identity_id.as_deref(),
            tenant_id: identity.tenant_id.as_deref(),
            archive_tenant: &self.tenant_id,
            address: address.and_then(|address| comparable_address(address.shown())).as_deref(),
            event_id: &self.series,
            registration_id: registration.as_deref(),
            report_id: &self.report_id,
            record_id,
            place,
        })
    }

    /// The session's id, as it is compared.
    pub(in crate::index) fn comparable_session(&self) -> Option<String> {
        self.session_id.as_deref().map(|id| comparable_id(id).into_owned())
    }

    /// A text of the metadata, decoded.
    pub(in crate::index) fn fact(&self, name: &str) -> Option<String> {
        decoded(&self.metadata, name)
    }

    /// When Graph was asked, in nanoseconds.
    pub(in crate::index) fn fetched_at(&self) -> Option<i64> {
        self.metadata.get("fetched-at").and_then(|text| instant(text))
    }
}

fn interval(interval: &RawValue) -> RawInterval {
    let Interval { join_date_time, leave_date_time, duration_in_seconds } = object(Some(interval));
    (shown(join_date_time), shown(leave_date_time), count(duration_in_seconds))
}

fn kind_of(key: &PersonKey) -> &'static str {
    match key {
        PersonKey::User { .. } => "user",
        PersonKey::Registrant { .. } => "registrant",
        PersonKey::Address(_) => "address",
        PersonKey::Phone { .. } => "phone",
        PersonKey::Anonymous { .. } => "anonymous",
    }
}
