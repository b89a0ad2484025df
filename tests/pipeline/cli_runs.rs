//! `rollcall backfill` and `rollcall audit`: a run of the deployed `backfill` is followed to its ledger.

use std::process::ExitCode;
use std::time::Duration;

use graph_sim::{Fault, TENANT_ID};
use rollcall::runs::{Pace, RunMonitor};
use serde_json::{Value, json};
use shared::lambda::function::Function;

use crate::cli_deployment::InMemoryDeployment;
use crate::world::{ORGANIZER, World};

/// Starts a run with this request and follows it; answers the command's exit code.
async fn run_and_follow(world: &World, request: &Value) -> String {
    run_and_accept(world, request, None).await.unwrap()
}

/// The same, where an earlier ledger is accepted.
async fn run_and_accept(world: &World, request: &Value, accept: Option<String>) -> anyhow::Result<String> {
    let deployment = InMemoryDeployment::of(world);
    let monitor = RunMonitor {
        functions: &deployment,
        store: world.objects.clone(),
        archive: "memory".into(),
        tenant_id: TENANT_ID.into(),
        clock: world.clock.clone(),
        pace: Pace::DEPLOYED,
        accept,
        json: true,
    };
    // The functions run while the command polls.
    let functions = async {
        loop {
            world.pipeline.run(&world.functions).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        code = monitor.run_and_follow(request) => code.map(|code| format!("{code:?}")),
        () = functions => unreachable!(),
    }
}

/// How a successful exit code prints: it cannot be compared.
fn success() -> String {
    format!("{:?}", ExitCode::SUCCESS)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_followed_until_everything_is_archived() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.meeting_ended("m-2", 3);
    assert_ne!(
        run_and_follow(&world, &json!({"audit": true, "from": ["callRecords"]})).await,
        success(),
        "two are missing"
    );
    assert_eq!(
        run_and_follow(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await,
        success()
    );
    assert_eq!(world.keys("reports/").len(), 2);
    assert_eq!(run_and_follow(&world, &json!({"audit": true, "from": ["callRecords"]})).await, success());
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_requested_and_never_archived_is_missing() {
    let mut world = World::new();
    world.meeting_ended("m-1", 3);
    world.functions.retain(|function| *function == Function::Backfill);
    assert_ne!(
        run_and_follow(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await,
        success()
    );
    world.discard_messages();
}

#[tokio::test(start_paused = true)]
async fn what_is_unreachable_or_refused_is_no_success() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let request = json!({"organizers": ["ilse@contoso.com"], "audit": true});
    assert_ne!(run_and_follow(&world, &request).await, success());
    world.sim.fail("/callRecords", Fault::NoConsent, 9);
    assert_ne!(
        run_and_follow(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await,
        success()
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_accepted_ledger_told_does_not_count_and_what_is_new_does() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.fail("/calendarView", Fault::NoConsent, 4);
    let audit = json!({"audit": true, "since": "2026-02-28", "from": ["callRecords", "calendars"]});
    assert_ne!(run_and_follow(&world, &audit).await, success());
    let [ledger] = world.keys("audits/").try_into().unwrap();

    let address = format!("memory/{ledger}");
    for accept in [ledger.clone(), address] {
        assert_eq!(run_and_accept(&world, &audit, Some(accept)).await.unwrap(), success());
    }
    world.meeting_ended("m-2", 3);
    assert_ne!(run_and_accept(&world, &audit, Some(ledger)).await.unwrap(), success(), "m-2 is new");
    let nowhere = run_and_accept(&world, &audit, Some("audits/v1/none.jsonl".into())).await;
    assert!(nowhere.unwrap_err().to_string().contains("audits/v1/none.jsonl"));
}
