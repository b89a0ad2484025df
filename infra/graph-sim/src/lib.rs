//! A simulated Microsoft Graph, with its token service.
//!
//! It has state (users' meetings, webinars, town halls, registrations, reports, call records, subscriptions),
//! keeps time, and fails as it is set to. It answers in process, as the HTTP port, and over real HTTP
//! ([`serve`]). Its people are invented; its answers have the shapes that Microsoft documents.
//!
//! ```text
//! request ─▶ token service ─▶ fault? ─▶ token? ─▶ resource ─▶ answer
//! ```

mod answers;
mod clock;
mod describe;
mod encrypted;
mod event;
mod faults;
mod http_api;
mod manners;
mod meeting;
mod people;
mod people_signing_in;
mod registration;
mod report;
mod reports;
mod requests;
mod server;
mod sign_in;
mod signing;
mod sim;
mod subscription;
mod subscriptions;
mod tenant;
mod titles;
mod world;

use async_trait::async_trait;
use shared::ports::http::{Http, HttpError, Request, Response};

pub use clock::PausedClock;
pub use event::{EventDetails, SimEvent};
pub use faults::Fault;
pub use http_api::{http_api_answer, http_api_event};
pub use manners::{Manner, ODD_ENTRY};
pub use meeting::{Meeting, MeetingDetails};
pub use people::{RegistrationMatch, attendance_record, record_of_registration, registration};
pub use registration::SimRegistration;
pub use report::SimReport;
pub use server::{serve, serve_as};
pub use sim::GraphSim;
pub use subscriptions::calls_ended;
pub use tenant::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
pub use titles::TITLES_THAT_HURT;
pub use world::{CalendarEntry, Call};

use requests::Asked;

impl GraphSim {
    /// Answers one request: of the token service or of Graph, with the fault that is planned for its path.
    /// Never ready where that is [`Fault::Silence`].
    pub async fn answer(&self, request: Request) -> Response {
        let asked = Asked::read(&request);
        self.world().requests.push(asked.path());
        let is_silent = self.world().faults.is_silent(&asked.path());
        if is_silent {
            return std::future::pending().await;
        }
        let latency = self.latency(&asked.path());
        if !latency.is_zero() {
            self.clock.sleep(latency).await;
        }
        if asked.is_new_subscription() && self.world().is_authorized(&asked) {
            let failure = self.world().faults.answer(&asked.path());
            return match failure {
                Some(failure) => failure,
                None => self.subscribe(&asked).await,
            };
        }
        answers::answer(&mut self.world(), &asked, self.clock.now())
    }
}

/// In process: the request goes to the simulated Graph, whatever host it names.
#[async_trait]
impl Http for GraphSim {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if let Some(broken) = self.world().faults.broken_connection(request.uri().path()) {
            return Err(broken);
        }
        Ok(self.answer(request).await)
    }
}
