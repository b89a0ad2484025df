//! Outages on the way of a report: the webhook, `fetch`, `archive`, and their queues.

use graph_sim::Fault;
use shared::lambda::function::Function;

use super::cloudwatch::key;
use super::planted::*;
use super::table::{Outages, each, of_api, of_function, of_mapping};
use super::{ELSEWHERE, ON_THE_WAY, START};
use crate::faults::StoreFault;

/// What Graph posts, and what strangers do.
pub(super) async fn at_the_webhook(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ON_THE_WAY);
    // An integration that fails, is throttled or may not be invoked is answered with a 5xx.
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
    for what in [
        "`webhook` dies at its start",
        "Lambda has no execution for `webhook`, or its concurrency is set to 0",
        "API Gateway may no longer invoke `webhook`",
    ] {
        outages.seen_by_aws(to(what, "WebhookFails"), &of_api("5xx"), (SENT_AGAIN, 1.0));
    }
    let fails = |what| to(what, "WebhookFails");
    outages.seen_by_us(
        fails("the secret with the key behind `clientState` is deleted"),
        the_webhooks_key_is_deleted().await,
        0,
    );
    outages.seen_by_us(
        fails("that secret's key in KMS is disabled"),
        the_webhooks_key_cannot_be_decrypted().await,
        0,
    );
    outages.seen_by_us(fails("a queue's policy keeps `webhook` out"), the_webhooks_queue_refuses().await, 0);
    outages.seen_by_us(fails("SQS gives `webhook` no answer"), the_webhooks_queue_hangs().await, 0);
    let slow = to("`webhook` answers slowly", "WebhookIsSlow");
    outages.seen_by_aws(slow, &of_function("Duration", "Webhook"), (each(2), 1_500.0));
    outages.seen_by_us(
        to("strangers post, twelve a minute", "NotificationsAreRejected"),
        strangers_post().await,
        0,
    );
    let flood = to("handshakes are posted, a thousand a minute", "WebhookIsBusy");
    outages.seen_by_aws(flood, &of_api("Count"), (each(1), 1_000.0));
    // Of the metric filter on the access log.
    let refused = key("Rollcall/${AWS::StackName}", "RequestsThrottled", &[]);
    outages.seen_by_aws(
        to("more is posted than the throttle lets through", "RequestsAreThrottled"),
        &refused,
        (each(1), 600.0),
    );
}

/// `fetch`, its queue, and what it needs of AWS.
pub(super) async fn in_fetch(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ON_THE_WAY);
    outages.seen_by_aws(
        to("`fetch` dies at its start", "FetchFails"),
        &of_function("Errors", "Fetch"),
        (each(12), 1.0),
    );
    outages.seen_by_aws(
        to("Lambda has no execution for `fetch`", "FetchIsThrottled"),
        &of_function("Throttles", "Fetch"),
        (each(3), 1.0),
    );
    outages.not_counted(
        to("the mapping of the fetch queue is disabled", "FetchIsNotPolled"),
        START + 1,
        |key| key == of_mapping("FetchJob"),
    );
    let backlog = to("more jobs than `fetch` has executions", "FetchIsLate");
    outages.seen_by_us(backlog, a_backlog().await, 0);
    let steps = |what| to(what, "FetchStepsFail");
    outages.seen_by_us(
        steps("the bucket's policy keeps `fetch` out"),
        sessions_in(store_that(StoreFault::HeadRefused), 60).await,
        0,
    );
    outages.seen_by_us(
        steps("Graph takes each call and never answers"),
        sessions_in(graph_that("/communications", Fault::Silence), 60).await,
        0,
    );
    outages.seen_by_us(
        to("a job comes that nobody can do", "FetchDeadLettersAlarm"),
        nonsense_for(Function::Fetch).await,
        0,
    );
    let busy = ("`fetch` sends to itself without an end", "FetchIsBusy", ELSEWHERE);
    outages.seen_by_aws(busy, &of_function("Invocations", "Fetch"), (each(1), 3_000.0));
}

/// Graph and its token service, while `fetch` asks.
pub(super) async fn at_graph(outages: &mut Outages) {
    let fails = |what| (what, "GraphFails", ON_THE_WAY);
    outages.seen_by_us(
        fails("Graph is down (503)"),
        a_session_in(graph_that("/communications", Fault::Status(503)), 120).await,
        0,
    );
    outages.seen_by_us(
        fails("Graph cannot be reached"),
        a_session_in(graph_that("/communications", Fault::NoConnection), 120).await,
        0,
    );
    outages.seen_by_us(
        fails("Graph throttles for long"),
        a_session_in(graph_that("/communications", Fault::Throttled("180".into())), 120).await,
        0,
    );
    outages.seen_by_us(
        fails("the token service is down"),
        a_session_in(graph_that("/token", Fault::Status(500)), 120).await,
        0,
    );
    outages.seen_by_us(
        fails("the federated credential is removed"),
        a_session_in(graph_that("/token", unknown_credential()), 120).await,
        0,
    );
}

/// What Graph refuses until a person has done something.
pub(super) async fn refused_by_graph(outages: &mut Outages) {
    let refuses = |what| (what, "GraphRefuses", ON_THE_WAY);
    outages.seen_by_us(
        refuses("the credential is refused: an expired secret"),
        a_session_in(with_an_expired_secret(), 60).await,
        0,
    );
    outages.seen_by_us(
        refuses("the secret with the credential is deleted"),
        a_session_in(without_the_credentials_secret(), 60).await,
        0,
    );
    outages.seen_by_us(
        refuses("the administrator's consent is withdrawn"),
        a_session_in(graph_that("/communications", Fault::NoConsent), 60).await,
        0,
    );
    outages.seen_by_us(
        refuses("the access policy is lost"),
        a_session_in(graph_that("/onlineMeetings", Fault::NoAccessPolicy), 60).await,
        0,
    );
}

/// Entra's answer where it knows no federated credential that fits: it may be new.
fn unknown_credential() -> Fault {
    let body = r#"{"error":"invalid_client","error_codes":[700213]}"#;
    Fault::Raw(401, ("content-type", "application/json"), body.to_owned())
}

/// `archive`, its queue and the bucket.
pub(super) async fn in_archive(outages: &mut Outages) {
    let to = |what, alarm| (what, alarm, ON_THE_WAY);
    let function = "ArchiveFunction";
    outages.seen_by_aws(
        to("`archive` dies at its start", "ArchiveFails"),
        &of_function("Errors", function),
        (each(6), 1.0),
    );
    outages.seen_by_aws(
        to("Lambda has no execution for `archive`", "ArchiveIsThrottled"),
        &of_function("Throttles", function),
        (each(3), 1.0),
    );
    outages.not_counted(
        to("the mapping of the archive queue is disabled", "ArchiveIsNotPolled"),
        START + 1,
        |key| key == of_mapping("ArchiveFunctionJob"),
    );
    for (what, prefix) in [
        ("the bucket's policy keeps `archive` out", "reports/"),
        ("the bucket's key in KMS is disabled", ""),
        ("a report's lines cannot be written", "records/"),
    ] {
        let planted = a_session_in(store_that(StoreFault::PutRefused(prefix)), 120).await;
        outages.seen_by_us(to(what, "ArchiveIsLate"), planted, 0);
    }
    outages.seen_by_us(
        to("what `archive` is sent is not what was fetched", "ArchiveDeadLettersAlarm"),
        nonsense_for(Function::Archive).await,
        0,
    );
}
