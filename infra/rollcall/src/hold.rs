//! `rollcall hold`: what is held may be neither erased nor expire, until the hold is lifted.
//!
//! First the records are written (`crate::holds`), then S3 places a legal hold on each version of each object: a run that is cut
//! leaves the records, and running it again does what is left.

mod days;
mod legal_holds;
mod listing;
mod scope;
mod sessions;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context, bail};
use shared::env::Env;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::VersionedStore;

use crate::archive::store;
use crate::cli::HoldOptions;
use crate::holds::{self, Hold, HoldName, HoldRecord, HoldScope, Holds};
use crate::terminal::print_stderr;
use legal_holds::{LegalHolds, Status};

/// Which archive is meant where none is named, as for every command that reads one.
const DEFAULT_ARCHIVE: &str = "archive";

const IN_A_FOLDER: &str = "a folder has no legal hold: the record below holds/ is all, which rollcall erase obeys; whoever may write to the folder can delete both";

/// Runs `rollcall hold`: places a hold or goes on with it, lists the holds, or lifts one.
///
/// # Errors
/// A sentence about the options, the archive, or what the bucket lacks.
pub async fn run(options: &HoldOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let asked = Asked::of(options, env)?;
    let store = store(&asked.archive).await?;
    match &asked.what {
        What::List => listing::print(&Holds::read(&*store).await?, options.json)?,
        What::Place(name) => place(&*store, &asked, name, options, env).await?,
        What::Lift(name) => lift(&*store, &asked.archive, name, options.json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

struct Asked {
    archive: String,
    what: What,
}

enum What {
    Place(HoldName),
    List,
    Lift(HoldName),
}

impl Asked {
    fn of(options: &HoldOptions, env: &impl Env) -> anyhow::Result<Self> {
        let mut words = options.first.iter().chain(&options.second);
        let what = match (&options.lift, options.list) {
            (Some(name), _) => What::Lift(name.parse()?),
            (None, true) => What::List,
            (None, false) => {
                let name = words
                    .next()
                    .context("give the hold a name: rollcall hold case-12 s3://my-archive --meeting …")?;
                What::Place(name.parse()?)
            }
        };
        let archive = words.next().cloned().or_else(|| env.get("ROLLCALL_ARCHIVE"));
        if words.next().is_some() {
            bail!("more than one archive is named: --list and --lift NAME take one archive alone");
        }
        Ok(Self { archive: archive.unwrap_or_else(|| DEFAULT_ARCHIVE.to_owned()), what })
    }
}

/// Writes what is to be held, and holds it.
async fn place(
    store: &dyn VersionedStore,
    asked: &Asked,
    name: &HoldName,
    options: &HoldOptions,
    env: &impl Env,
) -> anyhow::Result<()> {
    let legal_holds = LegalHolds::of(&asked.archive).await?;
    let holds = Holds::read(store).await?;
    let before = holds.named(name.as_str());
    let scope = agreed_scope(options, before)?;
    let found = scope::keys(store, &asked.archive, &scope, env).await?;
    let tenant = tenant(&found, before)?;
    let known = before.map(|hold| hold.keys.clone()).unwrap_or_default();
    let new: Vec<String> = found.difference(&known).cloned().collect();
    if before.is_none() {
        let record = HoldRecord { name: name.as_str().to_owned(), placed_at: SystemClock.now(), scope };
        holds::place(store, &tenant, &record).await?;
    }
    holds::add(store, (&tenant, name.as_str()), before, &new).await?;
    let keys: Vec<String> = known.into_iter().chain(new.iter().cloned()).collect();
    let versions = match legal_holds {
        Some(legal_holds) => Some(legal_holds.set(&keys, Status::On).await.context(CUT)?),
        None => None,
    };
    listing::print_placed((name.as_str(), keys.len(), new.len()), versions, options.json);
    if versions.is_none() {
        print_stderr(IN_A_FOLDER);
    }
    Ok(())
}

const CUT: &str = "not everything is done yet: run the command again, which goes on";

/// What is to be held: as the options say, or as the record says where the hold is there already.
fn agreed_scope(options: &HoldOptions, before: Option<&Hold>) -> anyhow::Result<HoldScope> {
    let given = HoldScope {
        meetings: options.meetings.clone(),
        webinars: options.webinars.clone(),
        townhalls: options.townhalls.clone(),
        person: options.person.clone(),
        since: options.since.clone(),
        until: options.until.clone(),
    };
    let Some(hold) = before else {
        if given.is_empty() {
            bail!(
                "the archive has no hold of this name yet: say what it shall hold, --meeting, --webinar, --townhall, --person, --since or --until"
            );
        }
        return Ok(given);
    };
    if let Some(lifted_at) = hold.lifted_at {
        bail!("the hold of this name was lifted at {lifted_at}: choose another name");
    }
    if !given.is_empty() && given != hold.record.scope {
        bail!(
            "the hold of this name holds something else ({}): choose another name",
            hold.record.scope.shown()
        );
    }
    Ok(hold.record.scope.clone())
}

/// The tenant whose objects are held.
fn tenant(keys: &BTreeSet<String>, before: Option<&Hold>) -> anyhow::Result<String> {
    let of_key = |key: &'_ String| {
        key.split('/').find_map(|segment| segment.strip_prefix("tenant=")).map(str::to_owned)
    };
    let mut tenants: BTreeSet<String> = keys.iter().filter_map(of_key).collect();
    tenants.extend(before.map(|hold| hold.tenant.clone()));
    match tenants.len() {
        0 => bail!("the archive has nothing of that: nothing is held"),
        1 => tenants.pop_first().context("one tenant"),
        _ => bail!("the archive has objects of several tenants, and a hold is of one: narrow it down"),
    }
}

/// Lifts a hold from what no other holds.
async fn lift(
    store: &dyn VersionedStore,
    archive: &str,
    name: &HoldName,
    is_json: bool,
) -> anyhow::Result<()> {
    let holds = Holds::read(store).await?;
    let Some(hold) = holds.named(name.as_str()) else {
        bail!("the archive has no hold of this name: rollcall hold --list {archive} shows those that it has");
    };
    if let Some(lifted_at) = hold.lifted_at {
        bail!("the hold of this name was lifted at {lifted_at}");
    }
    let is_free = |key: &&String| holds.other_than(name.as_str(), key).is_none();
    let keys: Vec<String> = hold.keys.iter().filter(is_free).cloned().collect();
    let legal_holds = LegalHolds::of(archive).await?;
    if let Some(legal_holds) = legal_holds {
        legal_holds.set(&keys, Status::Off).await.context(CUT)?;
    }
    holds::end(store, hold, SystemClock.now()).await?;
    let others = hold.keys.len() - keys.len();
    listing::print_lifted((name.as_str(), keys.len(), others), is_json);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str], list: bool, lift: Option<&str>) -> anyhow::Result<Asked> {
        let word = |place: usize| words.get(place).map(|word| (*word).to_owned());
        let (first, second, lift) = (word(0), word(1), lift.map(str::to_owned));
        let options = HoldOptions { first, second, list, lift, ..HoldOptions::default() };
        Asked::of(&options, &[("ROLLCALL_ARCHIVE", "s3://b")])
    }

    #[test]
    fn a_name_comes_before_the_archive_where_a_hold_is_placed() {
        let placed = asked(&["case-12", "there"], false, None).unwrap();
        assert!(matches!(placed.what, What::Place(name) if name.as_str() == "case-12"));
        assert_eq!(placed.archive, "there");
        assert_eq!(asked(&["case-12"], false, None).unwrap().archive, "s3://b");
        assert_eq!(asked(&["there"], true, None).unwrap().archive, "there");
        assert_eq!(asked(&["there"], false, Some("case-12")).unwrap().archive, "there");
        assert!(asked(&["a", "b"], true, None).is_err() && asked(&[], false, None).is_err());
        assert!(asked(&["s3://b"], false, None).is_err(), "an archive is no name");
    }
}
