//! Sessions in, pseudonymised sessions out.

use std::collections::HashMap;

use super::persons::{Persons, first_report};
use super::session::{Ids, PseudonymisedRegistration};
use super::{PseudonymKey, PseudonymisedSession, Times};
use crate::index::{Index, IndexError};
use crate::model::{IdentityKind, Organizer, Provenance, Record, Registration, Report, SeriesId};
use crate::rules::Rules;
use crate::session::Session;

/// Makes pseudonymised copies of the sessions of an archive.
pub struct Pseudonymiser<'a> {
    key: &'a PseudonymKey,
    times: Times,
    rules: Rules,
    persons: Persons<'a>,
}

impl<'a> Pseudonymiser<'a> {
    /// For `sessions`, each of its reports, of the archive in `index`. Where the rules tell of some that they are the same person,
    /// all reports of the archive are read into memory.
    ///
    /// # Errors
    /// The index gives no answer.
    pub fn new(
        index: &'a Index,
        key: &'a PseudonymKey,
        times: Times,
        rules: &Rules,
        sessions: &[Vec<Report>],
    ) -> Result<Self, IndexError> {
        let persons = Persons::of(index, sessions, rules)?;
        // Who is the same person is told by the pseudonyms now.
        Ok(Self { key, times, rules: Rules { same: Vec::new(), ..rules.clone() }, persons })
    }

    /// The copy of the session that these reports are; `None` where there is no report.
    ///
    /// # Errors
    /// The index gives no answer.
    pub fn session(&mut self, reports: &[Report]) -> Result<Option<PseudonymisedSession>, IndexError> {
        let Some(first) = reports.first() else { return Ok(None) };
        let (series, tenant) = (&first.series, first.tenant_id.as_str());
        let session = first_report(reports);
        let mut people = HashMap::new();
        let mut copies = Vec::with_capacity(reports.len());
        for (place, report) in reports.iter().enumerate() {
            let persons = self.persons.of_report(report, session)?;
            let records = report.records.iter().zip(persons);
            let records =
                records.map(|(record, person)| copied_record(record, self.known(person, &mut people)));
            let records = records.collect();
            copies.push(copied_report(report, place, records));
        }
        let Some(copy) = Session::of(&copies, &[], &self.rules) else { return Ok(None) };
        let ids = Ids {
            key: self.key.id(),
            session: self.key.pseudonym('s', &format!("{}/{session}", series_identifier(series))),
            series: self.key.pseudonym('m', &series_identifier(series)),
            organizer: self.organizer(reports, tenant)?,
            people,
        };
        let registrations = self.registrations(series, tenant)?;
        Ok(Some(PseudonymisedSession::of(&copy, ids, registrations, self.times)))
    }

    /// The pseudonym of a person, of whom is kept what its identifier is.
    fn known(&self, person: Option<String>, people: &mut HashMap<String, &'static str>) -> Option<String> {
        let person = person?;
        let pseudonym = self.key.pseudonym('p', &person);
        people.insert(pseudonym.clone(), identity(&person));
        Some(pseudonym)
    }

    fn organizer(&mut self, reports: &[Report], tenant: &str) -> Result<Option<String>, IndexError> {
        for report in reports {
            if let Some(person) = self.persons.organizer(&report.organizer, tenant)? {
                return Ok(Some(self.key.pseudonym('p', &person)));
            }
        }
        Ok(None)
    }

    fn registrations(
        &mut self,
        event: &SeriesId,
        tenant: &str,
    ) -> Result<Vec<PseudonymisedRegistration>, IndexError> {
        let registrants = self.persons.registrants(event, tenant)?;
        let copy = |(registration, person): (Registration, Option<String>)| {
            let person = person.map(|person| self.key.pseudonym('p', &person));
            PseudonymisedRegistration::of(&registration, person, self.times)
        };
        Ok(registrants.into_iter().map(copy).collect())
    }
}

/// A series by all that it is told apart by.
fn series_identifier(SeriesId { kind, id, channel_title }: &SeriesId) -> String {
    let title = channel_title.as_ref().map(|title| format!("/{title}")).unwrap_or_default();
    format!("{}:{id}{title}", kind.name())
}

/// By what somebody is known: the first word of the identifier.
fn identity(identifier: &str) -> &'static str {
    match identifier.split(':').next() {
        Some("user") => "user",
        Some("registrant") => "registrant",
        Some("mail") => "address",
        Some("phone") => "phone",
        _ => "anonymous",
    }
}

/// A record without all that is not named here: whom it means by the pseudonym alone.
fn copied_record(record: &Record, person: Option<String>) -> Record {
    Record {
        id: None,
        name: None,
        address: None,
        identity: if person.is_some() { IdentityKind::User } else { IdentityKind::None },
        identity_id: person,
        tenant_id: None,
        registration_id: None,
        external_registration_id: None,
        role: record.role,
        graph_seconds: record.graph_seconds,
        intervals: record.intervals.clone(),
    }
}

/// A report without all that is not named here. Its id is its place in the session.
fn copied_report(report: &Report, place: usize, records: Vec<Record>) -> Report {
    Report {
        row: 0,
        id: place.to_string(),
        series: SeriesId { kind: report.series.kind, id: String::new(), channel_title: None },
        source: String::new(),
        session_id: None,
        tenant_id: String::new(),
        title: None,
        series_title: None,
        organizer: Organizer::default(),
        span: report.span,
        plan: report.plan,
        participants: report.participants,
        provenance: Provenance::default(),
        records,
        erased: report.erased,
    }
}
