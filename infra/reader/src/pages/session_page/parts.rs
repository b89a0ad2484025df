//! The reports of a session, and where each comes from.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::pages::params::Params;
use crate::session::Part;
use crate::times;
use crate::words::one_whole_line;

/// A report, and where it comes from.
pub(super) struct PartView {
    pub(super) when: String,
    pub(super) counts: String,
    pub(super) json: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) revisions: Vec<RevisionView>,
}

/// Another answer that Graph gave for a report.
pub(super) struct RevisionView {
    pub(super) key: String,
    pub(super) href: String,
    /// What differs from the current one; empty where that was not compared.
    pub(super) difference: String,
}

pub(super) fn part_view(
    part: &Part,
    params: &Params,
    zone: &TimeZone,
    differences: &BTreeMap<String, String>,
) -> PartView {
    let provenance = &part.provenance;
    let json = |key: &str| params.to("/session/report.json", &[("key", &params.key), ("id", key)]);
    let revision = |key: &String| RevisionView {
        key: key.clone(),
        href: json(key),
        difference: differences.get(key).cloned().unwrap_or_default(),
    };
    let facts = [
        ("Report id", Some(part.report_id.clone())),
        ("Graph's path", Some(part.source.clone())),
        ("Object", Some(provenance.key.clone())),
        ("SHA-256", provenance.sha256.clone()),
        ("Fetched", provenance.fetched_at.map(|at| times::moment(at, zone))),
        ("request-id", provenance.request_id.clone()),
        ("Graph's version", provenance.api.clone()),
        ("Pages joined", provenance.pages.map(|pages| pages.to_string())),
        ("Fetched because of", provenance.cause.clone()),
    ];
    let participants =
        part.participants.map_or("does not count".to_owned(), |count| format!("counts {count}"));
    PartView {
        when: part.span.map_or("no times".to_owned(), |span| times::range(span, zone)),
        counts: format!("{} records, Graph {participants}", part.records),
        json: json(&provenance.key),
        facts: facts.into_iter().filter_map(|(name, fact)| Some((name, one_whole_line(&fact?)))).collect(),
        revisions: provenance.revisions.iter().map(revision).collect(),
    }
}
