//! For tests: the metrics that the functions count, in place of CloudWatch.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Once;

use serde_json::Value;
use shared::lambda::metrics;

use crate::logs_hold_no_personal_data::capture_line;

thread_local! {
    /// The metric lines of the test that runs on this thread.
    static LINES: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Captures the metrics of each test from now on, and forgets those of an earlier world of this one.
pub(crate) fn capture_metrics() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        metrics::start_with("rollcall".into(), |line| {
            capture_line(line);
            LINES.with_borrow_mut(|lines| lines.push(serde_json::from_str(line).unwrap()));
        });
    });
    LINES.with_borrow_mut(Vec::clear);
}

/// The values of a metric, in the order in which they were counted: each with the value
/// of its dimension beside the function's name (empty where there is none).
pub(crate) fn counted(metric: &str) -> Vec<(String, u64)> {
    LINES.with_borrow(|lines| {
        let counting = lines.iter().filter(|line| !line[metric].is_null());
        counting.map(|line| (dimension(line), line[metric].as_f64().unwrap() as u64)).collect()
    })
}

/// How many metrics were counted, each name with each value of its dimension.
pub(crate) fn counted_metrics() -> usize {
    let metrics = |line: &Value| {
        let names = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().clone();
        let dimension = dimension(line);
        names.into_iter().map(move |metric| (metric["Name"].to_string(), dimension.clone()))
    };
    LINES.with_borrow(|lines| lines.iter().flat_map(metrics).collect::<BTreeSet<_>>().len())
}

/// The metric lines since they were last taken.
pub(crate) fn take_lines() -> Vec<Value> {
    LINES.take()
}

/// Forgets what was counted so far.
pub(crate) fn forget_metrics() {
    LINES.with_borrow_mut(Vec::clear);
}

fn dimension(line: &Value) -> String {
    let dimensions = line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0].as_array().unwrap();
    let other = dimensions.iter().find(|name| *name != "FunctionName");
    other.map_or_else(String::new, |name| line[name.as_str().unwrap()].as_str().unwrap().to_owned())
}
