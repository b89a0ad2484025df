//! Whether the archive has the report of a session: by the metadata of the reports that began on its day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use shared::archive::layout::utc_day;
use shared::jobs::{CallSession, Run};
use shared::ports::store::StoreError;

use crate::Dependencies;
use crate::archived_day::{ArchivedDay, name_of};

/// A report begins when the first attendee joins, near the beginning of the call: perhaps on the next day.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// Those of `sessions` of which no archived report tells. Where a session's source is not known, none can.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub(crate) async fn without_archived_report(
    dependencies: &Dependencies,
    run: &Run,
    sessions: Vec<CallSession>,
) -> Result<Vec<CallSession>, StoreError> {
    let (mut open, mut without) = (BTreeMap::<String, Vec<CallSession>>::new(), Vec::new());
    for session in sessions {
        match session.source.as_deref().map(name_of) {
            Some(source) => open.entry(source).or_default().push(session),
            None => without.push(session),
        }
    }
    let days: BTreeSet<Date> = open.values().flatten().flat_map(days_of).collect();
    for day in days {
        let is_of_day = |session: &CallSession| days_of(session).contains(&day);
        let of_day = open.iter().filter(|(_, sessions)| sessions.iter().any(is_of_day));
        let sources: Vec<String> = of_day.map(|(source, _)| source.clone()).collect();
        if sources.is_empty() {
            continue;
        }
        let archived = ArchivedDay::of(dependencies, run, day).await?;
        for report in archived.reports_of(&sources).await? {
            if let Some(sessions) = open.get_mut(&report.source) {
                sessions.retain(|session| !report.tells_of(session));
            }
        }
    }
    without.extend(open.into_values().flatten());
    Ok(without)
}

/// The days under which the session's report may lie.
fn days_of(session: &CallSession) -> [Date; 2] {
    let start = session.times.start;
    [start - NEAR, start + NEAR].map(utc_day)
}
