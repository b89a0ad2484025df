//! How the functions of the template are invoked: by their alias, how many at once, and in which chains.

use crate::stack_template::{FUNCTIONS, Template, text};

#[test]
fn a_function_that_sends_to_its_own_queue_counts_its_hops_and_lambda_does_not() {
    let template = Template::read();
    for (resource, function) in FUNCTIONS {
        let own_queue = format!("{}Queue", resource.trim_end_matches("Function"));
        let role = template.properties(&format!("{}Role", resource.trim_end_matches("Function")));
        let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_sequence().unwrap();
        let sends = statements.iter().filter(|statement| statement["Sid"] == "Send").any(|statement| {
            serde_yaml_ng::to_string(&statement["Resource"]).unwrap().contains(&format!("{own_queue}.Arn"))
        });
        let recursive_loop = &template.properties(resource)["RecursiveLoop"];
        assert_eq!(*recursive_loop == "Allow", sends, "{function}");
    }
}

#[test]
fn the_webhook_is_capped_and_nothing_writes_whole_events() {
    let template = Template::read();
    let reserved = &template.properties("Webhook")["ReservedConcurrentExecutions"];
    assert_eq!(text(&reserved[1]), "WebhookReservedConcurrency");
    let parameters = template.section("Parameters");
    assert_eq!(parameters["WebhookReservedConcurrency"]["Default"], 20);
    let levels = parameters["LogLevel"]["AllowedValues"].as_sequence().unwrap();
    assert_eq!(levels.iter().map(text).collect::<Vec<_>>(), ["DEBUG", "INFO", "WARN", "ERROR"]);
}

#[test]
fn whatever_invokes_a_function_names_its_alias() {
    let template = Template::read();
    let globals = &template.section("Globals")["Function"];
    assert_eq!(text(&globals["AutoPublishAlias"]), "live");
    assert_eq!(text(&globals["DeploymentPreference"]["Type"]), "DeploymentType");
    for (resource, _) in FUNCTIONS {
        assert_eq!(template.properties(resource)["AutoPublishAliasAllProperties"], true, "{resource}");
        let rolls_back = &template.properties(resource)["DeploymentPreference"]["Alarms"];
        assert_eq!(text(&rolls_back[0]), "RollsBack", "{resource}");
        for alarm in rolls_back[1].as_sequence().unwrap() {
            assert_eq!(template.resource(text(alarm))["Type"], "AWS::CloudWatch::Alarm", "{resource}");
        }
    }
    assert_eq!(text(&template.properties("WebhookIntegration")["IntegrationUri"]), "Webhook.Alias");
    assert_eq!(text(&template.properties("WebhookApiMayInvoke")["FunctionName"]), "Webhook.Alias");
    let allowed = &template.properties("SchedulerRole")["Policies"][0]["PolicyDocument"]["Statement"][0];
    let allowed: Vec<&str> = allowed["Resource"].as_sequence().unwrap().iter().map(text).collect();
    assert_eq!(allowed, ["Subscriptions.Alias", "Backfill.Alias"]);
    for schedule in template.of_type("AWS::Scheduler::Schedule") {
        let arn = text(&template.properties(schedule)["Target"]["Arn"]);
        // Those of the Iceberg table ask Athena, which has no versions.
        let asks_athena = arn.ends_with(":scheduler:::aws-sdk:athena:startQueryExecution");
        assert!(allowed.contains(&arn) || asks_athena, "{schedule}: {arn}");
    }
}
