//! What a refusal of Graph means, by its codes and by the resource that was asked for. Pure.
//!
//! Microsoft asks not to branch on messages, but some services put what they mean there and nowhere else:
//! Teams its numbers (`3004: …`), Exchange the policy that it applied. Where neither a code nor such a text is
//! known, the refusal is undocumented: it may pass, and is not believed at once.
//! <https://learn.microsoft.com/graph/errors>

use serde::Deserialize;
use url::Url;

use crate::model::{Outcome, or_none};

/// The kind of resource that a request asked for: one status means another thing for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Report,
    Meeting,
    Calendar,
    CallRecord,
    VirtualEvent,
    Directory,
    Subscription,
    Other,
}

impl Resource {
    /// The kind by the segments of a URL's path; a nextLink may write them as functions: `users('…')`.
    pub(super) fn of(url: &Url) -> Self {
        let names = || url.path_segments().into_iter().flatten().map(|name| name.split('(').next());
        let has = |name: &str| names().flatten().any(|segment| segment.eq_ignore_ascii_case(name));
        if has("attendanceReports") || has("meetingAttendanceReport") {
            Self::Report
        } else if has("onlineMeetings") {
            Self::Meeting
        } else if has("calendarView") {
            Self::Calendar
        } else if has("callRecords") {
            Self::CallRecord
        } else if has("virtualEvents") {
            Self::VirtualEvent
        } else if has("subscriptions") {
            Self::Subscription
        } else if has("users") || has("groups") || has("me") {
            Self::Directory
        } else {
            Self::Other
        }
    }

    /// What a person can do where the application lacks the permission for this resource.
    fn permission_remedy(self) -> &'static str {
        match self {
            Self::Report => {
                "In the Entra portal, under the application's API permissions, add OnlineMeetingArtifact.Read.All \
                 (application) and grant admin consent. Of webinars and town halls it is in doubt whether Graph gives \
                 reports to applications in every tenant."
            }
            Self::Meeting => {
                "In the Entra portal, under the application's API permissions, add OnlineMeetings.Read.All \
                 (application) and grant admin consent."
            }
            Self::Calendar => {
                "In the Entra portal, under the application's API permissions, add Calendars.Read (application) and \
                 grant admin consent. If it is there: an Exchange administrator looks whether a policy of Exchange \
                 leaves this mailbox out (Test-ApplicationAccessPolicy, Test-ServicePrincipalAuthorization)."
            }
            Self::CallRecord => {
                "In the Entra portal, under the application's API permissions, add CallRecords.Read.All \
                 (application) and grant admin consent."
            }
            Self::VirtualEvent => {
                "In the Entra portal, under the application's API permissions, add VirtualEvent.Read.All \
                 (application) and grant admin consent; the event's organizer needs an application access policy, too."
            }
            Self::Directory => {
                "In the Entra portal, under the application's API permissions, add User.ReadBasic.All, and for a group \
                 GroupMember.Read.All (application), and grant admin consent."
            }
            Self::Subscription | Self::Other => Outcome::ConsentMissing.remedy(),
        }
    }
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) outcome: Outcome,
    /// Whether Microsoft documents the refusal: any other may pass, and is tried again first.
    pub(super) is_documented: bool,
    /// What is wrong, more precisely than the outcome says.
    pub(super) detail: Option<&'static str>,
    /// The remedy, where a more precise one is known than the outcome's.
    pub(super) remedy: Option<&'static str>,
}

impl Meaning {
    const fn documented(outcome: Outcome) -> Self {
        Self { outcome, is_documented: true, detail: None, remedy: None }
    }

    const fn undocumented(outcome: Outcome) -> Self {
        Self { outcome, is_documented: false, detail: None, remedy: None }
    }

    fn of_permission(resource: Resource, is_documented: bool) -> Self {
        let remedy = Some(resource.permission_remedy());
        Self { outcome: Outcome::ConsentMissing, is_documented, detail: None, remedy }
    }

    fn too_many_subscriptions() -> Self {
        let remedy = "Watch fewer meetings, or let another application of the tenant give up subscriptions: \
                      Graph takes 10,000 of all Teams resources together, and 100 to call records.";
        Self {
            detail: Some("the tenant has as many subscriptions as Graph takes"),
            remedy: Some(remedy),
            ..Self::documented(Outcome::InvalidRequest)
        }
    }
}

/// The body of a refusal.
pub(super) enum Refusal {
    /// Graph's own.
    Graph(GraphRefusal),
    /// No body, or only white space.
    Empty,
    /// A body that is not Graph's: a proxy's page.
    NotGraph,
}

/// Graph's own refusal, in lower case.
#[derive(Default)]
pub(super) struct GraphRefusal {
    /// The codes, from the outermost to the most detailed.
    codes: Vec<String>,
    message: String,
}

#[derive(Deserialize)]
struct Envelope {
    error: GraphErrorBody,
}

#[derive(Deserialize)]
struct GraphErrorBody {
    #[serde(default, deserialize_with = "or_none")]
    code: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    message: Option<String>,
    #[serde(default, alias = "innererror", rename = "innerError", deserialize_with = "or_none")]
    inner: Option<Box<Self>>,
}

impl Refusal {
    pub(super) fn read(body: &[u8]) -> Self {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Self::Empty;
        }
        let Ok(Envelope { error }) = serde_json::from_slice(body) else { return Self::NotGraph };
        let mut read = GraphRefusal::default();
        let mut body = Some(Box::new(error));
        while let Some(error) = body {
            read.codes.extend(error.code.map(|code| code.to_lowercase()));
            read.message.push_str(&error.message.unwrap_or_default().to_lowercase());
            read.message.push('\n');
            body = error.inner;
        }
        Self::Graph(read)
    }
}

impl GraphRefusal {
    /// Whether one of the nested errors has this code, in lower case.
    fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }

    /// Whether the message has this number of the meeting service, as in
    /// `3004: Specified meeting is not found`. The same digits inside an id are no number.
    fn has_number(&self, number: &str) -> bool {
        self.message.split_whitespace().any(|word| word.strip_suffix(':') == Some(number))
    }

    fn says(&self, words: &str) -> bool {
        self.message.contains(words)
    }

    /// Whether too many subscriptions exist. No page of Microsoft quotes the message; it is said to name the
    /// limit.
    fn is_about_the_number_of_subscriptions(&self) -> bool {
        self.says("subscription") && (self.says("limit") || self.says("quota"))
    }

    /// Whether the user in the path is not the one who organized the meeting.
    fn is_about_the_organizer(&self) -> bool {
        self.has_number("3003")
            || self.says("organizer id mismatch")
            || self.says("is not the organizer of the queried meeting")
    }
}

/// The meaning of a status from 400 to 499, other than 408, 410 and 429.
pub(super) fn meaning(status: u16, resource: Resource, refusal: &Refusal) -> Meaning {
    let none = GraphRefusal::default();
    let refusal = match refusal {
        Refusal::NotGraph if status != 401 => return Meaning::documented(Outcome::Malformed),
        Refusal::NotGraph | Refusal::Empty => &none,
        Refusal::Graph(refusal) => refusal,
    };
    match status {
        400 => bad_request(resource, refusal),
        401 => Meaning::undocumented(Outcome::TokenRefused),
        403 => forbidden(resource, refusal),
        404 => not_found(resource, refusal),
        _ => Meaning::documented(Outcome::Malformed),
    }
}

fn bad_request(resource: Resource, refusal: &GraphRefusal) -> Meaning {
    if refusal.says("subscription validation request") {
        // Our own endpoint did not answer Graph in time, on a cold start for instance.
        Meaning::documented(Outcome::Unavailable)
    } else if refusal.has_code("directory_expiredpagetoken") {
        Meaning::documented(Outcome::PageExpired)
    } else if refusal.has_number("1026") {
        // Seen once for a good address, too.
        Meaning::undocumented(Outcome::AddressUnusable)
    } else if resource != Resource::Directory && refusal.says("meeting id") {
        Meaning::documented(Outcome::InvalidRequest)
    } else {
        Meaning::undocumented(Outcome::InvalidRequest)
    }
}

fn forbidden(resource: Resource, refusal: &GraphRefusal) -> Meaning {
    if refusal.says("application access policy") {
        Meaning::documented(Outcome::AccessPolicyMissing)
    } else if refusal.is_about_the_organizer() {
        Meaning::documented(Outcome::NotOrganizer)
    } else if refusal.says("[raop]") || refusal.says("access to odata is disabled") {
        Meaning::documented(Outcome::MailboxForbidden)
    } else if refusal.is_about_the_number_of_subscriptions() {
        Meaning::too_many_subscriptions()
    } else {
        let is_documented = ["authorization_requestdenied", "erroraccessdenied", "accessdenied"]
            .iter()
            .any(|code| refusal.has_code(code))
            || refusal.says("insufficient privileges");
        Meaning::of_permission(resource, is_documented)
    }
}

fn not_found(resource: Resource, refusal: &GraphRefusal) -> Meaning {
    let mailbox = ["mailboxnotenabledforrestapi", "errorinvaliduser", "resourcenotfound"];
    if refusal.has_number("3004") {
        Meaning::documented(Outcome::NotFound)
    } else if refusal.is_about_the_organizer() {
        Meaning::documented(Outcome::NotOrganizer)
    } else if refusal.has_code("request_resourcenotfound") {
        Meaning::documented(Outcome::NoSuchUser)
    } else if resource == Resource::Calendar && mailbox.iter().any(|code| refusal.has_code(code)) {
        Meaning::documented(Outcome::NoMailbox)
    } else if resource == Resource::Meeting && refusal.has_code("unknownerror") {
        // A UPN in an application's path, or no such user.
        Meaning::documented(Outcome::NoSuchUser)
    } else {
        match resource {
            Resource::Report | Resource::CallRecord | Resource::VirtualEvent => {
                Meaning::documented(Outcome::NotReady)
            }
            Resource::Meeting | Resource::Subscription => Meaning::documented(Outcome::NotFound),
            Resource::Calendar | Resource::Directory | Resource::Other => {
                Meaning::undocumented(Outcome::NotFound)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(code: &str, message: &str) -> String {
        serde_json::json!({"error": {"code": code, "message": message, "innerError": {"date": "x"}}})
            .to_string()
    }

    fn meaning_of(status: u16, path: &str, code: &str, message: &str) -> (Outcome, bool) {
        let url = Url::parse(&format!("https://graph.microsoft.com/v1.0/{path}")).unwrap();
        let refusal = Refusal::read(body(code, message).as_bytes());
        let meaning = meaning(status, Resource::of(&url), &refusal);
        (meaning.outcome, meaning.is_documented)
    }

    const MEETINGS: &str = "users/o/onlineMeetings";
    const REPORTS: &str = "users/o/onlineMeetings/m/attendanceReports";
    const CALENDAR: &str = "users/o/calendarView";

    #[test]
    fn nothing_there_is_told_from_what_hides_behind_it() {
        for (path, code, message, expected) in [
            (REPORTS, "NotFound", "", Outcome::NotReady),
            (REPORTS, "NotFound", "3004: Specified meeting is not found", Outcome::NotFound),
            (REPORTS, "NotFound", "Organizer Id mismatch User Id in the request", Outcome::NotOrganizer),
            (REPORTS, "x", "Report 3004 of meeting MSo3004: not there", Outcome::NotReady),
            (MEETINGS, "NotFound", "3004: Specified meeting is not found", Outcome::NotFound),
            (MEETINGS, "NotFound", "Organizer Id mismatch User Id", Outcome::NotOrganizer),
            (MEETINGS, "UnknownError", "", Outcome::NoSuchUser),
            (CALENDAR, "MailboxNotEnabledForRESTAPI", "The mailbox is inactive", Outcome::NoMailbox),
            (CALENDAR, "ErrorInvalidUser", "The requested user is invalid", Outcome::NoMailbox),
            (CALENDAR, "Request_ResourceNotFound", "does not exist", Outcome::NoSuchUser),
            ("users", "Request_ResourceNotFound", "does not exist", Outcome::NoSuchUser),
            ("groups('g')/transitiveMembers", "Request_ResourceNotFound", "", Outcome::NoSuchUser),
            ("communications/callRecords/c", "NotFound", "", Outcome::NotReady),
        ] {
            assert_eq!(meaning_of(404, path, code, message), (expected, true), "{path} {code} {message}");
        }
    }

    #[test]
    fn only_a_documented_refusal_is_believed_at_once() {
        for (status, path, code, message, expected) in [
            (400, REPORTS, "BadRequest", "An error has occurred.", (Outcome::InvalidRequest, false)),
            (400, MEETINGS, "BadRequest", "1026: bad address", (Outcome::AddressUnusable, false)),
            (400, REPORTS, "InvalidArgument", "Invalid meeting id", (Outcome::InvalidRequest, true)),
            (400, "users", "Directory_ExpiredPageToken", "", (Outcome::PageExpired, true)),
            (401, REPORTS, "InvalidAuthenticationToken", "", (Outcome::TokenRefused, false)),
            (403, MEETINGS, "Forbidden", "An error has occurred.", (Outcome::ConsentMissing, false)),
            (403, MEETINGS, "Authorization_RequestDenied", "", (Outcome::ConsentMissing, true)),
            (
                403,
                MEETINGS,
                "General",
                "No Application Access Policy found",
                (Outcome::AccessPolicyMissing, true),
            ),
            (403, MEETINGS, "Forbidden", "3003: User does not have access", (Outcome::NotOrganizer, true)),
            (403, MEETINGS, "Forbidden", "User 3003 lacks a permission", (Outcome::ConsentMissing, false)),
            (403, CALENDAR, "ErrorAccessDenied", "Access is denied.", (Outcome::ConsentMissing, true)),
            (
                403,
                CALENDAR,
                "ErrorAccessDenied",
                "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly",
                (Outcome::MailboxForbidden, true),
            ),
        ] {
            assert_eq!(meaning_of(status, path, code, message), expected, "{status} {path} {code} {message}");
        }
    }

    #[test]
    fn the_remedy_names_the_permission_of_the_call_that_was_refused() {
        for (path, permission) in [
            (REPORTS, "OnlineMeetingArtifact.Read.All"),
            (MEETINGS, "OnlineMeetings.Read.All"),
            (CALENDAR, "Calendars.Read"),
            ("communications/callRecords", "CallRecords.Read.All"),
            ("solutions/virtualEvents/webinars", "VirtualEvent.Read.All"),
            ("groups/g/transitiveMembers", "GroupMember.Read.All"),
        ] {
            let url = Url::parse(&format!("https://graph.microsoft.com/v1.0/{path}")).unwrap();
            let remedy = Meaning::of_permission(Resource::of(&url), true).remedy.unwrap();
            assert!(remedy.contains(permission), "{path}: {remedy}");
        }
    }

    #[test]
    fn the_most_detailed_of_nested_codes_counts_and_odd_members_do_not_matter() {
        let nested = r#"{"error":{"code":"NotFound","message":7,"innererror":{"code":"MailboxNotEnabledForRESTAPI","innererror":[]}}}"#;
        let meaning = meaning(404, Resource::Calendar, &Refusal::read(nested.as_bytes()));
        assert_eq!(meaning.outcome, Outcome::NoMailbox);
    }
}
