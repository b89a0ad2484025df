//! What a refusal of Graph, or of the token service, means: its outcome and remedy.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use serde::Deserialize;

use super::entra::{self, Meaning};
use crate::model::Outcome;
use crate::ports::http::{HttpError, Response};

/// A call to Graph or the token service that failed: what follows, and what helps to look into it.
///
/// It holds no URL, token, body or name; all texts are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    /// What happens next: wait, back off, end or dead-letter.
    pub outcome: Outcome,
    /// The HTTP status of the response; `None` where there was no response.
    pub status: Option<StatusCode>,
    /// Graph's `request-id`, for which Microsoft's support asks; `None` where there was no response with one.
    pub request_id: Option<String>,
    /// How long Graph asks to wait (`Retry-After`, at least a second); `None` where it does not say.
    pub retry_after: Option<Duration>,
    /// What is wrong, more precisely than the outcome says; `None` where that is not known.
    pub detail: Option<Cow<'static, str>>,
    /// The remedy, where a more precise one is known than the outcome's.
    precise_remedy: Option<&'static str>,
}

impl std::error::Error for GraphError {}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.outcome)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(status) = self.status {
            write!(f, " (status {})", status.as_u16())?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request-id {id})"),
            None => Ok(()),
        }
    }
}

impl GraphError {
    /// A failure of which only the outcome is known.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            status: None,
            request_id: None,
            retry_after: None,
            detail: None,
            precise_remedy: None,
        }
    }

    /// What a person can do about the failure, in whole sentences.
    pub fn remedy(&self) -> &'static str {
        self.precise_remedy.unwrap_or_else(|| self.outcome.remedy())
    }

    /// The same failure with [`Self::detail`]: our own text, without a URL, a name or a token.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A response that is not the JSON that Graph documents. serde's own text quotes values, so only
    /// line and column are reported.
    pub(super) fn not_as_documented(error: &serde_json::Error) -> Self {
        let place = format!("line {}, column {}", error.line(), error.column());
        Self::new(Outcome::Malformed).because(place)
    }

    /// The same failure with the response's `request-id`.
    pub(super) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }

    /// What a status other than 2xx means. `now` is for a `Retry-After` that is a date.
    pub(super) fn from_graph(response: &Response, now: Timestamp) -> Self {
        let refusal = Refusal::read(response.body());
        let status = response.status();
        let retry_after = retry_after(response.headers(), now);
        let outcome = match (status.as_u16(), &refusal) {
            (429, _) => Outcome::Throttled,
            (503, _) if retry_after.is_some() => Outcome::Throttled,
            (408 | 500..=599, _) => Outcome::Unavailable,
            (401, _) => Outcome::ConsentMissing,
            (410, _) => Outcome::Gone,
            (_, Refusal::NotGraph) => Outcome::Malformed,
            // Our own endpoint did not answer Graph in time, on a cold start for instance.
            (400, refusal) if refusal.says("subscription validation request") => Outcome::Unavailable,
            (400, _) => Outcome::InvalidRequest,
            (403, refusal) if refusal.is_about_the_number_of_subscriptions() => {
                return Self::too_many_subscriptions().with_request_id(request_id(response.headers()));
            }
            (403, refusal) => denied(refusal),
            (404, refusal) if refusal.has_code("3004") => Outcome::NotFound,
            (404, _) => Outcome::NotReady,
            _ => Outcome::Malformed,
        };
        Self {
            status: Some(status),
            request_id: request_id(response.headers()),
            retry_after,
            ..Self::new(outcome)
        }
    }

    fn too_many_subscriptions() -> Self {
        let remedy = "Watch fewer meetings, or let another application of the tenant give up subscriptions: \
                      Graph takes 10,000 of all Teams resources together, and 100 to call records.";
        let error =
            Self::new(Outcome::InvalidRequest).because("the tenant has as many subscriptions as Graph takes");
        Self { status: Some(StatusCode::FORBIDDEN), precise_remedy: Some(remedy), ..error }
    }

    /// What a status other than 2xx of the token service means.
    pub(super) fn from_login(response: &Response, now: Timestamp) -> Self {
        let status = response.status();
        let known = Self {
            status: Some(status),
            request_id: request_id(response.headers()),
            retry_after: retry_after(response.headers(), now),
            detail: Some(Cow::Borrowed("from the token service")),
            ..Self::new(Outcome::Malformed)
        };
        match (status.as_u16(), entra::code(response.body())) {
            (429, _) => Self { outcome: Outcome::Throttled, ..known },
            (408 | 500..=599, _) => Self { outcome: Outcome::Unavailable, ..known },
            (_, None) => known,
            (_, Some(code)) => {
                let Meaning { outcome, what, remedy } = entra::meaning(code);
                let detail = Some(format!("AADSTS{code}, {what}").into());
                Self { outcome, detail, precise_remedy: Some(remedy), ..known }
            }
        }
    }
}

impl From<HttpError> for GraphError {
    fn from(error: HttpError) -> Self {
        let outcome = match error {
            HttpError::Connect(_) | HttpError::TimedOut | HttpError::NoAnswer => Outcome::Unavailable,
            HttpError::Interrupted | HttpError::TooLarge => Outcome::Malformed,
        };
        Self::new(outcome).because(error.to_string())
    }
}

/// The body of a refusal.
enum Refusal {
    /// Graph's own, with its message.
    Graph { message: String },
    /// No body, or only white space.
    Empty,
    /// A body that is not Graph's: a proxy's page.
    NotGraph,
}

impl Refusal {
    fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            #[serde(default)]
            message: Option<String>,
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Self::Empty;
        }
        match serde_json::from_slice::<Envelope>(body) {
            Ok(Envelope { error }) => {
                Self::Graph { message: error.message.unwrap_or_default().to_lowercase() }
            }
            Err(_) => Self::NotGraph,
        }
    }

    /// Whether too many subscriptions exist. No page of Microsoft quotes the message; it is said to name the
    /// limit.
    fn is_about_the_number_of_subscriptions(&self) -> bool {
        self.says("subscription") && (self.says("limit") || self.says("quota"))
    }

    /// Whether the message has this code of the meeting service, as in
    /// `3004: Specified meeting is not found`. The same digits inside an id are no code.
    fn has_code(&self, code: &str) -> bool {
        let is_code = |word: &str| word.strip_suffix(':') == Some(code);
        matches!(self, Self::Graph { message } if message.split_whitespace().any(is_code))
    }

    fn says(&self, words: &str) -> bool {
        matches!(self, Self::Graph { message } if message.contains(words))
    }
}

fn denied(refusal: &Refusal) -> Outcome {
    if refusal.says("application access policy") {
        Outcome::AccessPolicyMissing
    } else if refusal.has_code("3003") {
        Outcome::NotOrganizer
    } else {
        Outcome::ConsentMissing
    }
}

/// Graph's `request-id` header, if it looks like one: it goes into logs and metadata.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("request-id")?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (id.len() <= 64 && id.chars().all(plain)).then(|| id.to_owned())
}

/// `Retry-After`: seconds, whole or decimal, or an HTTP date. Less than a second counts as absent: a client
/// that obeyed it would retry without a pause.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => {
            let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
            Duration::try_from(date.duration_since(now)).ok()?
        }
    };
    Some(wait).filter(|wait| wait.as_secs() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str) -> Outcome {
        let response = http::Response::builder().status(status).body(body.to_owned().into()).unwrap();
        GraphError::from_graph(&response, Timestamp::UNIX_EPOCH).outcome
    }

    fn refusal(message: &str) -> String {
        format!(r#"{{"error":{{"code":"x","message":"{message}"}}}}"#)
    }

    #[test]
    fn every_documented_refusal_has_its_outcome() {
        for (status, message, expected) in [
            (400, "Invalid meeting id", Outcome::InvalidRequest),
            (400, "Subscription validation request timed out.", Outcome::Unavailable),
            (401, "Access token has expired", Outcome::ConsentMissing),
            (403, "No application access policy found for this app", Outcome::AccessPolicyMissing),
            (
                403,
                "No Application Access Policy found for this app 1 on the user.",
                Outcome::AccessPolicyMissing,
            ),
            (403, "3003: User does not have access to lookup meeting", Outcome::NotOrganizer),
            (403, "Insufficient privileges", Outcome::ConsentMissing),
            (403, "The organization has reached its limit of subscriptions.", Outcome::InvalidRequest),
            (403, "The subscription is of another application.", Outcome::ConsentMissing),
            (404, "3004: Specified meeting is not found", Outcome::NotFound),
            (404, "Report 3004 of meeting MSo3004: not there", Outcome::NotReady),
            (403, "User 3003 lacks a permission", Outcome::ConsentMissing),
            (404, "Not found", Outcome::NotReady),
            (410, "Gone", Outcome::Gone),
            (429, "Please retry again later.", Outcome::Throttled),
            (500, "UnknownError", Outcome::Unavailable),
            (503, "ServiceUnavailable", Outcome::Unavailable),
        ] {
            assert_eq!(outcome(status, &refusal(message)), expected, "{status} {message}");
        }
    }

    #[test]
    fn a_proxys_page_is_no_answer_of_graphs() {
        for status in [400, 403, 404] {
            assert_eq!(outcome(status, "<html>denied</html>"), Outcome::Malformed);
        }
        assert_eq!(outcome(404, ""), Outcome::NotReady);
        assert_eq!(outcome(302, ""), Outcome::Malformed);
        assert_eq!(outcome(502, "<html>"), Outcome::Unavailable);
    }

    #[test]
    fn retry_after_is_whole_or_decimal_seconds_or_a_date() {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let wait = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, now)
        };
        assert_eq!(wait("10"), Some(Duration::from_secs(10)));
        assert_eq!(wait("2.128"), Some(Duration::from_millis(2_128)));
        assert_eq!(wait("Sat, 21 Nov 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        for odd in ["soon", "-1", "inf", "NaN", "1e400", "", "0", "0.9", "Sat, 21 Nov 2026 09:00:00 GMT"] {
            assert_eq!(wait(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_error_shows_ids_and_nothing_of_the_body() {
        let body = refusal("3003: User megan@contoso.com does not have access to lookup meeting");
        let response = http::Response::builder().status(403).header("request-id", "94fb3b52-452a");
        let response = response.body(body.into()).unwrap();
        let error = GraphError::from_graph(&response, Timestamp::UNIX_EPOCH);
        assert_eq!(
            error.to_string(),
            "the user is not the organizer of this meeting (status 403) (request-id 94fb3b52-452a)"
        );
        let response = http::Response::builder().status(403).header("request-id", "94fb3b52-452a");
        let response = response.body(refusal("The limit of subscriptions is reached").into()).unwrap();
        let error = GraphError::from_graph(&response, Timestamp::UNIX_EPOCH).to_string();
        assert!(error.ends_with("(status 403) (request-id 94fb3b52-452a)"), "{error}");
    }

    #[test]
    fn a_refused_credential_names_its_code_only() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: for app 'x'","error_codes":[7000215]}"#;
        let answer = |status: u16, body: &'static str| {
            let response = http::Response::builder().status(status).header("request-id", "94fb3b52-452a");
            GraphError::from_login(&response.body(body.into()).unwrap(), Timestamp::UNIX_EPOCH)
        };
        let refused = answer(401, body);
        assert_eq!(refused.request_id.as_deref(), Some("94fb3b52-452a"));
        assert_eq!(refused.outcome, Outcome::CredentialRefused);
        assert_eq!(refused.detail.as_deref(), Some("AADSTS7000215, the client secret is wrong"));
        assert!(refused.remedy().contains("not its id"), "{}", refused.remedy());
        assert_eq!(answer(503, "").outcome, Outcome::Unavailable);
        assert_eq!(answer(429, "").outcome, Outcome::Throttled);
        assert_eq!(answer(403, "<html>").outcome, Outcome::Malformed);
    }
}
