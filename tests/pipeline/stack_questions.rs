//! The SQL of the template: Athena's named queries, and those that keep the Iceberg table. Nothing here runs Athena, so the
//! texts are parsed as strictly as can be had, and asked in `DuckDB` (`archive_questions.rs`).

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use tools::{emulators, programs};

use crate::archive_questions::ASKING;
use crate::stack_template::{Template, text};

/// Trino's own grammar, and what makes one file of it for Node.
const PARSER: [&str; 2] = ["dt-sql-parser@4.5.1", "esbuild@0.28.2"];

/// What creates a stack in MiniStack.
const DEPLOYING: [&str; 3] = ["aws-sam-translator==1.115.0", "boto3==1.35.49", "PyYAML==6.0.3"];

/// What a script of this folder prints.
fn python(packages: &[&str], script: &str, arguments: &[&OsStr]) -> Option<String> {
    let Some(python) = programs::python(packages) else {
        programs::skipped(
            "the SQL of the template needs python3 with venv and pip, and the Python package index",
        );
        return None;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python.join("python"))
        .arg(here.join("stack_questions").join(script))
        .arg(here.join("../../infra/template.yaml"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn each_text_is_sql_that_athena_knows_and_mistakes_in_it_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts.json");
    let Some(checked) = python(&ASKING, "check_sql.py", &[texts.as_os_str()]) else { return };
    // The questions and views, once with the Iceberg table and once without, and the merges.
    assert_eq!(checked.trim(), "24");
    let Some(programs) = programs::npm(&PARSER) else {
        programs::skipped("Trino's grammar needs npm and its registry");
        return;
    };
    let bundle = folder.path().join("parse_trino.cjs");
    let bundled = Command::new(programs.join("esbuild"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("stack_questions/parse_trino.mjs"))
        .args(["--bundle", "--platform=node", "--format=cjs", "--log-level=error"])
        .arg(format!("--outfile={}", bundle.display()))
        .env("NODE_PATH", programs.parent().unwrap())
        .status();
    assert!(bundled.unwrap().success());
    let output = Command::new("node").args([&bundle, &texts]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn the_iceberg_table_has_what_the_lines_say_however_often_they_are_merged() {
    let Some(asked) = python(&ASKING, "merge_lines.py", &[]) else { return };
    assert_eq!(asked.trim(), "8");
}

#[tokio::test]
async fn what_the_schedules_send_is_what_was_parsed() {
    let Some(aws) = emulators::ministack().await else { return };
    let endpoint = OsStr::new(aws.endpoint_url().unwrap());
    let Some(schedules) = python(&DEPLOYING, "deploy_schedules.py", &[endpoint]) else { return };
    assert_eq!(schedules.lines().count(), 5);
}

#[test]
fn the_iceberg_table_is_kept_by_schedules_whose_queries_ring_when_they_fail() {
    let template = Template::read();
    let is_of_athena = |schedule: &&str| {
        let target = &template.properties(schedule)["Target"];
        text(&target["Arn"]) == "arn:${AWS::Partition}:scheduler:::aws-sdk:athena:startQueryExecution"
    };
    let schedules = template.of_type("AWS::Scheduler::Schedule").into_iter().filter(is_of_athena);
    let schedules: Vec<&str> = schedules.collect();
    let named = ["Create", "Merge", "Retention", "Optimize", "Vacuum"];
    assert_eq!(schedules, named.map(|name| format!("Iceberg{name}")));
    let forgets = serde_yaml_ng::to_string(&template.properties("IcebergRetention")["State"]).unwrap();
    assert!(forgets.contains("HasRetention") && forgets.contains("DISABLED"), "{forgets}");
    for schedule in &schedules {
        assert_eq!(text(&template.properties(schedule)["Target"]["RoleArn"]), "IcebergRole.Arn");
    }
    let pattern = &template.properties("IcebergFailures")["EventPattern"];
    assert_eq!(pattern["source"][0], "aws.athena");
    assert_eq!(text(&pattern["detail"]["workgroupName"][0]), "IcebergQueries");
    assert_eq!(pattern["detail"]["currentState"][0], "FAILED");
    assert_eq!(pattern["detail"]["currentState"][1], "CANCELLED");
    // It costs nothing, and keeps no name twice, where nobody asked for it.
    assert_eq!(text(&template.section("Parameters")["IcebergTable"]["Default"]), "no");
    let of_the_table = |name: &&str| name.contains("Iceberg");
    let resources = template.section("Resources").as_mapping().unwrap();
    let resources = resources.keys().map(|name| name.as_str().unwrap()).filter(of_the_table);
    let resources: Vec<&str> = resources.chain(["MergeEverything"]).collect();
    assert!(resources.len() >= 12, "{resources:?}");
    for resource in resources {
        assert_eq!(text(&template.resource(resource)["Condition"]), "HasIcebergTable", "{resource}");
    }
}
