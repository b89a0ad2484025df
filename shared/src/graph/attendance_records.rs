//! `attendanceRecord`: one attendee of a session.

use serde_json::value::RawValue;

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
        Ok(self.attendance_record_pages(report).await?.into_iter().flatten().collect())
    }

    /// The same records, one entry a page.
    pub(super) async fn attendance_record_pages(
        &self,
        report: &ReportRef,
    ) -> Result<Vec<Vec<Box<RawValue>>>, GraphError> {
        self.require_reports_of(&report.source)?;
        let mut segments = report.segments();
        segments.push("attendanceRecords");
        let url = self.url(&segments, &[])?;
        self.pages(&url, url.clone()).await?.whole()
    }
}
