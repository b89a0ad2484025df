//! `meetingAttendanceReport`: the reports of a source, and one report without its records.

use serde_json::value::RawValue;
use url::Url;

use super::cloud::Capability;
use super::error::GraphError;
use super::lists::Pages;
use super::{GraphClient, List};
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

/// What Graph sent, to be archived: a report with all its records, or whatever else an artifact is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedArtifact {
    /// The JSON text. From one page: the response's body. From more: the pages joined, each record unchanged.
    pub body: String,
    /// How many attendance records or registrations the text holds; 0 for anything else.
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
        let Pages { pages, unread, request_id } = self.pages(&url, url.clone()).await?;
        let (mut entries, mut odd) = (Vec::new(), None);
        for text in pages.into_iter().flatten() {
            match ListedReport::read(text) {
                Ok(listed) => entries.push(listed),
                Err(error) => odd = odd.or(Some(error)),
            }
        }
        Ok(List { entries, odd, unread, request_id })
    }

    /// Gets one report without its records, its JSON as Graph sent it.
    ///
    /// `GET {report}`, with the permissions of [`Self::read_report`].
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

    /// The URL of the first page of a report's records: `GET {report}/attendanceRecords`.
    /// <https://learn.microsoft.com/graph/api/attendancerecord-list>
    pub(super) fn records_url(&self, report: &ReportRef) -> Result<Url, GraphError> {
        self.require_reports_of(&report.source)?;
        let mut segments = report.segments();
        segments.push("attendanceRecords");
        self.url(&segments, &[])
    }

    /// Refuses a call for a source whose reports this cloud does not have.
    pub(super) fn require_reports_of(&self, source: &ReportSource) -> Result<(), GraphError> {
        if let ReportSource::Webinar { .. } | ReportSource::Townhall { .. } = source {
            self.require(Capability::VirtualEvents)?;
        }
        self.require(Capability::AttendanceReports)
    }
}
