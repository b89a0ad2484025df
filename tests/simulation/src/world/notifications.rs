//! The notifications that Graph posts, and forged ones.

use std::rc::Rc;
use std::sync::Arc;

use graph_sim::{GraphSim, TENANT_ID};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::ports::http::HttpError;

use super::World;
use super::incidents::{CONDITION_DURATION, GraphCondition};
use crate::oracle::FORGED;

/// The pauses before Graph's deliveries of a notification that is not acknowledged: it retries for four hours.
const RETRY_AFTER_SECONDS: [i64; 9] = [0, 10, 60, 300, 900, 1_800, 3_600, 3_600, 3_600];

/// A notification of Graph's.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    /// Its content.
    pub(crate) content: NotificationContent,
    /// The reports that must be archived because of it.
    pub(crate) report_ids: Vec<String>,
}

/// The content of a notification.
#[derive(Debug, Clone)]
pub(crate) enum NotificationContent {
    /// Resources were created.
    Created {
        /// The resource of the subscription.
        resource: String,
        /// The resources that were created, all in one POST.
        odata_ids: Vec<String>,
        /// Their type.
        odata_type: &'static str,
    },
    /// A call ended; the notification is encrypted.
    CallEnded {
        /// The join URL of the call's meeting.
        join_web_url: String,
        /// When it ended.
        at: Timestamp,
    },
}

impl World {
    /// Delivers a notification to the subscribers, with Graph's retries, until it is acknowledged.
    pub(super) fn notify(&mut self, notification: Notification) {
        let (graph, oracle) = (Arc::clone(&self.graph), Arc::clone(&self.oracle));
        let (scheduler, condition) = (Arc::clone(&self.scheduler), Rc::clone(&self.condition));
        self.spawn(None, None, async move {
            let Notification { content, report_ids } = notification;
            for seconds in RETRY_AFTER_SECONDS {
                scheduler.sleep(SignedDuration::from_secs(seconds)).await;
                match condition.get().filter(|(_, until)| scheduler.now() < *until) {
                    Some((GraphCondition::Drops, _)) => {
                        return scheduler.count_fault("Graph drops a notification");
                    }
                    Some((GraphCondition::Delays, _)) => scheduler.sleep(CONDITION_DURATION).await,
                    None => {}
                }
                let answers = content.post(&graph).await;
                match answers.as_deref() {
                    // There is no subscription.
                    Ok([]) => return,
                    Ok(answers) if answers.iter().all(|status| status.is_success()) => {
                        return oracle.record_acknowledged(report_ids);
                    }
                    _ => scheduler.note("a notification was not acknowledged"),
                }
            }
        });
    }
}

impl Notification {
    /// Together with another in one POST, if both are of the same subscription.
    pub(crate) fn and(mut self, other: Self) -> Self {
        if let NotificationContent::Created { resource, odata_ids, .. } = &mut self.content
            && let NotificationContent::Created { resource: other_resource, odata_ids: others, .. } =
                other.content
            && *resource == other_resource
        {
            odata_ids.extend(others);
            self.report_ids.extend(other.report_ids);
        }
        self
    }
}

impl NotificationContent {
    async fn post(&self, graph: &GraphSim) -> Result<Vec<StatusCode>, HttpError> {
        match self {
            Self::Created { resource, odata_ids, odata_type } => {
                let odata_ids: Vec<&str> = odata_ids.iter().map(String::as_str).collect();
                graph.notify_of(resource, &odata_ids, odata_type).await
            }
            Self::CallEnded { join_web_url, at } => {
                graph.notify_call_event(join_web_url, "callEnded", *at).await
            }
        }
    }
}

/// A POST that imitates one of Graph's.
pub(super) fn forgery(number: u64) -> shared::ports::http::Request {
    let item = json!({
        "clientState": FORGED,
        "tenantId": TENANT_ID,
        "changeType": "created",
        "resource": format!("communications/callRecords/{FORGED}-{number}"),
        "resourceData": {"@odata.type": "#Microsoft.Graph.callRecord", "id": format!("{FORGED}-{number}")},
    });
    let body = json!({"value": [item]}).to_string();
    let mut request = shared::ports::http::Request::new(body.into());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = http::Uri::from_static("https://rollcall.contoso.com/notifications");
    request
}
