//! Lines of events and registrations in which a member is not what it must be.

use std::collections::BTreeMap;

/// The members of each kind of object that nothing is odd about.
const MEETING: [(&str, &str); 4] = [
    ("subject", r#""Stand-up \ud83d\ude00""#),
    ("startDateTime", r#""2026-03-01T10:00:00.1234567Z""#),
    ("endDateTime", r#""2026-03-01T11:00:00Z""#),
    (
        "participants",
        r#"{"organizer":{"upn":"megan@contoso.com","identity":{"user":{"id":"o-1","displayName":null}}}}"#,
    ),
];
const WEBINAR: [(&str, &str); 4] = [
    ("displayName", r#""Webinar""#),
    ("startDateTime", r#"{"dateTime":"2026-03-01T02:00:00","timeZone":"PacificSt"}"#),
    ("endDateTime", r#"{"dateTime":"2026-03-01T03:00:00","timeZone":"PacificSt"}"#),
    ("createdBy", r#"{"user":{"id":"o-1","displayName":"Megan"}}"#),
];
const SESSION: [(&str, &str); 3] = [
    ("subject", r#""Session one""#),
    ("startDateTime", r#""2026-03-01T10:00:00Z""#),
    ("endDateTime", r#""2026-03-01T11:00:00Z""#),
];
const REGISTRATION: [(&str, &str); 9] = [
    ("id", r#""g-1""#),
    ("userId", r#""p-1""#),
    ("firstName", r#""Ilse""#),
    ("lastName", r#""Roth""#),
    ("email", r#""ilse@contoso.com""#),
    ("status", r#""canceled""#),
    ("registrationDateTime", r#""2026-02-01T10:00:00""#),
    ("cancelationDateTime", r#""2026-02-02T10:00:00""#),
    ("externalRegistrationInformation", r#"{"referrer":"Fabrikam","registrationId":"x-1"}"#),
];
/// What is always NULL of each kind: Graph has it not, or elsewhere.
const NOT_OF_MEETING: &[&str] = &["organizername", "plannedzone", "sessionid"];
const NOT_OF_WEBINAR: &[&str] = &["organizerupn", "sessionid"];
const NOT_OF_SESSION: &[&str] = &["organizerid", "organizername", "organizerupn", "plannedzone"];
/// What is NULL where the whole is no object.
const OF_MEETING: &[&str] = &["organizerupn", "plannedend", "plannedstart", "title"];
const OF_WEBINAR: &[&str] =
    &["organizerid", "organizername", "plannedend", "plannedstart", "plannedzone", "title"];
const OF_REGISTRATION: &[&str] = &[
    "canceledat",
    "email",
    "externalregistrationid",
    "firstname",
    "lastname",
    "personid",
    "referrer",
    "registeredat",
    "registrationid",
    "status",
];
const ORGANIZER: &[&str] = &["organizerid", "organizername"];
const EXTERNAL: &[&str] = &["externalregistrationid", "referrer"];
const HALF_AN_EMOJI: &str = r#""Person \ud83d""#;

/// Members with other values, and what of the row is NULL for that.
type Odd = (&'static [(&'static str, &'static str)], &'static [&'static str]);

#[rustfmt::skip]
const ODD_MEETINGS: [Odd; 9] = [
    (&[("subject", "null")], &["title"]),
    (&[("subject", r#""""#)], &["title"]),
    (&[("subject", r#"" ""#)], &["title"]),
    (&[("subject", r#"{"text":"Stand-up"}"#)], &["title"]),
    // A channel's. A title alone, or a year alone, is what it says.
    (&[("subject", r#""None""#), ("startDateTime", r#""0001-01-01T00:00:00Z""#)], &["plannedstart", "title"]),
    (&[("subject", r#""None""#)], &[]),
    (&[("endDateTime", r#""0001-01-01T00:00:00Z""#)], &["plannedend"]),
    (&[("participants", r#""nobody""#)], &["organizerupn"]),
    (&[("participants", r#"{"organizer":null}"#)], &["organizerupn"]),
];
#[rustfmt::skip]
const ODD_WEBINARS: [Odd; 14] = [
    (&[("displayName", r#"{"text":"Webinar"}"#)], &["title"]),
    (&[("displayName", HALF_AN_EMOJI)], &["title"]),
    (&[("displayName", "7")], &["title"]),
    (&[("description", HALF_AN_EMOJI)], &[]),
    (&[("startDateTime", r#"{"dateTime":null,"timeZone":"PacificSt"}"#)], &["plannedstart"]),
    (&[("startDateTime", r#"{"dateTime":"0001-01-01T00:00:00","timeZone":"UTC"}"#)], &["plannedstart"]),
    (&[("startDateTime", "null"), ("endDateTime", "[]")], &["plannedend", "plannedstart", "plannedzone"]),
    (&[("startDateTime", "7"), ("endDateTime", r#"{"dateTime":{},"timeZone":["UTC"]}"#)], &["plannedend", "plannedstart", "plannedzone"]),
    (&[("startDateTime", r#"{"dateTime":"2026-03-01T02:00:00"}"#)], &[]),
    (&[("endDateTime", r#""2026-03-01T11:00:00Z""#)], &[]),
    (&[("createdBy", "null")], ORGANIZER),
    (&[("createdBy", r#""Megan""#)], ORGANIZER),
    (&[("createdBy", r#"{"user":"Megan"}"#)], ORGANIZER),
    (&[("createdBy", r#"{"user":{"id":7,"displayName":["Megan"]}}"#)], ORGANIZER),
];
#[rustfmt::skip]
const ODD_SESSIONS: [Odd; 3] = [
    (&[("subject", "[]")], &["title"]),
    (&[("participants", r#""Megan""#)], &[]),
    (&[("startDateTime", r#"{"dateTime":"2026-03-01T10:00:00","timeZone":null}"#)], &[]),
];
#[rustfmt::skip]
const ODD_REGISTRATIONS: [Odd; 15] = [
    (&[("id", "null")], &["registrationid"]),
    (&[("id", "{}")], &["registrationid"]),
    (&[("email", "null")], &["email"]),
    (&[("email", r#"["ilse@contoso.com"]"#)], &["email"]),
    (&[("firstName", HALF_AN_EMOJI)], &["firstname"]),
    (&[("lastName", "[]")], &["lastname"]),
    (&[("userId", "false")], &["personid"]),
    (&[("status", "null")], &["status"]),
    (&[("registrationDateTime", r#""soon""#)], &["registeredat"]),
    (&[("registrationDateTime", "{}")], &["registeredat"]),
    (&[("cancelationDateTime", r#""0001-01-01T00:00:00""#)], &["canceledat"]),
    (&[("cancelationDateTime", "null"), ("registrationDateTime", "null")], &["canceledat", "registeredat"]),
    (&[("externalRegistrationInformation", r#""x-1""#)], EXTERNAL),
    (&[("externalRegistrationInformation", "null")], EXTERNAL),
    (&[("registrationQuestionAnswers", r#"[{"value":"\ud83d"}]"#)], &[]),
];
/// What is no object.
const NO_OBJECTS: [&str; 4] = ["7", r#""text \ud83d""#, "null", "[]"];
/// Athena gives a number or a boolean where a text should be as a text: the odd value, and its column.
pub(super) const TEXTS_IN_ATHENA: [(&str, &str); 6] = [
    (r#"{"displayName":{"first":"Ilse"},"id":7,"tenantId":["t-2"]}"#, "personid"),
    ("false", "registrationid"),
    ("false", "personid"),
    ("7", "title"),
    ("7", "plannedstart"),
    (r#"{"user":{"id":7,"displayName":["Megan"]}}"#, "organizerid"),
];

/// A line of the archive: where, what, its row's name, and what of that is NULL.
pub(super) struct OddLine {
    pub(super) key: String,
    pub(super) line: String,
    pub(super) row: String,
    pub(super) nulls: Vec<&'static str>,
    /// The members that are odd.
    pub(super) members: &'static [(&'static str, &'static str)],
}

fn object(known: &[(&str, &str)], odd: &[(&str, &str)]) -> String {
    let mut members: BTreeMap<&str, &str> = known.iter().copied().collect();
    members.extend(odd.iter().copied());
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Objects as JSON, each with the members that are odd and with what is NULL.
type Objects = Vec<(String, &'static [(&'static str, &'static str)], Vec<&'static str>)>;

/// The objects of a kind: each odd one, and what is none.
fn objects(known: &'static [(&str, &str)], odd: &'static [Odd], of_object: &[&'static str]) -> Objects {
    let odd = odd.iter().map(|(members, nulls)| (object(known, members), *members, nulls.to_vec()));
    let none = NO_OBJECTS.iter().map(|value| ((*value).to_owned(), &[][..], of_object.to_vec()));
    odd.chain(none).collect()
}

/// Lines of events.
pub(super) fn events(tenant: &str) -> Vec<OddLine> {
    let mut lines = Vec::new();
    let mut add = |kind: &str, session: &str, ids: &str, always: &[&'static str], objects: Objects| {
        for (number, (object, members, mut nulls)) in objects.into_iter().enumerate() {
            let id = format!("{kind}-{number}");
            nulls.extend(always);
            let head = format!(r#""kind":"{kind}","source":"a path",{}"#, ids.replace("ID", &id));
            lines.push(OddLine {
                key: format!("lines/events/v1/tenant={tenant}/kind={kind}/{id}{session}.jsonl"),
                line: format!(r#"{{{head},"event":{object}}}"#),
                row: format!("{id}~{}", session.trim_start_matches('~')),
                nulls,
                members,
            });
        }
    };
    let of_meeting = r#""organizerId":"o-1","meetingId":"ID""#;
    add("meeting", "", of_meeting, NOT_OF_MEETING, objects(&MEETING, &ODD_MEETINGS, OF_MEETING));
    let of_event = r#""organizerId":null,"eventId":"ID""#;
    add("webinar", "", of_event, NOT_OF_WEBINAR, objects(&WEBINAR, &ODD_WEBINARS, OF_WEBINAR));
    let of_session = r#""organizerId":null,"eventId":"ID","sessionId":"s-1""#;
    let no_session = &["plannedend", "plannedstart", "title"];
    add("townhall", "~s-1", of_session, NOT_OF_SESSION, objects(&SESSION, &ODD_SESSIONS, no_session));
    lines
}

/// Lines of registrations, each for an event of its own.
pub(super) fn registrations(tenant: &str) -> Vec<OddLine> {
    let objects = objects(&REGISTRATION, &ODD_REGISTRATIONS, OF_REGISTRATION).into_iter().enumerate();
    let line = |(number, (object, members, nulls)): (usize, (String, _, Vec<&'static str>))| OddLine {
        key: format!("lines/registrations/v1/tenant={tenant}/kind=webinar/odd-{number}.jsonl"),
        line: format!(
            r#"{{"kind":"webinar","eventId":"odd-{number}","isListed":true,"registration":{object}}}"#
        ),
        row: format!("odd-{number}~{}", if nulls.contains(&"registrationid") { "" } else { "g-1" }),
        nulls,
        members,
    };
    objects.map(line).collect()
}
