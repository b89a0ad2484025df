//! How the real Graph was seen to behave, each way a switch: a run finds every report in spite of it, or says
//! what it could not see. A run never says "complete" while a report is missing.

use std::collections::BTreeSet;
use std::ops::Range;

use backfill::{LedgerLine, State, Summary};
use data_encoding::BASE64;
use graph_sim::{CalendarEntry, Call, Manner, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use crate::backfill_tenant::{OTHER, ledger};
use crate::sizes::how_many;
use crate::world::{ORGANIZER, World};

/// A generator of numbers that a seed repeats (`SplitMix64`).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// A meeting whose id is the one that its long address holds, or that has a short address.
pub(crate) fn meeting(organizer: &str, name: &str, is_short: bool) -> Meeting {
    let thread = format!("19:meeting_{name}@thread.v2");
    let meeting_id = BASE64.encode(format!("1*{organizer}*0**{thread}").as_bytes());
    let join_web_url = format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{name}%40thread.v2/0?context=%7b%22Tid%22%3a%22{TENANT_ID}%22%2c%22Oid%22%3a%22{organizer}%22%7d"
    );
    let mut meeting = Meeting { organizer_id: organizer.to_owned(), meeting_id, join_web_url };
    if is_short {
        meeting.join_web_url = format!("https://teams.microsoft.com/meet/{}?p=x", meeting.join_meeting_id());
    }
    meeting
}

/// Adds a session of a meeting, known by its call record or, where that is too old, its calendar.
pub(crate) fn add_session(world: &World, meeting: &Meeting, report_id: &str, end: Timestamp) -> SimReport {
    let start = end - SignedDuration::from_mins(50);
    let join_web_url = Some(meeting.join_web_url.clone());
    let organizer = Some((meeting.organizer_id.clone(), TENANT_ID.to_owned()));
    if world.clock.now().duration_since(end) < SignedDuration::from_hours(29 * 24) {
        world.sim.add_call(Call { id: format!("call-{report_id}"), join_web_url, organizer, start, end });
    } else {
        let user_id = meeting.organizer_id.clone();
        world.sim.add_calendar_entry(CalendarEntry { user_id, is_organizer: true, start, join_web_url });
    }
    if world.sim.meetings().iter().all(|known| known.meeting_id != meeting.meeting_id) {
        world.sim.add_meeting(meeting.clone());
    }
    let report = SimReport::ended(meeting.source(), report_id, 3, start, end);
    world.sim.add_report(report.clone());
    report
}

pub(crate) fn days_ago(world: &World, days: i64) -> Timestamp {
    world.clock.now() - SignedDuration::from_hours(24 * days)
}

pub(crate) fn add_webinar(world: &World, id: &str, days: i64) {
    let end = days_ago(world, days);
    let session_ids = vec!["s-1".to_owned()];
    let source = VirtualEventKind::Webinar.source(id, "s-1");
    world.sim.add_report(SimReport::ended(source, "r-webinar", 3, end - SignedDuration::from_hours(1), end));
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: id.to_owned(),
        organizer_id: OTHER.to_owned(),
        session_ids,
        end,
    });
}

/// A tenant of two organizers and a guest: meetings with long and short addresses, recent and old, a webinar.
fn add_tenant(world: &World) {
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.add_user(OTHER, &[]);
    world.sim.add_guest("0d0d0d0d-0000-4000-8000-0000c0205050");
    add_session(world, &meeting(ORGANIZER, "long", false), "r-long", days_ago(world, 2));
    add_session(world, &meeting(OTHER, "short", true), "r-short", days_ago(world, 3));
    add_session(world, &meeting(ORGANIZER, "old", false), "r-old", days_ago(world, 200));
    add_session(world, &meeting(OTHER, "quarter", true), "r-quarter", days_ago(world, 50));
    add_webinar(world, "w-1@contoso", 40);
}

/// The ids of the reports that Graph has and the archive lacks.
fn missing(world: &World) -> Vec<String> {
    let archived: Vec<String> = world.keys("reports/");
    let now: Timestamp = world.clock.now();
    let there = world.sim.reports().into_iter().filter(|report| report.is_there(now));
    let lacking =
        there.filter(|report| !archived.iter().any(|key| key.ends_with(&format!("/{}.json", report.id))));
    lacking.map(|report| report.id).collect()
}

/// What a ledger says: whether everything is there, or the outcomes of what could not be seen.
#[derive(Debug, PartialEq)]
enum Told {
    /// Every report is archived, and the ledger says so.
    Complete,
    /// The ledger is not complete, for these reasons.
    Not(BTreeSet<String>),
    /// Every list that could be looked at is archived, and the ledger tells that one is in doubt.
    InDoubt,
}

fn told((lines, summary): &(Vec<LedgerLine>, Summary)) -> Told {
    let outcomes = lines.iter().filter(|line| line.state == State::Unreachable);
    match (summary.is_complete, summary.totals.doubtful) {
        // The tenant has no town hall, which Graph says as it says everything.
        (true, 1) => Told::Complete,
        (true, _) => Told::InDoubt,
        (false, _) => Told::Not(outcomes.filter_map(|line| line.outcome.clone()).collect()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_finds_every_report_in_spite_of_each_manner_or_tells_what_it_could_not_see() {
    for manner in Manner::ALL {
        let world = World::new();
        add_tenant(&world);
        world.sim.set_page_size(2);
        world.sim.behave(&[manner]);
        ledger(&world, json!({"since": "2025-04-01"})).await;
        let audit = ledger(&world, json!({"since": "2025-04-01", "audit": true})).await;
        let not = |outcome: &str| Told::Not(BTreeSet::from([outcome.to_owned()]));
        let (expected, lacking) = match manner {
            Manner::SecondPagesFail => (not("unavailable"), None),
            Manner::OddEntries => (not("malformed"), Some(0)),
            Manner::EventsAreInvisible => (Told::InDoubt, Some(1)),
            _ => (Told::Complete, Some(0)),
        };
        assert_eq!(told(&audit), expected, "{manner:?}: {:?}", audit.0);
        if let Some(lacking) = lacking {
            assert_eq!(missing(&world).len(), lacking, "{manner:?}: {:?}", missing(&world));
        }
        world.dead_letters();
    }
}

#[tokio::test(start_paused = true)]
async fn no_run_is_complete_while_a_report_is_missing() {
    no_complete_is_false(0..how_many("TENANTS", 120)).await;
}

/// Each manner in a third of the tenants; the one after which everything is tried forty times in fewer.
pub(crate) fn is_chosen(manner: Manner, numbers: &mut Numbers) -> bool {
    numbers.below(if manner == Manner::SecondPagesFail { 20 } else { 3 }) == 0
}

/// Random tenants, one a seed, with random manners: what is told to be complete is.
async fn no_complete_is_false(seeds: Range<u64>) {
    let tenants = seeds.clone().count();
    let (mut complete, mut incomplete) = (0, 0);
    for seed in seeds {
        let mut numbers = Numbers(seed);
        let world = World::new();
        world.sim.add_user(ORGANIZER, &[]);
        world.sim.add_user(OTHER, &[]);
        for number in 0..1 + numbers.below(6) {
            let organizer = if numbers.below(2) == 0 { ORGANIZER } else { OTHER };
            let meeting = meeting(organizer, &format!("m{number}"), numbers.below(2) == 0);
            for session in 0..1 + numbers.below(2) {
                let days = 1 + numbers.below(300) as i64;
                add_session(&world, &meeting, &format!("r-{number}-{session}"), days_ago(&world, days));
            }
        }
        add_webinar(&world, "w-1@contoso", 1 + numbers.below(300) as i64);
        if numbers.below(2) == 0 {
            world.sim.set_page_size(1 + numbers.below(3) as usize);
        }
        let manners =
            Manner::ALL.into_iter().filter(|manner| is_chosen(*manner, &mut numbers)).collect::<Vec<_>>();
        world.sim.behave(&manners);
        let backfill = ledger(&world, json!({"since": "2025-04-01"})).await;
        let audit = ledger(&world, json!({"since": "2025-04-01", "audit": true})).await;
        let (missing, lines) = (missing(&world), &audit.0);
        for lines in [&backfill.0, lines] {
            let mut ids: Vec<_> = lines.iter().filter_map(|line| line.report_id.as_ref()).collect();
            ids.sort();
            let count = ids.len();
            ids.dedup();
            assert_eq!(ids.len(), count, "seed {seed}, {manners:?}: a report has one line");
        }
        let archived = lines.iter().filter(|line| line.state == State::Archived).count();
        assert!(
            archived <= world.keys("reports/").len(),
            "seed {seed}: more in the ledger than in the archive"
        );
        if told(&audit) == Told::Complete {
            assert_eq!(missing, [""; 0], "seed {seed}, {manners:?}: a complete that is false");
            complete += 1;
        } else {
            incomplete += 1;
        }
        world.dead_letters();
    }
    assert!(complete > 0 && incomplete > 0, "{tenants} tenants: {complete} complete, {incomplete} not");
}
