//! A call to Graph or the token service that failed: its outcome and remedy.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, RETRY_AFTER};
use jiff::Timestamp;

use super::entra::{self, Meaning};
use super::refusal::{Refusal, Resource, meaning};
use super::sign_in_refusals;
use crate::model::Outcome;
use crate::ports::http::{HttpError, Response};

const NAME_YOUR_OWN: &str = "Graph gives a meeting's reports to its organizer alone: name one of yours. If it is \
    yours, run `rollcall login` again and accept.";

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
    /// Whether Microsoft documents the refusal as what `outcome` says. An undocumented one may pass: it is tried
    /// again for an hour before a person is asked.
    pub is_documented: bool,
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
            is_documented: true,
            precise_remedy: None,
        }
    }

    /// Graph asked the process to wait, and has not been asked again.
    pub(super) fn throttled(left: Duration) -> Self {
        Self { retry_after: Some(left), ..Self::new(Outcome::Throttled) }
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

    /// The same failure with a remedy that is more precise than the outcome's, in whole sentences.
    #[must_use]
    pub fn mended_by(self, remedy: &'static str) -> Self {
        Self { precise_remedy: Some(remedy), ..self }
    }

    /// The same refusal of Graph's where a signed-in person called: what an administrator does for an application is no
    /// remedy of theirs.
    pub(super) fn told_to_person(self) -> Self {
        match self.outcome {
            Outcome::ConsentMissing | Outcome::AccessPolicyMissing | Outcome::NotOrganizer => {
                self.mended_by(NAME_YOUR_OWN)
            }
            Outcome::TokenRefused => self.mended_by("Run `rollcall login` again."),
            _ => self,
        }
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

    /// What a status other than 2xx means, where `resource` was asked for. `now` is for a `Retry-After` that is
    /// a date.
    pub(super) fn from_graph(response: &Response, resource: Resource, now: Timestamp) -> Self {
        let status = response.status();
        let retry_after = retry_after(response.headers(), now);
        let refusal = || meaning(status.as_u16(), resource, &Refusal::read(response.body()));
        let (outcome, refusal) = match status.as_u16() {
            429 => (Outcome::Throttled, None),
            500..=599 if retry_after.is_some() => (Outcome::Throttled, None),
            408 | 500..=599 => (Outcome::Unavailable, None),
            410 => (Outcome::Gone, None),
            _ => {
                let refusal = refusal();
                (refusal.outcome, Some(refusal))
            }
        };
        Self {
            status: Some(status),
            request_id: request_id(response.headers()),
            retry_after,
            detail: refusal.and_then(|refusal| refusal.detail).map(Cow::Borrowed),
            is_documented: refusal.is_none_or(|refusal| refusal.is_documented),
            precise_remedy: refusal.and_then(|refusal| refusal.remedy),
            ..Self::new(outcome)
        }
    }

    /// What a status other than 2xx of the token service means, where the application signs in.
    pub(super) fn from_login(response: &Response, now: Timestamp) -> Self {
        let refusal = entra::code(response.body()).map(|code| (code, entra::meaning(code)));
        Self::from_token_service(response, now, refusal)
    }

    /// What a status other than 2xx of the token service means, where a person signs in.
    pub(super) fn from_sign_in(response: &Response, now: Timestamp) -> Self {
        Self::from_token_service(response, now, sign_in_refusals::refusal(response.body()))
    }

    /// A refusal of a person's sign-in that came without a response: the protocol's name of it, and its description.
    pub(super) fn of_sign_in(error: &str, description: &str) -> Self {
        let (code, Meaning { outcome, what, remedy }) = sign_in_refusals::described(error, description);
        Self::new(outcome).because(told(code, what)).mended_by(remedy)
    }

    fn from_token_service(response: &Response, now: Timestamp, refusal: Option<(u64, Meaning)>) -> Self {
        let status = response.status();
        let known = Self {
            status: Some(status),
            request_id: request_id(response.headers()),
            retry_after: retry_after(response.headers(), now),
            detail: Some(Cow::Borrowed("from the token service")),
            ..Self::new(Outcome::Malformed)
        };
        match (status.as_u16(), refusal) {
            (429, _) => Self { outcome: Outcome::Throttled, ..known },
            (408 | 500..=599, _) => Self { outcome: Outcome::Unavailable, ..known },
            (_, None) => known,
            (_, Some((code, Meaning { outcome, what, remedy }))) => {
                let detail = Some(told(code, what));
                Self { outcome, detail, precise_remedy: Some(remedy), ..known }
            }
        }
    }
}

/// What is wrong, with the token service's code where it gave one.
fn told(code: u64, what: &'static str) -> Cow<'static, str> {
    match code {
        0 => what.into(),
        _ => format!("AADSTS{code}, {what}").into(),
    }
}

impl From<HttpError> for GraphError {
    fn from(error: HttpError) -> Self {
        let outcome = match error {
            HttpError::Connect(_) | HttpError::TimedOut | HttpError::NoAnswer => Outcome::Unavailable,
            HttpError::Interrupted | HttpError::TooLarge | HttpError::NotItsTurn => Outcome::Malformed,
        };
        Self::new(outcome).because(error.to_string())
    }
}

/// Graph's `request-id` header, if it looks like one: it goes into logs and metadata.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("request-id")?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (id.len() <= 64 && id.chars().all(plain)).then(|| id.to_owned())
}

/// `Retry-After`: seconds, whole or decimal, or an HTTP date. No time at all counts as absent: a client that
/// obeyed it would retry without a pause.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => {
            let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
            Duration::try_from(date.duration_since(now)).ok()?
        }
    };
    Some(wait).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        let response = http::Response::builder().status(status).header("request-id", "94fb3b52-452a");
        response.body(body.to_owned().into()).unwrap()
    }

    fn outcome(status: u16, body: &str) -> Outcome {
        GraphError::from_graph(&answer(status, body), Resource::Report, Timestamp::UNIX_EPOCH).outcome
    }

    fn refusal(message: &str) -> String {
        format!(r#"{{"error":{{"code":"x","message":"{message}"}}}}"#)
    }

    #[test]
    fn a_status_that_says_enough_needs_no_body() {
        for (status, body, expected) in [
            (408, "", Outcome::Unavailable),
            (410, "", Outcome::Gone),
            (429, "", Outcome::Throttled),
            (500, "", Outcome::Unavailable),
            (503, "", Outcome::Unavailable),
        ] {
            assert_eq!(outcome(status, body), expected, "{status}");
        }
    }

    #[test]
    fn whatever_comes_with_a_time_to_wait_is_throttling() {
        for status in [429, 500, 502, 503, 504] {
            let response = http::Response::builder().status(status).header(RETRY_AFTER, "7");
            let response = response.body(Default::default()).unwrap();
            let error = GraphError::from_graph(&response, Resource::Report, Timestamp::UNIX_EPOCH);
            assert_eq!(
                (error.outcome, error.retry_after),
                (Outcome::Throttled, Some(Duration::from_secs(7)))
            );
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
        assert_eq!(wait("0.9"), Some(Duration::from_millis(900)));
        assert_eq!(wait("Sat, 21 Nov 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        for odd in ["soon", "-1", "inf", "NaN", "1e400", "", "0", "Sat, 21 Nov 2026 09:00:00 GMT"] {
            assert_eq!(wait(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_error_shows_ids_and_nothing_of_the_body() {
        let body = refusal("3003: User megan@contoso.com does not have access to lookup meeting");
        let error = GraphError::from_graph(&answer(403, &body), Resource::Meeting, Timestamp::UNIX_EPOCH);
        assert_eq!(
            error.to_string(),
            "the user is not the organizer of this meeting (status 403) (request-id 94fb3b52-452a)"
        );
        let refused = answer(403, &refusal("The limit of subscriptions is reached"));
        let error =
            GraphError::from_graph(&refused, Resource::Subscription, Timestamp::UNIX_EPOCH).to_string();
        assert!(error.ends_with("(status 403) (request-id 94fb3b52-452a)"), "{error}");
    }

    #[test]
    fn a_person_is_not_told_to_look_after_an_application() {
        for (status, message) in [
            (403, "No application access policy found for this app"),
            (403, "3003: User does not have access to lookup meeting"),
            (403, "Insufficient privileges to complete the operation."),
            (404, "Organizer Id mismatch User Id in the request"),
            (401, "Access token has expired or is not yet valid."),
        ] {
            let refused = answer(status, &refusal(message));
            let error = GraphError::from_graph(&refused, Resource::Report, Timestamp::UNIX_EPOCH);
            let (of_application, of_person) = (error.remedy(), error.clone().told_to_person().remedy());
            assert_ne!(of_person, of_application, "{message}");
            assert!(of_person.contains("rollcall login"), "{message}: {of_person}");
        }
        let away = GraphError::new(Outcome::Unavailable);
        assert_eq!(away.clone().told_to_person(), away);
    }

    #[test]
    fn a_refused_credential_names_its_code_only() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: for app 'x'","error_codes":[7000215]}"#;
        let answer =
            |status, body| GraphError::from_login(&super::tests::answer(status, body), Timestamp::UNIX_EPOCH);
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
