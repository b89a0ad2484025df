//! What Graph says of a meeting, webinar, town hall or session, by the rules of the view `events` in `duckdb.sql`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::model::{comparable_id, normalize_join_url, unwrapped};
use shared::ports::store::Metadata;
use windows_timezones::WindowsTimezone;

use super::members::{object, shown, text_of};
use super::{Place, Target, decoded, instant, nanoseconds};
use crate::text::Text;

/// An event as a row.
pub(in crate::index) struct Event {
    pub(in crate::index) kind: String,
    pub(in crate::index) series: String,
    pub(in crate::index) event_id: String,
    pub(in crate::index) session_id: Option<String>,
    pub(in crate::index) source: String,
    pub(in crate::index) title: Option<Text>,
    pub(in crate::index) organizer_id: Option<String>,
    pub(in crate::index) organizer_name: Option<Text>,
    pub(in crate::index) organizer_address: Option<Text>,
    pub(in crate::index) start: Planned,
    pub(in crate::index) end: Planned,
    pub(in crate::index) join_url: Option<String>,
    pub(in crate::index) join_number: Option<String>,
}

/// When something is planned: as Graph wrote it, the zone beside it, and the instant where both are known.
#[derive(Default)]
pub(in crate::index) struct Planned {
    pub(in crate::index) text: Option<String>,
    pub(in crate::index) zone: Option<String>,
    pub(in crate::index) at: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Members<'a> {
    #[serde(borrow)]
    subject: Option<&'a RawValue>,
    display_name: Option<&'a RawValue>,
    start_date_time: Option<&'a RawValue>,
    end_date_time: Option<&'a RawValue>,
    created_by: Option<&'a RawValue>,
    participants: Option<&'a RawValue>,
    join_web_url: Option<&'a RawValue>,
    join_meeting_id_settings: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct JoinMeetingIdSettings<'a> {
    #[serde(borrow)]
    join_meeting_id: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Participants<'a> {
    #[serde(borrow)]
    organizer: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Participant<'a> {
    #[serde(borrow)]
    upn: Option<&'a RawValue>,
    identity: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct IdentitySet<'a> {
    #[serde(borrow)]
    user: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct User<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    display_name: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct DateTimeTimeZone<'a> {
    #[serde(borrow)]
    date_time: Option<&'a RawValue>,
    time_zone: Option<&'a RawValue>,
}

impl Event {
    /// Reads the event at `key`.
    ///
    /// # Errors
    /// Why it is none, without what it holds.
    pub(in crate::index) fn read(key: &str, body: &[u8], metadata: &Metadata) -> Result<Self, &'static str> {
        let place = Place::of(key).ok_or("its key is not like those of events")?;
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        let text = unwrapped(text);
        let members: Members<'_> = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).map_err(|_| "it is not JSON, or has a member twice")?,
            false => return Err("it is no JSON object"),
        };
        let source = metadata.get("source").cloned().unwrap_or_default();
        let target = Target::of_path(&source).filter(|target| target.kind == place.kind);
        let target = target.unwrap_or_else(|| by_key(&place, metadata));
        let (by, user, address) = organizer(&members);
        let settings: JoinMeetingIdSettings<'_> = object(members.join_meeting_id_settings);
        Ok(Self {
            kind: place.kind.to_owned(),
            series: target.series(),
            session_id: target.session_id.as_deref().map(|id| comparable_id(id).into_owned()),
            title: title(&members),
            organizer_id: target.organizer_id.or_else(|| shown(by.id)).or_else(|| shown(user.id)),
            organizer_name: text_of(by.display_name).or_else(|| text_of(user.display_name)),
            organizer_address: address,
            start: planned(members.start_date_time),
            end: planned(members.end_date_time),
            join_url: shown(members.join_web_url).map(|url| comparable_url(&url)),
            join_number: shown(settings.join_meeting_id),
            event_id: target.event_id,
            source,
        })
    }
}

/// A join URL, the same however it is encoded, and without its context.
pub(in crate::index) fn comparable_url(url: &str) -> String {
    let plain = normalize_join_url(url.trim());
    plain.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// What an event is of where its metadata does not name the path: its key's segments.
fn by_key(place: &Place<'_>, metadata: &Metadata) -> Target {
    let rest = place.rest.strip_suffix(".json").unwrap_or(place.rest);
    let (event, session) = match rest.split_once("/sessions/") {
        Some((event, session)) => (event.to_owned(), Some(session.to_owned())),
        None => (decoded(metadata, "event-id").unwrap_or_else(|| rest.to_owned()), None),
    };
    Target { kind: "", event_id: event, session_id: session, organizer_id: None, is_channel: false }
}

/// A text with half an emoji is a title to people, while `None` in the year 1 is what Graph calls a channel's meeting.
fn title(members: &Members<'_>) -> Option<Text> {
    let title = text_of(members.subject).or_else(|| text_of(members.display_name))?;
    let is_unknown = title.shown() == "None"
        && shown(members.start_date_time).is_some_and(|start| start.starts_with("0001-"));
    Some(title).filter(|_| !is_unknown)
}

fn organizer<'a>(members: &Members<'a>) -> (User<'a>, User<'a>, Option<Text>) {
    let by: IdentitySet<'_> = object(members.created_by);
    let participants: Participants<'_> = object(members.participants);
    let organizer: Participant<'_> = object(participants.organizer);
    let identity: IdentitySet<'_> = object(organizer.identity);
    (object(by.user), object(identity.user), text_of(organizer.upn))
}

fn planned(member: Option<&RawValue>) -> Planned {
    if let Some(text) = shown(member) {
        return Planned { at: instant(&text), text: Some(text), zone: None }.without_year_one();
    }
    let DateTimeTimeZone { date_time, time_zone } = object(member);
    let (text, zone) = (shown(date_time), shown(time_zone));
    let at = text.as_deref().and_then(|text| at(text, zone.as_deref()));
    Planned { text, zone, at }.without_year_one()
}

/// The instant of a time with a zone's name beside it; `None` where no zone has that name. Without a name it is UTC.
fn at(text: &str, zone: Option<&str>) -> Option<i64> {
    let Ok(civil) = text.parse::<DateTime>() else { return instant(text) };
    if text.ends_with(['Z', 'z']) {
        return instant(text);
    }
    let zone = match zone {
        None | Some("UTC") => TimeZone::UTC,
        Some(name) => TimeZone::get(name).ok().or_else(|| windows_zone(name))?,
    };
    nanoseconds(zone.to_timestamp(civil).ok()?)
}

/// The zone that Windows calls so: Graph writes either name. <https://learn.microsoft.com/graph/api/resources/datetimetimezone>
fn windows_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name.parse::<WindowsTimezone>().ok()?.tzdb_id()).ok()
}

impl Planned {
    fn without_year_one(self) -> Self {
        let is_none = self.text.as_deref().is_some_and(|text| text.starts_with("0001-"));
        if is_none { Self { zone: self.zone, ..Self::default() } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_in_the_zone_beside_it_by_either_of_its_names() {
        let ten = instant("2026-03-01T10:00:00Z");
        assert_eq!(at("2026-03-01T11:00:00", Some("W. Europe Standard Time")), ten);
        assert_eq!(at("2026-03-01T11:00:00", Some("Europe/Berlin")), ten);
        assert_eq!(at("2026-03-01T10:00:00", None), ten);
        assert_eq!(at("2026-03-01T10:00:00Z", Some("Europe/Berlin")), ten);
        assert_eq!(at("2026-03-01T11:00:00", Some("PacificSt")), None);
    }
}
