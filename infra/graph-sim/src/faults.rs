//! Faults: chosen requests that fail, and how.

use http::StatusCode;
use serde_json::json;
use shared::ports::http::{ConnectFailure, HttpError, Response};

/// How a request fails; [`GraphSim::fail`](crate::GraphSim::fail) plans it.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 429 with this text as its `Retry-After`.
    Throttled(String),
    /// 401, as with an expired token.
    Unauthorized,
    /// 403: no application access policy covers the organizer.
    NoAccessPolicy,
    /// 403: the user is not the organizer (3003).
    NotOrganizer,
    /// 403: the application lacks a permission.
    NoConsent,
    /// 404: no such meeting (3004).
    NoMeeting,
    /// An answer with this status and an empty body.
    Status(u16),
    /// An answer with status 200 and this body.
    Body(String),
    /// An answer with this status, header and body.
    Raw(u16, (&'static str, &'static str), String),
    /// The connection is refused; only in process, not over HTTP.
    NoConnection,
    /// The connection breaks before the answer is whole; only in process, not over HTTP.
    Interrupted,
    /// The answer never comes.
    Silence,
}

/// The faults that are planned, in their order.
#[derive(Default)]
pub(crate) struct Faults(Vec<Planned>);

struct Planned {
    path: String,
    fault: Fault,
    times: usize,
}

impl Faults {
    pub(crate) fn add(&mut self, path: &str, fault: Fault, times: usize) {
        self.0.push(Planned { path: path.to_owned(), fault, times });
    }

    /// The answer of the fault that is planned for this path; `None` if none is, or it has no answer.
    pub(crate) fn answer(&mut self, path: &str) -> Option<Response> {
        self.take(path, |fault| fault.answer())
    }

    /// The failure of the connection that is planned for this path; `None` if none is.
    pub(crate) fn broken_connection(&mut self, path: &str) -> Option<HttpError> {
        self.take(path, |fault| match fault {
            Fault::NoConnection => Some(HttpError::Connect(ConnectFailure::Refused)),
            Fault::Interrupted => Some(HttpError::Interrupted),
            _ => None,
        })
    }

    /// Whether it is planned for this path that no answer comes.
    pub(crate) fn is_silent(&mut self, path: &str) -> bool {
        self.take(path, |fault| matches!(fault, Fault::Silence).then_some(())).is_some()
    }

    fn take<T>(&mut self, path: &str, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let due = self.0.iter_mut().filter(|planned| planned.times > 0 && path.contains(&planned.path));
        let (planned, picked) = due.into_iter().find_map(|planned| {
            let picked = pick(&planned.fault)?;
            Some((planned, picked))
        })?;
        planned.times -= 1;
        Some(picked)
    }
}

impl Fault {
    fn answer(&self) -> Option<Response> {
        let response = match self {
            Self::Throttled(retry_after) => {
                let mut response = refusal(429, "TooManyRequests", "Please retry again later.");
                response.headers_mut().extend([(http::header::RETRY_AFTER, retry_after.parse().ok()?)]);
                response
            }
            Self::Unauthorized => unauthorized(),
            Self::NoAccessPolicy => {
                refusal(403, "Forbidden", "No application access policy found for this app")
            }
            Self::NotOrganizer => {
                refusal(403, "Forbidden", "3003: User does not have access to lookup meeting")
            }
            Self::NoConsent => refusal(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
            Self::NoMeeting => refusal(404, "NotFound", "3004: Specified meeting is not found"),
            Self::Status(status) => plain(*status, String::new()),
            Self::Body(body) => plain(200, body.clone()),
            Self::Raw(status, (name, value), body) => {
                let mut response = plain(*status, body.clone());
                response.headers_mut().insert(*name, http::HeaderValue::from_static(value));
                response
            }
            Self::NoConnection | Self::Interrupted | Self::Silence => return None,
        };
        Some(response)
    }
}

/// A 401, with the error that Graph gives.
pub(crate) fn unauthorized() -> Response {
    refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
}

/// A refusal with Graph's body.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Response {
    let inner = json!({"date": "2026-11-21T10:00:00", "request-id": REQUEST_ID});
    plain(status, json!({"error": {"code": code, "message": message, "innerError": inner}}).to_string())
}

/// The `request-id` of every answer.
const REQUEST_ID: &str = "94fb3b52-0000-4000-8000-000000000001";

/// An answer with this body.
pub(crate) fn plain(status: u16, body: String) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("request-id", http::HeaderValue::from_static(REQUEST_ID));
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}
