//! A page that cannot be shown: a status, and a sentence that says what to do.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

/// Why a page is not shown.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    sentence: String,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    status: StatusCode,
    sentence: &'a str,
}

impl Failure {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    /// A part of the address is odd.
    pub(super) fn odd(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// There is no such thing in the archive.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("The archive has no such {what}. It may not be indexed yet."),
        )
    }

    /// Something here does not work.
    pub(super) fn internal(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let page = FailurePage { status: self.status, sentence: &self.sentence };
        (self.status, Html(page.render().unwrap_or(self.sentence.clone()))).into_response()
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::internal(format!("The page could not be written: {error}."))
    }
}
