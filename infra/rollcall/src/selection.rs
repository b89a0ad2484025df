//! Which sessions the options name, and by which rules they are looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reader::index::{Index, SeriesQuery};
use reader::model::{Gaps, Kind, LedgerEntry, Registration, Report, SeriesId};
use reader::people::read_same;
use reader::roster::Roster;
use reader::rules::{Rules, WindowRule};
use shared::model::comparable_id;

use crate::cli::{RuleOptions, SelectOptions, WindowOption};

/// The most bytes of a file that a person hands in.
const MOST_BYTES: u64 = 32 << 20;

impl RuleOptions {
    /// The rules, with this machine's zone where none is named.
    ///
    /// # Errors
    /// The file of `--same` cannot be read, or is no such file.
    pub(crate) fn rules(&self) -> anyhow::Result<Rules> {
        let window = match self.window {
            WindowOption::Plan => WindowRule::Plan,
            WindowOption::Report => WindowRule::Report,
        };
        let same = self.same.as_deref().map(|file| anyhow::Ok(read_same(&bytes_of(file)?)?)).transpose()?;
        let rules = Rules {
            present_after: self.present_after,
            absent_below: self.absent_below,
            late_after: self.late_after,
            left_before: self.left_before,
            window: self.planned.unwrap_or(window),
            zone: self.zone.clone().unwrap_or_else(TimeZone::system),
            join_within: self.join_within,
            match_names: false,
            keeps_strays: self.strays,
            same: same.unwrap_or_default(),
            letters: self.letters.clone().unwrap_or_default(),
        };
        rules.check()?;
        Ok(rules)
    }
}

/// A file that a person hands in.
///
/// # Errors
/// It cannot be read, or is larger than 32 MiB.
pub(crate) fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", file.display());
    if fs::metadata(file).with_context(unreadable)?.len() > MOST_BYTES {
        bail!("{} is larger than 32 MiB", file.display());
    }
    fs::read(file).with_context(unreadable)
}

/// A roster, by the file's name.
///
/// # Errors
/// It cannot be read, or a line of it is none.
pub(crate) fn roster(file: &Path) -> anyhow::Result<Roster> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Roster::read(&name, &bytes_of(file)?).with_context(|| format!("{} is no roster", file.display()))
}

impl SelectOptions {
    /// What the index is asked for; days begin in `zone`.
    ///
    /// # Errors
    /// A date is none, or a meeting is not known to the archive.
    pub(crate) fn query(&self, index: &Index, zone: &TimeZone) -> anyhow::Result<SeriesQuery> {
        let moment = |text: &Option<String>| text.as_deref().map(|text| moment(text, zone)).transpose();
        let mut series = Vec::new();
        for meeting in &self.meetings {
            let found = index.meetings_named(meeting)?;
            if found.is_empty() {
                bail!(
                    "the archive has no meeting {meeting}: write its join URL, the number to join it, or its id"
                );
            }
            series.extend(found);
        }
        let events = [(Kind::Webinar, &self.webinars), (Kind::Townhall, &self.townhalls)];
        for (kind, ids) in events {
            let of = |id: &String| SeriesId {
                kind,
                id: comparable_id(id.trim()).into_owned(),
                channel_title: None,
            };
            series.extend(ids.iter().map(of));
        }
        Ok(SeriesQuery {
            series,
            organizer: self.organizer.clone(),
            title: self.title.clone(),
            since: moment(&self.since)?,
            until: moment(&self.until)?,
        })
    }
}

/// A moment as a person writes it: a date, which begins in the zone, or a time with its own.
///
/// # Errors
/// It is none.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    if let Ok(time) = text.trim().parse::<Timestamp>() {
        return Ok(time);
    }
    // What the library says of it helps nobody.
    let date = text.trim().parse::<Date>().ok().with_context(|| {
        format!("{text} is no date: write one like 2026-01-31, or a time like 2026-01-31T10:00:00Z")
    })?;
    let time = zone.to_timestamp(date.at(0, 0, 0, 0)).ok();
    time.with_context(|| {
        format!("{text} is beyond the days that there are: leave the option out for no limit")
    })
}

/// Registrations, each with the event that it is for.
pub(crate) type Registrations = Vec<(SeriesId, Registration)>;

/// What the archive has of the sessions that are asked for: reports, the registrations of their events, and what is not kept.
pub(crate) struct Found {
    pub(crate) reports: Vec<Report>,
    pub(crate) registrations: Registrations,
    pub(crate) gaps: Gaps,
}

/// What a query finds, which may be nothing but what is not kept.
///
/// # Errors
/// The index cannot be read, or nothing was found.
pub(crate) fn found(index: &Index, query: &SeriesQuery) -> anyhow::Result<Found> {
    let (reports, gaps) = (index.reports(query)?, index.gaps(query)?);
    let is_session = |entry: &LedgerEntry| entry.start.is_some() && entry.series.is_some();
    if reports.is_empty() && !gaps.known.iter().chain(&gaps.unclear).any(is_session) {
        bail!("the archive has no such sessions: rollcall browse shows those that it has");
    }
    let of_reports = reports.iter().map(|report| &report.series);
    let of_gaps = gaps.known.iter().filter_map(|entry| entry.series.as_ref());
    let series: BTreeSet<&SeriesId> = of_reports.chain(of_gaps).collect();
    let mut registrations = Vec::new();
    for series in series.into_iter().filter(|series| series.kind != Kind::Meeting) {
        let of_event = index.registrations(series.kind, &series.id)?;
        registrations.extend(of_event.into_iter().map(|registration| (series.clone(), registration)));
    }
    Ok(Found { reports, registrations, gaps })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_in_the_zone_and_what_is_none_is_a_sentence() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        assert_eq!(moment(" 2026-11-01", &zone).unwrap().to_string(), "2026-10-31T23:00:00Z");
        assert_eq!(moment("2026-11-01T00:00:00Z", &zone).unwrap().to_string(), "2026-11-01T00:00:00Z");
        for (odd, sentence) in
            [("yesterday", "is no date: write one like"), ("9999-12-31", "leave the option out")]
        {
            let error = format!("{:#}", moment(odd, &zone).unwrap_err());
            assert!(error.contains(sentence) && !error.contains(": parameter"), "{error}");
        }
    }
}
