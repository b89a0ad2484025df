//! A report with its records, page by page, each as Graph sent it.
//!
//! A large report has many pages, and Graph is slow with each: whoever keeps the pages that came can go on with the
//! next one later, also in another process.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::client::GraphResponse;
use super::error::GraphError;
use super::join_pages::JoinedText;
use super::lists::{MAX_BYTES, MAX_PAGES};
use super::next_link::next_page;
use super::{FetchedArtifact, GraphClient, GraphVersion};
use crate::memory;
use crate::model::{MeetingAttendanceReport, Outcome, ReportRef, ReportSource, count_or_none, or_none};

/// One page of a report, as Graph sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPage {
    /// The JSON text: of the first page the report with its first records, of every other a list of records.
    pub text: String,
    /// How many records it holds.
    pub records: usize,
    /// Graph's `request-id` of the response; `None` where Graph gave none.
    pub request_id: Option<String>,
}

/// The reading of a report's pages, from one to the next.
pub struct ReportReading<'a> {
    graph: &'a GraphClient,
    /// The URL of the first request: links that leave it are not followed.
    asked: Url,
    next: Option<Url>,
    seen: HashSet<Url>,
    pages: usize,
    bytes: usize,
}

/// A page of records, borrowed from its text.
#[derive(Deserialize)]
struct ListPage<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// What shows that two answers are of one state of a report.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "camelCase", default)]
struct ReportState {
    #[serde(deserialize_with = "count_or_none")]
    total_participant_count: Option<i64>,
    #[serde(deserialize_with = "or_none")]
    meeting_start_date_time: Option<String>,
    #[serde(deserialize_with = "or_none")]
    meeting_end_date_time: Option<String>,
}

impl GraphClient {
    /// Gets the first page of a report with its records, and begins to read the others.
    ///
    /// `GET {report}?$expand=attendanceRecords`, with the application permission
    /// `OnlineMeetingArtifact.Read.All` and an access policy that covers the organizer. Graph has no
    /// such call for channel meetings: their report is read from the list, and its records from
    /// `GET {report}/attendanceRecords`.
    /// <https://learn.microsoft.com/graph/api/meetingattendancereport-get>
    ///
    /// # Errors
    /// [`Outcome::NotReady`] while Graph does not have the report yet, or its session goes on. Other outcomes where
    /// Graph or the token service refuses or does not answer.
    pub async fn read_report(
        &self,
        report: &ReportRef,
    ) -> Result<(ReportReading<'_>, ReportPage), GraphError> {
        let url = self.report_url(report)?;
        if let ReportSource::ChannelMeeting { .. } = report.source {
            let page = ReportPage { text: self.listed_report(report).await?, records: 0, request_id: None };
            let mut reading = ReportReading::new(self, url, 1, page.text.len());
            reading.next = Some(self.records_url(report)?);
            return Ok((reading, page));
        }
        let (page, link) = self.expanded_report(report, url.clone()).await?;
        let mut reading = ReportReading::new(self, url, 1, page.text.len());
        reading.follow(link)?;
        Ok((reading, page))
    }

    /// Goes on to read a report of which `pages` pages with so many `bytes` were got before, `last` the text of the
    /// last one.
    ///
    /// # Errors
    /// The page leads nowhere.
    pub fn go_on_with_report(
        &self,
        report: &ReportRef,
        last: &str,
        pages: usize,
        bytes: usize,
    ) -> Result<ReportReading<'_>, GraphError> {
        let mut reading = ReportReading::new(self, self.report_url(report)?, pages, bytes);
        let unreadable = |error| GraphError::not_as_documented(&error);
        match (&report.source, pages) {
            (ReportSource::ChannelMeeting { .. }, 1) => reading.next = Some(self.records_url(report)?),
            (_, 1) => {
                reading.follow(MeetingAttendanceReport::read(last).map_err(unreadable)?.records_next_link)?
            }
            _ => reading.follow(read_page(last).map_err(unreadable)?.next_link)?,
        }
        Ok(reading)
    }

    /// Whether a report is still in the state in which `first`, its first page, shows it: with as many participants, and
    /// the same times. A report that changes while its pages are got may have records of both states.
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer.
    pub async fn is_report_unchanged(&self, report: &ReportRef, first: &str) -> Result<bool, GraphError> {
        let now = match report.source {
            ReportSource::ChannelMeeting { .. } => self.listed_report(report).await?,
            _ => self.attendance_report_without_records(report).await?.text.get().to_owned(),
        };
        let read = |text| serde_json::from_str::<ReportState>(text);
        let (before, now) = match (read(first), read(&now)) {
            (Ok(before), Ok(now)) => (before, now),
            (Err(error), _) | (_, Err(error)) => return Err(GraphError::not_as_documented(&error)),
        };
        Ok(before == now)
    }

    /// Gets the newest report of a meeting with all its records; it has no id and no times.
    ///
    /// `GET /users/{organizer}/onlineMeetings/{meeting}/meetingAttendanceReport?$expand=attendanceRecords`,
    /// in beta only and deprecated, with the permissions of [`Self::read_report`].
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
        let GraphResponse { text: body, request_id } = self.get(asked.clone()).await?;
        let first =
            MeetingAttendanceReport::read(&body).map_err(|error| GraphError::not_as_documented(&error))?;
        let (records, next) = (first.record_count(), first.records_next_link);
        let mut reading = ReportReading::new(self, asked, 1, body.len());
        reading.follow(next)?;
        if reading.is_done() {
            return Ok(FetchedArtifact { body, records, pages: 1, request_id });
        }
        reading.join(JoinedPages::of_report(&body)?, request_id).await
    }

    /// The first page of a report that Graph gets by its id, and the link to the next.
    async fn expanded_report(
        &self,
        report: &ReportRef,
        url: Url,
    ) -> Result<(ReportPage, Option<String>), GraphError> {
        self.require_reports_of(&report.source)?;
        let GraphResponse { text, request_id } = self.get(url).await?;
        let with_id = |error: GraphError| error.with_request_id(request_id.clone());
        let unreadable = |error| GraphError::not_as_documented(&error);
        let first = MeetingAttendanceReport::read(&text).map_err(unreadable).map_err(with_id)?;
        if !first.is(&report.report_id) {
            return Err(with_id(malformed("the report has another id, or none")));
        }
        if first.end().is_none() {
            return Err(with_id(going_on()));
        }
        let (records, link) = (first.record_count(), first.records_next_link);
        Ok((ReportPage { text, records, request_id }, link))
    }

    /// The report of a channel meeting without its records: found in the list, because Graph does not get it by
    /// its id.
    async fn listed_report(&self, report: &ReportRef) -> Result<String, GraphError> {
        let listed = self.attendance_reports(&report.source).await?;
        let not_listed =
            || GraphError::new(Outcome::NotReady).because("the channel does not list the report");
        let found = listed.entries.into_iter().find(|listed| listed.facts.is(&report.report_id));
        let found = found.ok_or_else(|| listed.unread.or(listed.odd).unwrap_or_else(not_listed))?;
        if found.facts.end().is_none() {
            return Err(going_on());
        }
        Ok(found.text.get().to_owned())
    }

    fn report_url(&self, report: &ReportRef) -> Result<Url, GraphError> {
        self.url(&report.segments(), &[("$expand", "attendanceRecords")])
    }
}

impl<'a> ReportReading<'a> {
    /// A reading that begins with the answer to `asked`, after so many pages and bytes. It leads nowhere yet.
    pub(super) fn new(graph: &'a GraphClient, asked: Url, pages: usize, bytes: usize) -> Self {
        Self { graph, asked, next: None, seen: HashSet::new(), pages, bytes }
    }

    /// Goes on with the page that `link` leads to, if there is one.
    pub(super) fn follow(&mut self, link: Option<String>) -> Result<(), GraphError> {
        self.next = link.map(|link| next_page(&self.asked, &link).map_err(malformed)).transpose()?;
        Ok(())
    }

    /// Goes on with the page that follows `page`, the first of a list, and answers how many entries this has.
    pub(super) fn follow_list(&mut self, page: &str) -> Result<usize, GraphError> {
        let page = read_page(page).map_err(|error| GraphError::not_as_documented(&error))?;
        self.follow(page.next_link)?;
        Ok(page.value.len())
    }

    /// Gets every page that is left, and joins it to those in `joined`.
    pub(super) async fn join(
        mut self,
        mut joined: JoinedPages,
        request_id: Option<String>,
    ) -> Result<FetchedArtifact, GraphError> {
        while let Some(page) = self.next_page().await? {
            joined.push(&page.text)?;
            if !memory::try_hold(self.bytes) {
                memory::take_turn().await;
            }
        }
        Ok(joined.finish(request_id))
    }

    /// Whether the last page has come.
    pub fn is_done(&self) -> bool {
        self.next.is_none()
    }

    /// Gets the next page; `None` after the last. After an error the same page can be asked for again.
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`Outcome::PageExpired`] where Graph no longer knows
    /// the page, so that the report must be read anew. [`Outcome::Malformed`] also where the pages do not end.
    pub async fn next_page(&mut self) -> Result<Option<ReportPage>, GraphError> {
        let Some(url) = self.next.clone() else { return Ok(None) };
        if self.pages >= MAX_PAGES || self.bytes > MAX_BYTES {
            return Err(malformed("the list does not end"));
        }
        let GraphResponse { text, request_id } = self.graph.get(url.clone()).await?;
        let unreadable = |error| GraphError::not_as_documented(&error).with_request_id(request_id.clone());
        let page = read_page(&text).map_err(unreadable)?;
        let next = page.next_link.as_deref().map(|link| next_page(&self.asked, link).map_err(malformed));
        let next = next.transpose()?;
        let is_seen = |next: &Url| *next == url || self.seen.contains(next);
        self.next = match next {
            // The last page may name itself.
            Some(next) if is_seen(&next) && page.value.is_empty() => None,
            Some(next) if is_seen(&next) => return Err(malformed("the pages run in a circle")),
            next => next,
        };
        let records = page.value.len();
        self.seen.insert(url);
        self.pages += 1;
        self.bytes += text.len();
        Ok(Some(ReportPage { text, records, request_id }))
    }

    /// How many bytes the pages so far have, together.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Joins the pages of a report, or of a list, in their order, into the text that is archived.
pub struct JoinedPages {
    joined: JoinedText,
    pages: usize,
}

impl JoinedPages {
    /// Begins with the text of a report's first page.
    ///
    /// # Errors
    /// [`Outcome::Malformed`]: it is no report.
    pub fn of_report(first: &str) -> Result<Self, GraphError> {
        let joined = JoinedText::of_report(first).map_err(|error| GraphError::not_as_documented(&error))?;
        Ok(Self { joined, pages: 1 })
    }

    /// Begins with the text of the first page of a list.
    ///
    /// # Errors
    /// [`Outcome::Malformed`]: it is no list.
    pub fn of_list(first: &str) -> Result<Self, GraphError> {
        let joined = JoinedText::of_list(first).map_err(|error| GraphError::not_as_documented(&error))?;
        Ok(Self { joined, pages: 1 })
    }

    /// Adds the text of the next page.
    ///
    /// # Errors
    /// [`Outcome::Malformed`]: it is no page of a list.
    pub fn push(&mut self, page: &str) -> Result<(), GraphError> {
        let page = read_page(page).map_err(|error| GraphError::not_as_documented(&error))?;
        self.joined.push(&page.value);
        self.pages += 1;
        Ok(())
    }

    /// The whole report or list; `request_id` is that of the first page.
    pub fn finish(self, request_id: Option<String>) -> FetchedArtifact {
        let (body, records) = self.joined.finish();
        FetchedArtifact { body, records, pages: self.pages, request_id }
    }
}

fn read_page(text: &str) -> serde_json::Result<ListPage<'_>> {
    serde_json::from_str(text)
}

fn going_on() -> GraphError {
    GraphError::new(Outcome::NotReady).because("the report has no end yet")
}

fn malformed(reason: &'static str) -> GraphError {
    GraphError::new(Outcome::Malformed).because(reason)
}
