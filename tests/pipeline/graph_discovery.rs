//! What looks like "nothing there", or like "for ever", and is not: who is asked for a meeting, which answers are
//! believed, and what a ledger tells of those that leave a meeting unseen.

use std::process::ExitCode;

use backfill::{LedgerLine, State, Summary};
use graph_sim::{CalendarEntry, Call, Fault, Manner, Meeting, SimReport, TENANT_ID};
use jiff::SignedDuration;
use local::PipelineEnv;
use rollcall::cli::PullOptions;
use serde_json::{Value, json};
use shared::ports::clock::Clock;

use crate::backfill_tenant::{OTHER, in_call_records, ledger, session};
use crate::graph_manners::{add_session, days_ago, meeting};
use crate::world::{ORGANIZER, World, call_ended};

const NONE: (&str, &str) = ("x-nothing", "");

/// A refusal with Graph's body.
fn refused(status: u16, code: &str, message: &str) -> Fault {
    Fault::Raw(
        status,
        NONE,
        json!({"error": {"code": code, "message": message, "innerError": {}}}).to_string(),
    )
}

/// A tenant of two users, of whom one has organized a meeting a few days ago.
fn organized(is_short: bool) -> (World, Meeting, SimReport) {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.add_user(OTHER, &[]);
    let meeting = meeting(ORGANIZER, "m", is_short);
    let report = add_session(&world, &meeting, "r-1", days_ago(&world, 3) - SignedDuration::from_hours(1));
    (world, meeting, report)
}

/// The outcomes of a ledger's lines that could not be looked at, with their remedies.
fn unreachable((lines, _): &(Vec<LedgerLine>, Summary)) -> Vec<(&str, &str)> {
    let lines = lines.iter().filter(|line| line.state == State::Unreachable);
    lines.map(|line| (line.outcome.as_deref().unwrap(), line.remedy.as_deref().unwrap())).collect()
}

/// `rollcall pull` of what the options name, before the world's Graph.
async fn pulled(world: &World, name: impl FnOnce(&mut PullOptions)) -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    name(&mut options);
    let env = PipelineEnv { retry_units_for: rollcall::pull::RETRY_UNITS_FOR, ..world.env.clone() };
    rollcall::pull::run_in(&options, env).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_online_event_without_an_address_is_told() {
    for (is_online, told) in [(true, vec!["address_missing"]), (false, vec![])] {
        let world = World::new();
        world.sim.add_user(ORGANIZER, &[]);
        let event =
            json!({"id": "e-1", "isOrganizer": true, "isOnlineMeeting": is_online, "onlineMeeting": null});
        world.sim.fail("/calendarView", Fault::Body(json!({"value": [event]}).to_string()), 9);
        let ledger = ledger(&world, json!({"audit": true, "from": ["calendars"]})).await;
        let outcomes: Vec<_> = unreachable(&ledger).into_iter().map(|(outcome, _)| outcome).collect();
        assert_eq!((&outcomes, ledger.1.is_complete), (&told, told.is_empty()));
    }
}

/// What is refused at an address, and what a ledger tells: the outcome, and words of what a person can do.
#[rustfmt::skip]
const REFUSED: [(&str, u16, &str, &str, &str, &str); 16] = [
    ("/calendarView", 404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, or soft-deleted.", "no_mailbox", "licence"),
    ("/calendarView", 404, "ErrorInvalidUser", "The requested user 'x' is invalid.", "no_mailbox", "licence"),
    ("/calendarView", 404, "Request_ResourceNotFound", "Resource 'x' does not exist.", "no_such_user", "object id"),
    ("/calendarView", 403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.", "consent_missing", "Calendars.Read"),
    ("/calendarView", 403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured policy", "mailbox_forbidden", "Test-ApplicationAccessPolicy"),
    ("/calendarView", 403, "ExtensionError", "Operation: Read; Access to OData is disabled.", "mailbox_forbidden", "Exchange administrator"),
    ("/users", 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", "consent_missing", "User.ReadBasic.All"),
    ("/onlineMeetings", 404, "UnknownError", "", "no_such_user", "object id"),
    ("/onlineMeetings", 404, "NotFound", "Organizer Id mismatch User Id in the request", "not_organizer", "organized"),
    ("/onlineMeetings", 403, "Forbidden", "3003: User does not have access to lookup meeting", "not_organizer", "organized"),
    ("/onlineMeetings", 403, "General", "No application access policy found for this app", "access_policy_missing", "Grant-CsApplicationAccessPolicy"),
    ("/attendanceReports", 404, "NotFound", "Organizer Id mismatch User Id in the request", "not_organizer", "organized"),
    ("/attendanceReports", 403, "General", "User ID in token(x) is not the organizer of the queried meeting.", "not_organizer", "organized"),
    ("/attendanceReports", 400, "BadRequest", "Meeting Id is corrupted.", "invalid_request", ""),
    ("/attendanceReports", 404, "NotFound", "3004: Specified meeting is not found", "not_found", "deleted"),
    ("/callRecords", 403, "Authorization_RequestDenied", "Insufficient privileges", "consent_missing", "CallRecords.Read.All"),
];

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_told_with_what_mends_it_and_the_ledger_is_not_complete() {
    for (path, status, code, message, outcome, words) in REFUSED {
        let (world, meeting, _) = organized(false);
        let start = days_ago(&world, 3) - SignedDuration::from_hours(2);
        let (user_id, join_web_url) = (ORGANIZER.to_owned(), Some(meeting.join_web_url));
        world.sim.add_calendar_entry(CalendarEntry { user_id, is_organizer: true, start, join_web_url });
        world.sim.fail(path, refused(status, code, message), 99);
        let from = if path == "/callRecords" { "callRecords" } else { "calendars" };
        let ledger = ledger(&world, json!({"audit": true, "from": [from]})).await;
        let told = unreachable(&ledger);
        assert!(!told.is_empty() && !ledger.1.is_complete, "{message}: {told:?}");
        for (of, remedy) in told {
            assert_eq!(of, outcome, "{status} {code} {message}");
            assert!(
                remedy.contains(words) && !remedy.contains("queue"),
                "{status} {code} {message}: {remedy}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_person_named_and_graph_does_not_find_is_a_failure_of_the_pull_and_told() {
    let unknown = meeting(ORGANIZER, "unknown", false).join_web_url;
    let without_ids = unknown.split('?').next().unwrap().to_owned();
    let refusal = |code, message| Some(refused(if code == "NotFound" { 404 } else { 400 }, code, message));
    for (address, fault, outcome) in [
        (&without_ids, None, "not_found"),
        (&without_ids, refusal("NotFound", "3004: Specified meeting is not found"), "not_found"),
        (&without_ids, refusal("BadRequest", "1026: An error has occurred."), "address_unusable"),
        // It holds an id, which leads nowhere either.
        (&unknown, None, "expired"),
    ] {
        let (world, ..) = organized(false);
        world.sim.behave(&[Manner::UnknownMeetingsAreRefused]);
        if let Some(fault) = fault {
            world.sim.fail("/onlineMeetings", fault, 99);
        }
        let exit_code = pulled(&world, |options| {
            options.organizers.push(ORGANIZER.to_owned());
            options.meetings.push(address.clone());
        });
        assert_eq!(exit_code.await, ExitCode::FAILURE, "{outcome}");
        let request = json!({"audit": true, "meetings": [{"organizer": ORGANIZER, "meeting": address}]});
        let ledger = ledger(&world, request).await;
        let told: Vec<_> = unreachable(&ledger).into_iter().map(|(outcome, _)| outcome).collect();
        assert_eq!((told, ledger.1.is_complete), (vec![outcome], false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_meeting_whose_address_has_expired_is_not_given_up_for_a_refusal_that_may_pass() {
    for (status, code, message) in [
        (400, "BadRequest", "An error has occurred."),
        (403, "Forbidden", "An error has occurred."),
        (401, "InvalidAuthenticationToken", ""),
    ] {
        let (world, meeting, report) = organized(false);
        world.sim.behave(&[Manner::AddressesExpire]);
        let waited = SignedDuration::from_hours(24 * 90);
        tokio::time::advance(waited.try_into().unwrap()).await;
        world.sim.fail("/attendanceReports", refused(status, code, message), 2);
        let request = json!({"meetings": [{"organizer": ORGANIZER, "meeting": meeting.join_web_url}]});
        let ledger = ledger(&world, request).await;
        assert_eq!((unreachable(&ledger), ledger.1.is_seen()), (vec![], true), "{status} {message}");
        assert_eq!(world.only_report().await, report.whole());
    }
}

#[tokio::test(start_paused = true)]
async fn a_pull_of_a_user_who_does_not_exist_is_a_failure() {
    let (world, ..) = organized(false);
    let nobody = "0c0c0c0c-0000-4000-8000-0000c0205050";
    world.sim.fail(
        &format!("/users/{nobody}"),
        refused(404, "Request_ResourceNotFound", "does not exist"),
        99,
    );
    for typed in [nobody, "nobody@contoso.com"] {
        let exit_code = pulled(&world, |options| options.organizers.push(typed.to_owned())).await;
        assert_eq!(exit_code, ExitCode::FAILURE, "{typed}");
    }
    let exit_code = pulled(&world, |options| options.organizers.push(ORGANIZER.to_owned())).await;
    assert_eq!(exit_code, ExitCode::SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn a_meeting_is_asked_for_as_the_organizer_whom_its_address_names() {
    // In the calendar of whoever made it for the organizer, and in the organizer's own, as that of a channel.
    for (calendar, is_organizer) in [(OTHER, true), (ORGANIZER, false)] {
        let world = World::new();
        world.sim.add_user(ORGANIZER, &[]);
        world.sim.add_user(OTHER, &[]);
        world.sim.behave(&[Manner::OrganizersAreMatched]);
        let meeting = meeting(ORGANIZER, "m", false);
        let end = days_ago(&world, 100);
        let report = SimReport::ended(meeting.source(), "r-1", 3, end - SignedDuration::from_hours(1), end);
        world.sim.add_report(report.clone());
        let (user_id, join_web_url) = (calendar.to_owned(), Some(meeting.join_web_url.clone()));
        world.sim.add_calendar_entry(CalendarEntry {
            user_id,
            is_organizer,
            start: report.start,
            join_web_url,
        });
        world.sim.add_meeting(meeting);
        let (_, summary) = ledger(&world, json!({"since": "2025-04-01", "from": ["calendars"]})).await;
        assert!(summary.is_seen(), "{calendar}");
        assert_eq!(world.only_report().await, report.whole());
        let asked = world.sim.requests();
        assert!(!asked.iter().any(|path| path.contains(&format!("{OTHER}/onlineMeetings"))), "{asked:?}");
    }
}

/// The record of a call of a meeting with a short address, whose organizer is a telephone, with these participants.
fn call_record(world: &World, meeting: &Meeting, participants: Value) -> String {
    let end = days_ago(world, 3) - SignedDuration::from_hours(1);
    json!({
        "id": "call-r-1", "version": 1, "type": "groupCall", "joinWebUrl": meeting.join_web_url,
        "startDateTime": (end - SignedDuration::from_mins(50)).to_string(), "endDateTime": end.to_string(),
        "organizer_v2": {"id": "+55", "identity": {"user": null, "phone": {"id": "+55", "displayName": null}}},
        "participants_v2": participants,
    })
    .to_string()
}

#[tokio::test(start_paused = true)]
async fn whoever_organized_a_call_is_found_among_its_participants_or_told_as_unknown() {
    let user = |id: &str| json!({"id": id, "identity": {"user": {"id": id, "tenantId": TENANT_ID}}});
    let others = [
        json!({"id": "x", "identity": {"acsUser": {"id": "8:acs:x"}, "user": null}}),
        json!({"id": "y", "identity": {"spoolUser": {"id": "8:spool:y"}}}),
        json!({"identity": null}),
        json!({"identity": {"user": {"id": null}}}),
        user(OTHER),
    ];
    let with_organizer = [&others[..], &[user(ORGANIZER)]].concat();
    for (participants, is_found) in [(others.to_vec(), false), (with_organizer, true)] {
        let (world, meeting, report) = organized(true);
        world.sim.behave(&[Manner::OrganizersAreUnnamed, Manner::UnknownMeetingsAreRefused]);
        world.sim.fail(
            "/callRecords/call-r-1",
            Fault::Body(call_record(&world, &meeting, json!(participants))),
            99,
        );
        let since = days_ago(&world, 5).to_string();
        let run = ledger(&world, json!({"since": since, "from": ["callRecords"]})).await;
        assert_eq!(run.1.is_seen(), is_found, "{:?}", run.0);
        assert_eq!(unreachable(&run).is_empty(), is_found, "{:?}", run.0);
        if is_found {
            assert_eq!(world.only_report().await, report.whole());
        }
        world.dead_letters();
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_documented_reason_is_tried_for_an_hour_and_a_documented_one_not_at_all() {
    for (status, code, message, outcome, is_documented) in [
        (
            401,
            "InvalidAuthenticationToken",
            "CompactToken parsing failed with error code: 80049217",
            "token_refused",
            false,
        ),
        (400, "BadRequest", "An error has occurred.", "invalid_request", false),
        (403, "Forbidden", "An error has occurred.", "consent_missing", false),
        (400, "BadRequest", "1026: An error has occurred.", "address_unusable", false),
        (403, "Forbidden", "No application access policy found for this app", "access_policy_missing", true),
    ] {
        let world = World::new();
        world.meeting_ended("m-1", 3);
        world.sim.fail("/onlineMeetings", refused(status, code, message), 10_000);
        let began = world.clock.now();
        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;
        assert_eq!(world.dead_outcomes(), [outcome], "{message}");
        let tried_for = world.clock.now().duration_since(began);
        let hour = SignedDuration::from_hours(1);
        assert_eq!(tried_for >= hour, !is_documented, "{status} {message}: {tried_for}");
        assert!(tried_for < hour * 3, "{status} {message}: {tried_for}");
        let letter = world.dead_letters().remove(0);
        let tries =
            letter.attributes.iter().find(|(name, _)| *name == "tries").map(|(_, tries)| tries.clone());
        assert_eq!(tries.is_some_and(|tries| tries.parse::<u32>().unwrap() > 1), !is_documented, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_page_tokens_always_expire_is_begun_again_twice_and_then_told() {
    let world = World::new();
    let next_link = "https://graph.microsoft.com/v1.0/users?$skiptoken=2";
    let page = json!({"value": [], "@odata.nextLink": next_link});
    for _ in 0..9 {
        world.sim.fail("/v1.0/users", Fault::Body(page.to_string()), 1);
        world.sim.fail("/v1.0/users", refused(400, "Directory_ExpiredPageToken", "It has expired."), 2);
    }
    let ledger = ledger(&world, json!({"audit": true, "from": ["calendars"]})).await;
    let told: Vec<_> = unreachable(&ledger).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!((told, ledger.1.is_complete), (vec!["page_expired"], false));
    let lists = world.sim.requests().iter().filter(|path| path.ends_with("/users")).count();
    assert_eq!(lists, 9, "three first pages, and each second one by the unit and by the one that goes on");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_a_short_address_hides_is_told_by_its_thread_whatever_else_the_meeting_says() {
    for thread in ["19:general@thread.tacv2", "19:general@thread.skype"] {
        let (world, meeting, report) = organized(true);
        let answer = json!({
            "id": meeting.meeting_id, "joinWebUrl": meeting.join_web_url, "chatInfo": {"threadId": thread},
            "subject": "None", "startDateTime": "0001-01-01T00:00:00Z", "endDateTime": "0001-01-01T00:00:00Z",
        });
        world.sim.fail("/onlineMeetings", Fault::Body(json!({"value": [answer]}).to_string()), 1);
        world.notify(vec![call_ended("r-1")]).await;
        world.run_until_idle().await;
        // A channel's report cannot be got by its id.
        assert_eq!(world.only_report().await, report.listed_with_records(), "{thread}");
        assert!(!world.sim.requests().iter().any(|path| path.ends_with("/attendanceReports/r-1")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_record_that_comes_late_is_waited_for() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);
    world.sim.fail("/callRecords/call-m-1", refused(404, "NotFound", ""), 6);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn the_call_records_of_a_large_tenant_are_read_day_by_day_sixty_a_page() {
    let world = World::new();
    let ended = days_ago(&world, 1);
    for number in 0..150 {
        let end = ended + SignedDuration::from_mins(number);
        in_call_records(&world, ORGANIZER, &session(&world, ORGANIZER, "m-1", &format!("r-{number}"), end));
    }
    let since = days_ago(&world, 4).to_string();
    let (_, summary) = ledger(&world, json!({"audit": true, "since": since, "from": ["callRecords"]})).await;
    assert_eq!(summary.totals.reports, 50, "Graph lists the newest of the series");
    let lists = world.sim.requests().iter().filter(|path| path.ends_with("/callRecords")).count();
    let parts = world.keys("staging/audits/");
    let is_read = |unit: &str| parts.iter().any(|key| key.ends_with(&format!("/{unit}.jsonl")));
    // Six windows, each a unit that waits for no other; one reads three pages.
    assert!((0..6).all(|window| is_read(&format!("calls.{window}"))));
    assert_eq!(lists, 8, "{parts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_of_somebody_elses_meeting_leads_to_its_organizer_by_the_address() {
    let (world, meeting, report) = organized(false);
    // The record names another user of the tenant than the address does.
    world.sim.add_call(Call {
        id: "call-delegate".to_owned(),
        join_web_url: Some(meeting.join_web_url),
        organizer: Some((OTHER.to_owned(), TENANT_ID.to_owned())),
        start: report.start,
        end: report.end.unwrap(),
    });
    world.notify(vec![call_ended("delegate")]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}
