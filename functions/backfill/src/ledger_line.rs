//! The lines of a ledger.

use serde::{Deserialize, Serialize};
use shared::archive::layout::ArtifactPlace;
use shared::model::{MeetingAttendanceReport, Outcome, ReportSource};

/// A line of a ledger: a report, a session, or a source that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerLine {
    /// What is known of the report, or of the source.
    pub state: State,
    /// The report's id; `None` where the source could not be looked at, and for a session without a report.
    pub report_id: Option<String>,
    /// The id of the call record, or of the virtual event's session, that shows that a session took place;
    /// `None` where only the report is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The source's path in Graph.
    pub source: String,
    /// The title of the meeting, webinar or town hall: personal data, never in a log. `None` where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When the session began, as Graph wrote it; `None` where Graph gave no time.
    pub meeting_start_date_time: Option<String>,
    /// Of a short report, whether it is looked at no more: it stays short. `None` for every other line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<bool>,
    /// Why the source could not be looked at: an outcome's name. `None` for a report.
    pub outcome: Option<String>,
    /// What a person can do about that outcome, or the known reasons why a session has no report; `None` for
    /// a report.
    pub remedy: Option<String>,
    /// What may go wrong with the report; often nothing.
    pub risks: Vec<Risk>,
}

/// What is known of a report, of a session, or of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// The archive has the report, with as many records as participants.
    Archived,
    /// The archive has the report, with fewer records than participants.
    Short,
    /// Graph lists the report, and the archive lacks it.
    Missing,
    /// A session that ended less than 48 hours ago has no report yet.
    Pending,
    /// A session that ended 48 hours ago or earlier has no report.
    Absent,
    /// A session is older than the reports that Graph lists of its meeting, and the archive lacks its report.
    Lost,
    /// The source could not be looked at: which reports it has is not known.
    Unreachable,
    /// A list of the tenant is empty, as it also is where no access policy covers an organizer.
    Doubtful,
}

/// What may go wrong with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Risk {
    /// Its meeting has 40 or more of the 50 reports that Graph lists.
    ManyListed,
    /// It is missing, and older than 11 months: Graph deletes it after a year.
    NearlyGone,
    /// It is archived with another number of records than of participants.
    CountsDiffer,
    /// Graph's list says something else than the archived report.
    Changed,
}

/// What a person can do about a session whose report may still come.
const PENDING: &str = "Nothing to do: Graph may take some time to make the report. It is waited for until 48 hours after the session's \
    end.";
/// The known reasons why Graph gives no report of a session.
const ABSENT: &str = "Graph gave no report within 48 hours. Known reasons: the organizer's policy (AllowEngagementReport) or the \
    organizer switched reports off; every attendee opted out of reports (AllowTrackingInReport), or nobody but one person was \
    there; it was a call without a meeting's report; the meeting has expired. A Teams administrator looks at the policies.";
/// What can be done about a session whose report Graph no longer lists.
const LOST: &str = "Graph lists the 50 newest reports of a meeting and keeps each for a year: this one can no longer be fetched.";

/// What a person can do about an empty list.
const EMPTY_LIST: &str = "If the tenant has such events, a Teams administrator grants an application access policy to those \
    who organize them: Graph lists the events of nobody else, and does not say so.";

impl State {
    /// Whether a line of this state keeps its ledger from being complete.
    pub fn is_unaccounted(self) -> bool {
        match self {
            Self::Missing | Self::Absent | Self::Lost | Self::Unreachable => true,
            Self::Archived | Self::Short | Self::Pending | Self::Doubtful => false,
        }
    }
}

impl LedgerLine {
    /// The key of the report in the archive, now or later; `None` for a line without a report, or without a
    /// time.
    pub fn report_key(&self, tenant_id: &str) -> Option<String> {
        let source = ReportSource::of_path(&self.source)?;
        let facts = MeetingAttendanceReport {
            meeting_start_date_time: self.meeting_start_date_time.clone(),
            ..Default::default()
        };
        let place = ArtifactPlace::of_report(tenant_id, &source.report(self.report_id.as_deref()?), &facts)?;
        Some(place.current().to_owned())
    }

    /// Whether Graph does not know the source, or no longer.
    pub(crate) fn is_unknown(&self) -> bool {
        let is_of = |outcome: &Outcome| self.outcome.as_deref() == Some(outcome.name());
        [Outcome::NotFound, Outcome::Expired].iter().any(is_of)
    }

    /// The line of a list that is empty, and would be empty too where no access policy covers anybody.
    pub(crate) fn doubtful(list: String) -> Self {
        let outcome = Outcome::AccessPolicyMissing;
        Self { state: State::Doubtful, ..Self::unreachable(list, outcome, EMPTY_LIST) }
    }

    /// The line of a session without a report: pending, absent or lost.
    pub(crate) fn session(
        state: State,
        session_id: String,
        source: String,
        meeting_start_date_time: Option<String>,
    ) -> Self {
        let remedy = match state {
            State::Pending => PENDING,
            State::Lost => LOST,
            _ => ABSENT,
        };
        Self {
            state,
            report_id: None,
            session_id: Some(session_id),
            settled: None,
            source,
            title: None,
            meeting_start_date_time,
            outcome: None,
            remedy: Some(remedy.to_owned()),
            risks: Vec::new(),
        }
    }

    /// The line of what could not be looked at.
    pub(crate) fn unreachable(source: String, outcome: Outcome, remedy: &str) -> Self {
        Self {
            state: State::Unreachable,
            report_id: None,
            session_id: None,
            settled: None,
            source,
            title: None,
            meeting_start_date_time: None,
            outcome: Some(outcome.name().to_owned()),
            remedy: Some(remedy.to_owned()),
            risks: Vec::new(),
        }
    }
}
