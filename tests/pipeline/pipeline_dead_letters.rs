//! What retries cannot solve becomes a dead letter with its reason, and can be redriven.

use graph_sim::Fault;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::world::{World, call_ended};

#[tokio::test(start_paused = true)]
async fn a_failure_that_lasts_a_day_is_a_dead_letter() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.sim.fail("callRecords/", Fault::Status(500), 100_000);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.dead_outcomes(), ["unavailable"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_a_person_must_mend_is_a_dead_letter_with_its_remedy() {
    for (fault, outcome, words) in [
        (Fault::NoAccessPolicy, "access_policy_missing", "Grant-CsApplicationAccessPolicy"),
        (Fault::NotOrganizer, "not_organizer", "organizer"),
        (Fault::NoConsent, "consent_missing", "admin consent"),
        (
            Fault::Raw(
                400,
                ("x-nothing", ""),
                r#"{"error":{"code":"x","message":"Invalid meeting id"}}"#.to_owned(),
            ),
            "invalid_request",
            "redrive",
        ),
    ] {
        let world = World::new();
        world.meeting_ended("m-1", 5);
        world.sim.fail("/attendanceReports", fault, 1);

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        let letters = world.dead_letters();
        let attribute = |name| letters[0].attributes.iter().find(|(key, _)| *key == name).unwrap().1.as_str();
        assert_eq!((letters.len(), attribute("outcome")), (1, outcome));
        assert!(attribute("remedy").contains(words), "{}", attribute("remedy"));
        assert_eq!(attribute("request-id"), "94fb3b52-0000-4000-8000-000000000001");
        // The letter is the job itself: sent back to its queue, it succeeds.
        world.pipeline.queues.fetch.send(letters).await.unwrap();
        world.run_until_idle().await;
        assert_eq!(world.keys("reports/").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_job_is_a_dead_letter_and_harms_no_neighbour() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.notify(vec![call_ended("m-1")]).await;
    let odd = ["", "null", "{\"version\":2,\"job\":{}}", "\u{1F600}"];
    let odd = odd.map(|body| OutgoingMessage::new(body.to_owned()));
    world.pipeline.queues.fetch.send(odd.to_vec()).await.unwrap();
    world.pipeline.queues.archive.send(odd.to_vec()).await.unwrap();

    world.run_until_idle().await;

    assert_eq!(world.dead_outcomes(), ["invalid_request"; 8]);
    assert_eq!(world.keys("reports/").len(), 1);
}
