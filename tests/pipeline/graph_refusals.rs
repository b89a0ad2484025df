//! Every refusal that Microsoft documents, or that was observed: its outcome, its remedy, and whether it is
//! retried.

use graph_sim::Fault;

use crate::world::{World, call_ended};

use Then::{Dead, DeadLater, GivenUp};

/// A refusal, and what must become of the report that was asked for.
struct Refusal {
    /// The end of the path that answers it.
    path: &'static str,
    status: u16,
    header: (&'static str, &'static str),
    body: &'static str,
    /// What becomes of it if Graph never answers otherwise.
    then: Then,
}

enum Then {
    /// A dead letter with this outcome, and these words in its remedy, after one request.
    Dead(&'static str, &'static str),
    /// The same, after more than one request.
    DeadLater(&'static str, &'static str),
    /// It is given up after more than one request.
    GivenUp,
}

const NONE: (&str, &str) = ("x-nothing", "");
const LIST: &str = "/attendanceReports";
const TOKEN: &str = "/token";

const fn refusal(path: &'static str, status: u16, body: &'static str, then: Then) -> Refusal {
    Refusal { path, status, header: NONE, body, then }
}

impl Refusal {
    const fn with(mut self, header: &'static str, value: &'static str) -> Self {
        self.header = (header, value);
        self
    }
}

#[rustfmt::skip]
const REFUSALS: [Refusal; 36] = [
    refusal(LIST, 400, r#"{"error":{"code":"InvalidArgument","message":"Invalid meeting id"}}"#, Dead("invalid_request", "ids")),
    refusal(LIST, 400, r#"{"error":{"code":"BadRequest","message":"Value cannot be null.\r\nParameter name: String"}}"#, DeadLater("invalid_request", "ids")),
    refusal(LIST, 401, r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired or is not yet valid.","innerError":{"date":"2026-11-21T10:00:00"}}}"#, DeadLater("token_refused", "GRAPH_CLOUD")),
    refusal(LIST, 401, r#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}"#, DeadLater("token_refused", "GRAPH_CLOUD"))
        .with("www-authenticate", "Bearer error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4i\""),
    refusal(LIST, 403, r#"{"error":{"code":"Forbidden","message":"No application access policy found for this app","innerError":{}}}"#, Dead("access_policy_missing", "New-CsApplicationAccessPolicy")),
    refusal(LIST, 403, r#"{"error":{"code":"Forbidden","message":"No Application Access Policy found for this app 6f2d on the user."}}"#, Dead("access_policy_missing", "30 minutes")),
    refusal(LIST, 403, r#"{"error":{"code":"Forbidden","message":"3003: User does not have access to lookup meeting"}}"#, Dead("not_organizer", "organized")),
    refusal(LIST, 403, r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#, Dead("consent_missing", "OnlineMeetingArtifact.Read.All")),
    refusal(LIST, 403, "", DeadLater("consent_missing", "OnlineMeetingArtifact.Read.All")),
    refusal(LIST, 403, "<html>The proxy forbids this</html>", DeadLater("malformed", "proxy")),
    refusal(LIST, 404, r#"{"error":{"code":"NotFound","message":"3004: Specified meeting is not found"}}"#, GivenUp),
    refusal(LIST, 404, r#"{"error":{"code":"NotFound","message":"Not found"}}"#, GivenUp),
    refusal(LIST, 410, "", GivenUp),
    refusal(LIST, 429, r#"{"error":{"code":"TooManyRequests","innerError":{"code":"429","message":"Please retry after"},"message":"Please retry again later."}}"#, DeadLater("throttled", "less at a time"))
        .with("retry-after", "2.128"),
    refusal(LIST, 429, "", DeadLater("throttled", "less at a time")),
    refusal(LIST, 500, r#"{"error":{"code":"UnknownError","message":""}}"#, DeadLater("unavailable", "service health")),
    refusal(LIST, 504, "<html>Gateway Time-out</html>", DeadLater("unavailable", "service health")),
    refusal(LIST, 200, "<html>Sign in</html>", DeadLater("malformed", "proxy")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret","error_codes":[7000215]}"#, Dead("credential_refused", "not its id")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired","error_codes":[7000222]}"#, Dead("credential_refused", "new client secret")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[700027]}"#, Dead("credential_refused", "Upload the certificate")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[700024]}"#, DeadLater("credential_refused", "clock")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[7000214]}"#, Dead("credential_refused", "new certificate")),
    refusal(TOKEN, 400, r#"{"error":"invalid_request","error_codes":[70021]}"#, DeadLater("credential_refused", "role's ARN")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[700213]}"#, DeadLater("credential_refused", "role's ARN")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[700211]}"#, Dead("credential_refused", "issuer")),
    refusal(TOKEN, 401, r#"{"error":"invalid_client","error_codes":[700212]}"#, Dead("credential_refused", "audience")),
    refusal(TOKEN, 400, r#"{"error":"unauthorized_client","error_codes":[700016]}"#, Dead("credential_refused", "GRAPH_CLIENT_ID")),
    refusal(TOKEN, 400, r#"{"error":"invalid_request","error_codes":[90002]}"#, Dead("credential_refused", "GRAPH_TENANT_ID")),
    refusal(TOKEN, 400, r#"{"error":"invalid_scope","error_codes":[70011]}"#, Dead("credential_refused", "GRAPH_CLOUD")),
    refusal(TOKEN, 400, r#"{"error":"invalid_scope","error_codes":[1002012]}"#, Dead("credential_refused", "GRAPH_CLOUD")),
    refusal(TOKEN, 400, r#"{"error":"invalid_grant","error_codes":[53003]}"#, Dead("credential_refused", "Conditional Access")),
    refusal(TOKEN, 401, r#"{"error":"unauthorized_client","error_codes":[7000112]}"#, Dead("credential_refused", "Enable sign-in")),
    refusal(TOKEN, 400, r#"{"error":"something new","error_description":"AADSTS999999: x"}"#, Dead("credential_refused", "credential")),
    refusal(TOKEN, 403, "<html>blocked</html>", DeadLater("malformed", "proxy")),
    refusal(TOKEN, 503, "", DeadLater("unavailable", "service health")),
];

#[tokio::test(start_paused = true)]
async fn every_refusal_leads_to_its_outcome_and_remedy_and_is_retried_only_where_that_can_help() {
    for Refusal { path, status, header, body, then } in REFUSALS {
        let world = World::new();
        world.meeting_ended("m-1", 1);
        world.sim.fail(path, Fault::Raw(status, header, body.to_owned()), 1_000_000);

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        let requests = world.sim.requests().iter().filter(|asked| asked.ends_with(path)).count();
        let letters = world.dead_letters();
        let (outcome, words, once) = match then {
            GivenUp => {
                assert_eq!(letters.len(), 0, "{status} {body}");
                assert_eq!(requests > 1, status == 404, "{status} {body}");
                continue;
            }
            Dead(outcome, words) => (outcome, words, true),
            DeadLater(outcome, words) => (outcome, words, false),
        };
        assert_eq!(world.dead_outcomes(), [outcome], "{status} {body}");
        let remedy = &letters[0].attributes.iter().find(|(name, _)| *name == "remedy").unwrap().1;
        assert!(remedy.contains(words), "{status} {body}: {remedy}");
        assert_eq!(requests == 1, once, "{status} {body}: {requests} requests");
        assert_eq!(world.keys("reports/"), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_is_archived_once_its_refusal_is_over() {
    for Refusal { path, status, header, body, then } in REFUSALS {
        if !matches!(then, DeadLater(..)) {
            continue;
        }
        let world = World::new();
        world.meeting_ended("m-1", 1);
        world.sim.fail(path, Fault::Raw(status, header, body.to_owned()), 1);
        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;
        assert_eq!(world.keys("reports/").len(), 1, "{status} {body}");
    }
}
