//! `WATCH.organizers` holds for notifications: a meeting or event of anybody else is passed over, before a call that
//! an access policy would refuse.

use std::time::Duration;

use graph_sim::{Fault, Manner, SimEvent, SimReport};
use shared::model::{Organizers, Watch, WatchedMeeting};
use shared::ports::clock::Clock;

use crate::backfill_tenant::{OTHER, in_call_records, join_web_url, session};
use crate::logs_hold_no_personal_data::lines;
use crate::metrics::counted;
use crate::world::{ORGANIZER, World, call_ended, report_ready, secrets};

/// A tenant in which these organizers are watched. The group `group` has the user [`ORGANIZER`].
fn watching(organizers: Organizers) -> World {
    let world = World::watching(Watch { organizers, ..Watch::default() }, secrets());
    world.sim.add_user(ORGANIZER, &["group"]);
    world
}

fn in_group() -> Organizers {
    Organizers::Group { group: "group".into() }
}

/// A session of a meeting that ends now, of which Graph notifies.
async fn notified(world: &World, organizer: &str, meeting: &str) -> SimReport {
    let report = session(world, organizer, meeting, &format!("r-{meeting}"), world.clock.now());
    in_call_records(world, organizer, &report);
    assert_eq!(world.notify(vec![call_ended(&report.id)]).await, 202);
    world.run_until_idle().await;
    report
}

fn asked_about(world: &World, id: &str) -> usize {
    world.sim.requests().iter().filter(|path| path.contains(id)).count()
}

#[tokio::test(start_paused = true)]
async fn a_meeting_of_an_organizer_outside_is_passed_over_and_counted_before_graph_is_asked_about_it() {
    let listed = || Organizers::Users(vec![ORGANIZER.to_uppercase()]);
    for (organizers, passed_over) in [(Organizers::All, 0), (listed(), 1), (in_group(), 1)] {
        let world = watching(organizers.clone());
        notified(&world, OTHER, "m-other").await;
        notified(&world, ORGANIZER, "m-ours").await;

        assert_eq!(world.keys("reports/").len(), 2 - passed_over, "{organizers:?}");
        assert_eq!(counted("PassedOver").len(), passed_over, "{organizers:?}");
        assert_eq!(asked_about(&world, OTHER) == 0, passed_over == 1, "{organizers:?}");
    }
    assert!(!lines().contains("\"WARN\""), "{}", lines());
}

#[tokio::test(start_paused = true)]
async fn a_groups_members_are_read_once_a_quarter_of_an_hour_and_soon_again_for_whom_they_lack() {
    let world = watching(in_group());
    for number in 0..3 {
        notified(&world, ORGANIZER, &format!("m-{number}")).await;
        notified(&world, OTHER, &format!("m-other-{number}")).await;
    }
    assert_eq!((asked_about(&world, "/transitiveMembers"), world.keys("reports/").len()), (1, 3));

    world.sim.add_user(OTHER, &["group"]);
    tokio::time::advance(Duration::from_secs(61)).await;
    notified(&world, OTHER, "m-joined").await;
    assert_eq!((asked_about(&world, "/transitiveMembers"), world.keys("reports/").len()), (2, 4));

    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    notified(&world, ORGANIZER, "m-later").await;
    assert_eq!(asked_about(&world, "/transitiveMembers"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_cannot_be_read_passes_nobody_over() {
    let world = watching(in_group());
    world.sim.fail("/groups/", Fault::NoConsent, 99);
    notified(&world, OTHER, "m-1").await;
    assert_eq!((world.dead_outcomes(), counted("PassedOver").len()), (vec!["consent_missing".to_owned()], 0));

    let world = watching(in_group());
    world.sim.behave(&[Manner::OddEntries]);
    notified(&world, OTHER, "m-1").await;
    assert_eq!(world.keys("reports/").len(), 1, "one of the members cannot be read");
    assert_eq!(world.dead_outcomes(), ["malformed"], "an entry of the list of reports is odd, too");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_organizer_is_not_named_is_passed_over_where_nobody_watched_took_part() {
    let world = watching(in_group());
    world.sim.behave(&[Manner::OrganizersAreUnnamed]);
    notified(&world, OTHER, "m-other").await;
    assert_eq!((counted("PassedOver").len(), asked_about(&world, OTHER)), (1, 0));
    notified(&world, ORGANIZER, "m-ours").await;
    assert_eq!((counted("PassedOver").len(), world.keys("reports/").len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_report_of_an_event_is_passed_over_where_its_organizer_is_outside() {
    for (organizer, archived) in [(OTHER, 0), (ORGANIZER, 1)] {
        let world = watching(in_group());
        world.sim.add_event(SimEvent {
            kind: "webinars",
            id: "w-1@contoso".into(),
            organizer_id: organizer.to_uppercase(),
            session_ids: vec!["s-1".into()],
            end: world.clock.now(),
        });
        let report = world.webinar_report("r-1", None);
        assert_eq!(world.notify(vec![report_ready(&report)]).await, 202);
        world.run_until_idle().await;

        assert_eq!(world.keys("reports/").len(), archived, "{organizer}");
        assert_eq!(counted("PassedOver").len(), 1 - archived, "{organizer}");
        assert_eq!(asked_about(&world, "/attendanceReports/"), archived, "{organizer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_is_named_in_watch_counts_whoever_organizes_it() {
    let probe = World::new();
    let named = session(&probe, OTHER, "m-named", "r-m-named", probe.clock.now());
    let meeting = WatchedMeeting { organizer: OTHER.into(), join_web_url: join_web_url(&probe, &named) };
    let (organizers, meetings) = (Organizers::Users(vec![ORGANIZER.into()]), vec![meeting]);
    let world = World::watching(Watch { organizers, meetings, ..Watch::default() }, secrets());
    notified(&world, OTHER, "m-named").await;
    notified(&world, OTHER, "m-other").await;
    assert_eq!((world.keys("reports/").len(), counted("PassedOver").len()), (1, 1));
}
