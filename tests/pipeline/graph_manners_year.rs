//! A year of a tenant before a Graph with all its manners: the ledger's states are the truth, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backfill::{LedgerLine, State};
use graph_sim::{Fault, Manner, SimEvent, SimReport};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use crate::backfill_tenant::{OTHER, ledger, run};
use crate::faults::StoreFault;
use crate::graph_manners::{add_session, meeting};
use crate::world::{ORGANIZER, World};

/// So many months, all within the year for which Graph keeps a report.
const MONTHS: i64 = 11;
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many sessions a series has in its month; Graph lists the reports of fifty.
const OF_SERIES: i64 = 52;

/// A tenant, and the state that each of its sessions has in truth, by the report's id or the call record's.
struct Year {
    world: World,
    truth: BTreeMap<String, State>,
    /// The path of each session's source, by the same ids.
    sources: BTreeMap<String, String>,
    /// Whether requests and writes fail for a while each month.
    has_faults: bool,
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test(start_paused = true)]
async fn the_states_of_a_year_are_the_truth_whatever_manners_graph_has() {
    // These two hide what there is: `graph_manners` shows that a ledger says so.
    let hides = |manner: &Manner| matches!(manner, Manner::SecondPagesFail | Manner::EventsAreInvisible);
    let all: Vec<Manner> = Manner::ALL.into_iter().filter(|manner| !hides(manner)).collect();
    let without_odd_entries =
        all.iter().copied().filter(|manner| *manner != Manner::OddEntries).collect::<Vec<_>>();
    for (manners, has_faults) in [
        (vec![], false),
        (vec![], true),
        (without_odd_entries.clone(), false),
        (without_odd_entries, true),
        (all, false),
    ] {
        let year = Year::new(&manners, has_faults).await;
        let (lines, _) = ledger(&year.world, json!({"since": "2026-03-02", "audit": true})).await;
        let (unseen, seen): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| matches!(line.state, State::Unreachable | State::Doubtful));
        let unreachable: Vec<_> = unseen.iter().filter(|line| line.state == State::Unreachable).collect();
        let mut truth = year.truth.clone();
        if manners.contains(&Manner::OddEntries) {
            // What cannot be read of a list may be the report of each session that has none.
            let in_doubt = truth.extract_if(.., |id, _| id.starts_with("call-")).map(|(id, _)| Some(id));
            let told = unreachable.iter().map(|line| line.session_id.clone()).collect::<BTreeSet<_>>();
            assert!(in_doubt.collect::<BTreeSet<_>>().is_subset(&told), "{told:?}");
        } else {
            assert_eq!(unreachable, Vec::<&LedgerLine>::new(), "{manners:?}");
        }
        assert_eq!(states(seen), truth, "{manners:?}");
        year.world.dead_letters();
    }
}

#[tokio::test(start_paused = true)]
async fn what_graph_hides_for_ever_is_told_source_by_source_and_nothing_that_is_told_is_false() {
    let hiding = [Manner::SecondPagesFail, Manner::EventsAreInvisible];
    let but_odd_entries = Manner::ALL.into_iter().filter(|manner| *manner != Manner::OddEntries).collect();
    for manners in [hiding.to_vec(), but_odd_entries, Manner::ALL.to_vec()] {
        let year = Year::new(&manners, false).await;
        let (lines, summary) = ledger(&year.world, json!({"since": "2026-03-02", "audit": true})).await;
        assert!(!summary.is_complete, "{manners:?}");
        let (unseen, seen): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| matches!(line.state, State::Unreachable | State::Doubtful));
        let seen = states(seen);
        for (id, state) in &seen {
            assert_eq!(Some(state), year.truth.get(id), "{manners:?}: {id}");
        }
        for (id, source) in year.sources.iter().filter(|(id, _)| !seen.contains_key(*id)) {
            let is_told = |line: &LedgerLine| {
                let is_of_list = line.source.starts_with("solutions/") && source.starts_with(&line.source);
                let is_of_call = line.source == format!("communications/callRecords/call-{id}");
                is_of_list || is_of_call || line.source == *source || line.session_id.as_ref() == Some(id)
            };
            assert!(unseen.iter().any(is_told), "{manners:?}: nothing tells of {id} at {source}");
        }
        // What stands on a first page, or in no list of events, is seen; under all manners every list has a second page.
        let is_shown = |id: &str| !id.contains("series") && !id.ends_with("webinar");
        let first_pages_are_whole = manners.len() == hiding.len();
        for id in year.truth.keys().filter(|id| first_pages_are_whole && is_shown(id)) {
            assert!(seen.contains_key(id), "{id}: {seen:?}");
        }
        let of_series = seen.keys().filter(|id| id.starts_with("r-series")).count();
        // What a list showed before its patience ended is not told where its last try is refused as a whole.
        let least = usize::from(!manners.contains(&Manner::SpuriousRefusals));
        assert!((least..50).contains(&of_series), "{manners:?}: {of_series} of the series");
        year.world.dead_letters();
    }
}

/// The states of lines, by the report's id or the call record's.
fn states(lines: Vec<LedgerLine>) -> BTreeMap<String, State> {
    let id = |line: &LedgerLine| line.report_id.clone().or(line.session_id.clone()).unwrap_or_default();
    let count = lines.len();
    let states: BTreeMap<_, _> = lines.iter().map(|line| (id(line), line.state)).collect();
    let sources: Vec<_> = lines.iter().map(|line| (id(line), &line.source)).collect();
    assert_eq!(states.len(), count, "a session has one line: {sources:?}");
    states
}

impl Year {
    /// A year, in which a reconcile looks at each month at its end; after the last one come two sessions more.
    async fn new(manners: &[Manner], has_faults: bool) -> Self {
        let world = World::new();
        world.sim.add_user(ORGANIZER, &[]);
        world.sim.add_user(OTHER, &[]);
        world.sim.set_page_size(20);
        world.sim.behave(manners);
        let (truth, sources) = Default::default();
        let mut year = Self { world, truth, sources, has_faults };
        let begin = year.world.clock.now();
        for month in 1..=MONTHS {
            let end = begin + MONTH * month as i32;
            year.advance_to(end).await;
            year.month(month, end);
            year.faults(month);
            run(&year.world, json!({"reconcile": true, "days": 30})).await;
        }
        let now = year.world.clock.now();
        year.session("missing", State::Missing, now - hours(60), false);
        year.session("pending", State::Pending, now - hours(10), true);
        year.faults(0);
        year
    }

    /// What fails next, each for a while: Graph in several ways, and the archive.
    fn faults(&self, month: i64) {
        if !self.has_faults {
            return;
        }
        let faults = [
            ("/users", Fault::Throttled("30".into())),
            ("/callRecords", Fault::Interrupted),
            ("/onlineMeetings", Fault::Body("<html>".into())),
            ("/sessions", Fault::NoConnection),
            ("/attendanceReports", Fault::Status(500)),
            ("/token", Fault::Status(503)),
            ("/attendanceReports/", Fault::Throttled("7".into())),
            ("/calendarView", Fault::Silence),
        ];
        for (number, (path, fault)) in faults.into_iter().enumerate() {
            let times = (month as usize + number) % 5;
            self.world.sim.fail(path, fault, times);
        }
        for prefix in ["reports/", "records/", "sessions/", "staging/claims/"] {
            self.world.store.fail(StoreFault::PutAnswerLost(prefix));
            self.world.store.fail(StoreFault::PutRefused(prefix));
        }
        self.world.store.fail(StoreFault::HeadRefused);
    }

    async fn advance_to(&self, time: Timestamp) {
        let wait = time.duration_since(self.world.clock.now());
        tokio::time::advance(Duration::try_from(wait).unwrap_or_default()).await;
    }

    /// The sessions of a month that has ended.
    fn month(&mut self, month: i64, end: Timestamp) {
        self.session(&format!("{month}-long"), State::Archived, end - hours(24 * 20), false);
        self.session(&format!("{month}-meet"), State::Archived, end - hours(24 * 15), true);
        self.session(&format!("{month}-short"), State::Short, end - hours(24 * 10), false);
        self.session(&format!("{month}-absent"), State::Absent, end - hours(24 * 5), true);
        if month % 3 == 0 {
            self.webinar(&format!("{month}-webinar"), end - hours(24 * 4));
        }
        if month == MONTHS {
            let newer_first = (0..OF_SERIES).map(|number| (number, end - hours(24 + 12 * number)));
            newer_first.for_each(|(number, ended)| self.session_of_series(number, ended));
        }
    }

    /// A session of a meeting of its own.
    fn session(&mut self, name: &str, state: State, ended: Timestamp, has_short_address: bool) {
        let organizer = if has_short_address { OTHER } else { ORGANIZER };
        self.add(&meeting(organizer, name, has_short_address), &format!("r-{name}"), state, ended);
    }

    /// A session of the series; those that are older than the newest fifty are lost.
    fn session_of_series(&mut self, number: i64, ended: Timestamp) {
        let state = if number < 50 { State::Archived } else { State::Lost };
        self.add(&meeting(ORGANIZER, "series", false), &format!("r-series-{number}"), state, ended);
    }

    fn add(&mut self, meeting: &graph_sim::Meeting, report_id: &str, state: State, ended: Timestamp) {
        let report = add_session(&self.world, meeting, report_id, ended);
        let report = match state {
            State::Short => SimReport { short_until: Some((Timestamp::MAX, 1)), ..report },
            State::Pending | State::Absent => SimReport { ready_at: Timestamp::MAX, ..report },
            _ => report,
        };
        self.world.sim.add_report(report);
        let id = match state {
            State::Pending | State::Absent | State::Lost => format!("call-{report_id}"),
            _ => report_id.to_owned(),
        };
        self.sources.insert(id.clone(), meeting.source().path());
        self.truth.insert(id, state);
    }

    fn webinar(&mut self, id: &str, ended: Timestamp) {
        let source = VirtualEventKind::Webinar.source(id, "s");
        let report = SimReport::ended(source, &format!("r-{id}"), 3, ended - hours(1), ended);
        self.sources.insert(report.id.clone(), report.source.path());
        self.truth.insert(report.id.clone(), State::Archived);
        self.world.sim.add_report(report);
        self.world.sim.add_event(SimEvent {
            kind: "webinars",
            id: id.to_owned(),
            organizer_id: OTHER.to_owned(),
            session_ids: vec!["s".to_owned()],
            end: ended,
        });
    }
}
