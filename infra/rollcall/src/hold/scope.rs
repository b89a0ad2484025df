//! The keys of the objects that a hold is of: those of sessions, of a person, or of a time.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reader::finder::{Finder, Resolution, Who, Why};
use shared::archive::layout::utc_day;
use shared::env::Env;
use shared::ports::store::VersionedStore;

use super::sessions;
use crate::archive::OpenArchive;
use crate::cli::SelectOptions;
use crate::holds::HoldScope;
use crate::selection::moment;

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

/// The UTC days that a hold is of, as keys have them.
pub(super) struct Days {
    since: Option<Date>,
    /// The last one, itself in it.
    until: Option<Date>,
}

impl Days {
    fn of(scope: &HoldScope) -> anyhow::Result<Self> {
        let time = |text: &Option<String>| {
            text.as_deref().map(|text| moment(text, &TimeZone::UTC)).transpose()
        };
        let (since, until) = (time(&scope.since)?, time(&scope.until)?);
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            bail!("--until is not after --since: nothing lies between them");
        }
        let last = |until: Timestamp| utc_day(until - jiff::SignedDuration::from_nanos(1));
        Ok(Self { since: since.map(utc_day), until: until.map(last) })
    }

    /// Whether an object is of one of the days; what has no day in its key is of every one.
    pub(super) fn have(&self, key: &str) -> bool {
        let day = key.split('/').find_map(|segment| segment.strip_prefix("date="));
        let Some(day) = day.and_then(|day| day.parse::<Date>().ok()) else { return true };
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// Everything about a person, also what could not be decided: what is held too much can be lifted.
async fn of_person(store: &dyn VersionedStore, who: &str) -> anyhow::Result<BTreeSet<String>> {
    let who: Who = who.parse()?;
    let mut finder = Finder::new(store, &|_| {});
    let subject = match finder.resolve(who, &[]).await.context("the archive cannot be read")? {
        Resolution::Nobody => bail!("the archive has nobody of that name or id: rollcall person says who is meant"),
        Resolution::Several(_) => {
            bail!("several persons are meant, and none was chosen: rollcall person lists them; give the key of one")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_the_one_before_the_end() {
        let scope = |since: &str, until: &str| HoldScope {
            since: Some(since.to_owned()),
            until: Some(until.to_owned()),
            ..HoldScope::default()
        };
        let days = Days::of(&scope("2026-03-01", "2026-03-03")).unwrap();
        let of = |day: &str| days.have(&format!("sessions/v1/tenant=t/date={day}/c.json"));
        assert_eq!(["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"].map(of), [false, true, true, false]);
        assert!(days.have("events/v1/tenant=t/kind=meeting/m.json"));
        assert!(Days::of(&scope("2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z")).unwrap().have("a/date=2026-03-02/b"));
        assert!(Days::of(&scope("2026-03-03", "2026-03-01")).is_err());
    }
}
