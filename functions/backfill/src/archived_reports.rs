//! Whether the archive has the report of a session: by the metadata of the reports that began on its day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use shared::archive::layout::utc_day;
use shared::jobs::{CallSession, Run};
use shared::ports::store::StoreError;

use crate::Dependencies;
use crate::archived_day::DayPage;

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
        match session.source.as_deref().map(str::to_ascii_lowercase) {
            Some(source) => open.entry(source).or_default().push(session),
            None => without.push(session),
        }
    }
    let days: BTreeSet<Date> = open.values().flatten().flat_map(days_of).collect();
    for day in days {
        let mut after = None;
        for number in 0.. {
            if !open.values().flatten().any(|session| days_of(session).contains(&day)) {
                break;
            }
            let page = DayPage::of(dependencies, run, day, (number, after.as_deref())).await?;
            for report in &page.reports {
                if let Some(sessions) = open.get_mut(&report.source) {
                    sessions.retain(|session| !report.tells_of(session));
                }
            }
            after = page.after;
            if after.is_none() {
                break;
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
