//! One source of reports: what Graph lists of it against what the archive has.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use shared::archive::{ArchiveStatus, Counts, LOOKS_AT_ONCE, archive_status};
use shared::graph::{GraphError, List, ListedReport};
use shared::jobs::{CallSession, Cause, FetchJob, FetchTarget, Purpose, Run, UnitId};
use shared::model::{ReportRef, ReportSource, SessionTimes};

use crate::ledger_line::{LedgerLine, Risk, State};
use crate::{BackfillError, Dependencies, part};

/// Graph lists 50 reports of a meeting; from here on it may soon forget one.
const MANY: usize = 40;
/// When a report has settled, counted from its end, and until when it is read once more for that.
const SETTLED: RangeInclusive<SignedDuration> =
    SignedDuration::from_hours(24)..=SignedDuration::from_hours(3 * 24);
/// Whose claims the marks of such readings are.
const SETTLED_READS: &str = "settled-reads";
/// So long after its end a short report stays short: it is looked at no more.
const SHORT_FOR_GOOD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Graph lists so many reports of a meeting: the newest.
pub(crate) const MAX_LISTED: usize = 50;
/// Graph keeps a report for a year.
const NEARLY_A_YEAR: SignedDuration = SignedDuration::from_hours(334 * 24);

/// Of which sessions a reconcile looks whether a notification told of them: those that ended since the reconcile
/// before it, but for the newest, which Graph has yet to notify of.
const LATELY: RangeInclusive<SignedDuration> =
    SignedDuration::from_mins(40)..=SignedDuration::from_mins(6 * 60 + 40);

/// Whether a session that ended then is one of those.
pub(crate) fn ended_lately(end: Timestamp, now: Timestamp) -> bool {
    LATELY.contains(&now.duration_since(end))
}

/// What a unit found in its sources: lines for the ledger, and jobs for `fetch`.
#[derive(Debug, Default)]
pub(crate) struct UnitFindings {
    pub(crate) lines: Vec<LedgerLine>,
    pub(crate) jobs: Vec<FetchJob>,
    /// Jobs for reports that are archived, and are read once more because they have settled.
    pub(crate) rereads: Vec<FetchJob>,
    /// The ids of the reports that it found in channels: each meeting of a channel lists those of all.
    in_channels: BTreeSet<String>,
    /// The titles of sources, by their paths in lower case; `None` for one without a title. While the unit is scanned, those
    /// that Graph gave; once it is, also those that the archive has.
    pub(crate) titles: BTreeMap<String, Option<String>>,
    /// When each session ended that took place lately, and whether the archive knew of it by a notification.
    pub(crate) lately: Vec<(Timestamp, bool)>,
    /// The sessions of which Graph lists no report, until the archive is asked for all of them at once.
    pub(crate) unlisted: Vec<Unlisted>,
}

/// A session of which Graph lists no report.
#[derive(Debug)]
pub(crate) struct Unlisted {
    pub(crate) session: CallSession,
    pub(crate) source: ReportSource,
    /// What is known of it where the archive has no report of it either; an error where Graph's list may have had one that
    /// could not be read.
    pub(crate) state: Result<State, GraphError>,
}

impl UnitFindings {
    /// Adds what was found beside this, at a later place of the unit. Reports of a channel that both found are told once.
    pub(crate) fn add(&mut self, mut later: Self) {
        let of_both: BTreeSet<_> = self.in_channels.intersection(&later.in_channels).cloned().collect();
        let is_new = |id: &str| !of_both.contains(&id.to_ascii_lowercase());
        let is_new_job = |job: &FetchJob| match &job.target {
            FetchTarget::Report(report) => is_new(&report.report_id),
            _ => true,
        };
        later.lines.retain(|line| line.report_id.as_deref().is_none_or(is_new));
        later.jobs.retain(is_new_job);
        later.rereads.retain(is_new_job);
        self.lines.append(&mut later.lines);
        self.jobs.append(&mut later.jobs);
        self.rereads.append(&mut later.rereads);
        self.in_channels.append(&mut later.in_channels);
        self.titles.append(&mut later.titles);
        self.lately.append(&mut later.lately);
        self.unlisted.append(&mut later.unlisted);
    }

    /// Notes what could not be looked at.
    pub(crate) fn unreachable(&mut self, source: String, error: &GraphError) {
        self.lines.push(LedgerLine::unreachable(source, error.outcome, error.remedy()));
    }
}

/// Compares the reports that Graph lists of `source` with the archive, and adds what it finds to `found`.
///
/// # Errors
/// The list could not be read to its end, or the archive gave no answer.
pub(crate) async fn compare(
    dependencies: &Dependencies,
    (run, unit): (&Run, &UnitId),
    source: &ReportSource,
    List { entries, odd, unread, .. }: &List<ListedReport>,
    found: &mut UnitFindings,
) -> Result<(), BackfillError> {
    if let Some(odd) = odd {
        found.unreachable(source.path(), odd);
    }
    let of_unit = Comparison { dependencies, run, unit, source, now: dependencies.clock.now() };
    let ended = entries.iter().filter(|report| report.facts.end().is_some());
    let new: Vec<_> = ended.filter(|report| of_unit.is_new(report, found)).collect();
    let comparisons = new.into_iter().map(|report| of_unit.compare(report));
    let mut compared = pin!(stream::iter(comparisons).buffered(LOOKS_AT_ONCE));
    while let Some(report) = compared.next().await {
        if let Some(report) = report? {
            of_unit.add(report, entries.len(), found);
        }
    }
    unread.clone().map_or(Ok(()), |error| Err(error.into()))
}

/// A source that a unit compares.
struct Comparison<'a> {
    dependencies: &'a Dependencies,
    run: &'a Run,
    unit: &'a UnitId,
    source: &'a ReportSource,
    now: Timestamp,
}

/// What the archive tells of a report that Graph lists.
struct ComparedReport<'a> {
    report: &'a ListedReport,
    report_ref: ReportRef,
    status: Option<ArchiveStatus>,
    /// Whether it is to be fetched.
    is_wanted: bool,
    /// Whether it is read once more although it is archived.
    is_read_again: bool,
}

impl Comparison<'_> {
    fn report_ref(&self, report: &ListedReport) -> ReportRef {
        self.source.report(report.facts.id.as_deref().unwrap_or_default())
    }

    /// Whether this list is the first of those in `found` that has the report.
    fn is_new(&self, report: &ListedReport, found: &mut UnitFindings) -> bool {
        !matches!(self.source, ReportSource::ChannelMeeting { .. })
            || found.in_channels.insert(self.report_ref(report).report_id.to_ascii_lowercase())
    }

    /// Compares a report with the archive; `None` where another unit of the run does.
    async fn compare<'r>(
        &self,
        report: &'r ListedReport,
    ) -> Result<Option<ComparedReport<'r>>, BackfillError> {
        let Self { dependencies, run, unit, now, .. } = *self;
        let (report_ref, end) = (self.report_ref(report), report.facts.end());
        let is_in_channel = matches!(self.source, ReportSource::ChannelMeeting { .. });
        if is_in_channel
            && run.purpose.keeps_ledger()
            && !part::claim(dependencies, run, unit, &report_ref.report_id).await?
        {
            return Ok(None);
        }
        let (store, tenant_id) = (&*dependencies.store, &dependencies.tenant_id);
        let status = archive_status(store, tenant_id, &report_ref, &report.facts).await?;
        let is_wanted = run.refresh
            || !status.is_some_and(|status| status.is_unchanged)
            || run.purpose == Purpose::Backfill && may_be_completed(status, end, now);
        let is_wanted = is_wanted && run.purpose.fetches();
        let is_read_again =
            !is_wanted && is_read_again(dependencies, (run, unit), &report_ref, end, now).await?;
        Ok(Some(ComparedReport { report, report_ref, status, is_wanted, is_read_again }))
    }

    /// Adds what the archive told of a report, one of so many that are `listed`.
    fn add(&self, compared: ComparedReport<'_>, listed: usize, found: &mut UnitFindings) {
        let Self { run, source, now, .. } = *self;
        let ComparedReport { report, report_ref, status, is_wanted, is_read_again } = compared;
        if is_wanted {
            found.jobs.push(job(run, FetchTarget::Report(report_ref)));
        } else if is_read_again {
            let reread = FetchJob { not_before: Some(now), ..job(run, FetchTarget::Report(report_ref)) };
            found.rereads.push(reread);
        }
        if report.facts.overlaps(SessionTimes { start: run.since, end: run.until }) {
            found.lines.push(line(source, report, status, listed, now));
        }
    }
}

/// Whether a report that is archived is read once more because it has settled: sessions that people join again
/// change reports without changing the list. The first reconcile that meets it a day or more after its end does
/// it, and leaves a mark.
async fn is_read_again(
    dependencies: &Dependencies,
    (run, unit): (&Run, &UnitId),
    report: &ReportRef,
    end: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, BackfillError> {
    let has_settled = end.is_some_and(|end| SETTLED.contains(&now.duration_since(end)));
    // The short reconciles, every few hours, would only look for the mark.
    let is_nightly = run.until.duration_since(run.since) > *SETTLED.start();
    if !dependencies.reads_settled || run.purpose != Purpose::Reconcile || !is_nightly || !has_settled {
        return Ok(false);
    }
    let owner = format!("{}/{}", run.id, unit.whole());
    // Each meeting of a channel lists its reports.
    let what = match report.source {
        ReportSource::ChannelMeeting { .. } => report.report_id.clone(),
        _ => report.path(),
    };
    match part::claimed_by(dependencies, SETTLED_READS, &what).await? {
        Some(claimed_by) => Ok(claimed_by == owner),
        None => part::claim_as(dependencies, SETTLED_READS, &owner, &what).await,
    }
}

/// Whether records may still come to a report that is short.
fn may_be_completed(status: Option<ArchiveStatus>, end: Option<Timestamp>, now: Timestamp) -> bool {
    let is_short = status.is_some_and(|status| status.counts == Counts::Short);
    is_short && end.is_none_or(|end| now.duration_since(end) < SHORT_FOR_GOOD)
}

/// The job for `fetch` that a run sends.
pub(crate) fn job(run: &Run, target: FetchTarget) -> FetchJob {
    let cause = match run.purpose {
        Purpose::Reconcile => Cause::Reconcile,
        Purpose::Backfill | Purpose::DryRun | Purpose::Audit => Cause::Backfill,
    };
    FetchJob::new(target, cause, run.began)
}

fn line(
    source: &ReportSource,
    report: &ListedReport,
    status: Option<ArchiveStatus>,
    listed: usize,
    now: Timestamp,
) -> LedgerLine {
    let facts = &report.facts;
    let begin = facts.start().or(facts.end());
    let is_old = begin.is_some_and(|begin| now.duration_since(begin) > NEARLY_A_YEAR);
    let risks = [
        (source.kind() == "meeting" && listed >= MANY, Risk::ManyListed),
        (status.is_none() && is_old, Risk::NearlyGone),
        (status.is_some_and(|status| status.counts == Counts::Differ), Risk::CountsDiffer),
        (status.is_some_and(|status| !status.is_unchanged), Risk::Changed),
    ];
    let state = match status.map(|status| status.counts) {
        None => State::Missing,
        Some(Counts::Short) => State::Short,
        Some(Counts::Agree | Counts::Differ) => State::Archived,
    };
    let has_settled = facts.end().is_some_and(|end| now.duration_since(end) >= SHORT_FOR_GOOD);
    LedgerLine {
        state,
        report_id: facts.id.as_deref().map(str::to_owned),
        source: source.path(),
        title: None,
        meeting_start_date_time: facts.meeting_start_date_time.as_deref().map(str::to_owned),
        session_id: None,
        settled: (state == State::Short).then_some(has_settled),
        outcome: None,
        remedy: None,
        risks: risks.into_iter().filter_map(|(is_at_risk, risk)| is_at_risk.then_some(risk)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_risk_has_its_reason() {
        let report = |start: &str| {
            let facts = shared::model::MeetingAttendanceReport {
                id: Some("r".into()),
                meeting_start_date_time: Some(start.to_owned()),
                ..Default::default()
            };
            ListedReport { text: serde_json::from_str("{}").unwrap(), facts }
        };
        let meeting = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let risks = |start: &str, status, listed| line(&meeting, &report(start), status, listed, now).risks;
        let good = Some(ArchiveStatus { is_unchanged: true, counts: Counts::Agree });
        assert_eq!(risks("2026-11-01T00:00:00Z", good, 39), []);
        assert_eq!(risks("2026-11-01T00:00:00Z", good, 40), [Risk::ManyListed]);
        assert_eq!(risks("2026-01-01T00:00:00Z", good, 1), [], "what is archived is not at risk");
        assert_eq!(risks("2025-12-31T23:00:00Z", None, 1), [Risk::NearlyGone]);
        assert_eq!(risks("2026-01-02T00:00:00Z", None, 1), []);
        let other = Some(ArchiveStatus { is_unchanged: false, counts: Counts::Differ });
        assert_eq!(risks("2026-11-01T00:00:00Z", other, 1), [Risk::CountsDiffer, Risk::Changed]);
    }
}
