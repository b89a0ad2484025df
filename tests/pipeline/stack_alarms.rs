//! The alarms of the template: each watches something that is counted, has an entry in the runbook, and reaches a
//! person in prod.

use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml_ng::Value;

use crate::stack_template::{FUNCTIONS, Template, text};

/// The metrics that are counted somewhere in the code.
fn counted() -> BTreeSet<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let functions = FUNCTIONS.map(|(_, function)| format!("functions/{function}/src"));
    let mut names = BTreeSet::new();
    for folder in functions.into_iter().chain(["shared/src/lambda".to_owned()]) {
        for file in std::fs::read_dir(repository.join(folder)).unwrap().map(|file| file.unwrap().path()) {
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            let calls = text.split("Metric::").skip(1).filter_map(|call| call.split('"').nth(1));
            names.extend(calls.map(str::to_owned));
        }
    }
    names
}

/// The metric of an alarm, be it filled or not: its properties as they stand in the template.
pub(crate) fn metric(alarm: &Value) -> &Value {
    match &alarm["Metrics"] {
        Value::Null => alarm,
        metrics => &metrics[0]["MetricStat"]["Metric"],
    }
}

#[test]
fn each_alarm_is_in_the_runbook_and_watches_something_that_is_counted() {
    let template = Template::read();
    let runbook = include_str!("../../infra/RUNBOOK.md");
    let entries: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    assert!(alarms.len() >= 12, "{}", alarms.len());
    assert_eq!(entries, alarms.iter().copied().collect());
    let counted = counted();
    for alarm in alarms {
        let properties = template.properties(alarm);
        let metric = metric(properties);
        let name = text(&metric["MetricName"]);
        if text(&metric["Namespace"]) == shared::lambda::metrics::NAMESPACE {
            assert!(counted.contains(name), "{alarm} watches {name}: {counted:?}");
        }
        let description = text(&properties["AlarmDescription"]);
        assert!(description.contains(&format!("infra/RUNBOOK.md: {alarm}")), "{alarm}");
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(text(&properties[actions][0]), "HasAlarmTopic", "{alarm} tells nobody");
        }
    }
}

#[test]
fn the_dashboard_shows_what_is_counted() {
    let template = Template::read();
    let body = text(&template.properties("Dashboard")["DashboardBody"]);
    let dashboard: serde_json::Value = serde_json::from_str(body).unwrap();
    let mut shown = 0;
    for widget in dashboard["widgets"].as_array().unwrap() {
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            if metric[0] == shared::lambda::metrics::NAMESPACE {
                assert!(counted().contains(metric[1].as_str().unwrap()), "{metric}");
                shown += 1;
            }
        }
    }
    assert!(shown >= 6, "{shown}");
}

/// The alarms on a metric, each with its only or first dimension's value.
fn alarms_on(template: &Template, metric_name: &str) -> BTreeSet<String> {
    let alarms = template.of_type("AWS::CloudWatch::Alarm").into_iter();
    let metrics = alarms.map(|alarm| metric(template.properties(alarm)));
    let on_it = metrics.filter(|metric| text(&metric["MetricName"]) == metric_name);
    on_it.map(|metric| text(&metric["Dimensions"][0]["Value"]).to_owned()).collect()
}

#[test]
fn each_mapping_counts_its_polls_and_each_function_and_dead_letter_queue_has_its_alarm() {
    let template = Template::read();
    let (mut mappings, mut with_queue) = (BTreeSet::new(), BTreeSet::new());
    for function in template.of_type("AWS::Serverless::Function") {
        for (name, event) in template.properties(function)["Events"].as_mapping().into_iter().flatten() {
            assert_eq!(text(&event["Properties"]["MetricsConfig"]["Metrics"][0]), "EventCount", "{function}");
            // What the SAM transform calls the mapping.
            mappings.insert(format!("{function}{}", name.as_str().unwrap()));
            with_queue.insert(function.to_owned());
        }
    }
    // The nightly ledger goes by way of it: NoLedger rings.
    assert!(mappings.remove("BackfillBulkUnit"));
    assert_eq!(alarms_on(&template, "PolledEventCount"), mappings);
    assert_eq!(alarms_on(&template, "Errors"), with_queue, "API Gateway's 5xx tell of the webhook's");
    assert_eq!(alarms_on(&template, "OldestMessageSeconds"), with_queue);
    let queues = template.of_type("AWS::SQS::Queue").into_iter();
    let dead_letters = queues.filter(|queue| template.properties(queue)["RedrivePolicy"].is_null());
    let dead_letters: BTreeSet<String> = dead_letters.map(|queue| format!("{queue}.QueueName")).collect();
    assert_eq!(alarms_on(&template, "ApproximateNumberOfMessagesVisible"), dead_letters);
    assert_eq!(alarms_on(&template, "ApproximateAgeOfOldestMessage"), BTreeSet::new(), "it is blind");
}

#[test]
fn each_schedule_is_in_the_group_whose_failures_ring() {
    let template = Template::read();
    for schedule in template.of_type("AWS::Scheduler::Schedule") {
        assert_eq!(text(&template.properties(schedule)["GroupName"]), "Schedules", "{schedule}");
    }
    assert_eq!(template.of_type("AWS::Scheduler::ScheduleGroup"), ["Schedules"]);
    assert_eq!(alarms_on(&template, "TargetErrorCount"), BTreeSet::from(["Schedules".to_owned()]));
    let is_flexible = text(&template.properties("ReconcileDay")["FlexibleTimeWindow"]["Mode"]) != "OFF";
    assert!(!is_flexible, "the alarm for a reconcile that is absent counts the half hours");
}

#[test]
fn in_prod_a_deployment_whose_alarms_tell_nobody_is_refused_with_a_sentence() {
    let template = Template::read();
    let rule = &template.section("Rules")["SomebodyIsToldInProd"];
    let condition = serde_yaml_ng::to_string(&rule["RuleCondition"]).unwrap();
    assert_eq!(
        condition.split_whitespace().collect::<Vec<_>>(),
        ["!Equals", "-", "!Ref", "Environment", "-", "prod"]
    );
    let assertion = &rule["Assertions"][0];
    let must_hold = serde_yaml_ng::to_string(&assertion["Assert"]).unwrap();
    assert!(must_hold.starts_with("!Not") && must_hold.contains("!Ref AlarmTopicArn"), "{must_hold}");
    assert!(text(&assertion["AssertDescription"]).starts_with("Give AlarmTopicArn"));
    let environment = &template.section("Parameters")["Environment"];
    assert_eq!(text(&environment["Default"]), "prod", "who does not say so is refused, too");

    let written = include_str!("../../samconfig.toml");
    let (dev, prod) = written.split_once("[prod.deploy.parameters]").unwrap();
    assert!(dev.contains("\"Environment=dev\"") && !dev.contains("AlarmTopicArn"));
    assert!(prod.contains("\"Environment=prod\"") && prod.contains("\"AlarmTopicArn=YOUR_ALARM_TOPIC_ARN\""));
}
