//! The table of outages: what CloudWatch has in each.

use super::cloudwatch::{Minute, Series, key};
use super::planted::healthy;
use super::{START, report_outages, schedule_outages};

/// An outage, the alarm that tells of it, and what CloudWatch has then.
pub(super) struct Outage {
    pub(super) what: &'static str,
    pub(super) alarm: &'static str,
    pub(super) at_most: Minute,
    pub(super) begins: Minute,
    pub(super) series: Series,
}

/// The outages of the table.
pub(super) struct Outages {
    healthy: Series,
    pub(super) table: Vec<Outage>,
}

impl Outages {
    /// An outage in which our functions count `planted`, from the minute `begins` of it.
    pub(super) fn seen_by_us(
        &mut self,
        of: (&'static str, &'static str, Minute),
        planted: Series,
        begins: Minute,
    ) {
        let (what, alarm, at_most) = of;
        let series = self.healthy.clone().and(planted, START - begins);
        self.table.push(Outage { what, alarm, at_most, begins: START, series });
    }

    /// An outage in which AWS counts `value` of a metric at each of these minutes.
    pub(super) fn seen_by_aws(
        &mut self,
        of: (&'static str, &'static str, Minute),
        key: &str,
        (minutes, value): (impl IntoIterator<Item = Minute>, f64),
    ) {
        self.seen_by_us(of, Series::default().with(key, minutes, value), 0);
    }

    /// An outage in which a metric is counted no more from the minute `begins` on.
    pub(super) fn not_counted(
        &mut self,
        of: (&'static str, &'static str, Minute),
        begins: Minute,
        ends: impl Fn(&str) -> bool,
    ) {
        let (what, alarm, at_most) = of;
        let series = self.healthy.clone().ending(begins, ends);
        self.table.push(Outage { what, alarm, at_most, begins, series });
    }
}

/// The outages of the table, in its order.
pub(super) async fn all() -> Outages {
    let mut outages = Outages { healthy: healthy(4).await, table: Vec::new() };
    report_outages::at_the_webhook(&mut outages).await;
    report_outages::in_fetch(&mut outages).await;
    report_outages::at_graph(&mut outages).await;
    report_outages::refused_by_graph(&mut outages).await;
    report_outages::in_archive(&mut outages).await;
    schedule_outages::in_subscriptions(&mut outages).await;
    schedule_outages::of_what_graph_tells(&mut outages).await;
    schedule_outages::in_backfill(&mut outages).await;
    schedule_outages::of_what_runs_see(&mut outages).await;
    schedule_outages::in_ledgers(&mut outages).await;
    schedule_outages::in_manifests(&mut outages).await;
    schedule_outages::in_the_iceberg_table(&mut outages);
    outages
}

pub(super) fn of_function(name: &str, function: &str) -> String {
    key("AWS/Lambda", name, &[("FunctionName", function)])
}

pub(super) fn of_api(name: &str) -> String {
    key("AWS/ApiGateway", name, &[("ApiId", "WebhookApi")])
}

pub(super) fn of_mapping(mapping: &str) -> String {
    key("AWS/Lambda", "PolledEventCount", &[("EventSourceMappingUUID", mapping)])
}

/// A message comes again after its queue's visibility timeout where the function fails as a whole.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
pub(super) fn each(minutes: Minute) -> impl Iterator<Item = Minute> {
    (0..12 * 60).step_by(minutes as usize)
}
