//! What an operator can put before the webhook: `CloudFront` with AWS WAF, and the header that proves it.

use serde_json::json;
use serde_yaml_ng::Value;
use shared::digest::sha256_hex;
use tools::runtime_api::FunctionProcess;

use crate::compiled_functions::build;
use crate::stack_template::{Template, text};
use crate::world::post;

#[tokio::test]
async fn the_compiled_webhook_answers_no_request_without_the_secret() {
    let settings = vec![("ORIGIN_SECRET_SHA256", sha256_hex(b"the secret"))];
    let webhook = FunctionProcess::new(build().join("webhook"), settings);
    let mut statuses = Vec::new();
    for secret in [None, Some("a guess"), Some("the secret")] {
        let mut event = serde_json::to_value(post("/notifications", "validationToken=t", "")).unwrap();
        event["headers"] =
            secret.map_or_else(|| json!({}), |secret| json!({webhook::Origin::HEADER: secret}));
        statuses.push(webhook.invoke(&event).await.unwrap()["statusCode"].clone());
    }
    assert_eq!(statuses, [403, 403, 200]);
}

#[test]
fn the_distribution_adds_the_header_and_keeps_the_query() {
    let template = Template::read_file("cloudfront.yaml");
    let distribution = &template.properties("Distribution")["DistributionConfig"];
    let header = &distribution["Origins"][0]["OriginCustomHeaders"][0];
    assert!(text(&header["HeaderName"]).eq_ignore_ascii_case(webhook::Origin::HEADER));
    assert_eq!(text(&header["HeaderValue"]), "OriginSecret");
    assert_eq!(text(&distribution["WebACLId"]), "Firewall.Arn");
    let behaviour = &distribution["DefaultCacheBehavior"];
    let policies = ["CachePolicyId", "OriginRequestPolicyId"].map(|policy| text(&behaviour[policy]));
    assert_eq!(policies, ["4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b689b0a8-53d0-40ab-baf2-68738e2966ac"]);
}

#[test]
fn the_firewall_blocks_by_rate_and_never_for_not_being_a_published_address() {
    let template = Template::read_file("cloudfront.yaml");
    let firewall = template.properties("Firewall");
    let rules = firewall["Rules"].as_sequence().unwrap();
    let unconditional = |rule: &'_ Value| match rule {
        Value::Tagged(tagged) => tagged.value[1].clone(),
        rule => rule.clone(),
    };
    let actions: Vec<(String, String)> = rules
        .iter()
        .map(unconditional)
        .map(|rule| {
            let action = rule["Action"].as_mapping().unwrap().keys().next().unwrap();
            (text(&rule["Name"]).to_owned(), text(action).to_owned())
        })
        .collect();
    let expected =
        [("too-often", "Block"), ("not-from-microsoft", "Count"), ("posts-to-the-webhook", "Allow")];
    assert_eq!(actions, expected.map(|(name, action)| (name.to_owned(), action.to_owned())));
    assert!(!firewall["DefaultAction"]["Block"].is_null());

    let stack = Template::read();
    let allowed = serde_yaml_ng::to_string(&rules[2]).unwrap();
    for route in stack.of_type("AWS::ApiGatewayV2::Route") {
        let key = text(&stack.properties(route)["RouteKey"]);
        let path = key.strip_prefix("POST /").unwrap();
        assert!(allowed.contains(path), "{path} would be blocked: {allowed}");
    }
}
