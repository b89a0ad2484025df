//! A table of a page as a file: CSV, or the same rows as JSON.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::files::csv::{self, CsvOptions};
use crate::files::table::{Table, Value};
use crate::pages::failure::Failure;
use crate::pages::params::Params;

/// What an address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Page,
    Csv,
    Json,
}

impl Params {
    pub(super) fn format(&self) -> Result<Format, Failure> {
        match self.format.as_str() {
            "" => Ok(Format::Page),
            "csv" => Ok(Format::Csv),
            "json" => Ok(Format::Json),
            _ => Err(Failure::odd("The format is csv or json.")),
        }
    }
}

/// Rows as a file of JSON or CSV: `None` where a page is asked for.
pub(super) fn file<T: Serialize>(
    (format, name): (Format, &str),
    zone: &TimeZone,
    rows: &[T],
    (headings, line): (&[&str], impl Fn(&T) -> Vec<Value>),
) -> Result<Option<Response>, Failure> {
    match format {
        Format::Page => Ok(None),
        Format::Json => {
            let written =
                serde_json::to_vec(rows).map_err(|_| Failure::internal("The table could not be written."))?;
            Ok(Some(attachment(&format!("{name}.json"), "application/json", written)))
        }
        Format::Csv => {
            let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
            let table = Table { headings, lines: rows.iter().map(line).collect() };
            let written = csv::table(&table, zone, CsvOptions::default());
            let written = written.map_err(|_| Failure::internal("The table could not be written."))?;
            Ok(Some(attachment(&format!("{name}.csv"), "text/csv; charset=utf-8", written)))
        }
    }
}

/// What stands as it is in an extended parameter of a header (RFC 8187).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A file that a browser saves under this name.
pub(super) fn attachment(name: &str, media_type: &str, body: impl Into<axum::body::Body>) -> Response {
    let ascii: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || " ().-_".contains(letter) { letter } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(name, PLAIN);
    let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let headers = [(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, disposition.as_str())];
    (headers, body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_safe_name_in_both_forms() {
        let response = attachment("Übung \"1\"\r\nX: y.csv", "text/csv", "");
        let disposition = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(
            disposition,
            "attachment; filename=\"_bung _1___X_ y.csv\"; filename*=UTF-8''%C3%9Cbung%20%221%22%0D%0AX%3A%20y.csv"
        );
    }
}
