//! The page that says where personal data lies names each place that there is.

use shared::archive::layout;

use crate::stack_template::{FUNCTIONS, Template, text};

const PAGE: &str = include_str!("../../docs/PRIVACY.md");

/// The line of the page's tables about a place.
fn line(place: &str) -> &'static str {
    let begin = format!("| {place} |");
    PAGE.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{place} is not in the page"))
}

#[test]
fn each_prefix_of_the_archive_is_in_the_page_with_who_reads_it() {
    let template = Template::read();
    for prefix in layout::PREFIXES {
        let readers = line(&format!("`{prefix}`")).split('|').nth(4).unwrap();
        for (resource, function) in FUNCTIONS {
            let role = if function == "archive" { "ArchiveRole".into() } else { format!("{resource}Role") };
            let reads = template.objects_read_by(&role).contains(&format!("${{Archive.Arn}}/{prefix}"));
            assert_eq!(readers.contains(function), reads, "{prefix}: {function}");
        }
        let iceberg = template.objects_read_by("IcebergRole").contains(&format!("${{Archive.Arn}}/{prefix}"));
        assert_eq!(readers.contains("iceberg"), iceberg, "{prefix}");
    }
}

#[test]
fn what_expires_and_what_never_does_is_in_the_page() {
    let rules =
        serde_yaml_ng::to_string(&Template::read().properties("Archive")["LifecycleConfiguration"]).unwrap();
    for prefix in layout::PREFIXES {
        let kept = line(&format!("`{prefix}`")).split('|').nth(3).unwrap().trim();
        let expires = rules.contains(&format!("Prefix: {prefix}\n"));
        assert_eq!(kept != "for ever", expires, "{prefix}: {kept}");
    }
}

#[test]
fn each_function_with_a_queue_and_each_kind_of_log_is_in_the_page() {
    let template = Template::read();
    for queue in template.of_type("AWS::SQS::Queue") {
        let name = text(&template.properties(queue)["QueueName"]).trim_start_matches("${AWS::StackName}-");
        let function = name.split('-').next().unwrap();
        assert!(PAGE.contains(&format!("`{function}`")), "{queue}");
    }
    assert!(
        template.of_type("AWS::Lambda::Function").is_empty()
            && !format!("{:?}", template.section("Globals")).contains("Tracing")
    );
    assert!(PAGE.contains("traces (X-Ray) | there are none"));
}
