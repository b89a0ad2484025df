//! Files of a session and of a register, and the JSON as Graph sent it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use crate::files::csv::{self, CsvOptions};
use crate::files::{FileError, TeamsOptions, html, json, names, teams_csv, xlsx};
use crate::pages::Pages;
use crate::pages::export::attachment;
use crate::pages::failure::Failure;
use crate::pages::loaded::{Loaded, load};
use crate::pages::params::Params;
use crate::pages::register;
use crate::pages::state::elsewhere;
use crate::register::Register;

const CSV: &str = "text/csv; charset=utf-8";
/// Teams' own download is UTF-16.
const TEAMS_CSV: &str = "text/csv; charset=utf-16le";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The JSON as Graph sent it: the bytes of an object of the archive, of which the index says that the session has it.
pub(super) async fn report(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    let is_known = loaded
        .session
        .parts
        .iter()
        .any(|part| part.provenance.key == params.id || part.provenance.revisions.contains(&params.id));
    if !is_known {
        return Err(Failure::not_found("report"));
    }
    let key = params.id;
    let sentence = "The archive does not give the report. Try again, and look at the permissions.";
    let object = pages.store.get(&key).await.map_err(|_| Failure::internal(sentence))?;
    let object = object.ok_or_else(|| Failure::not_found("report"))?;
    let name = key.rsplit('/').next().unwrap_or("report.json");
    Ok(attachment(name, JSON, object.body))
}

/// A file of a session, by its name in the address.
pub(super) async fn session(
    State(pages): State<Arc<Pages>>,
    Path(file): Path<String>,
    params: Params,
) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    elsewhere(move || session_file(&loaded, &file)).await
}

fn session_file(loaded: &Loaded, file: &str) -> Result<Response, Failure> {
    let (session, reports, zone) = (&loaded.session, &loaded.reports, &loaded.rules.zone);
    let teams = |engagement_columns| {
        teams_csv(session, reports, zone, TeamsOptions { engagement_columns, ..TeamsOptions::default() })
    };
    let options = CsvOptions::default();
    let (media_type, ending, written) = match file {
        "people.csv" => (CSV, "csv", csv::attendees(session, &loaded.rules, options)),
        "records.csv" => (CSV, "records.csv", csv::records(session, reports, zone, options)),
        "registrants.csv" => (CSV, "registrants.csv", csv::registrants(&loaded.registrations, zone, options)),
        "teams.csv" => (TEAMS_CSV, "csv", teams(false)),
        "teams-engagement.csv" => (TEAMS_CSV, "csv", teams(true)),
        "people.xlsx" => (XLSX, "xlsx", xlsx::session(session, &loaded.rules)),
        "people.json" => (JSON, "json", json::session(session, &loaded.rules)),
        _ => return Err(Failure::not_found("file")),
    };
    Ok(attachment(&loaded.file_name(ending), media_type, written.map_err(unwritten)?))
}

/// A file of a register, by its name in the address.
pub(super) async fn register(
    State(pages): State<Arc<Pages>>,
    Path(file): Path<String>,
    params: Params,
) -> Result<Response, Failure> {
    let (_, register) = register::load(&pages, &params).await?;
    elsewhere(move || register_file(&register, &file)).await
}

fn register_file(register: &Register, file: &str) -> Result<Response, Failure> {
    let (media_type, written) = match file {
        "register.csv" => (CSV, csv::register(register, CsvOptions::default())),
        "register.json" => (JSON, json::register(register)),
        "register.xlsx" => (XLSX, xlsx::register(register)),
        "register.html" => (HTML, html::register(register).map(String::into_bytes)),
        _ => return Err(Failure::not_found("file")),
    };
    let ending = file.rsplit('.').next().unwrap_or_default();
    Ok(attachment(&file_name(register, ending), media_type, written.map_err(unwritten)?))
}

fn file_name(register: &Register, ending: &str) -> String {
    names::file_name(register.title.as_ref(), None, &register.rules, ending)
}

/// Why there is no file. What is too large for one is asked for too much; the sentence says what to do.
pub(super) fn unwritten(error: FileError) -> Failure {
    match error {
        error if error.is_too_large() => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format!("There is no such file: {error}."))
        }
        error => Failure::internal(format!("The file could not be written: {error}.")),
    }
}
