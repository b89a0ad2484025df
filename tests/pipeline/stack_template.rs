//! The template gives each function the settings and permissions that its code needs, and no others.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::SignedDuration;
use serde_yaml_ng::Value;
use shared::env::{Env, EnvError};
use shared::lambda::failed_step::FAILING_FOR;
use shared::lambda::function::{DEAD_LETTER_RETENTION, Function, RETENTION};

use crate::world::World;

pub(crate) const FUNCTIONS: [(&str, &str); 5] = [
    ("Webhook", "webhook"),
    ("Fetch", "fetch"),
    ("ArchiveFunction", "archive"),
    ("Subscriptions", "subscriptions"),
    ("Backfill", "backfill"),
];
/// Settings that a deployment has no use for.
const NOT_IN_THE_STACK: [&str; 3] = ["GRAPH_URL", "LOGIN_URL", "CHANGE_TRACKING_ID"];

/// The stack's resources.
pub(crate) struct Template(Value);

impl Template {
    pub(crate) fn read() -> Self {
        Self::read_file("template.yaml")
    }

    /// A template of `infra/` by the name of its file.
    pub(crate) fn read_file(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra").join(name);
        Self(serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    /// A section of the template.
    pub(crate) fn section(&self, name: &str) -> &Value {
        &self.0[name]
    }

    pub(crate) fn resource(&self, name: &str) -> &Value {
        &self.0["Resources"][name]
    }

    pub(crate) fn properties(&self, name: &str) -> &Value {
        &self.resource(name)["Properties"]
    }

    pub(crate) fn of_type(&self, kind: &str) -> Vec<&str> {
        let resources = self.0["Resources"].as_mapping().unwrap();
        resources
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(name, _)| name.as_str().unwrap())
            .collect()
    }

    /// The resources whose objects a role may read, as the template writes them.
    pub(crate) fn objects_read_by(&self, role: &str) -> String {
        self.actions(role).remove("s3:GetObject").unwrap_or_default()
    }

    /// The actions that a role allows, with the names of their statements' resources.
    fn actions(&self, role: &str) -> BTreeMap<String, String> {
        let mut statements = Vec::new();
        collect_statements(&self.properties(role)["Policies"], &mut statements);
        for policy in self.properties(role)["ManagedPolicyArns"].as_sequence().into_iter().flatten() {
            collect_statements(self.properties(text(policy)), &mut statements);
        }
        let mut actions: BTreeMap<String, String> = BTreeMap::new();
        for statement in statements {
            for action in one_or_many(&statement["Action"]) {
                let resource = serde_yaml_ng::to_string(&statement["Resource"]).unwrap();
                actions.entry(action.to_owned()).or_default().push_str(&resource);
            }
        }
        actions
    }
}

/// The text of a value, whatever its tag.
pub(crate) fn text(value: &Value) -> &str {
    match value {
        Value::Tagged(tagged) => text(&tagged.value),
        value => value.as_str().unwrap_or_default(),
    }
}

pub(crate) fn one_or_many(value: &Value) -> Vec<&str> {
    match value {
        Value::Sequence(many) => many.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// Every statement below `value`, also those that stand under a condition.
pub(crate) fn collect_statements<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(mapping) if mapping.contains_key("Effect") => found.push(value),
        Value::Mapping(mapping) => mapping.values().for_each(|value| collect_statements(value, found)),
        Value::Sequence(values) => values.iter().for_each(|value| collect_statements(value, found)),
        Value::Tagged(tagged) => collect_statements(&tagged.value, found),
        _ => {}
    }
}

/// An environment that records which settings are read.
struct RecordingEnv {
    read: RefCell<BTreeSet<String>>,
    credential: &'static str,
}

impl Env for RecordingEnv {
    fn get(&self, name: &str) -> Option<String> {
        self.read.borrow_mut().insert(name.to_owned());
        let value = match name {
            "GRAPH_CREDENTIAL" => self.credential,
            "GRAPH_CLOUD" => "global",
            "GRAPH_VERSION" => "v1.0",
            "GRAPH_URL" | "LOGIN_URL" | "NOTIFICATION_URL" => "https://contoso.com",
            "OBJECT_LOCK_MODE" => "GOVERNANCE",
            "OBJECT_LOCK_DAYS" => "7",
            "WATCH" => "{}",
            "SETTLED_READS" => "yes",
            "RETENTION_DAYS" => "400",
            "ORIGIN_SECRET_SHA256" => "",
            _ => "a value",
        };
        Some(value.to_owned())
    }
}

/// The settings that a function reads.
fn settings_of(function: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for credential in ["federated", "certificate", "secret"] {
        let env = RecordingEnv { read: RefCell::default(), credential };
        let config: Result<(), EnvError> = match function {
            "webhook" => webhook::Origin::from_env(&env).and(webhook::Config::from_env(&env)).map(drop),
            "fetch" => fetch::Config::from_env(&env).map(drop),
            "archive" => archive::Config::from_env(&env).map(drop),
            "subscriptions" => subscriptions::Config::from_env(&env).map(drop),
            _ => backfill::Config::from_env(&env).map(drop),
        };
        config.unwrap();
        names.extend(env.read.into_inner());
    }
    names.retain(|name| !NOT_IN_THE_STACK.contains(&name.as_str()));
    names
}

#[test]
fn each_function_has_the_settings_that_it_reads_and_no_others() {
    let template = Template::read();
    for (resource, function) in FUNCTIONS {
        let variables = template.properties(resource)["Environment"]["Variables"].as_mapping().unwrap();
        let given: BTreeSet<String> =
            variables.keys().map(|name| name.as_str().unwrap().to_owned()).collect();
        assert_eq!(given, settings_of(function), "{function}");
        assert_eq!(text(&template.properties(resource)["CodeUri"]), format!("../target/lambda/{function}"));
        assert_eq!(
            text(&template.properties(resource)["FunctionName"]),
            format!("${{AWS::StackName}}-{function}")
        );
    }
}

#[test]
fn each_queue_has_a_visibility_timeout_of_six_timeouts_and_a_dead_letter_queue_that_outlives_it() {
    let template = Template::read();
    for (resource, _) in FUNCTIONS.into_iter().filter(|(_, function)| *function != "webhook") {
        let properties = template.properties(resource);
        let event = properties["Events"].as_mapping().unwrap().values().next().unwrap();
        let mapping = &event["Properties"];
        let queue = text(&mapping["Queue"]).trim_end_matches(".Arn").to_owned();
        let resource = template.properties(&queue);
        let window = mapping["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0);
        let needed = 6 * properties["Timeout"].as_u64().unwrap() + window;
        assert!(resource["VisibilityTimeout"].as_u64().unwrap() >= needed, "{queue}");
        assert_eq!(one_or_many(&mapping["FunctionResponseTypes"]), ["ReportBatchItemFailures"], "{queue}");
        assert!(!mapping["ScalingConfig"]["MaximumConcurrency"].is_null(), "{queue}");

        let redrive = &resource["RedrivePolicy"];
        let dead_letter_queue = text(&redrive["deadLetterTargetArn"]).trim_end_matches(".Arn");
        assert_eq!(resource["MessageRetentionPeriod"].as_u64(), Some(7 * 86_400), "{queue}");
        assert_eq!(
            template.properties(dead_letter_queue)["MessageRetentionPeriod"].as_u64(),
            Some(14 * 86_400),
            "{dead_letter_queue}"
        );
    }
    for queue in template.of_type("AWS::SQS::Queue") {
        let written = serde_yaml_ng::to_string(template.properties(queue)).unwrap();
        assert_eq!(written.matches("HasKmsKey").count(), 2, "{queue}: a key that is given encrypts it, too");
        assert!(written.contains("KmsMasterKeyId") && written.contains("SqsManagedSseEnabled"), "{queue}");
        let over_tls = &template.properties("QueuesOverTlsOnly")["Queues"];
        assert!(one_or_many(over_tls).contains(&queue), "{queue}");
    }
}

/// A number of the template; that of a parameter is its default.
fn number(template: &Template, value: &Value) -> u64 {
    let of_parameter = || template.0["Parameters"][text(value)]["Default"].as_u64();
    value.as_u64().or_else(of_parameter).unwrap()
}

#[test]
fn the_code_knows_the_numbers_of_the_deployment() {
    let template = Template::read();
    for function in Function::ALL {
        let (resource, _) = FUNCTIONS.into_iter().find(|(_, name)| *name == function.name()).unwrap();
        let properties = template.properties(resource);
        let timeout = number(&template, &properties["Timeout"]);
        assert_eq!(function.timeout(), seconds(timeout), "{resource}");
        if !Function::WITH_QUEUE.contains(&function) {
            continue;
        }
        let events = properties["Events"].as_mapping().unwrap();
        for mapping in events.values().filter(|event| event["Type"] == "SQS") {
            assert_mapping(&template, function, &mapping["Properties"]);
        }
    }
}

/// An event source mapping and its queue have the numbers that the code knows of the function.
fn assert_mapping(template: &Template, function: Function, mapping: &Value) {
    let batch_size = u64::try_from(function.batch_size()).unwrap();
    assert_eq!(batch_size, number(template, &mapping["BatchSize"]), "{}", function.name());
    let window = mapping["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0);
    assert_eq!(function.batching_window(), seconds(window), "{}", function.name());
    let concurrency = u64::try_from(function.maximum_concurrency()).unwrap();
    let most = &mapping["ScalingConfig"]["MaximumConcurrency"];
    assert_eq!(concurrency, number(template, most), "{}", function.name());

    let queue = template.properties(text(&mapping["Queue"]).trim_end_matches(".Arn"));
    assert_eq!(function.visibility_timeout(), seconds(queue["VisibilityTimeout"].as_u64().unwrap()));
    assert_eq!(RETENTION, seconds(queue["MessageRetentionPeriod"].as_u64().unwrap()));
    let redrive = &queue["RedrivePolicy"];
    assert_eq!(redrive["maxReceiveCount"].as_u64(), Some(function.max_receive_count().into()));
    let dead_letters = text(&redrive["deadLetterTargetArn"]).trim_end_matches(".Arn");
    let kept = &template.properties(dead_letters)["MessageRetentionPeriod"];
    assert_eq!(DEAD_LETTER_RETENTION, seconds(kept.as_u64().unwrap()));
}

fn seconds(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(seconds.try_into().unwrap())
}

#[test]
fn each_role_allows_the_calls_that_its_function_makes_and_no_others() {
    let template = Template::read();
    let log = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let receive = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    let sign_in = ["kms:Sign", "secretsmanager:GetSecretValue", "sts:GetWebIdentityToken"];
    let archive = ["kms:Decrypt", "kms:GenerateDataKey", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];
    let role = |role: &str| template.actions(role).into_keys().collect::<BTreeSet<_>>();
    let calls = |calls: &[&[&str]]| calls.concat().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let send = ["sqs:SendMessage"];
    let key = ["kms:Decrypt", "kms:GenerateDataKey"];
    assert_eq!(role("WebhookRole"), calls(&[&log, &send, &key, &["secretsmanager:GetSecretValue"]]));
    let put_off = ["sqs:ChangeMessageVisibility"];
    assert_eq!(role("FetchRole"), calls(&[&log, &receive, &put_off, &send, &sign_in, &archive]));
    let lock = ["s3:PutObjectRetention"];
    let tombstones = ["secretsmanager:GetSecretValue"];
    assert_eq!(role("ArchiveRole"), calls(&[&log, &receive, &put_off, &send, &archive, &lock, &tombstones]));
    assert_eq!(role("SubscriptionsRole"), calls(&[&log, &receive, &put_off, &send, &sign_in, &key]));
    assert_eq!(role("BackfillRole"), calls(&[&log, &receive, &put_off, &send, &sign_in, &archive]));
    assert_eq!(role("SchedulerRole"), calls(&[&["lambda:InvokeFunction"]]));
    let queries = ["athena:GetQueryExecution", "athena:GetWorkGroup", "athena:StartQueryExecution"];
    let catalog = [
        "glue:CreateTable",
        "glue:GetDatabase",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:GetTables",
        "glue:UpdateTable",
    ];
    let table = [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetBucketLocation",
        "s3:ListBucketMultipartUploads",
        "s3:ListMultipartUploadParts",
    ];
    assert_eq!(role("IcebergRole"), calls(&[&queries, &catalog, &table, &archive]));
    let versions = [
        "s3:BypassGovernanceRetention",
        "s3:DeleteObjectVersion",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
        "s3:ListBucketVersions",
    ];
    let letters = ["sqs:DeleteMessage", "sqs:ReceiveMessage", "lambda:GetFunctionConfiguration"];
    let of_letters = [&letters[..], &put_off, &send].concat();
    assert_eq!(role("ErasureRole"), calls(&[&versions, &archive, &lock, &tombstones, &of_letters]));
}

#[test]
fn nobody_may_delete_a_report_or_act_on_everything() {
    let template = Template::read();
    for role in template.of_type("AWS::IAM::Role") {
        for (action, resource) in template.actions(role) {
            assert!(!action.contains('*'), "{role}: {action}");
            // What is derived of it, in a bucket of its own, is another thing.
            let deletes = action.contains("Delete") && action.starts_with("s3:");
            let is_derived = role == "IcebergRole" && !resource.contains("${Archive");
            // No function has it, nor a service: who takes it is a person.
            let is_erasure = role == "ErasureRole" && action == "s3:DeleteObjectVersion";
            assert!(!deletes || is_derived || is_erasure, "{role}: {action} on {resource}");
            let everything = resource.lines().any(|line| line.trim_matches(['\'', '-', ' ']) == "*");
            assert_eq!(everything, action == "sts:GetWebIdentityToken", "{role}: {action} on {resource}");
        }
    }
    // Whoever reads from a prefix of the archive, and whoever writes to it.
    let objects = |role: &str, action: &str| template.actions(role).remove(action).unwrap();
    assert!(objects("FetchRole", "s3:PutObject").contains("${Archive.Arn}/staging/reports/*"));
    assert!(!objects("IcebergRole", "s3:PutObject").contains("${Archive.Arn}"));
    assert!(!objects("IcebergRole", "s3:GetObject").contains("${Archive.Arn}/reports/"));
    for action in ["s3:PutObject", "s3:GetObject"] {
        assert!(objects("FetchRole", action).contains("${Archive.Arn}/staging/pages/*"));
    }
    for (role, prefixes) in [("FetchRole", 4), ("ArchiveRole", 7), ("BackfillRole", 6)] {
        assert_eq!(objects(role, "s3:PutObject").matches("Archive.Arn").count(), prefixes, "{role}");
    }
    assert!(objects("ArchiveRole", "s3:PutObjectRetention").contains("/registrations/"));
    let of_erasures = |role: &str| objects(role, "s3:GetObject").matches("/erasures/").count();
    assert!(objects("ArchiveRole", "s3:GetObject").contains("/tombstones/*"));
    assert_eq!(["ArchiveRole", "BackfillRole", "FetchRole"].map(of_erasures), [1, 1, 0]);
    for kept in ["Arn}/reports/", "Arn}/sessions/", "Arn}/events/"] {
        assert!(!objects("BackfillRole", "s3:PutObject").contains(kept));
        assert!(objects("BackfillRole", "s3:GetObject").contains(kept));
        assert!(objects("ArchiveRole", "s3:PutObjectRetention").contains(kept));
    }
}

#[test]
fn the_schedules_ask_for_what_backfill_understands() {
    let template = Template::read();
    let (mut days, mut ledgers, mut manifests) = (Vec::new(), Vec::new(), 0);
    for schedule in template.of_type("AWS::Scheduler::Schedule") {
        let target = &template.properties(schedule)["Target"];
        let input: serde_json::Value = serde_json::from_str(text(&target["Input"])).unwrap_or_default();
        match text(&target["Arn"]) {
            "Backfill.Alias" if input["reconcile"] == true => days.push(input["days"].as_u64().unwrap()),
            "Backfill.Alias" if input["manifests"] == true => manifests += 1,
            "Backfill.Alias" => {
                assert_eq!(input["audit"], true, "{schedule}");
                ledgers
                    .push((input["schedule"].as_str().unwrap().to_owned(), input["days"].as_u64().unwrap()));
            }
            "Subscriptions.Alias" => {
                assert_eq!(text(&template.properties(schedule)["ScheduleExpression"]), "rate(30 minutes)");
            }
            // `stack_questions.rs` reads those.
            _ if schedule.starts_with("Iceberg") => {}
            other => panic!("{other}"),
        }
    }
    days.sort_unstable();
    assert_eq!((days, manifests), (vec![1, 3, 30, 365], 1));
    assert_eq!(ledgers, [("nightly".to_owned(), 8), ("monthly".to_owned(), 365)]);
}

/// What a schedule sends to `backfill`.
pub(crate) fn backfill_requests(template: &Template) -> Vec<serde_json::Value> {
    let targets = template.of_type("AWS::Scheduler::Schedule").into_iter();
    let targets = targets.map(|schedule| &template.properties(schedule)["Target"]);
    let inputs = targets.filter(|target| text(&target["Arn"]) == "Backfill.Alias");
    inputs.map(|target| serde_json::from_str(text(&target["Input"])).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn backfill_accepts_what_the_schedules_send() {
    let world = World::new();
    let requests = backfill_requests(&Template::read());
    assert_eq!(requests.len(), 7);
    for request in requests {
        let keeps_ledger = request["audit"] == true;
        let accepted = world.pipeline.backfill(request).await.unwrap();
        assert_eq!(accepted.ledger.is_some(), keeps_ledger);
    }
    world.run_until_idle().await;
}

#[test]
fn no_queue_forgets_a_message_that_is_received_as_often_as_it_may_be() {
    for function in Function::WITH_QUEUE {
        let longest = function.visibility_timeout() * function.max_receive_count() as i32;
        assert!(longest * 10 <= RETENTION * 7, "{}: {longest:#}", function.name());
        assert!(FAILING_FOR < RETENTION && FAILING_FOR * 10 <= RETENTION * 7);
    }
}

#[test]
fn what_kms_encrypts_is_under_the_key_that_is_given() {
    let template = Template::read();
    for workgroup in template.of_type("AWS::Athena::WorkGroup") {
        let answers = &template.properties(workgroup)["WorkGroupConfiguration"]["ResultConfiguration"];
        let written = serde_yaml_ng::to_string(&answers["EncryptionConfiguration"]).unwrap();
        assert!(written.contains("HasKmsKey") && written.contains("SSE_KMS"), "{workgroup}: {written}");
    }
    // Who may use the key does so by the services that keep something under it.
    for role in ["WebhookRole", "SubscriptionsRole", "UseArchive"] {
        let written = serde_yaml_ng::to_string(template.properties(role)).unwrap();
        assert!(written.contains("sqs.${AWS::Region}.amazonaws.com"), "{role}");
    }
}
