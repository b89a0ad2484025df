//! `rollcall doctor` examines a deployment, and names each misconfiguration with its remedy.

use std::sync::Arc;
use std::time::Duration;

use graph_sim::{CLIENT_ID, CLIENT_SECRET, Fault, TENANT_ID};
use jiff::SignedDuration;
use rollcall::doctor::{DoctorContext, Finding, Verdict, examine};
use shared::ports::clock::Clock;

use crate::cli_deployment::{HttpByHost, InMemoryDeployment};
use crate::faults::StoreFault;
use crate::world::{ORGANIZER, World};

/// A tenant whose deployment is configured correctly.
async fn healthy() -> World {
    let world = World::new().without_backfill();
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.set_secret_end(world.clock.now() + SignedDuration::from_hours(24 * 300));
    world.pipeline.keep_subscriptions().await.unwrap();
    world
}

/// What the doctor finds.
async fn findings(world: &World, deployment: &InMemoryDeployment, env: Environment) -> Vec<Finding> {
    findings_of(world, deployment, env, ORGANIZER).await
}

/// What the doctor finds where this organizer is named.
async fn findings_of(
    world: &World,
    deployment: &InMemoryDeployment,
    env: Environment,
    organizer: &str,
) -> Vec<Finding> {
    let context = DoctorContext {
        http: Arc::new(HttpByHost::of(world)),
        clock: world.clock.clone(),
        deployment: Some(deployment),
        organizers: vec![organizer.to_owned()],
    };
    examine(&context, &env).await
}

const ENV: Environment =
    [("AZURE_TENANT_ID", TENANT_ID), ("AZURE_CLIENT_ID", CLIENT_ID), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)];

#[tokio::test(start_paused = true)]
async fn the_doctor_finds_nothing_where_everything_is_as_it_must_be() {
    let world = healthy().await;
    let findings = findings(&world, &InMemoryDeployment::of(&world), ENV).await;
    let lines: Vec<String> =
        findings.iter().map(|finding| format!("{:?}: {}", finding.is, finding.what)).collect();
    assert!(findings.iter().all(|finding| finding.is == Verdict::Good), "{lines:#?}");
    insta::assert_snapshot!(lines.join("\n"));
}

/// The id of an application that the tenant does not know.
const ANOTHER: &str = "0c0c0c0c-0000-4000-8000-0000c0205050";

const GROUP: &str = "9e0e9e0e-0000-4000-8000-0000c0205050";

fn watch_a_group(deployment: &mut InMemoryDeployment) {
    deployment.set("backfill", "WATCH", &format!(r#"{{"organizers":{{"group":"{GROUP}"}}}}"#));
}

/// A misconfiguration: its name, the environment, and how it is planted.
type Planted = (&'static str, Environment, fn(&World, &mut InMemoryDeployment));
type Environment = [(&'static str, &'static str); 3];

fn planted() -> [Planted; 18] {
    [
        ("no credential", [ENV[0], ENV[1], ("AZURE_CLIENT_SECRET", "")], |_, _| {}),
        ("a wrong secret", [ENV[0], ENV[1], ("AZURE_CLIENT_SECRET", "wrong")], |_, _| {}),
        ("an unknown application", [ENV[0], ("AZURE_CLIENT_ID", ANOTHER), ENV[2]], |_, _| {}),
        ("a permission is missing", ENV, |world, _| world.sim.set_roles(&["OnlineMeetings.Read.All"])),
        ("no access policy", ENV, |world, _| world.sim.fail("/onlineMeetings", Fault::NoAccessPolicy, 9)),
        ("a setting is missing", ENV, |_, deployment| deployment.unset("fetch", "ARCHIVE_BUCKET")),
        ("a function is not deployed", ENV, |_, deployment| deployment.undeploy("backfill")),
        ("another tenant's stack", ENV, |_, deployment| {
            deployment.set("fetch", "GRAPH_TENANT_ID", "another")
        }),
        ("the endpoint is away", ENV, |_, deployment| {
            deployment.set("subscriptions", "NOTIFICATION_URL", "https://elsewhere.contoso.com")
        }),
        ("the group in WATCH cannot be read", ENV, |world, deployment| {
            watch_a_group(deployment);
            world.sim.fail("/groups/", Fault::NoConsent, 9);
        }),
        ("the group in WATCH is empty", ENV, |_, deployment| watch_a_group(deployment)),
        ("no subscriptions", ENV, |world, _| world.sim.forget_subscriptions()),
        ("a queue is gone", ENV, |_, deployment| deployment.lose_queue("archive")),
        ("the bucket refuses", ENV, |world, _| world.store.fail(StoreFault::HeadRefused)),
        ("warning: the secret expires", ENV, |world, _| {
            world.sim.set_secret_end(world.clock.now() + SignedDuration::from_hours(24 * 10))
        }),
        ("warning: the clock is wrong", ENV, |world, _| world.sim.set_skew(SignedDuration::from_mins(7))),
        ("warning: dead letters", ENV, |_, deployment| deployment.add_dead_letters("fetch-dlq", 3)),
        ("warning: calendars cannot be read", ENV, |world, _| {
            world.sim.set_roles(&[
                "OnlineMeetingArtifact.Read.All",
                "OnlineMeetings.Read.All",
                "CallRecords.Read.All",
                "VirtualEvent.Read.All",
                "User.ReadBasic.All",
            ]);
        }),
    ]
}

#[tokio::test(start_paused = true)]
async fn the_doctor_names_each_of_the_planted_misconfigurations_and_what_mends_it() {
    let mut lines = Vec::new();
    for (case, env, plant) in planted() {
        let world = healthy().await;
        let mut deployment = InMemoryDeployment::of(&world);
        plant(&world, &mut deployment);
        let found = findings(&world, &deployment, env).await;
        let bad: Vec<&Finding> = found.iter().filter(|finding| finding.is != Verdict::Good).collect();
        assert_eq!(bad.len(), 1, "{case}: {bad:#?}");
        assert_eq!(case.starts_with("warning"), bad[0].is == Verdict::Warning, "{case}: {bad:#?}");
        lines.extend([case.to_owned(), format!("  {}", bad[0].what)]);
        // The sentence of a missing setting says itself what to do.
        if case != "no credential" {
            assert!(bad[0].remedy.len() > 20, "{case}: {bad:#?}");
            lines.push(format!("  {}", bad[0].remedy));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn an_organizer_is_named_by_the_object_id_or_the_user_principal_name() {
    let world = healthy().await;
    world.sim.set_user_principal_name(ORGANIZER, "megan@contoso.com");
    let deployment = InMemoryDeployment::of(&world);
    for organizer in [&format!("{{{}}}", ORGANIZER.to_uppercase()), "Megan@contoso.com "] {
        let found = findings_of(&world, &deployment, ENV, organizer).await;
        assert!(found.iter().all(|finding| finding.is == Verdict::Good), "{found:#?}");
    }
    for (organizer, say) in [("ilse@contoso.com", "no user of the tenant"), ("Ilse", "this is no user")] {
        let found = findings_of(&world, &deployment, ENV, organizer).await;
        let last = found.last().unwrap();
        assert!(last.is == Verdict::Blocked && last.remedy.contains(say), "{last:?}");
        assert!(!format!("{last:?}").to_lowercase().contains("ilse"), "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_in_watch_whose_members_can_be_read_is_good() {
    let world = healthy().await;
    world.sim.add_user("0c0c0c0c-0000-4000-8000-0000c0205050", &[GROUP]);
    let mut deployment = InMemoryDeployment::of(&world);
    watch_a_group(&mut deployment);
    let found = findings(&world, &deployment, ENV).await;
    assert!(found.iter().all(|finding| finding.is == Verdict::Good), "{found:#?}");
    assert!(found.iter().any(|finding| finding.what.contains("group that WATCH names")), "{found:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_nobody_renewed_is_a_warning() {
    let world = healthy().await;
    tokio::time::advance(Duration::from_secs(20 * 3_600)).await;
    let found = findings(&world, &InMemoryDeployment::of(&world), ENV).await;
    let warning = found.iter().find(|finding| finding.is == Verdict::Warning).unwrap();
    assert!(
        warning.what.starts_with("the subscription to solutions/virtualEvents/events expires in 2"),
        "{warning:?}"
    );
}
