//! `attendanceRecord`: one attendee of a session.

use serde_json::value::RawValue;
use url::Url;

use super::GraphClient;
use super::error::GraphError;
use crate::model::ReportRef;

impl GraphClient {
    /// Lists the records of a report, all pages, each record as Graph sent it.
    ///
    /// `GET {report}/attendanceRecords`, with the application permission
    /// `OnlineMeetingArtifact.Read.All` and an access policy that covers the organizer.
    /// <https://learn.microsoft.com/graph/api/attendancerecord-list>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer. A page that fails makes the whole list fail.
    pub async fn attendance_records(&self, report: &ReportRef) -> Result<Vec<Box<RawValue>>, GraphError> {
        let url = self.records_url(report)?;
        Ok(self.pages(&url, url.clone()).await?.whole()?.into_iter().flatten().collect())
    }

    /// The URL of the first page of a report's records.
    pub(super) fn records_url(&self, report: &ReportRef) -> Result<Url, GraphError> {
        self.require_reports_of(&report.source)?;
        let mut segments = report.segments();
        segments.push("attendanceRecords");
        self.url(&segments, &[])
    }
}
