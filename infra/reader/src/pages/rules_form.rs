//! The rules as a form, on the page of a session and of a register.

use crate::pages::params::Params;
use crate::rules::{Rules, Threshold, WindowRule};

/// The rules as a form: what is in effect.
pub(super) struct RulesForm {
    pub(super) path: &'static str,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) words: String,
    pub(super) present: String,
    pub(super) absent: String,
    pub(super) late: String,
    pub(super) left: String,
    pub(super) window: String,
    pub(super) reset: String,
    pub(super) is_changed: bool,
}

const RULES: [&str; 5] = ["present", "absent", "late", "left", "window"];

impl RulesForm {
    pub(super) fn of(params: &Params, rules: &Rules, path: &'static str) -> Self {
        let pairs = params.pairs();
        let is_rule = |(name, _): &(String, String)| RULES.contains(&name.as_str());
        let text = |threshold: Threshold| threshold.to_string();
        Self {
            path,
            is_changed: pairs.iter().any(is_rule),
            hidden: pairs.into_iter().filter(|pair| !is_rule(pair)).collect(),
            words: rules.description(None),
            present: text(rules.present_after),
            absent: text(rules.absent_below),
            late: text(rules.late_after),
            left: text(rules.left_before),
            window: match rules.window {
                WindowRule::Plan => "plan".to_owned(),
                WindowRule::Report => "report".to_owned(),
                WindowRule::Daily(start, end) => {
                    format!("{}-{}", start.strftime("%H:%M"), end.strftime("%H:%M"))
                }
            },
            reset: params.href(path, &RULES.map(|name| (name, ""))),
        }
    }
}
