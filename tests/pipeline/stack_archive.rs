//! What is archived stays: the bucket, its versions, and who may delete one.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_yaml_ng::Value;
use shared::archive::layout;
use tools::{emulators, programs};

use crate::stack_template::{Template, collect_statements, one_or_many, text};

/// What tries the bucket's policy.
const PACKAGES: [&str; 3] = ["aws-sam-translator==1.115.0", "boto3==1.35.49", "PyYAML==6.0.3"];

fn statements<'a>(template: &'a Template, policy: &str) -> Vec<&'a Value> {
    let mut statements = Vec::new();
    collect_statements(template.properties(policy), &mut statements);
    statements
}

#[test]
fn every_bucket_has_object_lock_and_no_retention_that_nobody_asked_for() {
    let template = Template::read();
    let bucket = template.properties("Archive");
    assert_eq!(bucket["ObjectLockEnabled"].as_bool(), Some(true), "legal holds need it");
    assert!(bucket["ObjectLockConfiguration"].is_null(), "staging must expire");
    for kept in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(template.resource("Archive")[kept], "Retain");
    }
}

#[test]
fn the_bucket_of_the_iceberg_table_is_as_private_and_forgets_what_is_deleted() {
    let template = Template::read();
    let [archive, table] = ["Archive", "IcebergBucket"].map(|bucket| template.properties(bucket));
    for same in ["BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls"] {
        assert_eq!(archive[same], table[same], "{same}");
    }
    for kept in ["VersioningConfiguration", "ObjectLockEnabled", "ReplicationConfiguration"] {
        assert!(table[kept].is_null() && !archive[kept].is_null(), "{kept}: who is erased must be gone");
    }
    let [uploads, answers] = &table["LifecycleConfiguration"]["Rules"].as_sequence().unwrap()[..] else {
        panic!("two rules")
    };
    assert_eq!(uploads["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"].as_u64(), Some(1));
    assert!(uploads["Prefix"].is_null() && uploads["ExpirationInDays"].is_null(), "the table stays");
    assert_eq!(text(&answers["Prefix"]), "answers/");
    let [tls] = statements(&template, "IcebergOverTlsOnly")[..] else { panic!("one statement") };
    assert_eq!((text(&tls["Effect"]), text(&tls["Principal"])), ("Deny", "*"));
    assert_eq!(text(&tls["Condition"]["Bool"]["aws:SecureTransport"]), "false");
    assert_eq!(one_or_many(&tls["Resource"]), ["IcebergBucket.Arn", "${IcebergBucket.Arn}/*"]);
}

#[test]
fn a_stack_that_is_protected_replaces_and_deletes_no_bucket() {
    let policy: serde_json::Value =
        serde_json::from_str(include_str!("../../infra/stack-policy.json")).unwrap();
    let [allowed, denied] = &policy["Statement"].as_array().unwrap()[..] else { panic!("{policy}") };
    assert_eq!((&allowed["Effect"], &allowed["Action"]), (&"Allow".into(), &"Update:*".into()));
    assert_eq!(denied["Effect"], "Deny");
    assert_eq!(denied["Action"], serde_json::json!(["Update:Replace", "Update:Delete"]));
    let name = denied["Resource"].as_str().unwrap().strip_prefix("LogicalResourceId/").unwrap();
    // The other one can be made again from it.
    assert_eq!(Template::read().of_type("AWS::S3::Bucket"), [name, "IcebergBucket"]);
}

#[test]
fn what_is_archived_is_copied_by_a_role_that_deletes_nothing() {
    let template = Template::read();
    let mut prefixes = BTreeSet::new();
    let mut rules = Vec::new();
    collect_rules(&template.properties("Archive")["ReplicationConfiguration"], &mut rules);
    for rule in rules {
        prefixes.insert(text(&rule["Filter"]["Prefix"]));
        assert_eq!(text(&rule["DeleteMarkerReplication"]["Status"]), "Disabled");
        assert_eq!(text(&rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"]), "Enabled");
    }
    let stay = layout::PREFIXES.into_iter().filter(|prefix| *prefix != "staging/");
    assert_eq!(prefixes, stay.collect());

    let statements = statements(&template, "ReplicationPermissions");
    let actions = |on: &str| -> BTreeSet<&str> {
        let on_it =
            |statement: &&&Value| serde_yaml_ng::to_string(&statement["Resource"]).unwrap().contains(on);
        statements.iter().filter(on_it).flat_map(|statement| one_or_many(&statement["Action"])).collect()
    };
    assert_eq!(actions("ReplicaBucketArn"), ["s3:ReplicateObject", "s3:ReplicateTags"].into());
    assert_eq!(actions("ReplicaKmsKeyArn"), ["kms:Encrypt"].into());
    assert!(
        actions("Archive").iter().all(|action| action.starts_with("s3:Get") || *action == "s3:ListBucket")
    );
    // A locked object is copied with its lock.
    assert!(actions("Archive").is_superset(&["s3:GetObjectLegalHold", "s3:GetObjectRetention"].into()));
}

/// Every rule of a replication below `value`, also under a condition.
fn collect_rules<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(mapping) if mapping.contains_key("Destination") => found.push(value),
        Value::Mapping(mapping) => mapping.values().for_each(|value| collect_rules(value, found)),
        Value::Sequence(values) => values.iter().for_each(|value| collect_rules(value, found)),
        Value::Tagged(tagged) => collect_rules(&tagged.value, found),
        _ => {}
    }
}

#[tokio::test]
async fn a_version_is_deleted_by_the_named_principal_and_by_nobody_else() {
    let Some(aws) = emulators::ministack_with_policies().await else { return };
    let Some(python) = programs::python(&PACKAGES) else {
        programs::skipped("the policy is tried with boto3, which needs python3 with venv and pip");
        return;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tried = Command::new(python.join("python"))
        .arg(here.join("stack_archive/try_policy.py"))
        .arg(aws.endpoint_url().unwrap())
        .arg(here.join("../../infra/template.yaml"))
        .output()
        .unwrap();
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
    let told = String::from_utf8_lossy(&tried.stdout);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "nobody is named: writer may hide it, may not delete a version, may not set the lifecycle",
            "nobody is named: eraser may hide it, may not delete a version, may not set the lifecycle",
            "eraser is named: writer may hide it, may not delete a version, may not set the lifecycle",
            "eraser is named: eraser may hide it, may delete a version, may set the lifecycle",
        ]
    );
}
