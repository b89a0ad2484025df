//! The keys of the objects that a hold is of: those of sessions, of a person, or of a time.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use reader::finder::{Finder, Resolution, Who, Why};
use shared::env::Env;
use shared::ports::store::VersionedStore;

use super::days::Days;
use super::sessions;
use crate::archive::OpenArchive;
use crate::cli::SelectOptions;
use crate::holds::HoldScope;

/// Where a person's data is held. Ledgers, staging and the records of erasures and holds are not evidence of what took place.
const HELD: [&str; 7] =
    ["events/", "lines/", "records/", "registrations/", "reports/", "revisions/", "sessions/"];

/// The keys of all that the archive has of `scope`; perhaps none.
pub(super) async fn keys(
    store: &dyn VersionedStore,
    archive: &str,
    scope: &HoldScope,
    env: &impl Env,
) -> anyhow::Result<BTreeSet<String>> {
    let days = Days::of(scope)?;
    if let Some(who) = &scope.person {
        let keys = of_person(store, who).await?;
        return Ok(keys.into_iter().filter(|key| days.have(key)).collect());
    }
    let archive = OpenArchive::up_to_date(archive, env).await?;
    let select = SelectOptions {
        meetings: scope.meetings.clone(),
        webinars: scope.webinars.clone(),
        townhalls: scope.townhalls.clone(),
        since: scope.since.clone(),
        until: scope.until.clone(),
        ..SelectOptions::default()
    };
    let query = select.query(&archive.index, &TimeZone::UTC)?;
    let reports = archive.index.report_sources(&query)?;
    let of_a_time_alone = query.series.is_empty();
    sessions::keys(store, &reports, of_a_time_alone.then_some(&days)).await
}

/// Everything about a person, also what could not be decided: what is held too much can be lifted.
async fn of_person(store: &dyn VersionedStore, who: &str) -> anyhow::Result<BTreeSet<String>> {
    let who: Who = who.parse()?;
    let mut finder = Finder::new(store, &|_| {});
    let subject = match finder.resolve(who, &[]).await.context("the archive cannot be read")? {
        Resolution::Nobody => {
            bail!("the archive has nobody of that name or id: rollcall person says who is meant")
        }
        Resolution::Several(_) => {
            bail!(
                "several persons are meant, and none was chosen: rollcall person lists them; give the key of one"
            )
        }
        Resolution::One(subject) => subject,
    };
    let mut keys = BTreeSet::new();
    let mut found = |object: reader::finder::ObjectMatches| {
        let is_held = HELD.iter().any(|prefix| object.object.key.starts_with(prefix));
        if is_held && object.matches.iter().any(|one| one.why != Why::Refused) {
            keys.insert(object.object.key);
        }
    };
    finder.find(&subject, &mut found).await.context("the archive cannot be read")?;
    Ok(keys)
}
