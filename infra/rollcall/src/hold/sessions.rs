//! The keys of all that belongs to sessions: their reports with revisions and lines, what Graph says of their meetings and events,
//! who registered, and the records of their calls.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use reader::index::ReportSourceLine;
use shared::archive::layout::{ArtifactPlace, sessions_of_day};
use shared::archive::manifests::revision_key;
use shared::model::{EventRef, RegistrationsRef, ReportSource};
use shared::ports::store::{ObjectStore, StoreError, VersionedStore};

use super::days::Days;

/// So many calls to the archive are under way at once.
const AT_ONCE: usize = 16;

/// The keys of all that belongs to the sessions of `reports`; with `days`, also of the calls on those days of which no report is kept.
pub(super) async fn keys(
    store: &dyn VersionedStore,
    reports: &[ReportSourceLine],
    days: Option<&Days>,
) -> anyhow::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for report in reports {
        keys.insert(report.key.clone());
        keys.extend(report.revisions.iter().cloned());
        let lines = report.key.strip_prefix("reports/").and_then(|path| path.strip_suffix(".json"));
        keys.extend(lines.map(|path| format!("records/{path}.jsonl")));
    }
    let places = places(reports);
    let places = stream::iter(&places).map(|place| with_all_below(store, place)).buffer_unordered(AT_ONCE);
    keys.extend(places.try_concat().await?);
    keys.extend(match days {
        Some(days) => calls_on(store, reports, days).await?,
        None => calls_of(store, reports).await?,
    });
    Ok(keys)
}

/// Where it lies what Graph says of the meetings and events of the reports, and who registered: of an event with all its sessions.
fn places(reports: &[ReportSourceLine]) -> Vec<ArtifactPlace> {
    let sources: BTreeSet<(&str, &str)> =
        reports.iter().map(|report| (report.tenant_id.as_str(), report.source.as_str())).collect();
    let mut places = Vec::<ArtifactPlace>::new();
    for (tenant, source) in sources {
        let Some(source) = ReportSource::of_path(source) else { continue };
        let of = match source.virtual_event() {
            Some((kind, event_id)) => {
                let event_id = event_id.to_owned();
                let registrations =
                    RegistrationsRef { kind, event_id: event_id.clone(), registration_id: None };
                let event = EventRef::VirtualEvent { kind, event_id };
                vec![
                    ArtifactPlace::of_event(tenant, &event),
                    ArtifactPlace::of_registrations(tenant, &registrations),
                ]
            }
            None => vec![ArtifactPlace::of_event(tenant, &EventRef::Source(source))],
        };
        places.extend(of);
    }
    places.sort_by(|one, other| one.current().cmp(other.current()));
    places.dedup();
    places
}

/// The keys of an artifact, of what lies below it (sessions, single registrations), of their revisions and their lines.
async fn with_all_below(
    store: &dyn VersionedStore,
    place: &ArtifactPlace,
) -> Result<Vec<String>, StoreError> {
    let current = place.current();
    let mut keys = vec![current.to_owned()];
    if let Some(folder) = current.strip_suffix(".json") {
        keys.extend(listed(store, &format!("{folder}/")).await?);
        keys.extend(listed(store, &format!("revisions/{folder}/")).await?);
    }
    if let Some(lines) = place.lines() {
        keys.push(lines.to_owned());
        if let Some(name) = lines.strip_suffix(".jsonl") {
            keys.extend(listed(store, &format!("{name}~")).await?);
        }
    }
    Ok(keys)
}

/// The records of all calls on some days, with their revisions.
async fn calls_on(
    store: &dyn VersionedStore,
    reports: &[ReportSourceLine],
    days: &Days,
) -> Result<Vec<String>, StoreError> {
    let tenants: BTreeSet<&str> = reports.iter().map(|report| report.tenant_id.as_str()).collect();
    let mut calls = Vec::new();
    for tenant in tenants {
        for prefix in
            [format!("sessions/v1/tenant={tenant}/"), format!("revisions/sessions/v1/tenant={tenant}/")]
        {
            calls.extend(listed(store, &prefix).await?);
        }
    }
    calls.retain(|key| days.have(key));
    Ok(calls)
}

/// The records of the calls of which the reports are, with their revisions: a record's metadata names what it led to.
async fn calls_of(
    store: &dyn VersionedStore,
    reports: &[ReportSourceLine],
) -> Result<Vec<String>, StoreError> {
    let sources: BTreeSet<&str> = reports.iter().map(|report| report.source.as_str()).collect();
    // A call may begin on the day before.
    let of_report = |report: &ReportSourceLine| {
        let day =
            report.key.split('/').find_map(|segment| segment.strip_prefix("date="))?.parse::<Date>().ok()?;
        Some([Some(day), day.yesterday().ok()].map(|day| day.map(|day| (report.tenant_id.clone(), day))))
    };
    let days: BTreeSet<(String, Date)> = reports.iter().filter_map(of_report).flatten().flatten().collect();
    let mut calls = Vec::new();
    for (tenant, day) in days {
        let of_day = listed(store, &sessions_of_day(&tenant, day)).await?;
        let looked_at = stream::iter(of_day).map(async |key| {
            let head = store.head(&key).await?;
            let source = head.and_then(|head| head.metadata.get("source").cloned());
            Ok::<_, StoreError>(source.is_some_and(|source| sources.contains(source.as_str())).then_some(key))
        });
        let of_day: Vec<Option<String>> = looked_at.buffer_unordered(AT_ONCE).try_collect().await?;
        for call in of_day.into_iter().flatten() {
            let revisions =
                revision_key(&call, "").and_then(|key| key.strip_suffix(".json").map(str::to_owned));
            if let Some(revisions) = revisions {
                calls.extend(listed(store, &revisions).await?);
            }
            calls.push(call);
        }
    }
    Ok(calls)
}

async fn listed(store: &dyn VersionedStore, prefix: &str) -> Result<Vec<String>, StoreError> {
    let (mut keys, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = ObjectStore::list(store, prefix, after.as_deref()).await?;
        after = page.keys.last().cloned();
        keys.extend(page.keys);
        if page.is_last {
            return Ok(keys);
        }
    }
}
