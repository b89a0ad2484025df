//! CloudWatch, as far as the template's alarms need it: time series, and how an alarm is evaluated.
//!
//! After <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>. Where the documentation
//! leaves a choice, the slower one is taken: an alarm is evaluated once a period, and its periods may begin at any minute.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;

use crate::stack_alarms::metric;
use crate::stack_template::{Template, text};

/// Minutes since the beginning of a test's series.
pub(crate) type Minute = i64;

/// So many more data points than `EvaluationPeriods` are looked at where some are missing: in the documentation's tables
/// five for an alarm over three.
const LOOKBACK: usize = 2;
/// How long a value takes from where it is counted to the alarm.
const DELIVERY: Minute = 1;

/// The values of each metric, in time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series(BTreeMap<String, Vec<(Minute, f64)>>);

/// What a metric is known by: its namespace, name, and dimensions.
pub(crate) fn key(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> String {
    let mut dimensions: Vec<String> =
        dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    dimensions.sort();
    format!("{namespace} {name} {}", dimensions.join(" "))
}

impl Series {
    pub(crate) fn add(&mut self, key: &str, minute: Minute, value: f64) {
        self.0.entry(key.to_owned()).or_default().push((minute, value));
    }

    /// The same value at each of these minutes.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, minutes: impl IntoIterator<Item = Minute>, value: f64) -> Self {
        minutes.into_iter().for_each(|minute| self.add(key, minute, value));
        self
    }

    /// The same series, where no metric for which this holds has a value from `minute` on.
    #[must_use]
    pub(crate) fn ending(mut self, minute: Minute, ends: impl Fn(&str) -> bool) -> Self {
        for (key, values) in &mut self.0 {
            values.retain(|(at, _)| *at < minute || !ends(key));
        }
        self
    }

    /// Both, the other one's minutes counted from `minute`.
    #[must_use]
    pub(crate) fn and(mut self, other: Self, minute: Minute) -> Self {
        for (key, values) in other.0 {
            self.0.entry(key).or_default().extend(values.into_iter().map(|(at, value)| (at + minute, value)));
        }
        self.0.values_mut().for_each(|values| values.sort_by_key(|(at, _)| *at));
        self
    }

    fn between(&self, key: &str, from: Minute, until: Minute) -> &[(Minute, f64)] {
        let values = self.0.get(key).map_or(&[][..], Vec::as_slice);
        let position = |minute| values.partition_point(|(at, _)| *at < minute);
        &values[position(from)..position(until)]
    }
}

/// An alarm of the template.
pub(crate) struct Alarm {
    key: String,
    statistic: String,
    period: Minute,
    evaluation_periods: usize,
    datapoints_to_alarm: usize,
    is_below: bool,
    threshold: f64,
    is_filled: bool,
    missing_is_breaching: bool,
}

impl Alarm {
    pub(crate) fn read(template: &Template, name: &str) -> Self {
        let alarm = template.properties(name);
        let metric = metric(alarm);
        let dimensions = metric["Dimensions"].as_sequence().into_iter().flatten();
        let dimensions: Vec<(&str, &str)> =
            dimensions.map(|dimension| (text(&dimension["Name"]), text(&dimension["Value"]))).collect();
        let is_filled = !alarm["Metrics"].is_null();
        let (statistic, period) = match &alarm["Metrics"] {
            Value::Null if alarm["Statistic"].is_null() => (&alarm["ExtendedStatistic"], &alarm["Period"]),
            Value::Null => (&alarm["Statistic"], &alarm["Period"]),
            metrics => {
                let id = text(&metrics[0]["Id"]);
                assert_eq!(text(&metrics[1]["Expression"]), format!("FILL({id}, 0)"), "{name}: unknown math");
                (&metrics[0]["MetricStat"]["Stat"], &metrics[0]["MetricStat"]["Period"])
            }
        };
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let evaluation_periods = number(&alarm["EvaluationPeriods"]);
        Self {
            key: key(text(&metric["Namespace"]), text(&metric["MetricName"]), &dimensions),
            statistic: text(statistic).to_owned(),
            period: period.as_i64().unwrap() / 60,
            evaluation_periods,
            datapoints_to_alarm: alarm["DatapointsToAlarm"]
                .as_u64()
                .map_or(evaluation_periods, |many| many as usize),
            is_below: match text(&alarm["ComparisonOperator"]) {
                "LessThanThreshold" => true,
                "GreaterThanThreshold" => false,
                other => panic!("{name}: {other}"),
            },
            threshold: alarm["Threshold"].as_f64().unwrap(),
            is_filled,
            missing_is_breaching: match text(&alarm["TreatMissingData"]) {
                "breaching" => true,
                "notBreaching" => false,
                other => panic!("{name}: {other}"),
            },
        }
    }

    /// How many minutes after `outage` the alarm rings at the latest, whenever its periods begin; `None` where it
    /// does not before `end`.
    pub(crate) fn rings_after(&self, series: &Series, outage: Minute, end: Minute) -> Option<Minute> {
        let of_phase = |phase: Minute| {
            let mut evaluations = (outage + phase..end).step_by(self.period as usize);
            evaluations
                .find(|minute| self.is_ringing(series, *minute))
                .map(|minute| minute - outage + DELIVERY)
        };
        (0..self.period).map(of_phase).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether it rings at any minute of these, however its periods lie.
    pub(crate) fn rings_within(&self, series: &Series, from: Minute, until: Minute) -> bool {
        (from..until).any(|minute| self.is_ringing(series, minute))
    }

    /// Whether the alarm is in `ALARM` where its last period ends at `minute`.
    fn is_ringing(&self, series: &Series, minute: Minute) -> bool {
        let datapoint = |back: usize| {
            let until = minute - self.period * back as Minute;
            self.statistic(series.between(&self.key, until - self.period, until))
        };
        let mut newest_first: Vec<Option<f64>> =
            (0..self.evaluation_periods + LOOKBACK).map(datapoint).collect();
        if self.is_filled && newest_first.iter().any(Option::is_some) {
            newest_first.iter_mut().for_each(|datapoint| *datapoint = Some(datapoint.unwrap_or(0.0)));
        }
        // What is there counts first, also from farther back: missing ones are used as few times as possible.
        let there: Vec<f64> = newest_first.into_iter().flatten().take(self.evaluation_periods).collect();
        let missing = self.evaluation_periods - there.len();
        let breaching = there.iter().filter(|value| self.is_breached(**value)).count();
        breaching + if self.missing_is_breaching { missing } else { 0 } >= self.datapoints_to_alarm
    }

    fn is_breached(&self, value: f64) -> bool {
        if self.is_below { value < self.threshold } else { value > self.threshold }
    }

    fn statistic(&self, values: &[(Minute, f64)]) -> Option<f64> {
        let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        Some(match self.statistic.as_str() {
            "Sum" => sorted.iter().sum(),
            "SampleCount" => sorted.len() as f64,
            "Minimum" => least,
            "Maximum" => most,
            "p99" => sorted[(sorted.len() * 99).div_ceil(100) - 1],
            other => panic!("{other}"),
        })
    }
}

/// An alarm on the sum of `key` over periods of a minute.
#[cfg(test)]
fn alarm(evaluation_periods: usize, datapoints_to_alarm: usize, is_below: bool) -> Alarm {
    Alarm {
        key: "m".into(),
        statistic: "Sum".into(),
        period: 1,
        evaluation_periods,
        datapoints_to_alarm,
        is_below,
        threshold: 1.0,
        is_filled: false,
        missing_is_breaching: is_below,
    }
}

#[test]
fn an_alarm_is_evaluated_as_cloudwatch_documents_it() {
    let series = |values: &[(Minute, f64)]| Series(BTreeMap::from([("m".to_owned(), values.to_vec())]));
    let all = series(&[(0, 0.0), (1, 2.0), (2, 0.0), (3, 2.0), (4, 2.0)]);
    let rings = |alarm: Alarm, series: &Series| {
        (1..=9).filter(|at| alarm.is_ringing(series, *at)).collect::<Vec<_>>()
    };
    assert_eq!(
        rings(alarm(1, 1, false), &all),
        [2, 4, 5, 6, 7],
        "the last value counts while it is in reach"
    );
    assert_eq!(rings(alarm(3, 2, false), &all), [4, 5, 6, 7, 8], "two of three");
    // It is there in every minute, and then no more: CloudWatch looks two periods further back.
    let ends = series(&[(0, 1.0), (1, 1.0), (2, 1.0)]);
    assert_eq!(rings(alarm(1, 1, true), &ends), [6, 7, 8, 9]);
    assert_eq!(rings(alarm(3, 3, true), &ends), [8, 9]);
    assert_eq!(
        rings(Alarm { is_filled: true, ..alarm(3, 3, true) }, &ends),
        [6, 7, 8, 9],
        "filled, it does not"
    );
    assert_eq!(alarm(3, 3, true).rings_after(&ends, 3, 20), Some(6));
}
