//! What CloudWatch would have while the real functions run in a world: their own metrics, and those that Lambda, SQS
//! and API Gateway count of them.

use std::time::Duration;

use aws_lambda_events::event::apigw::ApiGatewayV2httpResponse;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use tokio::time::advance;

use super::cloudwatch::{Minute, Series, key};
use crate::metrics::take_lines;
use crate::stack_template::FUNCTIONS;
use crate::world::World;

/// A world, and the metrics since it began.
pub(crate) struct Recording {
    pub(crate) world: World,
    series: Series,
    began: Timestamp,
    letters: usize,
}

impl Recording {
    pub(crate) fn of(world: World) -> Self {
        let began = world.clock.now();
        Self { world, series: Series::default(), began, letters: 0 }
    }

    pub(crate) fn minute(&self) -> Minute {
        self.minute_of(self.world.clock.now())
    }

    /// The tests' clock counts milliseconds, and jumps: a second more is none of the next minute.
    fn minute_of(&self, time: Timestamp) -> Minute {
        (time.duration_since(self.began) + SignedDuration::from_secs(1)).as_mins()
    }

    /// Invokes the functions for whatever becomes visible within so many minutes.
    pub(crate) async fn run(&mut self, minutes: Minute) {
        let end = self.world.clock.now() + SignedDuration::from_mins(minutes);
        loop {
            let mut was_idle = true;
            for function in Function::WITH_QUEUE {
                let invoked = self.world.pipeline.invoke(function).await;
                was_idle &= matches!(invoked, Ok(false));
                self.note(function, invoked.is_err());
            }
            let next = self.world.pipeline.next_visible_at(&Function::WITH_QUEUE);
            let next = next.map_or(end, |next| next.min(end));
            if was_idle {
                self.wait_until(next).await;
            }
            if self.world.clock.now() >= end {
                return;
            }
        }
    }

    /// Invokes `subscriptions` as its schedule does.
    pub(crate) async fn keep_subscriptions(&mut self) {
        let failed = self.world.pipeline.keep_subscriptions().await.is_err();
        self.note(Function::Subscriptions, failed);
    }

    /// Invokes `backfill` as a schedule does.
    pub(crate) async fn backfill(&mut self, request: Value) {
        let failed = self.world.pipeline.backfill(request).await.is_err();
        self.note(Function::Backfill, failed);
    }

    /// What API Gateway counts of an answer of the webhook.
    pub(crate) fn answered(&mut self, answer: &ApiGatewayV2httpResponse) {
        let api = |name| key("AWS/ApiGateway", name, &[("ApiId", "WebhookApi")]);
        let minute = self.minute();
        self.series.add(&api("Count"), minute, 1.0);
        self.series.add(&api("5xx"), minute, f64::from(u8::from(answer.status_code >= 500)));
        self.note(Function::Webhook, false);
    }

    /// The metrics until now, in a world that is left as it is.
    pub(crate) fn end(mut self) -> Series {
        self.world.functions = Vec::new();
        self.world.dead_letters();
        self.series
    }

    async fn wait_until(&self, time: Timestamp) {
        advance(Duration::try_from(time.duration_since(self.world.clock.now())).unwrap_or_default()).await;
    }

    /// Takes what a function has counted, what Lambda counts of its invocation, and what it has sent to its dead
    /// letters: these are visible in each minute from then on.
    fn note(&mut self, function: Function, failed: bool) {
        let (resource, _) = FUNCTIONS.into_iter().find(|(_, name)| *name == function.name()).unwrap();
        let minute = self.minute();
        let errors = key("AWS/Lambda", "Errors", &[("FunctionName", resource)]);
        self.series.add(&errors, minute, f64::from(u8::from(failed)));
        take_lines().iter().for_each(|line| self.note_line(resource, line));
        let letters = self.world.pipeline.queues.dead_letters.messages().len();
        if letters > self.letters {
            let queue = format!("{}DeadLetters.QueueName", resource.trim_end_matches("Function"));
            let visible = key("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", &queue)]);
            (minute..minute + 60).for_each(|minute| self.series.add(&visible, minute, letters as f64));
            self.letters = letters;
        }
    }

    /// A line in the embedded metric format: a value for each of its metrics.
    fn note_line(&mut self, resource: &str, line: &Value) {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let counted = Timestamp::from_millisecond(line["_aws"]["Timestamp"].as_i64().unwrap()).unwrap();
        let minute = self.minute_of(counted);
        let dimension = |name: &'_ Value| {
            let name = name.as_str().unwrap().to_owned();
            let value = if name == "FunctionName" { resource } else { line[&name].as_str().unwrap() };
            (name, value.to_owned())
        };
        let dimensions: Vec<_> =
            directive["Dimensions"][0].as_array().unwrap().iter().map(dimension).collect();
        let dimensions: Vec<_> =
            dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            let key = key(directive["Namespace"].as_str().unwrap(), name, &dimensions);
            self.series.add(&key, minute, line[name].as_f64().unwrap());
        }
    }
}
