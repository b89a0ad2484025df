//! Outages of what runs on schedules: subscriptions, reconciles, ledgers.

use graph_sim::Fault;
use shared::lambda::function::Function;

use super::cloudwatch::key;
use super::planted::*;
use super::table::{Outages, each, of_function, of_mapping};
use super::{ELSEWHERE, START};

/// `subscriptions` and its schedule.
pub(super) async fn in_subscriptions(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ELSEWHERE);
    outages.seen_by_aws(
        to("`subscriptions` dies at its start", "SubscriptionsFail"),
        &of_function("Errors", "Subscriptions"),
        (each(30), 1.0),
    );
    outages.seen_by_us(
        to("subscriptions are lost, and Graph refuses new ones", "SubscriptionsFail"),
        subscriptions_in(graph_that("/subscriptions", Fault::Status(403)), 6).await,
        0,
    );
    outages.seen_by_us(
        to("`subscriptions` signs in with a credential that is refused", "SubscriptionsFail"),
        subscriptions_in(with_an_expired_secret(), 6).await,
        0,
    );
    outages.seen_by_us(
        to("another deployment has taken the subscriptions", "SubscriptionsAreForeign"),
        subscriptions_in(subscribed_by_another(), 6).await,
        0,
    );
    let ours = |key: &str| key.starts_with("Rollcall ");
    outages.not_counted(
        to("the schedule of `subscriptions` is disabled", "SubscriptionsRunOut"),
        START + 1,
        |key| ours(key) && key.contains("=Subscriptions"),
    );
    outages.not_counted(
        to("the functions may no longer write their logs", "SubscriptionsRunOut"),
        START + 1,
        ours,
    );
    outages.not_counted(
        to("the mapping of the subscriptions queue is disabled", "SubscriptionsAreNotPolled"),
        START + 1,
        |key| key == of_mapping("SubscriptionsJob"),
    );
}

/// Whether what Graph says comes, and is done.
pub(super) async fn of_what_graph_tells(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ELSEWHERE);
    let late = to("what Graph says of subscriptions cannot be done for hours", "SubscriptionsAreLate");
    outages.seen_by_us(late, a_lifecycle_message_in(without_the_webhooks_key(), 12 * 60).await, 0);
    let letters = to("what Graph says of subscriptions can never be done", "SubscriptionsDeadLettersAlarm");
    outages.seen_by_us(
        letters,
        a_lifecycle_message_in(graph_that("/subscriptions", Fault::NoConsent), 120).await,
        0,
    );
    // The reconcile that follows looks at one session since then, which may be a notification that was lost.
    let outage = 12 * 60 - 44;
    outages.seen_by_us(
        to("Graph notifies no more, of a session every five minutes", "Silence"),
        nobody_is_told_from(outage).await,
        outage,
    );
}

/// `backfill` and its schedules.
pub(super) async fn in_backfill(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ELSEWHERE);
    outages.seen_by_aws(
        to("`backfill` dies at its start", "BackfillFails"),
        &of_function("Errors", "Backfill"),
        (each(60), 1.0),
    );
    outages.not_counted(
        to("the mapping of the backfill queue is disabled", "BackfillIsNotPolled"),
        START + 1,
        |key| key == of_mapping("BackfillUnit"),
    );
    let begun = key("Rollcall", "ReconcilesBegun", &[("FunctionName", "Backfill")]);
    for what in
        ["the schedule of the reconcile is disabled or deleted", "Lambda has no execution for `backfill`"]
    {
        outages.not_counted(to(what, "ReconcileIsAbsent"), START + 1, |key| key == begun);
    }
    // It tries again, up to 185 times in a day.
    // <https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html>
    let errors = key("AWS/Scheduler", "TargetErrorCount", &[("ScheduleGroup", "Schedules")]);
    outages.seen_by_aws(
        to("the role of the schedules may no longer invoke", "SchedulesFail"),
        &errors,
        (each(5), 1.0),
    );
    outages.seen_by_aws(
        to("runs begin without an end", "BackfillIsBusy"),
        &of_function("Invocations", "Backfill"),
        (each(1), 1_000.0),
    );
}

/// Runs that begin, and do not see or do what they should.
pub(super) async fn of_what_runs_see(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ELSEWHERE);
    outages.seen_by_us(
        to("units wait for hours: the bucket refuses", "BackfillIsLate"),
        a_reconcile_in(with_a_bucket_that_refuses_a_look(), 12 * 60).await,
        0,
    );
    outages.seen_by_us(
        to("units wait for hours: Graph throttles", "BackfillIsLate"),
        a_reconcile_in(graph_that("/communications", Fault::Throttled("900".into())), 12 * 60).await,
        0,
    );
    outages.seen_by_us(
        to("a run sees nothing of an organizer", "ReconcileCannotSee"),
        a_reconcile_in(with_an_organizer_who_cannot_be_looked_at(), 60).await,
        0,
    );
    outages.seen_by_us(
        to("a run may not list the calls", "ReconcileCannotSee"),
        a_reconcile_in(graph_that("/communications", Fault::NoConsent), 12 * 60).await,
        0,
    );
    outages.seen_by_us(
        to("a unit comes that nobody can do", "BackfillDeadLettersAlarm"),
        nonsense_for(Function::Backfill).await,
        0,
    );
}

/// What the ledgers tell, and whether there are any.
pub(super) async fn in_ledgers(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ELSEWHERE);
    outages.seen_by_us(
        to("a report is listed, and in no archive", "LedgerFindsMissing"),
        a_ledger_in(with_a_session_that_nobody_fetched(1)).await,
        0,
    );
    outages.seen_by_us(
        to("a source cannot be looked at for a ledger", "LedgerFindsUnreachable"),
        a_ledger_in(with_an_organizer_who_cannot_be_looked_at()).await,
        0,
    );
    outages.seen_by_us(
        to("Graph makes no reports", "LedgerFindsAbsent"),
        a_ledger_in(with_a_session_without_a_report()).await,
        0,
    );
    let month = 31 * 24 * 60;
    outages.seen_by_us(
        to("Graph forgot a report that nobody fetched", "LedgerFindsLost"),
        a_ledger_of_a_report_that_graph_forgot().await,
        month,
    );
    let nightly = key("Rollcall", "LedgersWritten", &[("FunctionName", "Backfill"), ("Schedule", "nightly")]);
    // The last one was written a day before the minute in which the next is due.
    for what in [
        "no nightly ledger is written, from when it was due",
        "the mapping of the bulk queue is disabled, from when a ledger was due",
    ] {
        outages.not_counted(to(what, "NoLedger"), START, |key| key == nightly);
    }
}

/// What manifests tell of the archive, and whether there are any.
pub(super) async fn in_manifests(outages: &mut Outages) {
    let ended = key("Rollcall", "WalksEnded", &[("FunctionName", "Backfill")]);
    let none = "no manifests are written, from when they were due";
    outages.not_counted((none, "NoManifests", ELSEWHERE), START, |key| key == ended);
    let gone = "an object of the archive is deleted";
    outages.seen_by_us((gone, "ObjectsAreGone", ELSEWHERE), manifests_of_what_is_gone().await, 10);
}

/// What keeps the Iceberg table, where there is one.
pub(super) fn in_the_iceberg_table(outages: &mut Outages) {
    // EventBridge counts each event of Athena's that a rule matches.
    // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>
    let matched = key("AWS/Events", "TriggeredRules", &[("RuleName", "IcebergFailures")]);
    outages.seen_by_aws(
        ("a query that keeps the Iceberg table fails", "IcebergFails", ELSEWHERE),
        &matched,
        ([0], 1.0),
    );
}
