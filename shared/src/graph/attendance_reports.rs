//! `meetingAttendanceReport`: the reports of a source, and one report with all its records.

use serde_json::value::RawValue;
use url::Url;

use super::client::GraphResponse;
use super::cloud::Capability;
use super::error::GraphError;
use super::lists::Pages;
use super::next_link::next_page;
use super::{GraphClient, GraphVersion, List};
use crate::graph::join_pages;
use crate::model::{MAX_ID_BYTES, MeetingAttendanceReport, Outcome, ReportRef, ReportSource};

/// A report as Graph lists it: without records.
#[derive(Debug, Clone)]
pub struct ListedReport {
    /// The report's JSON text, as Graph sent it in the list. It has an id.
    pub text: Box<RawValue>,
    /// The fields that are read from the text; records are not among them.
    pub facts: MeetingAttendanceReport<'static>,
}

impl ListedReport {
    fn read(text: Box<RawValue>) -> Result<Self, GraphError> {
        let report = MeetingAttendanceReport::read(text.get());
        let facts = report.map_err(|error| GraphError::not_as_documented(&error))?.without_records();
        if facts.id.as_ref().is_none_or(|id| id.len() > MAX_ID_BYTES) {
            return Err(
                GraphError::new(Outcome::Malformed).because("a listed report has no id, or a long one")
            );
        }
        Ok(Self { text, facts })
    }
}

/// A report with all its records, as Graph sent it, to be archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedArtifact {
    /// The JSON text. From one page: the response's body. From more: the pages joined, each record unchanged.
    pub body: String,
    /// How many attendance records the text holds.
    pub records: usize,
    /// From how many responses the text was joined: 1 where Graph sent it whole.
    pub pages: usize,
    /// Graph's `request-id` of the first response; `None` where Graph gave none.
    pub request_id: Option<String>,
}

impl GraphClient {
    /// Lists the reports of a source: the 50 newest, without their records. Of a channel meeting it
    /// lists the reports of every meeting in the channel.
    ///
    /// `GET {source}/attendanceReports`, with the application permission
    /// `OnlineMeetingArtifact.Read.All` and an access policy that covers the organizer.
    /// <https://learn.microsoft.com/graph/api/meetingattendancereport-list>
    ///
    /// # Errors
    /// [`Outcome::NotReady`] while Graph has no reports of the source yet (404). Other outcomes where Graph
    /// or the token service refuses or does not answer. An entry or a later page that cannot be read is no
    /// error: [`List::odd`] and [`List::unread`] tell it.
    pub async fn attendance_reports(&self, source: &ReportSource) -> Result<List<ListedReport>, GraphError> {
        self.require_reports_of(source)?;
        let mut segments = source.segments();
        segments.push("attendanceReports");
        let url = self.url(&segments, &[])?;
        let Pages { pages, unread } = self.pages(&url, url.clone()).await?;
        let (mut entries, mut odd) = (Vec::new(), None);
        for text in pages.into_iter().flatten() {
            match ListedReport::read(text) {
                Ok(listed) => entries.push(listed),
                Err(error) => odd = odd.or(Some(error)),
            }
        }
        Ok(List { entries, odd, unread })
    }

    /// Gets one report with its records, every page of them.
    ///
    /// `GET {report}?$expand=attendanceRecords`, with the application permission
    /// `OnlineMeetingArtifact.Read.All` and an access policy that covers the organizer. Graph has no
    /// such call for channel meetings: their report is read from the list, and joined with
    /// [`Self::attendance_records`].
    /// <https://learn.microsoft.com/graph/api/meetingattendancereport-get>
    ///
    /// # Errors
    /// [`Outcome::NotReady`] while Graph does not have the report yet, or its session goes on. A page that
    /// fails makes the call fail: what is returned is complete.
    pub async fn attendance_report(&self, report: &ReportRef) -> Result<FetchedArtifact, GraphError> {
        if let ReportSource::ChannelMeeting { .. } = report.source {
            return self.channel_report(report).await;
        }
        self.require_reports_of(&report.source)?;
        let asked = self.url(&report.segments(), &[("$expand", "attendanceRecords")])?;
        let answer = self.get(asked.clone()).await?;
        let first = answer.report()?;
        if !first.is(&report.report_id) {
            let malformed = GraphError::new(Outcome::Malformed).because("the report has another id, or none");
            return Err(malformed.with_request_id(answer.request_id));
        }
        if first.end().is_none() {
            return Err(going_on().with_request_id(answer.request_id));
        }
        let (records, next) = (first.record_count(), first.records_next_link);
        self.with_all_records(&asked, answer, records, next).await
    }

    /// The report of a channel meeting: found in the list, because Graph does not get it by its id.
    async fn channel_report(&self, report: &ReportRef) -> Result<FetchedArtifact, GraphError> {
        let listed = self.attendance_reports(&report.source).await?;
        let not_listed =
            || GraphError::new(Outcome::NotReady).because("the channel does not list the report");
        let List { entries, odd, unread } = listed;
        let found = entries.into_iter().find(|listed| listed.facts.is(&report.report_id));
        let found = found.ok_or_else(|| unread.or(odd).unwrap_or_else(not_listed))?;
        if found.facts.end().is_none() {
            return Err(going_on());
        }
        let pages = self.attendance_record_pages(report).await?;
        joined(found.text.get(), &pages, None)
    }

    /// Gets one report without its records, its JSON as Graph sent it.
    ///
    /// `GET {report}`, with the permissions of [`Self::attendance_report`].
    ///
    /// # Errors
    /// [`Outcome::NotReady`] while Graph does not have the report yet. Other outcomes where Graph or the token
    /// service refuses or does not answer: it has no such call for channel meetings.
    pub async fn attendance_report_without_records(
        &self,
        report: &ReportRef,
    ) -> Result<ListedReport, GraphError> {
        self.require_reports_of(&report.source)?;
        let answer = self.get(self.url(&report.segments(), &[])?).await?;
        ListedReport::read(answer.read()?)
    }

    /// Gets the newest report of a meeting with all its records; it has no id and no times.
    ///
    /// `GET /users/{organizer}/onlineMeetings/{meeting}/meetingAttendanceReport?$expand=attendanceRecords`,
    /// in beta only and deprecated, with the permissions of [`Self::attendance_report`].
    /// <https://learn.microsoft.com/graph/api/meetingattendancereport-get?view=graph-rest-beta>
    ///
    /// # Errors
    /// [`Outcome::UnsupportedInCloud`] in v1.0, before the call. [`Outcome::NotReady`] while there is no
    /// report.
    pub async fn newest_attendance_report(
        &self,
        source: &ReportSource,
    ) -> Result<FetchedArtifact, GraphError> {
        self.require_reports_of(source)?;
        if self.version() != GraphVersion::Beta {
            return Err(GraphError::new(Outcome::UnsupportedInCloud).because("it is in beta only"));
        }
        let mut segments = source.segments();
        segments.push("meetingAttendanceReport");
        let asked = self.url(&segments, &[("$expand", "attendanceRecords")])?;
        let answer = self.get(asked.clone()).await?;
        let first = answer.report()?;
        let (records, next) = (first.record_count(), first.records_next_link);
        self.with_all_records(&asked, answer, records, next).await
    }

    /// A report, whose first page is `answer` and holds so many `records`, with those of the pages from
    /// `next` on.
    async fn with_all_records(
        &self,
        asked: &Url,
        answer: GraphResponse,
        records: usize,
        next: Option<String>,
    ) -> Result<FetchedArtifact, GraphError> {
        let GraphResponse { text: body, request_id } = answer;
        let Some(link) = next else { return Ok(FetchedArtifact { body, records, pages: 1, request_id }) };
        let next =
            next_page(asked, &link).map_err(|reason| GraphError::new(Outcome::Malformed).because(reason))?;
        joined(&body, &self.pages(asked, next).await?.whole()?, request_id)
    }

    /// Refuses a call for a source whose reports this cloud does not have.
    pub(super) fn require_reports_of(&self, source: &ReportSource) -> Result<(), GraphError> {
        if let ReportSource::Webinar { .. } | ReportSource::Townhall { .. } = source {
            self.require(Capability::VirtualEvents)?;
        }
        self.require(Capability::AttendanceReports)
    }
}

impl GraphResponse {
    /// Reads the response as a report, or as its first page.
    fn report(&self) -> Result<MeetingAttendanceReport<'_>, GraphError> {
        let unreadable =
            |error| GraphError::not_as_documented(&error).with_request_id(self.request_id.clone());
        MeetingAttendanceReport::read(&self.text).map_err(unreadable)
    }
}

fn going_on() -> GraphError {
    GraphError::new(Outcome::NotReady).because("the report has no end yet")
}

/// A report and the further pages of its records as one.
fn joined(
    first: &str,
    pages: &[Vec<Box<RawValue>>],
    request_id: Option<String>,
) -> Result<FetchedArtifact, GraphError> {
    let slices: Vec<&[Box<RawValue>]> = pages.iter().map(Vec::as_slice).collect();
    let joined = join_pages(first, &slices).map_err(|error| GraphError::not_as_documented(&error))?;
    let (body, records) = joined;
    Ok(FetchedArtifact { body, records, pages: 1 + pages.len(), request_id })
}
