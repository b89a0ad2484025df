//! `meetingAttendanceReport`: the reports of a source, and one report with all its records.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::GraphClient;
use super::error::GraphError;
use super::next_link::next_page;
use crate::outcome::Outcome;
use crate::report::{MeetingAttendanceReport, join_pages};
use crate::report_ref::{ReportRef, ReportSource};

/// A report as a list shows it: without records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedReport {
    /// The report's id.
    pub id: String,
    /// How many people took part.
    pub total_participant_count: Option<i64>,
    /// When the session began.
    pub meeting_start_date_time: Option<String>,
    /// When the session ended; null while it goes on.
    pub meeting_end_date_time: Option<String>,
}

impl ListedReport {
    /// What is known of the report before it is fetched.
    pub fn facts(&self) -> MeetingAttendanceReport<'static> {
        MeetingAttendanceReport {
            id: Some(self.id.clone()),
            total_participant_count: self.total_participant_count,
            meeting_start_date_time: self.meeting_start_date_time.clone(),
            meeting_end_date_time: self.meeting_end_date_time.clone(),
            ..Default::default()
        }
    }
}

/// A report with all its records, as Graph sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedReport {
    /// One page: the answer's text. More: the pages joined, each record's text unchanged.
    pub body: String,
    /// How many answers it was joined from.
    pub pages: usize,
    /// Graph's `request-id` of the first of them.
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
    /// [`Outcome::NotReady`] also while there is nothing to list yet.
    pub async fn attendance_reports(&self, source: &ReportSource) -> Result<Vec<ListedReport>, GraphError> {
        let mut segments = source.segments();
        segments.push("attendanceReports");
        self.list(self.url(&segments, &[])?).await
    }

    /// Gets one report with its records, every page of them.
    ///
    /// `GET {report}?$expand=attendanceRecords`, with the application permission
    /// `OnlineMeetingArtifact.Read.All` and an access policy that covers the organizer.
    /// <https://learn.microsoft.com/graph/api/meetingattendancereport-get>
    ///
    /// # Errors
    /// [`Outcome::NotReady`] while it is not there, or its session goes on. A page that fails fails
    /// the report: what is returned is whole.
    pub async fn attendance_report(&self, report: &ReportRef) -> Result<FetchedReport, GraphError> {
        let asked = self.url(&report.segments(), &[("$expand", "attendanceRecords")])?;
        let answer = self.get(asked.clone()).await?;
        let first: MeetingAttendanceReport<'_> = answer.read()?;
        let request_id = answer.request_id.clone();
        if !first.is(&report.report_id) {
            let malformed = GraphError::new(Outcome::Malformed).because("the report has another id, or none");
            return Err(malformed.with_request_id(request_id));
        }
        if first.end().is_none() {
            let going_on = GraphError::new(Outcome::NotReady).because("the report has no end yet");
            return Err(going_on.with_request_id(request_id));
        }
        let Some(link) = &first.records_next_link else {
            return Ok(FetchedReport { body: answer.text, pages: 1, request_id });
        };
        let next =
            next_page(&asked, link).map_err(|reason| GraphError::new(Outcome::Malformed).because(reason))?;
        let pages: Vec<Vec<Box<RawValue>>> = self.pages(&asked, next).await?;
        let slices: Vec<&[Box<RawValue>]> = pages.iter().map(Vec::as_slice).collect();
        let body =
            join_pages(&answer.text, &slices).map_err(|error| GraphError::not_as_documented(&error))?;
        Ok(FetchedReport { body, pages: 1 + pages.len(), request_id })
    }
}
