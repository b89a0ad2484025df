//! What the simulated Graph says of its meetings, events and registrations, and how it says it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deprecated_path;
mod events;
mod meetings;
mod registrations;
mod titles;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use graph_sim::{GraphSim, Meeting, PausedClock, SimEvent, SimReport};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::model::ReportSource;
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};

const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const MEETING: &str = "/v1.0/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1";
const BY_ADDRESS: &str =
    "/v1.0/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings?$filter=JoinWebUrl%20eq%20'https://m-1'";
const WEBINAR: &str = "/v1.0/solutions/virtualEvents/webinars/w-1@contoso";
const TOWNHALL: &str = "/v1.0/solutions/virtualEvents/townhalls/h-1@contoso";
const REGISTRATIONS: &str = "solutions/virtualEvents/webinars/w-1@contoso/registrations";

/// An endpoint that passes the handshake, and keeps what is posted to it.
#[derive(Default)]
struct Endpoint(Mutex<Vec<Value>>);

#[async_trait]
impl Http for Endpoint {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        if let Some((_, token)) = url.query_pairs().find(|(name, _)| name == "validationToken") {
            let mut response = Response::new(token.into_owned().into());
            response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            return Ok(response);
        }
        self.0.lock().unwrap().push(serde_json::from_slice(request.body()).unwrap());
        Ok(http::Response::builder().status(202).body(bytes::Bytes::new()).unwrap())
    }
}

/// A tenant with a meeting, a webinar and a town hall, and an endpoint for its notifications.
struct Tenant {
    sim: GraphSim,
    clock: Arc<PausedClock>,
    endpoint: Arc<Endpoint>,
}

impl Tenant {
    fn new() -> Self {
        let (clock, endpoint) = (Arc::new(PausedClock::default()), Arc::new(Endpoint::default()));
        let sim = GraphSim::new(clock.clone(), endpoint.clone());
        sim.add_meeting(Meeting {
            organizer_id: ORGANIZER.into(),
            meeting_id: "m-1".into(),
            join_web_url: "https://m-1".into(),
        });
        for (kind, id) in [("webinars", "w-1@contoso"), ("townhalls", "h-1@contoso")] {
            sim.add_event(SimEvent {
                kind,
                id: id.into(),
                organizer_id: ORGANIZER.into(),
                session_ids: vec!["s-1".into()],
                end: clock.now(),
            });
        }
        Self { sim, clock, endpoint }
    }

    /// A report of the meeting that ended so many days ago.
    fn reported(&self, id: &str, days_ago: i64) -> SimReport {
        let end = self.clock.now() - SignedDuration::from_hours(24 * days_ago);
        let source = ReportSource::Meeting { organizer_id: ORGANIZER.into(), meeting_id: "m-1".into() };
        let report = SimReport::ended(source, id, 3, end - SignedDuration::from_hours(1), end);
        self.sim.add_report(report.clone());
        report
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let url = if path.starts_with("https:") { path.to_owned() } else { format!("https://graph{path}") };
        let token = format!("Bearer {}", self.sim.new_token());
        let request = http::Request::get(url).header("authorization", token);
        let response = self.sim.answer(request.body(bytes::Bytes::new()).unwrap()).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// An answer that must be there, as text.
    async fn text(&self, path: &str) -> String {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    async fn subscribe(&self, change_type: &str) -> u16 {
        let made = json!({
            "changeType": change_type,
            "notificationUrl": "https://rollcall.contoso.com/notifications",
            "resource": REGISTRATIONS,
            "expirationDateTime": (self.clock.now() + SignedDuration::from_hours(24)).to_string(),
            "clientState": "state",
        });
        let token = format!("Bearer {}", self.sim.new_token());
        let request = http::Request::post("https://graph/v1.0/subscriptions").header("authorization", token);
        self.sim.answer(request.body(made.to_string().into()).unwrap()).await.status().as_u16()
    }
}

fn entries(list: &Value) -> &Vec<Value> {
    list["value"].as_array().unwrap()
}
