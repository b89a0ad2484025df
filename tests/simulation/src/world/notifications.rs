//! What Graph posts, and what others do.

use std::rc::Rc;
use std::sync::Arc;

use graph_sim::{GraphSim, TENANT_ID};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::ports::http::HttpError;

use super::World;
use super::incidents::{GraphCondition, MOOD};
use crate::oracle::FORGED;

/// Graph sends again what was not thanked for, for four hours.
const NOTIFIED_AGAIN_AFTER_SECONDS: [i64; 9] = [0, 10, 60, 300, 900, 1_800, 3_600, 3_600, 3_600];

/// What Graph tells of.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    /// What it says.
    pub(crate) told: Told,
    /// The reports that this leads to.
    pub(crate) report_ids: Vec<String>,
}

/// What a notification says.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// Something came to be.
    Created {
        /// The resource that is subscribed to.
        resource: String,
        /// What came to be, all of it in one POST.
        odata_ids: Vec<String>,
        /// Its type.
        odata_type: &'static str,
    },
    /// A call ended, told in a notification that is encrypted.
    CallEnded {
        /// The address of the call's meeting.
        join_web_url: String,
        /// When it ended.
        at: Timestamp,
    },
}

impl World {
    /// Graph tells whoever listens, until that one thanks.
    pub(super) fn notify(&mut self, notification: Notification) {
        let (graph, oracle) = (Arc::clone(&self.graph), Arc::clone(&self.oracle));
        let (scheduler, condition) = (Arc::clone(&self.scheduler), Rc::clone(&self.condition));
        self.spawn(None, None, async move {
            let Notification { told, report_ids } = notification;
            for seconds in NOTIFIED_AGAIN_AFTER_SECONDS {
                scheduler.sleep(SignedDuration::from_secs(seconds)).await;
                match condition.get().filter(|(_, until)| scheduler.now() < *until) {
                    Some((GraphCondition::Drops, _)) => {
                        return scheduler.count_fault("Graph drops a notification");
                    }
                    Some((GraphCondition::Delays, _)) => scheduler.sleep(MOOD).await,
                    None => {}
                }
                let answers = told.post(&graph).await;
                match answers.as_deref() {
                    // Nobody listens.
                    Ok([]) => return,
                    Ok(answers) if answers.iter().all(|status| status.is_success()) => {
                        return oracle.delivered(report_ids);
                    }
                    _ => scheduler.note("Graph was not thanked"),
                }
            }
        });
    }
}

impl Notification {
    /// With another in the same POST, where both are of the same resource.
    pub(crate) fn and(mut self, other: Self) -> Self {
        if let Told::Created { resource, odata_ids, .. } = &mut self.told
            && let Told::Created { resource: of_other, odata_ids: others, .. } = other.told
            && *resource == of_other
        {
            odata_ids.extend(others);
            self.report_ids.extend(other.report_ids);
        }
        self
    }
}

impl Told {
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

/// A POST that only looks like one of Graph's.
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
