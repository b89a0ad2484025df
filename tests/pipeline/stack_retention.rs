//! What expires is what `RetentionDays` says, of what may expire at all, and never while it is locked.

use serde_yaml_ng::Value;
use shared::archive::layout;

use crate::stack_template::{Template, text};

/// What stays for good: the chain of manifests, who was erased, and what is held.
const STAY: [&str; 3] = ["erasures/", "holds/", "manifests/"];

/// The lifecycle rules of the archive; `true` beside those that `RetentionDays` asks for.
fn rules(template: &Template) -> Vec<(&Value, bool)> {
    let rules = template.properties("Archive")["LifecycleConfiguration"]["Rules"].as_sequence().unwrap();
    rules.iter().map(rule).collect()
}

fn rule(rule: &Value) -> (&Value, bool) {
    match rule {
        Value::Tagged(tagged) => {
            assert_eq!((tagged.tag.to_string().as_str(), text(&tagged.value[0])), ("!If", "HasRetention"));
            assert_eq!(text(&tagged.value[2]), "AWS::NoValue");
            (&tagged.value[1], true)
        }
        rule => (rule, false),
    }
}

#[test]
fn without_a_retention_only_staging_expires_and_with_one_all_that_may() {
    let template = Template::read();
    assert_eq!(text(&template.section("Parameters")["RetentionDays"]["Default"]), "0");
    let (asked_for, always): (Vec<_>, Vec<_>) = rules(&template).into_iter().partition(|(_, asked)| *asked);
    assert_eq!(always.iter().map(|(rule, _)| text(&rule["Prefix"])).collect::<Vec<_>>(), ["staging/"]);
    let mut expire: Vec<&str> = asked_for.iter().map(|(rule, _)| text(&rule["Prefix"])).collect();
    expire.sort_unstable();
    let may = layout::PREFIXES.into_iter().filter(|prefix| !STAY.contains(prefix) && *prefix != "staging/");
    assert_eq!(expire, may.collect::<Vec<_>>());
    for (rule, _) in asked_for {
        assert_eq!(text(&rule["ExpirationInDays"]), "RetentionDays");
        // Long enough for a person to see that something was deleted by mistake.
        assert_eq!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"].as_u64(), Some(30));
        assert_eq!(text(&rule["Status"]), "Enabled");
    }
    assert_eq!(template.resource("Archive")["DeletionPolicy"], "Retain");
    assert_eq!(text(&template.properties("Archive")["VersioningConfiguration"]["Status"]), "Enabled");
}

#[test]
fn a_retention_outlives_what_graph_and_a_lock_keep() {
    let template = Template::read();
    let parameter = &template.section("Parameters")["RetentionDays"];
    let python =
        "import re, sys; print(*(int(bool(re.fullmatch(sys.argv[1], days))) for days in sys.argv[2:]))";
    let days =
        ["0", "400", "731", "9999", "35999", "", "1", "399", "366", "0400", "36000", "-400", "4e5", "400.5"];
    let tried = std::process::Command::new("python3")
        .args(["-c", python, text(&parameter["AllowedPattern"])])
        .args(days)
        .output();
    if let Ok(tried) = tried {
        let matched = String::from_utf8(tried.stdout).unwrap();
        assert_eq!(matched.trim(), "1 1 1 1 1 0 0 0 0 0 0 0 0 0");
    }
    assert!(text(&parameter["ConstraintDescription"]).contains("Graph keeps reports for a year"));
    let [assertion] =
        &template.section("Rules")["NothingExpiresThatIsLocked"]["Assertions"].as_sequence().unwrap()[..]
    else {
        panic!("one assertion")
    };
    let Value::Tagged(or) = &assertion["Assert"] else { panic!("a function") };
    let Value::Tagged(contains) = &or.value[1] else { panic!("a list") };
    let lengths = contains.value[0].as_sequence().unwrap();
    assert!(lengths.iter().all(|days| text(days).parse::<u32>().unwrap() <= 400), "below every retention");
    assert!(text(&assertion["AssertDescription"]).starts_with("Give ObjectLockDays as"));
}
