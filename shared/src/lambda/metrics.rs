//! Metrics: lines in CloudWatch's embedded metric format. They cost no call, and hold no ids.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::env::Env;

/// The CloudWatch namespace of all metrics.
pub const NAMESPACE: &str = "Rollcall";

/// Who emits, and where to; not set where nothing is emitted: in the operator's command.
static EMITTER: OnceLock<Emitter> = OnceLock::new();

struct Emitter {
    function: String,
    write: fn(&str),
}

/// One value of a metric, with its name and unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
    value: f64,
}

impl Metric {
    /// A number of things, in CloudWatch's unit `Count`.
    pub fn count(name: &'static str, count: usize) -> Self {
        Self { name, unit: "Count", value: count as f64 }
    }

    /// A time in seconds; `name` ends with `Seconds`.
    pub fn seconds(name: &'static str, seconds: i64) -> Self {
        Self { name, unit: "Seconds", value: seconds as f64 }
    }

    /// A time in hours, for which CloudWatch has no unit: `name` must say it.
    pub fn hours(name: &'static str, hours: f64) -> Self {
        Self { name, unit: "None", value: hours }
    }
}

/// Turns metrics on, if this process is a function: `AWS_LAMBDA_FUNCTION_NAME` is its name.
pub fn start(env: &impl Env) {
    if let Some(function) = env.get("AWS_LAMBDA_FUNCTION_NAME") {
        // In one write: log lines go the same way.
        start_with(function, |line| drop(std::io::stdout().write_all(line.as_bytes())));
    }
}

/// Turns metrics on for this process, once: each line of `function` is handed to `write`, with its line end.
pub fn start_with(function: String, write: fn(&str)) {
    EMITTER.set(Emitter { function, write }).ok();
}

/// Writes the metrics, with the function's name as their dimension. Writes nothing before [`start`].
pub fn emit(now: Timestamp, metrics: &[Metric]) {
    write(now, None, None, metrics);
}

/// Writes the metrics like [`emit`], in a line that also says `message`: where one line must do for both.
pub fn emit_with(now: Timestamp, message: &str, metrics: &[Metric]) {
    write(now, None, Some(message), metrics);
}

/// Writes the metrics, with the function's name and the outcome as their dimensions. Writes nothing
/// before [`start`].
pub fn emit_outcome(now: Timestamp, outcome: &str, metrics: &[Metric]) {
    emit_by(now, ("Outcome", outcome), metrics);
}

/// Writes the metrics, with the function's name and another dimension: its name and value, of which there must be
/// few. Writes nothing before [`start`].
pub fn emit_by(now: Timestamp, dimension: (&'static str, &str), metrics: &[Metric]) {
    write(now, Some(dimension), None, metrics);
}

fn write(now: Timestamp, dimension: Option<(&'static str, &str)>, message: Option<&str>, metrics: &[Metric]) {
    if let Some(Emitter { function, write }) = EMITTER.get() {
        let mut line = line(function, now, dimension, metrics);
        if let Some(message) = message {
            line["message"] = json!(message);
        }
        write(&format!("{line}\n"));
    }
}

fn line(function: &str, now: Timestamp, dimension: Option<(&str, &str)>, metrics: &[Metric]) -> Value {
    let definitions: Vec<Value> =
        metrics.iter().map(|metric| json!({"Name": metric.name, "Unit": metric.unit})).collect();
    let dimensions = match dimension {
        None => json!([["FunctionName"]]),
        Some((name, _)) => json!([["FunctionName", name]]),
    };
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions});
    let mut line = json!({
        "_aws": {"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]},
        "FunctionName": function,
    });
    if let Some((name, value)) = dimension {
        line[name] = json!(value);
    }
    for metric in metrics {
        line[metric.name] = json!(metric.value);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let now = "2026-03-01T10:00:00.5Z".parse().unwrap();
        let metrics = [Metric::count("FetchOutcome", 1), Metric::seconds("RetryAfterSeconds", 30)];
        let lines = [
            line("rollcall-fetch", now, Some(("Outcome", "throttled")), &metrics),
            line("f", now, None, &metrics[..1]),
        ];
        insta::assert_snapshot!(lines.map(|line| line.to_string()).join("\n"));
    }
}
