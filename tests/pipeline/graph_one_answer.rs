//! `pull`, `backfill` and `audit` tell the same of the same tenant, whatever manners Graph has, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::process::ExitCode;

use backfill::{LedgerLine, State, Summary};
use graph_sim::{Manner, SimReport};
use jiff::{SignedDuration, Timestamp};
use local::PipelineEnv;
use rollcall::cli::PullOptions;
use rollcall::pull;
use serde_json::json;

use crate::backfill_tenant::{OTHER, ledger};
use crate::graph_manners::{Numbers, add_session, add_webinar, days_ago, is_chosen, meeting};
use crate::sizes::how_many;
use crate::world::{ORGANIZER, World};

const SINCE: &str = "2025-04-01";
/// What a tenant is made of: its sessions end so long before a full day, so that none is at a border of time.
const HOURS: SignedDuration = SignedDuration::from_hours(5);

/// The tenant of a seed, and the manners that Graph has there. Whoever builds it again has the same.
fn tenant(seed: u64) -> (World, Vec<Manner>) {
    let (world, mut numbers) = (World::new(), Numbers(seed));
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.add_user(OTHER, &[]);
    world.sim.add_guest("0d0d0d0d-0000-4000-8000-0000c0205050");
    for number in 0..2 + numbers.below(5) {
        let organizer = if numbers.below(2) == 0 { ORGANIZER } else { OTHER };
        let meeting = meeting(organizer, &format!("m{number}"), numbers.below(2) == 0);
        for session in 0..1 + numbers.below(2) {
            let ended = days_ago(&world, 1 + numbers.below(300) as i64) - HOURS;
            let report = add_session(&world, &meeting, &format!("r-{number}-{session}"), ended);
            match numbers.below(6) {
                0 => world.sim.add_report(SimReport { ready_at: Timestamp::MAX, ..report }),
                1 => world.sim.add_report(SimReport { short_until: Some((Timestamp::MAX, 1)), ..report }),
                _ => {}
            }
        }
    }
    add_webinar(&world, "w-1@contoso", 1 + numbers.below(300) as i64);
    if numbers.below(2) == 0 {
        world.sim.set_page_size(1 + numbers.below(3) as usize);
    }
    // Every fourth tenant is before a Graph as its pages say.
    let manners = Manner::ALL.into_iter().filter(|manner| is_chosen(*manner, &mut numbers));
    let mut manners: Vec<_> = if seed.is_multiple_of(4) { vec![] } else { manners.collect() };
    // Where a list is never whole each unit is tried until its patience ends, and tells what the last try met.
    if manners.iter().any(|manner| matches!(manner, Manner::OddEntries | Manner::SecondPagesFail)) {
        manners.retain(|manner| *manner != Manner::SpuriousRefusals);
    }
    world.sim.behave(&manners);
    (world, manners)
}

/// What a line says, but for what differs by the time at which it was written. What a run found missing and has
/// fetched is archived, in the state that it has now.
type Told = (String, Option<String>, Option<String>, State, Option<String>, Option<String>);

fn told(lines: &[LedgerLine]) -> Vec<Told> {
    let line = |line: &LedgerLine| {
        let LedgerLine { source, report_id, session_id, state, outcome, meeting_start_date_time, .. } =
            line.clone();
        (source, report_id, session_id, state, outcome, meeting_start_date_time)
    };
    let mut told: Vec<_> = lines.iter().map(line).collect();
    told.sort();
    // A list that was begun again is told as often as it was read.
    told.dedup_by(|line, before| line == before && line.1.is_none() && line.2.is_none());
    told
}

/// The lines of a run that fetched, with the states that an audit after it tells of the reports.
fn after_fetching(lines: &[LedgerLine], audit: &[LedgerLine]) -> Vec<Told> {
    let states: BTreeMap<_, _> = audit.iter().map(|line| (&line.report_id, line.state)).collect();
    let fetched = |line: &LedgerLine| {
        let state = states.get(&line.report_id).filter(|_| line.report_id.is_some());
        let is_fetched = line.state == State::Missing && state.is_some();
        LedgerLine { state: *state.filter(|_| is_fetched).unwrap_or(&line.state), ..line.clone() }
    };
    told(&lines.iter().map(fetched).collect::<Vec<_>>())
}

/// The reports that a ledger tells to be missing.
fn missing(lines: &[LedgerLine]) -> BTreeSet<String> {
    let missing = lines.iter().filter(|line| line.state == State::Missing);
    missing.filter_map(|line| line.report_id.clone()).collect()
}

/// `rollcall pull` before the world's Graph, into its archive: whether it was a success, and its ledger.
async fn pulled(world: &World) -> (bool, Vec<LedgerLine>, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.since = Some(format!("{SINCE}T00:00:00Z").parse().unwrap());
    let env =
        PipelineEnv { reads_settled: false, retry_units_for: pull::RETRY_UNITS_FOR, ..world.env.clone() };
    let exit_code = pull::run_in(&options, env).await.unwrap();
    let key = world.keys("audits/").remove(0);
    let summary = Summary::of(&*world.objects, &key).await.unwrap().unwrap();
    let text = world.text(&key).await;
    let lines = text
        .lines()
        .filter(|line| line.starts_with("{\"state\""))
        .map(|line| serde_json::from_str(line).unwrap());
    (exit_code == ExitCode::SUCCESS, lines.collect(), summary)
}

#[tokio::test(start_paused = true)]
async fn pull_backfill_and_audit_tell_the_same_of_the_same_tenant() {
    the_same_is_told(0..how_many("TENANTS", 20)).await;
}

async fn the_same_is_told(seeds: Range<u64>) {
    for seed in seeds {
        let of_seed = || tenant(seed);
        let ((pulling, manners), (running, _), (auditing, _)) = (of_seed(), of_seed(), of_seed());
        let what = format!("seed {seed}, {manners:?}");
        let request = json!({"since": SINCE});
        let audit = json!({"since": SINCE, "audit": true});

        let (is_success, pulled, summary) = pulled(&pulling).await;
        let (backfilled, _) = ledger(&running, request.clone()).await;
        let (before, _) = ledger(&auditing, audit.clone()).await;
        let (after_pull, after_pull_summary) = ledger(&pulling, audit.clone()).await;
        let (after_backfill, after_backfill_summary) = ledger(&running, audit).await;

        assert_eq!(pulling.keys("reports/"), running.keys("reports/"), "{what}");
        assert_eq!(pulling.keys("sessions/"), running.keys("sessions/"), "{what}");
        assert_eq!(told(&after_pull), told(&after_backfill), "{what}: audits after");
        assert_eq!(after_pull_summary.is_complete, after_backfill_summary.is_complete, "{what}");
        let after = told(&after_backfill);
        assert_eq!(after_fetching(&pulled, &after_pull), after, "{what}: the pull");
        assert_eq!(after_fetching(&backfilled, &after_backfill), after, "{what}: the backfill");
        assert_eq!(
            after_fetching(&before, &after_backfill),
            after,
            "{what}: an audit before anything is fetched"
        );
        let fetched = missing(&before).difference(&missing(&after_backfill)).count();
        assert_eq!(
            fetched,
            running.keys("reports/").len(),
            "{what}: what an audit misses is what is fetched"
        );
        assert_eq!(is_success, after_pull_summary.is_complete, "{what}: {summary:?}");
        for world in [pulling, running, auditing] {
            world.dead_letters();
        }
    }
}
