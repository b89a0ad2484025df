//! Whether the archive has the report of a session: by the metadata of the reports that began on its day.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use jiff::civil::Date;
use shared::archive::LOOKS_AT_ONCE;
use shared::archive::layout::{reports_of_day, utc_day};
use shared::jobs::CallSession;
use shared::model::parse_time;
use shared::ports::store::{Metadata, ObjectHead, ObjectStore, StoreError};

/// A report begins when the first attendee joins, near the beginning of the call: perhaps on the next day.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// Those of `sessions` of which no archived report tells. Where a session's source is not known, none can.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub(crate) async fn without_archived_report(
    store: &dyn ObjectStore,
    tenant_id: &str,
    sessions: Vec<CallSession>,
) -> Result<Vec<CallSession>, StoreError> {
    let (mut open, mut without): (Vec<_>, Vec<_>) =
        sessions.into_iter().partition(|session| session.source.is_some());
    let days: BTreeSet<Date> = open.iter().flat_map(days_of).collect();
    for day in days {
        let prefix = reports_of_day(tenant_id, "meeting", day);
        let mut after = None;
        while open.iter().any(|session| days_of(session).contains(&day)) {
            let page = store.list(&prefix, after.as_deref()).await?;
            after = page.keys.last().cloned();
            for head in heads(store, page.keys).await? {
                open.retain(|session| !tells_of(&head.1.metadata, session));
            }
            if page.is_last {
                break;
            }
        }
    }
    without.append(&mut open);
    Ok(without)
}

/// The objects at `keys` without their bytes, in the same order, but for those that are gone.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub(crate) async fn heads(
    store: &dyn ObjectStore,
    keys: Vec<String>,
) -> Result<Vec<(String, ObjectHead)>, StoreError> {
    let heads = keys.into_iter().map(|key| async move {
        let head = store.head(&key).await?;
        Ok(head.map(|head| (key, head)))
    });
    let heads: Vec<_> = stream::iter(heads).buffered(LOOKS_AT_ONCE).collect().await;
    heads.into_iter().filter_map(Result::transpose).collect()
}

/// The days under which the session's report may lie.
fn days_of(session: &CallSession) -> [Date; 2] {
    let start = session.times.start;
    [start - NEAR, start + NEAR].map(utc_day)
}

/// Whether a report with this metadata is the session's: of its source, at its time.
fn tells_of(report: &Metadata, session: &CallSession) -> bool {
    let time = |name: &str| report.get(name).and_then(|time| parse_time(time));
    let is_of_source = match (report.get("source"), &session.source) {
        (Some(source), Some(of)) => source.eq_ignore_ascii_case(of),
        _ => false,
    };
    is_of_source
        && time("meeting-start").is_some_and(|start| start <= session.times.end)
        && time("meeting-end").is_some_and(|end| end >= session.times.start)
}
